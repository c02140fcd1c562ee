"""How much each chunk stream of a stretch may lack, for each hypothesis.

One chunk stream, the anchor, is moved by whole steps; the others are set beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.direction import Direction, Stretch
from rtmpscope.pipeline.estimates.hypotheses import Floats
from rtmpscope.pipeline.estimates.lattice import begins, due
from rtmpscope.pipeline.estimates.order import Allowed, allowed_shifts

#: Candidates are sought so far around each guess; without regular steps this close.
_AROUND_MS, _FAR_AROUND_MS, _CLOSE_MS = 300.0, 1_000.0, 4.0
#: Messages that show the lead.
_LEADING = 8
#: What speaks against a time between the regular ones, and against a clock that is right again without being exact.
_IRREGULAR, _RIGHT_AGAIN = 3.0, 4.0
_LEAST_MS = 1.0


@frozen
class Candidates:
    """What may be missing.

    Attributes:
        anchor: the chunk stream that the others are set beside.
        shifts: of each chunk stream, ``[hypotheses, candidates]``.
        cost: what speaks against each from the outset.
        allowed: what is to be added to the timestamps of the other chunk streams to stand in order.
    """

    anchor: int
    shifts: dict[int, Floats]
    cost: Floats
    allowed: dict[int, Allowed]


def candidates(known: Direction, stretch: Stretch) -> Candidates:
    """What each chunk stream of a stretch may lack."""
    anchor = _anchor(known, stretch)
    others = [channel for channel in stretch.channels if channel != anchor]
    allowed = {channel: _allowed(known, stretch, anchor, channel) for channel in others}
    shift, cost = _of_anchor(known, stretch, anchor)
    steps: NDArray[np.int64] = np.zeros((1, shift.shape[1]), np.int64)
    loose = next((one for one in others if _is_loose(known, stretch, one, allowed[one])), None)
    if loose is not None:  # the order leaves room for a step more or less
        steps = np.repeat([[0, -1, 1]], shift.shape[1], axis=1)
        shift, cost = np.tile(shift, (1, 3)), np.tile(cost, (1, 3))
    shifts = {anchor: shift}
    for channel in others:
        more = steps if channel == loose else np.zeros_like(steps)
        shifts[channel] = _beside(known, stretch, channel, anchor, allowed[channel], shift, more)
    return Candidates(anchor, shifts, cost, allowed)


def _allowed(known: Direction, stretch: Stretch, anchor: int, channel: int) -> Allowed:
    theirs, mine = _in_order(known, stretch, anchor), _in_order(known, stretch, channel)
    return allowed_shifts(theirs, stretch.stamps[theirs], mine, stretch.stamps[mine])


def _in_order(known: Direction, stretch: Stretch, channel: int) -> NDArray[np.int64]:
    """The messages of a chunk stream without the very first: a server sends a codec's header with its old timestamp."""
    places = stretch.channels[channel]
    return places if known.channels[channel].known or len(places) == 1 else places[1:]


# --- the anchor ---


def _anchor(known: Direction, stretch: Stretch) -> int:
    exact = [one for one in stretch.channels if one in stretch.exact]
    unbroken = [one for one in stretch.channels if one in stretch.unbroken]
    heard = [one for one in stretch.channels if known.channels[one].known]
    return max(exact or unbroken or heard or stretch.channels, key=lambda one: _fitness(known, stretch, one))


def _fitness(known: Direction, stretch: Stretch, channel: int) -> tuple[bool, bool, float, int]:
    """How well a chunk stream's own steps tell its time; of those that have not moved, one of long steps is taken."""
    clock, number = known.channels[channel], known.only_kind(channel)
    regular = number is not None and known.kinds[number].regular
    step = known.kinds[number].step if number is not None and regular and clock.known else 0.0
    return not clock.placed, clock.firm, float(regular) if clock.firm else step, len(stretch.channels[channel])


def _of_anchor(known: Direction, stretch: Stretch, anchor: int) -> tuple[Floats, Floats]:
    """What the anchor may lack, and what speaks against it."""
    before = known.guesses.shift[:, [anchor]]
    clock = known.channels[anchor]
    if anchor in stretch.exact or anchor in stretch.unbroken:
        shift = np.zeros_like(before) if anchor in stretch.exact else before
        return shift, np.zeros_like(shift)
    if not clock.known:
        shift = _of_unknown(known, stretch, anchor)
        return shift, np.zeros_like(shift)
    around = _guesses(known, stretch, anchor, np.zeros_like(before))
    regular = _regular(known, stretch, anchor, around)
    shift = np.concatenate([before, *regular], axis=1)
    if not regular or not clock.firm:
        shift = np.concatenate([shift, before + _multiples(_CLOSE_MS, around)], axis=1)
    cost = np.where(np.abs(shift - before) > _LEAST_MS, 0.0 if clock.firm else _IRREGULAR, 0.0)
    if not known.anchored:
        return shift, cost
    against = np.where(before > _LEAST_MS, _RIGHT_AGAIN, 0.0)
    return np.concatenate([shift, np.zeros_like(before)], axis=1), np.concatenate([cost, against], axis=1)


