"""What speaks against timestamps that a stretch may have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.estimates.direction import Direction, Stretch
from rtmpscope.pipeline.estimates.order import disorder
from rtmpscope.pipeline.estimates.rows import Ints

Floats = NDArray[np.float64]

#: Messages of a chunk stream that show the lead.
_LEADING = 8
#: What a message is too early for the one before the gap, and what it costs at most.
_EARLY_MS, _MOST_EARLY = 6.0, 3.0
#: Lost bytes: variance at least, share of the size that a message more or less makes, deviations from which the
#: cost rises no faster, and the most it comes to. Of more bytes than expected one may have been a large message.
_LEAST_VARIANCE, _UNCERTAIN, _FAR = 50.0, 0.3, 3.0
_TOO_FEW, _TOO_MANY, _TOO_MANY_AT_START = 15.0, 5.0, 1.0
#: A timestamp that is off the regular steps.
_OFF_STEP_MS, _MOST_OFF_STEP = 4.0, 3.0


def cost(known: Direction, stretch: Stretch, shifts: dict[int, Ints]) -> Floats:
    """How unlikely each candidate is: about the negative logarithm of its probability."""
    numbers = known.rows.channel[stretch.rows].tolist()
    times = known.stamps[stretch.rows][:, None] + np.stack([shifts[one] for one in numbers])
    total = disorder(times)
    if known.latest is not None:
        total += np.minimum(np.maximum(known.latest - times[0], 0) / _EARLY_MS, _MOST_EARLY)
    for channel, lead in stretch.leads.items():
        own = stretch.channels[channel][:_LEADING]
        total += lead.cost(times[own] - known.rows.clock[stretch.rows[own], None])
    return total + _lost_cost(known, stretch, times) if stretch.rows[0] else total


def _lost_cost(known: Direction, stretch: Stretch, times: Ints) -> Floats:
    """How far the lost bytes are from those of the messages that would be missing."""
    expected, variance = np.zeros(times.shape[1]), np.full(times.shape[1], _LEAST_VARIANCE)
    off_step = np.zeros(times.shape[1])
    present = known.rows.kind[stretch.rows]
    for number, (kind, seen) in enumerate(zip(known.kinds, known.seen, strict=True)):
        if seen.last is None:
            continue
        size, spread = kind.near(int(stretch.rows[0]))
        own = np.flatnonzero(present == number)
        steps = (times[own[0] if len(own) else 0] - seen.last) / kind.step
        count = np.maximum(np.rint(steps) - 1 if len(own) else steps - 0.5, 0)
        if not (len(own) and kind.regular and not seen.inferred):
            variance += _UNCERTAIN * (kind.scale * kind.size) ** 2
        elif not kind.alone:
            off_step += np.minimum(np.abs(steps - np.rint(steps)) * kind.step / _OFF_STEP_MS, _MOST_OFF_STEP)
        if kind.alone and not known.clocks[kind.channel].firm:
            variance += (count * size / 2) ** 2  # the first step need not be a regular one
        expected += count * size
        variance += count * spread**2
    return off_step + _bytes_cost(stretch, expected, variance)


def _bytes_cost(stretch: Stretch, expected: Floats, variance: Floats) -> Floats:
    far = np.abs(stretch.lost - expected) / np.sqrt(variance)
    unlikely = np.where(far < _FAR, far * far / 2, _FAR * far - _FAR * _FAR / 2)
    too_many = _TOO_MANY_AT_START if stretch.starting else _TOO_MANY
    most = np.where(stretch.lost > expected, too_many, _TOO_FEW)
    return np.minimum(unlikely, most) + np.log(variance) / 2
