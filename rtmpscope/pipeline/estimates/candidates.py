"""How much each chunk stream of a stretch may lack."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.direction import Direction, Stretch
from rtmpscope.pipeline.estimates.order import allowed_shifts
from rtmpscope.pipeline.estimates.rows import Ints

#: Candidates are sought so far around each guess, on chunk streams without regular steps this close.
_AROUND_MS, _GRID_MS = 1_000, 2
#: One step fewer than at the gap before, if that took one too many.
_BACK, _BACK_COST = 1, 3.0
#: Timestamps of one direction are no further apart, or one of them has jumped: ms.
_JUMP_MS = 5_000


@frozen
class Candidates:
    """What may be missing: for each chunk stream as many shifts, and what speaks against each from the outset."""

    shifts: dict[int, Ints]
    cost: NDArray[np.float64]


def candidates(known: Direction, stretch: Stretch) -> Candidates:
    """One chunk stream is moved by whole steps, the others are set beside it."""
    anchor = _anchor(known, stretch)
    clock = known.clocks[anchor]
    if known.is_exact(stretch, anchor):
        shift, cost = np.zeros(1, np.int64), np.zeros(1)
    else:
        lacking = _lacking(known, stretch, anchor)
        shift = clock.shift + lacking
        cost = np.where(clock.known & (lacking < 0), _BACK_COST, 0.0)
    others = (channel for channel in stretch.channels if channel != anchor)
    beside = {channel: _beside(known, stretch, channel, anchor, shift) for channel in others}
    return Candidates({anchor: shift, **beside}, cost)


def _anchor(known: Direction, stretch: Stretch) -> int:
    """The chunk stream that the others are set beside."""
    exact = [one for one in stretch.channels if known.is_exact(stretch, one)]
    heard = [one for one in stretch.channels if known.clocks[one].known]
    unchanged = [one for one in heard if known.lost_nothing(stretch, one)]
    chosen = exact or unchanged or heard or list(stretch.channels)
    anchor = max(chosen, key=lambda one: _fitness(known, stretch, one))
    latest = max(chosen, key=lambda one: known.first(stretch, one))
    jumped = known.first(stretch, latest) - known.first(stretch, anchor) > _JUMP_MS
    return latest if heard and not exact and jumped else anchor


def _fitness(known: Direction, stretch: Stretch, channel: int) -> tuple[bool, float, int]:
    """How well a chunk stream's own steps tell its time; if none has moved, one of long steps is taken."""
    step, firm = known.step(channel), known.clocks[channel].firm
    return firm, float(step is not None) if firm else step or 0.0, len(stretch.channels[channel])


def _lacking(known: Direction, stretch: Stretch, anchor: int) -> Ints:
    """What the anchor may lack more than before the gap."""
    if known.lost_nothing(stretch, anchor):
        return np.zeros(1, np.int64)
    heard, step = known.clocks[anchor].known, known.step(anchor)
    least = 0 if heard or known.latest is None else known.latest - known.first(stretch, anchor)
    guesses = [0.0, stretch.lost / known.bytes_per_ms]
    for channel, lead in stretch.leads.items():
        clock = int(known.rows.clock[stretch.rows[stretch.channels[channel][0]]])
        guesses.append(lead.level - (known.first(stretch, channel) + least - clock))
    fine = step if heard and step is not None else float(_GRID_MS)
    around = [np.arange((guess - _AROUND_MS) // fine, (guess + _AROUND_MS) // fine + 2) for guess in guesses]
    steps = np.unique(np.concatenate(around))
    fewest = -_BACK if heard and step is not None else 0
    return least + _rounded(steps[steps >= fewest] * fine)


def _beside(known: Direction, stretch: Stretch, channel: int, anchor: int, shift: Ints) -> Ints:
    """For each shift of the anchor, that of another chunk stream which suits it best."""
    clock, step = known.clocks[channel], known.step(channel)
    if known.is_exact(stretch, channel):
        return np.zeros(len(shift), np.int64)
    if known.lost_nothing(stretch, channel):
        return np.full(len(shift), clock.shift)
    theirs, mine = stretch.channels[anchor], stretch.channels[channel]
    stamps = known.stamps[stretch.rows]
    allowed = allowed_shifts(theirs, stamps[theirs], mine, stamps[mine])
    middle = allowed.middle(known.kinds[int(known.rows.kind[stretch.rows[theirs[0]]])].step) + shift
    if not clock.known or middle[0] - clock.shift >= _JUMP_MS:
        return _rounded(middle)
    if not clock.firm:
        as_before = (allowed.low + shift <= clock.shift) & (clock.shift <= allowed.high + shift)
        return _rounded(np.where(as_before, clock.shift, np.maximum(middle, clock.shift)))
    fine = step or 1.0
    steps = np.maximum(np.rint((middle - clock.shift) / fine), -_BACK)
    suited = clock.shift + np.rint(steps * fine)
    if clock.placed and allowed.narrow:
        suited = np.clip(suited, allowed.low + shift, allowed.high + shift)
    return _rounded(suited)


def _rounded(times: NDArray[np.floating[Any]]) -> Ints:
    rounded: Ints = np.rint(times).astype(np.int64)
    return rounded
