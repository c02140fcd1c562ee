"""Notable things in the segments of one direction: what was sent again or late, and who could not keep up.

Everything is judged from columns; only segments that came soon after a gap became visible are looked at one by
one, each against so many before it at most.

* ``keep_alive``: at most one byte, the one before the next (RFC 1122, 4.2.3.6).
* ``retransmission``: bytes that came before; or bytes that had not, but so late after the gap became visible, or with
  so new an IP identification, that they must have been sent again.
* ``out_of_order``: bytes that had not come before, soon after the gap became visible.
* ``duplicate_ack``: an acknowledgement repeated without data while bytes are on their way.
* ``zero_window``, ``window_full``: the receiver closes its window; the sender has filled it.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.frozen import frozen, slotted
from rtmpscope.tcp.direction import Direction
from rtmpscope.tcp.grouping import ACK, COPY_NS, FIN, RST, SYN
from rtmpscope.tcp.groups import Group
from rtmpscope.tcp.headers import ip_ids

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Names of the events; their place is their code.
EVENT_NAMES = (
    "retransmission",
    "out_of_order",
    "duplicate_ack",
    "zero_window",
    "window_full",
    "gap",
    "keep_alive",
    "reset",
    "fin",
)
RETRANSMISSION, OUT_OF_ORDER, DUPLICATE_ACK, ZERO_WINDOW, WINDOW_FULL, GAP, KEEP_ALIVE, RESET, FIN_EVENT = range(9)

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


@slotted
class EventLog:
    """Events of all connections, as parts of columns.

    Attributes:
        copies: segments that the capture holds twice; ``first_copy`` is the packet of the first.
    """

    copies: int = 0
    first_copy: int | None = None
    _parts: list[Ints] = field(default_factory=list)

    def columns(self) -> Ints:
        """All events: key (twice the connection plus side), code, frame, time, sequence number, length."""
        return np.concatenate([np.empty((6, 0), np.int64), *self._parts], axis=1)

    def data(self, group: Group, direction: Direction, data: Data, peer: Group | None) -> Bools:
        """Log what is notable among segments with payload; return which of them are copies."""
        batch = group.segments
        reached = np.maximum.accumulate(np.concatenate([[direction.highest], data.end]))[:-1]
        copies = np.zeros(len(data.rows), np.bool_)
        late = np.flatnonzero(data.offset < reached)
        if not len(late):
            return copies
        size = data.end - data.offset
        alive = (size[late] <= 1) & (data.end[late] == reached[late])
        self._add(batch, direction, data.rows[late[alive]], KEEP_ALIVE, 0)
        late = late[~alive]
        same = _are_copies(group, data, late, peer)
        copies[late[same]] = True
        self._note_copies(batch.frame[data.rows[late[same]]])
        late = late[~same]
        again = _sent_again(batch, direction, data, late, reached[late])
        self._add(batch, direction, data.rows[late[again]], RETRANSMISSION, size[late[again]])
        self._add(batch, direction, data.rows[late[~again]], OUT_OF_ORDER, size[late[~again]])
        return copies

    def acknowledgements(self, group: Group, direction: Direction, peer: Direction | None) -> None:
        """Log what a direction's acknowledgements and windows say."""
        batch, flags = group.segments, group.segments.flags
        plain = (flags & (SYN | FIN | RST | ACK)) == ACK
        shut = plain & (batch.window == 0)
        self._add(batch, direction, np.flatnonzero(shut), ZERO_WINDOW, 0)
        for bit, code in ((FIN, FIN_EVENT), (RST, RESET)):
            if group.any_flags & bit:
                self._add(batch, direction, np.flatnonzero(flags & bit), code, 0)
        bare = np.flatnonzero(plain & (batch.payload_length == 0))
        if peer is None or group.reach is None or len(bare) < 2:
            return
        ack, window = batch.ack[bare], batch.window[bare]
        again = np.zeros(len(bare), np.bool_)
        again[1:] = (ack[1:] == ack[:-1]) & (window[1:] == window[:-1])
        again &= group.reach[bare] < peer.highest
        self._add(batch, direction, bare[again], DUPLICATE_ACK, 0)

    def fin(self, group: Group) -> None:
        """Log the one FIN of a direction."""
        batch, row = group.batch.segments, group.first_fin
        facts = (batch.frame[row], batch.time_ns[row], batch.seq[row], 0)
        self._parts.append(np.array([[group.number], [FIN_EVENT], *([int(fact)] for fact in facts)], np.int64))

    def full_windows(self, group: Group, direction: Direction, data: Data, limits: Limits) -> None:
        """Log segments that reach the end of the receiver's window."""
        limit = limits.before(group.place[data.rows])
        full = (data.end >= limit) & (limit >= 0)
        if full.any():
            self._add(group.segments, direction, data.rows[full], WINDOW_FULL, 0)

    def _note_copies(self, frames: Ints) -> None:
        self.copies += len(frames)
        if len(frames) and self.first_copy is None:
            self.first_copy = int(frames[0])

    def _add(self, batch: SegmentBatch, direction: Direction, rows: Ints, code: int, length: int | Ints) -> None:
        if not len(rows):
            return
        part = np.empty((6, len(rows)), np.int64)
        part[0], part[1] = 2 * direction.record.id + direction.side, code
        part[2], part[3] = batch.frame[rows], batch.time_ns[rows]
        part[4], part[5] = batch.seq[rows], length
        self._parts.append(part)


