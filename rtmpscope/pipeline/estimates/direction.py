"""What is known of one direction's messages while their timestamps are told, stretch by stretch."""

from __future__ import annotations

import numpy as np

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.arrival import Lead, LeadWatch, outruns
from rtmpscope.pipeline.estimates.clocks import ChannelClock, KindClock
from rtmpscope.pipeline.estimates.kinds import kinds_of, with_deltas
from rtmpscope.pipeline.estimates.rows import SMALLEST, Ints, MediaRows

#: Messages of a stretch that are looked at; where a chunk stream is heard later, so many before that and after.
_LOOK, _BEFORE, _AFTER = 32, 8, 24
#: Exact messages that show the lead to those before them.
_SHOWING = 96


@frozen
class Stretch:
    """Messages without a gap between them.

    Attributes:
        rows: those that are looked at.
        channels: the places of each chunk stream's messages in ``rows``.
        lost: bytes of lost messages since the stretch before began.
        starting: no time has passed in the direction before it, and more was lost than the largest message before.
        leads: those of the chunk streams, where something tells them.
    """

    rows: Ints
    channels: dict[int, Ints]
    lost: int
    starting: bool
    leads: dict[int, Lead]


class Direction:
    """The media messages of one direction.

    Attributes:
        rows: the messages.
        kinds: what is usual of each kind; ``seen`` is when the last of it was sent.
        stamps: their timestamps as deltas tell them; ``told`` are those told so far.
        clocks: what is known of each chunk stream's clock.
        keeps_time: the sender is not faster than time.
    """

    def __init__(self, rows: MediaRows) -> None:
        self.rows = rows
        self.keeps_time = not outruns(rows)
        self.kinds = kinds_of(rows, float(rows.clock[-1] - rows.clock[0]) if self.keeps_time else None)
        self.bytes_per_ms = sum(kind.size * kind.scale / kind.step for kind in self.kinds)
        self.stamps = with_deltas(rows, self.kinds)
        self.told = self.stamps.copy()
        self.clocks = [ChannelClock() for _ in range(int(rows.channel.max()) + 1)]
        self.seen = [KindClock() for _ in self.kinds]
        self._leads = [LeadWatch() for _ in self.clocks]
        self._later = _lead_of_exact(rows)
        self._moved = False  # time has passed in the messages so far
        self._lost = int(rows.lost[0])  # up to the beginning of the last stretch

    @property
    def latest(self) -> int | None:
        """The latest timestamp so far, None before the first."""
        return max((seen.last for seen in self.seen if seen.last is not None), default=None)

    # --- of a stretch ---

    def stretch(self, begin: int, end: int) -> Stretch:
        """The messages from row ``begin`` to before ``end``."""
        rows = begin + _looked_at(self.rows.channel[begin:end])
        channel = self.rows.channel[rows]
        channels = {one: np.flatnonzero(channel == one) for one in dict.fromkeys(channel.tolist())}
        lost = int(self.rows.lost[begin]) - self._lost
        starting = begin > 0 and not self._moved and lost > int(self.rows.size[:begin].max())
        return Stretch(rows, channels, lost, starting, self._leads_of(list(channels)))

    def _leads_of(self, channels: list[int]) -> dict[int, Lead]:
        if not self.keeps_time:
            return {}
        if self.latest is None:
            return dict.fromkeys(channels, self._later)
        leads = {one: self._leads[one].lead() for one in channels} if self._moved else {}
        return {one: lead for one, lead in leads.items() if lead is not None}

    def is_exact(self, stretch: Stretch, channel: int) -> bool:
        """Whether a chunk stream's timestamps are exact."""
        return bool(self.rows.exact[stretch.rows[stretch.channels[channel][0]]])

    def first(self, stretch: Stretch, channel: int) -> int:
        """The first timestamp of a chunk stream, if nothing was lost."""
        row = stretch.rows[stretch.channels[channel][0]]
        return int(self.stamps[row]) + self.clocks[channel].shift

    def lost_nothing(self, stretch: Stretch, channel: int) -> bool:
        """Whether a chunk stream is known and there is no room for lost messages since it was heard last."""
        clock = self.clocks[channel]
        return clock.known and int(self.rows.lost[stretch.rows[0]]) - clock.lost_before < SMALLEST

    def step(self, channel: int) -> float | None:
        """The regular step of a chunk stream."""
        kind = next(kind for kind in self.kinds if kind.channel == channel)
        return kind.step if kind.alone and kind.regular else None

    # --- what a stretch tells ---

    def tell(self, begin: int, end: int) -> None:
        """Estimate the timestamps of a stretch by the clocks."""
        shift = np.array([clock.shift for clock in self.clocks])[self.rows.channel[begin:end]]
        self.told[begin:end] += np.where(self.rows.exact[begin:end], 0, shift)

    def note(self, begin: int, end: int) -> None:
        """Remember what the timestamps of a stretch tell."""
        part = slice(begin, end)
        self._lost = int(self.rows.lost[begin])
        for number, clock in enumerate(self.clocks):
            own = self.rows.channel[part] == number
            if own.any():
                clock.note(self.stamps[part][own], self.rows.exact[part][own])
                clock.lost_before = self._lost
        unbroken = int(np.searchsorted(self.rows.gap[part], self.rows.gap[begin], side="right"))
        self._note_leads(slice(begin, begin + unbroken))
        latest = int(self.told[part].max())
        for number, kind in enumerate(self.kinds):
            self.seen[number].note(self.told[part][self.rows.kind[part] == number], latest, kind.step)

    def _note_leads(self, part: slice) -> None:
        """Remember how far ahead the messages were, from when on time passes: what comes first shows no lead."""
        told, clock, channel = self.told[part], self.rows.clock[part], self.rows.channel[part]
        if not self._moved:
            later = told > self.told[0]
            told, clock, channel = told[later], clock[later], channel[later]
            self._moved = len(told) > 0
        for number, lead in enumerate(self._leads):
            own = channel == number
            if own.any():
                lead.note(told[own], clock[own])


def _looked_at(channel: Ints) -> Ints:
    """Places in a stretch that are looked at: the first, and where each chunk stream is first heard."""
    if len(channel) <= _LOOK:
        return np.arange(len(channel))
    late = [int(first) for first in np.unique(channel, return_index=True)[1] if first >= _LOOK]
    parts = [np.arange(max(first - _BEFORE, 0), min(first + _AFTER, len(channel))) for first in late]
    return np.unique(np.concatenate([np.arange(_LOOK), *parts])) if parts else np.arange(_LOOK)


def _lead_of_exact(rows: MediaRows) -> Lead:
    """The lead that the first exact timestamps show."""
    watch = LeadWatch()
    exact = np.flatnonzero(rows.exact)[:_SHOWING]
    watch.note(rows.timestamp[exact], rows.clock[exact])
    lead = watch.lead()
    assert lead is not None
    return lead
