"""Segments that arrive behind others: copies that the capture made, sent again by the sender, or out of order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.tcp.direction import Direction
from rtmpscope.tcp.grouping import COPY_NS
from rtmpscope.tcp.groups import Group
from rtmpscope.tcp.headers import ip_ids
from rtmpscope.tcp.recent import Recent

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Bytes that fill a gap later than this after it became visible were sent again, or later than the opening's round
#: trip if that is shorter (Wireshark's figures): within one, nobody can have asked for them.
LATE_NS = 3_000_000
#: Among so many segments before it a copy is looked for, and a segment that brought the same bytes.
_COPY_REACH = 8
_EARLIER_REACH = 4096
#: Identifications farther ahead than this are no count.
_MOST_IDS_AHEAD = 1000


@frozen
class Data:
    """The segments with payload of one direction in a batch, in order of arrival: row, offset, end."""

    rows: Ints
    offset: Ints
    end: Ints


class Sent:
    """One direction's segments with data: those of the moment before (``past``), then those of the batch.

    ``late`` below are places in ``data`` of segments that arrive behind others, and the results are theirs.
    """

    def __init__(self, group: Group, direction: Direction, data: Data, past: Recent) -> None:
        self._batch, self._direction, self._data = group.segments, direction, data
        self._past = past.of(group.number).with_data()
        self._peer = group.number ^ 1
        self._recent = past

    def copies(self, late: Ints, peer: Group | None) -> Bools:
        """Which stood there a moment earlier already as one packet, and were not asked for again since."""
        before = len(self._past.frame)
        seq, ack = self._column("seq"), self._column("ack")
        length, time, frame = self._column("length", "payload_length"), self._column("time_ns"), self._column("frame")
        place = late + before
        first = np.full(len(late), -1, np.int64)
        for back in range(1, _COPY_REACH + 1):
            other = np.maximum(place - back, 0)
            same = (
                (place >= back)
                & (seq[other] == seq[place])
                & (ack[other] == ack[place])
                & (length[other] == length[place])
                & (np.abs(time[other] - time[place]) <= COPY_NS)
            )
            like = np.flatnonzero(same)
            if not len(like):
                continue
            like = like[self._idents(other[like]) == self._idents(place[like])]
            first[like] = other[like]
        found = first >= 0
        if found.any():
            since, until = frame[first[found]], frame[place[found]]
            found[found] = ~self._asked_for(self._data.offset[late[found]], since, until, peer)
        return found

    def again(self, late: Ints) -> Bools:
        """Which were sent again; the rest only arrived out of order."""
        offset, time = self._data.offset[late], self._batch.time_ns[self._data.rows[late]]
        again = self._direction.has(offset)
        # The first segment beyond this one made the gap visible; without any there is no gap.
        waiting = self._direction.waiting()
        place, count = late + len(waiting.offset), len(waiting.offset)
        seen = np.concatenate([waiting.offset, self._data.offset])
        beyond = np.searchsorted(np.maximum.accumulate(seen), offset, side="right")
        visible = np.concatenate([waiting.time_ns, self._batch.time_ns[self._data.rows]])[np.minimum(beyond, place)]
        again |= (beyond >= place) | (time - visible > min(LATE_NS, self._direction.record.opening_ns or LATE_NS))
        doubtful = np.flatnonzero(~again)
        again[doubtful] = self._is_newer(late[doubtful], beyond[doubtful] - count, waiting.frame)
        doubtful = np.flatnonzero(~again)
        again[doubtful] = self._came_before(late[doubtful])
        return again

    def _column(self, name: str, of_batch: str = "") -> Ints:
        now: NDArray[np.generic] = getattr(self._batch, of_batch or name)
        return np.concatenate([getattr(self._past, name), now[self._data.rows].astype(np.int64)])

    def _idents(self, places: Ints) -> Ints:
        """IP identifications, by place among the past and the batch's."""
        before = len(self._past.frame)
        found = np.empty(len(places), np.int64)
        old = places < before
        found[old] = self._past.ident[places[old]]
        found[~old] = ip_ids(self._batch, self._data.rows[places[~old] - before])
        return found

    def _asked_for(self, offset: Ints, since: Ints, until: Ints, peer: Group | None) -> Bools:
        """Whether the receiver said twice in between that it waits for the byte at ``offset``: it is sent again then.

        Where the round trip is short, that takes no longer than a capture needs to see a packet twice.
        """
        past = self._recent.of(self._peer)
        frame, reach = past.frame, self._direction.offsets(past.ack.astype(np.uint32))
        if peer is not None and peer.reach is not None:
            frame, reach = np.concatenate([frame, peer.column("frame")]), np.concatenate([reach, peer.reach])
        if len(frame) < 2:
            return np.zeros(len(offset), np.bool_)
        last = np.searchsorted(frame, until) - 1
        other = np.maximum(last - 1, 0)
        twice: Bools = (reach[last] == offset) & (reach[other] == offset)
        return twice & (last >= 1) & (frame[other] > since)

    def _is_newer(self, late: Ints, beyond: Ints, waiting: Ints) -> Bools:
        """Which left their sender after those beyond them, as far as IP identifications that count up tell.

        ``beyond`` are places in the data, or from the end in ``waiting``, which are packets of earlier batches.
        """
        theirs = np.full(len(late), -1, np.int64)
        here = beyond >= 0
        theirs[here] = ip_ids(self._batch, self._data.rows[beyond[here]])
        if len(self._past.frame) and not here.all():
            frame = waiting[beyond[~here]]
            place = np.minimum(np.searchsorted(self._past.frame, frame), len(self._past.frame) - 1)
            theirs[~here] = np.where(self._past.frame[place] == frame, self._past.ident[place], -1)
        mine = ip_ids(self._batch, self._data.rows[late])
        ahead = (mine - theirs) & 0xFFFF
        newer: Bools = (mine >= 0) & (theirs >= 0) & (ahead > 0) & (ahead <= _MOST_IDS_AHEAD)
        return newer

    def _came_before(self, late: Ints) -> Bools:
        """Whether an earlier segment of the batch brought the first byte."""
        begin, end = self._data.offset, self._data.end
        order = np.argsort(begin, kind="stable")
        reached = np.maximum.accumulate(np.concatenate([[-1], end[order]]))[:-1]
        overlapped = np.empty(len(begin), np.bool_)
        overlapped[order] = reached > begin[order]
        found = overlapped[late]
        for index in np.flatnonzero(found).tolist():  # by one that came earlier, or by a later one
            place = int(late[index])
            earlier = slice(max(place - _EARLIER_REACH, 0), place)
            found[index] = ((begin[earlier] <= begin[place]) & (end[earlier] > begin[place])).any()
        return found