@frozen
class Limits:
    """How far a sender may go: at each of the receiver's rows in the batch, where its window ends; -1 unknown."""

    rows: Ints
    limit: Ints
    initial: int

    def before(self, rows: Ints) -> Ints:
        """The limit in force when each of ``rows`` was sent."""
        place = np.searchsorted(self.rows, rows)
        return np.concatenate([[self.initial], self.limit])[place]


def _are_copies(group: Group, data: Data, late: Ints, peer: Group | None) -> Bools:
    """Which segments stand a moment earlier in the batch already as one packet, and were not asked for again since."""
    batch = group.segments
    found = np.zeros(len(late), np.bool_)
    first = np.zeros(len(late), np.int64)
    rows = data.rows[late]
    for back in range(1, _COPY_REACH + 1):
        before = data.rows[np.maximum(late - back, 0)]
        same = (
            (late >= back)
            & (batch.seq[before] == batch.seq[rows])
            & (batch.ack[before] == batch.ack[rows])
            & (batch.payload_length[before] == batch.payload_length[rows])
            & (np.abs(batch.time_ns[before] - batch.time_ns[rows]) <= COPY_NS)
        )
        like = np.flatnonzero(same)
        like = like[ip_ids(batch, before[like]) == ip_ids(batch, rows[like])]
        found[like], first[like] = True, before[like]
    if found.any() and peer is not None:
        found[found] = ~_asked_for(peer, data.offset[late[found]], group.place[first[found]], group.place[rows[found]])
    return found


def _asked_for(peer: Group, offset: Ints, since: Ints, until: Ints) -> Bools:
    """Whether the receiver said twice in between that it waits for the byte at ``offset``: a fast retransmit follows.

    Where the round trip is short, that takes no longer than a capture needs to see a packet twice.
    """
    if peer.reach is None or len(peer) < 2:
        return np.zeros(len(offset), np.bool_)
    last = np.searchsorted(peer.place, until) - 1
    other = np.maximum(last - 1, 0)
    twice: Bools = (peer.reach[last] == offset) & (peer.reach[other] == offset)
    return twice & (last >= 1) & (peer.place[other] > since)


def _sent_again(batch: SegmentBatch, direction: Direction, data: Data, late: Ints, reached: Ints) -> Bools:
    """Which segments that arrive behind others were sent again; the rest only arrived out of order."""
    offset, end = data.offset[late], data.end[late]
    again = (end <= direction.next) | direction.are_waiting(offset, end)
    # The first segment beyond this one made the gap visible; none in this batch: long ago.
    beyond = np.searchsorted(np.maximum.accumulate(data.offset), offset, side="right")
    waited = batch.time_ns[data.rows[late]] - batch.time_ns[data.rows[np.minimum(beyond, late)]]
    again |= (beyond >= late) | (waited > min(LATE_NS, direction.record.opening_ns or LATE_NS))
    doubtful = np.flatnonzero(~again)
    again[doubtful] = _is_newer(batch, data.rows[late[doubtful]], data.rows[beyond[doubtful]])
    # Only what lies within the stretch seen so far can have been brought by one earlier segment.
    lowest = np.minimum.accumulate(data.offset)[np.maximum(late - 1, 0)]
    for index in np.flatnonzero(~again & (end <= reached) & (lowest <= offset)).tolist():
        earlier = slice(max(late[index] - _EARLIER_REACH, 0), late[index])
        covers = (data.offset[earlier] <= offset[index]) & (data.end[earlier] >= end[index])
        again[index] = covers.any()
    return again


def _is_newer(batch: SegmentBatch, rows: Ints, others: Ints) -> Bools:
    """Which segments left their sender after the others, as far as IP identifications that count up tell."""
    mine, theirs = ip_ids(batch, rows), ip_ids(batch, others)
    ahead = (mine - theirs) & 0xFFFF
    newer: Bools = (mine >= 0) & (theirs >= 0) & (ahead > 0) & (ahead <= _MOST_IDS_AHEAD)
    return newer
