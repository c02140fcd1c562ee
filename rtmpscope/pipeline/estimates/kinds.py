"""What is usual for the messages of one type on one chunk stream: their steps in time and their sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.rows import Ints, MediaRows
from rtmpscope.pipeline.estimates.steps import common_divisor, in_use

_FEWEST_STEPS, _MOST_ALIKE = 3, 0.7
_SHORTEST_STEP_MS, _UNKNOWN_STEP_MS = 4.0, 20.0
#: Sizes are those of so many neighbours on either side, of which the largest are left out: key frames stand out.
_NEIGHBOURS, _USUAL = 8, 0.9
_LARGEST = 0.95
_NARROW = 0.15
#: Of sizes that vary the spread is no less than this share; more, where those lost are larger than those seen.
_LEAST_SPREAD, _SPREAD_OF_UNSEEN = 0.3, 0.4
_LEAST_SCALE, _MOST_SCALE = 0.5, 3.0
#: A timestamp off the usual step by no more than this is rounding: ms.
_ROUNDING_MS = 3


@frozen
class Kind:
    """The messages of one type on one chunk stream.

    Attributes:
        channel: their chunk stream.
        alone: no other type uses it.
        step: usual milliseconds from one to the next; ``regular`` if most steps are as long.
        grid: steps are whole multiples of this many milliseconds; None if of nothing.
        size, spread: mean bytes and how far sizes are from it.
        rows: where they are; ``sizes`` are the bytes of each.
        scale: by how much those lost are larger than those seen.
    """

    channel: int
    alone: bool
    step: float
    regular: bool
    grid: float | None
    size: float
    spread: float
    rows: Ints
    sizes: Ints
    scale: float = 1.0

    def near(self, row: int) -> tuple[float, float]:
        """Mean and spread of the usual sizes around a row."""
        place = int(np.searchsorted(self.rows, row))
        sizes = sorted(self.sizes[max(place - _NEIGHBOURS, 0) : place + _NEIGHBOURS].tolist())
        usual = sizes[: max(int(len(sizes) * _USUAL), 1)]
        mean, middle = sum(usual) / len(usual), sizes[len(sizes) // 2]
        off = sorted(abs(size - middle) for size in sizes)[len(sizes) // 2]
        spread = 1.5 * off + 3 if off < _NARROW * middle else max(1.5 * off, _LEAST_SPREAD * mean)
        if self.scale != 1.0:
            spread = max(spread, _SPREAD_OF_UNSEEN * mean * self.scale)
        return mean * self.scale, spread


def kinds_of(rows: MediaRows, duration: float | None) -> list[Kind]:
    """The kinds of messages in a direction; ``duration`` is its length in ms, None where the clock does not tell."""
    kinds = [_kind(rows, number) for number in range(int(rows.kind.max()) + 1)]
    if duration is not None:
        varying = max(range(len(kinds)), key=lambda number: kinds[number].spread)
        size = int(rows.offset[-1] - rows.offset[0])
        kinds[varying] = replace(kinds[varying], scale=_scale(kinds, varying, size, duration))
    return kinds


def _kind(rows: MediaRows, number: int) -> Kind:
    own = np.flatnonzero(rows.kind == number)
    channel = int(rows.channel[own[0]])
    steps = np.diff(rows.timestamp[own])[np.diff(rows.gap[own]) == 0]
    steps = steps[steps > 0]
    step, regular = _usual_step(steps)
    grid = step if regular else common_divisor(steps)
    sizes = np.minimum(rows.size[own], int(np.quantile(rows.size[own], _LARGEST)) + 1)
    alone = bool((rows.kind[rows.channel == channel] == number).all())
    grid = None if grid is None else in_use(grid, len(own))
    return Kind(channel, alone, step, regular, grid, float(sizes.mean()), _spread(sizes), own, rows.size[own])


def _usual_step(steps: Ints) -> tuple[float, bool]:
    if not len(steps):
        return _UNKNOWN_STEP_MS, False
    usual = float(np.median(steps))
    alike = np.abs(steps - usual) <= max(2.0, usual / 10)
    if len(steps) >= _FEWEST_STEPS and usual > _SHORTEST_STEP_MS and alike.mean() >= _MOST_ALIKE:
        return float(steps[alike].mean()), True
    return max(float(steps.mean()), _SHORTEST_STEP_MS), False


def _spread(sizes: Ints) -> float:
    """How far sizes are from their mean: little where most are alike, however far the others are."""
    middle = float(np.median(sizes))
    off = float(np.median(np.abs(sizes - middle)))
    return 1.5 * off + 3 if off < _NARROW * middle else float(sizes.std()) + 4


def _scale(kinds: list[Kind], number: int, size: int, duration: float) -> float:
    """By how much messages of a kind are larger than those seen, for all to come to ``size``.

    Large messages are lost more often than small ones, so that those seen are too small on average.
    """
    kind = kinds[number]
    others = sum(duration / one.step * one.size for place, one in enumerate(kinds) if place != number)
    mean = (size - others) / max(duration / kind.step, 1.0)
    return min(max(mean / kind.size, _LEAST_SCALE), _MOST_SCALE)


def with_deltas(rows: MediaRows, kinds: list[Kind]) -> Ints:
    """The timestamps, with the usual step where a type-3 header repeats a delta that may have been lost."""
    out = rows.timestamp.copy()
    for kind in kinds:
        if kind.alone and kind.regular:
            out[kind.rows] += _delta_corrections(rows, kind)
    return out


def _delta_corrections(rows: MediaRows, kind: Kind) -> Ints:
    own, places = kind.rows, np.arange(len(kind.rows))
    exact = rows.exact[own]
    said = np.maximum.accumulate(np.where((rows.fmt[own] == 1) | (rows.fmt[own] == 2), places, -1))
    stale = (rows.fmt[own] == 3) & ~exact & ((said < 0) | (rows.gap[own][np.maximum(said, 0)] != rows.gap[own]))
    delta = np.diff(rows.timestamp[own], prepend=rows.timestamp[own[0]])
    wrong = stale & (np.abs(delta - kind.step) > _ROUNDING_MS) & (places > 0)
    added = np.cumsum(np.where(wrong, kind.step - delta, 0.0))
    since = np.maximum.accumulate(np.where(exact, places, -1))  # from an exact timestamp on deltas add up anew
    added -= np.where(since >= 0, added[np.maximum(since, 0)], 0.0)
    corrections: Ints = np.rint(added).astype(np.int64)
    return corrections