def _of_unknown(known: Direction, stretch: Stretch, anchor: int) -> Floats:
    """What a chunk stream may lack that was never heard, and has no other beside it that was."""
    first, before = stretch.first(anchor), known.guesses.shift[:, [anchor]]
    latest = known.latest
    if latest is not None:
        least = latest[:, None] - first
        return least + _multiples(_CLOSE_MS, _guesses(known, stretch, anchor, least - before))
    if known.later is None:
        return np.zeros_like(before)
    around = np.arange(-_FAR_AROUND_MS, _FAR_AROUND_MS, _CLOSE_MS)
    return np.repeat((known.later - _ahead(stretch, anchor) + around)[None], len(before), axis=0)


def _guesses(known: Direction, stretch: Stretch, anchor: int, least: Floats) -> list[float]:
    """How much more the anchor may lack than before and ``least``: nothing, what was lost, what the clock says."""
    guesses = [0.0, stretch.lost / known.bytes_per_ms]
    numbers = [number for number in known.kinds_on(anchor) if known.leads.heard(number)]
    leads = [known.leads.usual(known.guesses, number)[0] for number in numbers or range(len(known.kinds))]
    if known.keeps_time and not np.isnan(leads).all():
        ahead = _ahead(stretch, anchor) + known.guesses.shift[0, anchor] + least[0, 0]
        guesses.append(float(np.nanmax(leads) - ahead))
    return guesses


def _ahead(stretch: Stretch, anchor: int) -> float:
    leading = stretch.channels[anchor][:_LEADING]
    return float((stretch.stamps[leading] - stretch.clock[leading]).max())


def _multiples(step: float, around: list[float]) -> Floats:
    """The multiples of a step that are near one of some guesses, and not less than nothing."""
    near = [np.arange((guess - _AROUND_MS) // step, (guess + _AROUND_MS) // step + 2) for guess in around]
    times = np.unique(np.concatenate(near))
    multiples: Floats = (times[times >= 0] * step)[None]
    return multiples


def _regular(known: Direction, stretch: Stretch, anchor: int, around: list[float]) -> list[Floats]:
    """What the anchor lacks if the first message of one of its kinds is sent in time."""
    before = known.guesses.shift[:, [anchor]]
    shifts = []
    for number in known.kinds_on(anchor):
        grid, clock = known.kinds[number].grid, known.messages[number]
        own = np.flatnonzero(stretch.kind == number)
        if grid is not None and len(own) and clock.heard and (clock.firm or not known.channels[anchor].firm):
            begin = begins(known.kinds[number], stretch.stamps[own])
            shifts.append(due(grid, known.guesses.last[:, [number]], begin, before) + _multiples(grid, around))
    return shifts


# --- the others ---


def _is_loose(known: Direction, stretch: Stretch, channel: int, allowed: Allowed) -> bool:
    """Whether a chunk stream of regular steps may have taken one more or less than the order of messages suggests."""
    clock, number = known.channels[channel], known.only_kind(channel)
    if number is None or channel in stretch.exact or channel in stretch.unbroken or clock.placed or not clock.firm:
        return False
    grid = known.kinds[number].grid
    return grid is not None and (not allowed.narrow or allowed.high - allowed.low > grid / 2)


def _beside(
    known: Direction,
    stretch: Stretch,
    channel: int,
    anchor: int,
    allowed: Allowed,
    shift: Floats,
    more: NDArray[np.int64],
) -> Floats:
    """For each shift of the anchor, that of another chunk stream which suits it best, or ``more`` steps."""
    clock, number = known.channels[channel], known.only_kind(channel)
    before = known.guesses.shift[:, [channel]]
    if channel in stretch.exact or channel in stretch.unbroken:
        return np.broadcast_to(before * (channel not in stretch.exact), shift.shape)
    theirs = known.kinds[int(stretch.kind[stretch.channels[anchor][0]])]
    middle = allowed.middle(theirs.step) + shift
    if not clock.known:
        return middle
    low, high = allowed.low + shift, allowed.high + shift
    grid = known.kinds[number].grid if number is not None else None
    if number is None or grid is None or not clock.firm:
        return np.where((low <= before) & (before <= high), before, np.maximum(middle, before))
    begin = begins(known.kinds[number], stretch.stamps[stretch.channels[channel]])
    in_time = due(grid, known.guesses.last[:, [number]], begin, before)
    steps = np.maximum(np.rint((middle - in_time) / grid), 0)
    suited: Floats = in_time + np.maximum(steps + more, 0) * grid
    return np.clip(suited, low, high) if clock.placed and allowed.narrow else suited
