"""How much time the messages took that a gap swallowed.

Stretches without a gap are taken in order. In each, all messages of a chunk stream lack the same time. Candidates
for it are weighed by what is known: bytes that were lost, the order of audio and video, the clock of arrival.
What is chosen is known for the stretches after.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.arrival import Lead, LeadWatch, outruns
from rtmpscope.pipeline.estimates.clocks import ChannelClock, KindClock
from rtmpscope.pipeline.estimates.kinds import kinds_of, with_deltas
from rtmpscope.pipeline.estimates.order import allowed_shifts, disorder
from rtmpscope.pipeline.estimates.rows import Ints, MediaRows

Floats = NDArray[np.float64]

#: Messages of a stretch that are looked at, and those that show the lead.
_LOOK, _LEADING = 32, 8
_SHOWING = 96
#: Candidates are sought so far around each guess, on chunk streams without regular steps this close.
_AROUND_MS, _GRID_MS = 1_000, 2
#: One step fewer than at the gap before, if that took one too many.
_BACK, _BACK_COST = 1, 3.0
#: What a message is too early for the one before the gap, and what it costs at most.
_EARLY_MS, _MOST_EARLY = 6.0, 3.0
#: Timestamps of one direction are no further apart, or one of them has jumped: ms.
_JUMP_MS = 5_000
#: Bytes of the smallest message.
_SMALLEST = 9
#: Lost bytes: variance at least, share of the size that a message more or less makes, deviations from which the
#: cost rises no faster, and the most it comes to. Of more bytes than expected one may have been a large message.
_LEAST_VARIANCE, _UNCERTAIN, _FAR = 50.0, 0.3, 3.0
_TOO_FEW, _TOO_MANY, _TOO_MANY_AT_START = 15.0, 5.0, 1.0
#: A timestamp that is off the regular steps.
_OFF_STEP_MS, _MOST_OFF_STEP = 4.0, 3.0


@frozen
class Stretch:
    """Messages without a gap between them, from row ``begin`` on.

    Attributes:
        channels: rows of each chunk stream, relative to ``begin``.
        lost: bytes of lost messages before it.
        starting: no time has passed in the direction before it, and what was lost is larger than any message before.
        leads: that of each chunk stream, where something tells it.
    """

    begin: int
    end: int
    channels: dict[int, Ints]
    lost: int
    starting: bool
    leads: dict[int, Lead]


@frozen
class Candidates:
    """What may be missing: for each chunk stream as many shifts, and what speaks against each."""

    shifts: dict[int, Ints]
    cost: Floats


class Mender:
    """Finds the timestamps of one direction's media messages."""

    def __init__(self, rows: MediaRows) -> None:
        self._rows = rows
        self._keeps_time = not outruns(rows.timestamp, rows.clock)
        self._kinds = kinds_of(rows, float(rows.clock[-1] - rows.clock[0]) if self._keeps_time else None)
        self._stamps = with_deltas(rows, self._kinds)
        self._told = self._stamps.copy()
        self._clocks = [ChannelClock() for _ in range(int(rows.channel.max()) + 1)]
        self._later_lead = _lead_of_exact(rows)
        self._leads, self._moved = [LeadWatch() for _ in self._clocks], False
        self._bytes_per_ms = sum(kind.size * kind.scale / kind.step for kind in self._kinds)
        self._seen = [KindClock() for _ in self._kinds]

    def told(self) -> Ints:
        """The timestamps."""
        for begin, end in pairwise([*self._rows.starts().tolist(), len(self._rows)]):
            if not self._rows.exact[begin:end].all():
                self._mend(begin, end)
            self._note(begin, end)
        return self._told

    def _mend(self, begin: int, end: int) -> None:
        stretch = self._stretch(begin, min(begin + _LOOK, end))
        candidates = self._candidates(stretch)
        best = int(np.argmin(candidates.cost + self._cost(stretch, candidates.shifts)))
        for channel, shifts in candidates.shifts.items():
            if not self._is_exact(stretch, channel):
                self._clocks[channel].set(int(shifts[best]))
        shift = np.array([clock.shift for clock in self._clocks])[self._rows.channel[begin:end]]
        self._told[begin:end] += np.where(self._rows.exact[begin:end], 0, shift)

    def _stretch(self, begin: int, end: int) -> Stretch:
        channel = self._rows.channel[begin:end]
        channels = {int(one): np.flatnonzero(channel == one) for one in dict.fromkeys(channel.tolist())}
        lost = int(self._rows.lost[begin] - self._rows.lost[begin - 1]) if begin else 0
        leads = {one: self._leads[one].lead() for one in channels} if self._keeps_time and self._moved else {}
        told = {one: lead for one, lead in leads.items() if lead is not None}
        if not self._moved and self._keeps_time and all(seen.last is None for seen in self._seen):
            told = dict.fromkeys(channels, self._later_lead)
        starting = begin > 0 and not self._moved and lost > int(self._rows.size[:begin].max())
        return Stretch(begin, end, channels, lost, starting, told)

    def _note(self, begin: int, end: int) -> None:
        """Remember what the messages of a stretch tell."""
        part = slice(begin, end)
        for number, clock in enumerate(self._clocks):
            own = self._rows.channel[part] == number
            if own.any():
                clock.note(self._stamps[part][own], self._rows.exact[part][own])
                clock.lost_before = int(self._rows.lost[end - 1])
        latest = int(self._told[part].max())
        self._note_leads(part)
        for number, kind in enumerate(self._kinds):
            own = self._told[part][self._rows.kind[part] == number]
            self._seen[number].note(own, latest, kind.step)

    def _note_leads(self, part: slice) -> None:
        """Remember how far ahead the messages were, from when on time passes: what comes first shows no lead."""
        told, clock, channel = self._told[part], self._rows.clock[part], self._rows.channel[part]
        if not self._moved:
            later = told > self._told[0]
            told, clock, channel = told[later], clock[later], channel[later]
            self._moved = len(told) > 0
        for number, lead in enumerate(self._leads):
            own = channel == number
            if own.any():
                lead.note(told[own], clock[own])

    def _lost_nothing(self, stretch: Stretch, channel: int) -> bool:
        """Whether a chunk stream is known and there is no room for lost messages since it was heard last."""
        clock = self._clocks[channel]
        return clock.known and int(self._rows.lost[stretch.begin]) - clock.lost_before < _SMALLEST

    # --- candidates ---

    def _is_exact(self, stretch: Stretch, channel: int) -> bool:
        return bool(self._rows.exact[stretch.begin + stretch.channels[channel][0]])

    def _step(self, channel: int) -> float | None:
        """The regular step of a chunk stream."""
        kind = next(kind for kind in self._kinds if kind.channel == channel)
        return kind.step if kind.alone and kind.regular else None

    def _first(self, stretch: Stretch, channel: int) -> int:
        """The first timestamp of a chunk stream in a stretch, if nothing was lost."""
        own = stretch.begin + stretch.channels[channel][0]
        return int(self._stamps[own]) + self._clocks[channel].shift

    def _candidates(self, stretch: Stretch) -> Candidates:
        anchor = self._anchor(stretch)
        clock = self._clocks[anchor]
        cost = np.zeros(1)
        if self._is_exact(stretch, anchor):
            shift = np.zeros(1, np.int64)
        else:
            lacking = self._lacking(stretch, anchor)
            shift = clock.shift + lacking
            cost = np.where(lacking < 0, _BACK_COST, 0.0) if clock.known else np.zeros(len(shift))
        shifts = {anchor: shift}
        for channel in stretch.channels:
            if channel != anchor:
                shifts[channel] = self._beside(stretch, channel, anchor, shift)
        return Candidates(shifts, cost)

    def _anchor(self, stretch: Stretch) -> int:
        """The chunk stream that the others are set beside."""
        exact = [one for one in stretch.channels if self._is_exact(stretch, one)]
        known = [one for one in stretch.channels if self._clocks[one].known]
        unchanged = [one for one in known if self._lost_nothing(stretch, one)]
        chosen = exact or unchanged or known or list(stretch.channels)
        anchor = max(chosen, key=lambda one: self._fitness(stretch, one))
        latest = max(chosen, key=lambda one: self._first(stretch, one))
        jumped = self._first(stretch, latest) - self._first(stretch, anchor) > _JUMP_MS
        return latest if known and not exact and jumped else anchor

    def _fitness(self, stretch: Stretch, channel: int) -> tuple[bool, float, int]:
        """How well a chunk stream's own steps tell its time; if none has moved, one of long steps is taken."""
        step, firm = self._step(channel), self._clocks[channel].firm
        return firm, float(step is not None) if firm else step or 0.0, len(stretch.channels[channel])

    def _lacking(self, stretch: Stretch, anchor: int) -> Ints:
        """What the anchor may lack more than before the gap."""
        if self._lost_nothing(stretch, anchor):
            return np.zeros(1, np.int64)
        step, known = self._step(anchor), self._clocks[anchor].known
        begun = [seen.last for seen in self._seen if seen.last is not None]
        least = 0 if known or not begun else max(begun) - self._first(stretch, anchor)
        guesses = [0.0, stretch.lost / self._bytes_per_ms]
        for channel, lead in stretch.leads.items():
            first = stretch.begin + stretch.channels[channel][0]
            ahead = self._first(stretch, channel) + least - int(self._rows.clock[first])
            guesses.append(lead.level - ahead)
        fine = step if known and step is not None else float(_GRID_MS)
        around = [np.arange((guess - _AROUND_MS) // fine, (guess + _AROUND_MS) // fine + 2) for guess in guesses]
        steps = np.unique(np.concatenate(around))
        fewest = -_BACK if known and step is not None else 0
        return least + np.rint(steps[steps >= fewest] * fine).astype(np.int64)

    def _beside(self, stretch: Stretch, channel: int, anchor: int, shift: Ints) -> Ints:
        """For each shift of the anchor, that of another chunk stream which suits it best."""
        clock, step = self._clocks[channel], self._step(channel)
        if self._is_exact(stretch, channel):
            return np.zeros(len(shift), np.int64)
        if self._lost_nothing(stretch, channel):
            return np.full(len(shift), clock.shift)
        rows, mine = stretch.channels[anchor], stretch.channels[channel]
        stamps = self._stamps[stretch.begin : stretch.end]
        allowed = allowed_shifts(rows, stamps[rows], mine, stamps[mine])
        middle = allowed.middle(self._step_of(stretch, anchor)) + shift
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

    def _step_of(self, stretch: Stretch, channel: int) -> float:
        return self._kinds[int(self._rows.kind[stretch.begin + stretch.channels[channel][0]])].step

    # --- what speaks against a candidate ---

    def _cost(self, stretch: Stretch, shifts: dict[int, Ints]) -> Floats:
        part = slice(stretch.begin, stretch.end)
        channel = self._rows.channel[part].tolist()
        times = self._stamps[part][:, None] + np.stack([shifts[one] for one in channel])
        cost = disorder(times)
        begun = [seen.last for seen in self._seen if seen.last is not None]
        if begun:
            cost += np.minimum(np.maximum(max(begun) - times[0], 0) / _EARLY_MS, _MOST_EARLY)
        for channel, lead in stretch.leads.items():
            rows = stretch.channels[channel][:_LEADING]
            cost += lead.cost(times[rows] - self._rows.clock[part][rows, None])
        return cost + self._lost_cost(stretch, times) if stretch.begin else cost

    def _lost_cost(self, stretch: Stretch, times: Ints) -> Floats:
        """How far the lost bytes are from those of the messages that would be missing."""
        expected, variance = np.zeros(times.shape[1]), np.full(times.shape[1], _LEAST_VARIANCE)
        off = np.zeros(times.shape[1])
        present = self._rows.kind[stretch.begin : stretch.end]
        for number, (kind, seen) in enumerate(zip(self._kinds, self._seen, strict=True)):
            if seen.last is None:
                continue
            size, spread = kind.near(stretch.begin)
            own = np.flatnonzero(present == number)
            steps = (times[own[0] if len(own) else 0] - seen.last) / kind.step
            count = np.maximum(np.rint(steps) - 1 if len(own) else steps - 0.5, 0)
            if not (len(own) and kind.regular and not seen.inferred):
                variance += _UNCERTAIN * (kind.scale * kind.size) ** 2
            elif not kind.alone:
                off += np.minimum(np.abs(steps - np.rint(steps)) * kind.step / _OFF_STEP_MS, _MOST_OFF_STEP)
            if kind.alone and not self._clocks[kind.channel].firm:
                variance += (count * size / 2) ** 2  # the first step need not be a regular one
            expected += count * size
            variance += count * spread**2
        return off + _bytes_cost(stretch, expected, variance)


def _lead_of_exact(rows: MediaRows) -> Lead:
    """The lead that the first exact timestamps show, for what comes before them."""
    watch = LeadWatch()
    exact = np.flatnonzero(rows.exact)[:_SHOWING]
    watch.note(rows.timestamp[exact], rows.clock[exact])
    lead = watch.lead()
    assert lead is not None
    return lead


def _rounded(times: NDArray[np.floating[Any]]) -> Ints:
    rounded: Ints = np.rint(times).astype(np.int64)
    return rounded


def _bytes_cost(stretch: Stretch, expected: Floats, variance: Floats) -> Floats:
    far = np.abs(stretch.lost - expected) / np.sqrt(variance)
    cost = np.where(far < _FAR, far * far / 2, _FAR * far - _FAR * _FAR / 2)
    too_many = _TOO_MANY_AT_START if stretch.starting else _TOO_MANY
    most = np.where(stretch.lost > expected, too_many, _TOO_FEW)
    return np.minimum(cost, most) + np.log(variance) / 2
