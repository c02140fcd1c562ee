"""What is known of one direction's messages while their timestamps are told, stretch by stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.arrival import Leads, looked_at, outruns
from rtmpscope.pipeline.estimates.clocks import ChannelClock, KindClock
from rtmpscope.pipeline.estimates.hypotheses import Floats, no_time_missing
from rtmpscope.pipeline.estimates.kinds import kinds_of, with_deltas
from rtmpscope.pipeline.estimates.lattice import followed
from rtmpscope.pipeline.estimates.rows import SMALLEST, Ints, MediaRows

#: Messages of a stretch that are looked at; where a chunk stream is heard later, so many before that and after.
_LOOK, _BEFORE, _AFTER = 32, 8, 24
#: Exact messages that show the lead to those before them, so many together.
_SHOWING, _TOGETHER = 96, 6
#: A message that was not heard is taken for lost so many steps after it was due, and may be so many steps before.
_OVERDUE, _MAYBE = 0.25, 0.6


@frozen
class Stretch:
    """Messages without a gap between them.

    Attributes:
        begin, end: all of them.
        rows: those that are looked at; ``stamps`` (ms), ``clock`` (ms) and ``kind`` are theirs.
        channels: the places of each chunk stream's messages in ``rows``.
        exact: the chunk streams whose timestamps are exact.
        unbroken: the chunk streams of which nothing can have been lost since they were heard last.
        lost: bytes of lost messages since the stretch before began.
        starting: time has not passed yet, and more was lost than the largest message before.
    """

    begin: int
    end: int
    rows: Ints
    stamps: Floats
    clock: Ints
    kind: Ints
    channels: dict[int, Ints]
    exact: frozenset[int]
    unbroken: frozenset[int]
    lost: int
    starting: bool

    def first(self, channel: int) -> float:
        """The first timestamp of a chunk stream, as its deltas tell it."""
        return float(self.stamps[self.channels[channel][0]])


class Direction:
    """The media messages of one direction.

    Attributes:
        rows: the messages.
        kinds: what is usual of each kind.
        stamps: their timestamps as deltas tell them.
        guesses: how much time may be missing; these are changed by each stretch.
        channels, messages: the clocks of the chunk streams and of the kinds.
        leads: how far ahead of the clock of arrival the kinds are.
        keeps_time: the sender is not faster than time.
        anchored: some timestamps are exact.
        disorder: by how much audio and video are out of order where that is exactly known, ms.
    """

    def __init__(self, rows: MediaRows) -> None:
        self.rows = rows
        self.keeps_time = not outruns(rows)
        self.kinds = kinds_of(rows, float(rows.clock[-1] - rows.clock[0]) if self.keeps_time else None)
        self.bytes_per_ms = sum(kind.size * kind.scale / kind.step for kind in self.kinds)
        self.stamps = with_deltas(rows, self.kinds).astype(np.float64)
        self.channels = [ChannelClock() for _ in range(int(rows.channel.max()) + 1)]
        self.messages = [KindClock() for _ in self.kinds]
        self.guesses = no_time_missing(len(self.channels), len(self.kinds))
        self.leads = Leads(len(self.kinds))
        self.anchored = bool(rows.exact.any())
        self.later = _lead_of_exact(rows) if self.anchored and self.keeps_time and not rows.exact[0] else None
        self.disorder = 0.0
        self._channel_of = np.array([kind.channel for kind in self.kinds])
        self._lost = int(rows.lost[0])  # up to the beginning of the last stretch
        self._began: float | None = None
        self._moved = False  # time has passed in the messages so far
        self._largest = 0

    @property
    def latest(self) -> Floats | None:
        """The latest timestamp so far by each hypothesis, None before the first."""
        heard = np.array([clock.heard > 0 for clock in self.messages])
        return self.guesses.last[:, heard].max(axis=1) if heard.any() else None

    def kinds_on(self, channel: int) -> list[int]:
        """The numbers of the kinds on a chunk stream."""
        return np.flatnonzero(self._channel_of == channel).tolist()

    def only_kind(self, channel: int) -> int | None:
        """The kind on a chunk stream that has one alone, of which the time of the next message can be told."""
        numbers = self.kinds_on(channel)
        return numbers[0] if len(numbers) == 1 and self.kinds[numbers[0]].grid else None

    def stretch(self, begin: int, end: int) -> Stretch:
        """The messages from row ``begin`` to before ``end``."""
        rows = begin + _places(self.rows.channel[begin:end])
        numbers = self.rows.channel[rows]
        channels = {one: np.flatnonzero(numbers == one) for one in dict.fromkeys(numbers.tolist())}
        lost_before = int(self.rows.lost[begin])
        known = [one for one in channels if self.channels[one].known]
        lost = lost_before - self._lost
        return Stretch(
            begin=begin,
            end=end,
            rows=rows,
            stamps=self.stamps[rows],
            clock=self.rows.clock[rows],
            kind=self.rows.kind[rows],
            channels=channels,
            exact=frozenset(one for one, places in channels.items() if self.rows.exact[rows[places[0]]]),
            unbroken=frozenset(one for one in known if lost_before - self.channels[one].lost_before < SMALLEST),
            lost=lost,
            starting=not self._moved and lost > self._largest,
        )

    # --- what a stretch tells ---

    def note(self, begin: int, end: int) -> None:
        """Remember what the timestamps of a stretch tell."""
        part = slice(begin, end)
        self._lost = int(self.rows.lost[begin])
        self._largest = max(self._largest, int(self.rows.size[part].max()))
        latest = self._note_channels(part)
        for number in range(len(self.kinds)):
            own = self.rows.kind[part] == number
            if own.any():
                self._note_heard(number, self.stamps[part][own], bool(self.rows.exact[part][own].any()))
            else:
                self._note_missed(number, latest)
        if self.keeps_time:
            unbroken = int(np.searchsorted(self.rows.gap[part], self.rows.gap[begin], side="right"))
            self._note_leads(begin + looked_at(unbroken))

    def _note_channels(self, part: slice) -> Floats:
        """Returns the latest timestamp of the stretch by each hypothesis."""
        latest = np.full(len(self.guesses), -np.inf)
        for number, clock in enumerate(self.channels):
            own = self.rows.channel[part] == number
            if own.any():
                stamps = self.stamps[part][own]
                clock.note(stamps, self.rows.exact[part][own], self._lost)
                latest = np.maximum(latest, stamps.max() + self.guesses.shift[:, number])
        return latest

    def _note_heard(self, number: int, stamps: Floats, exact: bool) -> None:
        kind, clock, guesses = self.kinds[number], self.messages[number], self.guesses
        heard = clock.heard if self.channels[kind.channel].firm else 0
        shift = guesses.shift[:, kind.channel]
        guesses.last[:, number] = followed(kind, stamps, shift, guesses.last[:, number], heard, exact)
        guesses.inferred[:, number] = not (clock.heard or exact)  # set beside others, roughly as yet
        clock.note(stamps)

    def _note_missed(self, number: int, latest: Floats) -> None:
        """Messages of a kind that were due before the latest were lost."""
        if not self.messages[number].heard:
            return
        last, step = self.guesses.last[:, number], self.kinds[number].step
        steps = (latest - last) / step
        self.guesses.inferred[:, number] |= steps > _MAYBE
        last += np.rint(np.maximum(np.trunc(steps - _OVERDUE), 0)) * step

    def _note_leads(self, rows: Ints) -> None:
        """Remember how far ahead messages were, from when on time passes: what comes first shows no lead."""
        told = self.stamps[rows] + self.guesses.shift[0][self.rows.channel[rows]]
        if not self._moved:
            self._began = float(told[0]) if self._began is None else self._began
            later = told > self._began
            rows, told = rows[later], told[later]
            self._moved = len(rows) > 0
        if len(rows):
            clock = self.rows.clock[rows]
            moved = (self.guesses.shift - self.guesses.shift[0])[:, self._channel_of]
            self.leads.note(self.guesses, self.rows.kind[rows], told - clock, int(clock[-1]), moved)


def _places(channel: Ints) -> Ints:
    """Places in a stretch that are looked at: the first, and where each chunk stream is first heard."""
    if len(channel) <= _LOOK:
        return np.arange(len(channel))
    late = [int(first) for first in np.unique(channel, return_index=True)[1] if first >= _LOOK]
    parts = [np.arange(max(first - _BEFORE, 0), min(first + _AFTER, len(channel))) for first in late]
    return np.unique(np.concatenate([np.arange(_LOOK), *parts])) if parts else np.arange(_LOOK)


def _lead_of_exact(rows: MediaRows) -> float:
    """The lead that the first exact timestamps show."""
    exact = np.flatnonzero(rows.exact)[:_SHOWING]
    ahead: NDArray[np.int64] = rows.timestamp[exact] - rows.clock[exact]
    return float(np.median(np.maximum.reduceat(ahead, np.arange(0, len(ahead), _TOGETHER))))
