"""What speaks against timestamps that a stretch may have."""

from __future__ import annotations

import numpy as np

from rtmpscope.pipeline.estimates.candidates import Candidates
from rtmpscope.pipeline.estimates.direction import Direction, Stretch
from rtmpscope.pipeline.estimates.hypotheses import Floats

#: Messages of a kind that show the lead.
_LEADING = 4
#: What chunk streams are out of order is rounding up to the first, then it costs one for each second, and at most.
_ROUNDING_MS, _DISORDER_MS, _MOST_DISORDER = 0.5, 2.0, 10.0
#: Chunk streams tell how they are interleaved by so many messages each, and by no more than this: ms.
_FEWEST, _MOST_USUAL_MS = 4, 60.0
#: What a message is too early for the one before the gap, and what it costs at most.
_EARLY_MS, _MOST_EARLY = 6.0, 3.0
#: Where nothing tells but the lead of later messages.
_OFF_LATER_MS, _MOST_OFF_LATER = 10.0, 8.0
#: Lost bytes: variance at least, share of the size that a message more or less makes, deviations from which the
#: cost rises no faster. Any number may be explained by a message of a size never seen, of up to so many bytes more.
_LEAST_VARIANCE, _UNCERTAIN, _FAR = 50.0, 0.3, 3.0
_TOO_FEW, _TOO_MANY, _TOO_MANY_AT_START, _ANY_BYTES = 15.0, 3.0, 0.0, 1000.0
#: A timestamp that is off the regular steps.
_OFF_STEP_MS, _MOST_OFF_STEP = 2.0, 6.0


def cost(known: Direction, stretch: Stretch, found: Candidates) -> Floats:
    """How unlikely each candidate is, ``[hypotheses, candidates]``: about the negative logarithm of its probability."""
    total = known.guesses.cost[:, None] + found.cost + _disorder(known, found)
    first = found.shifts[int(known.rows.channel[stretch.rows[0]])] + stretch.stamps[0]
    latest = known.latest
    if latest is not None:
        too_early = np.maximum(latest[:, None] - first - known.disorder, 0)
        total = total + np.minimum(too_early / _EARLY_MS, _MOST_EARLY) + _lost(known, stretch, found, first)
    return total + _arrival(known, stretch, found)


def interleaving(known: Direction, stretch: Stretch, found: Candidates) -> None:
    """Remember by how much exact timestamps of two chunk streams are out of order."""
    for channel in found.allowed:
        fewest = min(len(stretch.channels[channel]), len(stretch.channels[found.anchor]))
        if {channel, found.anchor} <= stretch.exact and fewest >= _FEWEST:
            known.disorder = min(float(_out_of_order(found, channel).min()), _MOST_USUAL_MS)


def _out_of_order(found: Candidates, channel: int) -> Floats:
    """By how much a chunk stream is not where it stands among the messages of the anchor."""
    allowed = found.allowed[channel]
    low, high = min(allowed.low, allowed.high), max(allowed.low, allowed.high)
    apart = found.shifts[channel] - found.shifts[found.anchor]
    out: Floats = np.maximum(np.maximum(low - apart, apart - high), 0)
    return out


def _disorder(known: Direction, found: Candidates) -> Floats:
    total: Floats = np.zeros_like(found.cost)
    for channel in found.allowed:
        surprising = np.maximum(_out_of_order(found, channel) - known.disorder - _ROUNDING_MS, 0)
        total += np.minimum(surprising / _DISORDER_MS, _MOST_DISORDER)
    return total


def _arrival(known: Direction, stretch: Stretch, found: Candidates) -> Floats | float:
    """How far messages are off the clock of arrival."""
    if not known.keeps_time:
        return 0.0
    ahead: dict[int, Floats] = {}
    for number in np.unique(stretch.kind).tolist():
        own = np.flatnonzero(stretch.kind == number)[:_LEADING]
        shift = found.shifts[known.kinds[number].channel]
        ahead[number] = shift + float((stretch.stamps[own] - stretch.clock[own]).mean())
    if known.latest is None and known.later is not None:
        furthest: Floats = np.maximum.reduce(list(ahead.values()))
        off: Floats = np.abs(furthest - known.later) / _OFF_LATER_MS
        return np.minimum(off, _MOST_OFF_LATER)
    return known.leads.cost(known.guesses, ahead, int(stretch.clock[0]))


def _lost(known: Direction, stretch: Stretch, found: Candidates, first: Floats) -> Floats:
    """How far the lost bytes are from those of the messages that would be missing."""
    shape = found.cost.shape
    expected, variance, off_step = np.zeros(shape), np.full(shape, _LEAST_VARIANCE), np.zeros(shape)
    for number, kind in enumerate(known.kinds):
        clock = known.messages[number]
        if not clock.heard:
            continue
        last, inferred = known.guesses.last[:, [number]], known.guesses.inferred[:, [number]]
        size, spread = kind.near(int(stretch.rows[0]))
        own = np.flatnonzero(stretch.kind == number)
        passed = (found.shifts[kind.channel] + stretch.stamps[own[0]] if len(own) else first) - last
        steps = passed / kind.step
        told = len(own) > 0 and kind.regular
        count = np.maximum(np.rint(steps) - 1 if told else steps - (1.0 if len(own) else 0.5), 0)
        variance += (inferred if told else 1.0) * _UNCERTAIN * (kind.scale * size) ** 2
        if len(own) and not kind.alone and kind.grid is not None and clock.firm:
            off = np.abs(passed - np.rint(passed / kind.grid) * kind.grid)
            off_step += np.where(inferred, 0.0, np.minimum(off / _OFF_STEP_MS, _MOST_OFF_STEP))
        if not clock.firm:
            variance += (count * size / 2) ** 2  # the first step need not be a regular one
        expected += count * size
        variance += count * spread**2
    return off_step + _bytes(stretch, expected, variance)


def _bytes(stretch: Stretch, expected: Floats, variance: Floats) -> Floats:
    far = np.abs(stretch.lost - expected) / np.sqrt(variance)
    usual = np.where(far < _FAR, far * far / 2, _FAR * far - _FAR * _FAR / 2) + np.log(variance) / 2
    too_many = _TOO_MANY_AT_START if stretch.starting else _TOO_MANY
    unusual = np.where(stretch.lost > expected, too_many, _TOO_FEW) + np.log(stretch.lost + _ANY_BYTES)
    least: Floats = np.minimum(usual, unusual)
    return least
