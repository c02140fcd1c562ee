"""Notable things in the segments of one direction: what was sent again or late, and who could not keep up.

Everything is judged from columns; only segments that arrive behind others are looked at one by one.

* ``keep_alive``: at most one byte, the one before the next (RFC 1122, 4.2.3.6).
* ``retransmission``: bytes that came before; or bytes that had not, but so late after the gap became visible
  that they must have been sent again.
* ``out_of_order``: bytes that had not come before, soon after the gap became visible.
* ``duplicate_ack``: an acknowledgement repeated without data while bytes are on their way.
* ``zero_window``, ``window_full``: the receiver closes its window; the sender has filled it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.tcp.direction import Direction
from rtmpscope.tcp.grouping import ACK, FIN, RST, SYN

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

#: Bytes that fill a gap later than this after it became visible were sent again (Wireshark's figure).
LATE_NS = 3_000_000
#: The same segment again within this is a copy that the capture made, not the sender.
COPY_NS = 500_000


@dataclass(frozen=True, slots=True)
class Data:
    """The segments with payload of one direction in a batch, in order of arrival: row, offset, end."""

    rows: Ints
    offset: Ints
    end: Ints


@dataclass(slots=True)
class EventLog:
    """Events of all connections, as parts of columns.

    Attributes:
        copies: segments that the capture holds twice; ``first_copy`` is the frame of the first.
    """

    copies: int = 0
    first_copy: int | None = None
    _parts: list[Ints] = field(default_factory=list)

    def columns(self) -> Ints:
        """All events: key (twice the connection plus side), code, frame, file, time, sequence number, length."""
        return np.concatenate([np.empty((7, 0), np.int64), *self._parts], axis=1)

    def data(self, batch: SegmentBatch, direction: Direction, data: Data) -> Bools:
        """Log what is notable among segments with payload; return which of them are copies."""
        reached = np.maximum.accumulate(np.concatenate([[direction.highest], data.end]))[:-1]
        copies = np.zeros(len(data.rows), np.bool_)
        late = np.flatnonzero(data.offset < reached)
        if not len(late):
            return copies
        size = data.end - data.offset
        alive = (size[late] <= 1) & (data.end[late] == reached[late])
        self._add(batch, direction, data.rows[late[alive]], KEEP_ALIVE, 0)
        for place in late[~alive].tolist():
            if _is_copy(batch, data, place):
                copies[place] = True
                self._note_copy(int(batch.frame[data.rows[place]]))
                continue
            code = _late_kind(batch, direction, data, place)
            self._add(batch, direction, data.rows[place : place + 1], code, int(size[place]))
        return copies

    def acknowledgements(self, batch: SegmentBatch, direction: Direction, peer: Direction | None, rows: Ints) -> None:
        """Log what a direction's acknowledgements and windows say."""
        flags = batch.flags[rows]
        plain = (flags & (SYN | FIN | RST)) == 0
        shut = rows[plain & (batch.window[rows] == 0) & ((flags & ACK) != 0)]
        self._add(batch, direction, shut, ZERO_WINDOW, 0)
        ends = rows[(flags & FIN) != 0]
        self._add(batch, direction, ends, FIN_EVENT, 0)
        self._add(batch, direction, rows[(flags & RST) != 0], RESET, 0)
        bare = rows[plain & ((flags & ACK) != 0) & (batch.payload_length[rows] == 0)]
        if peer is None or len(bare) < 2:
            return
        ack, window = batch.ack[bare], batch.window[bare]
        again = np.zeros(len(bare), np.bool_)
        again[1:] = (ack[1:] == ack[:-1]) & (window[1:] == window[:-1])
        again &= peer.offsets(ack) < peer.highest
        self._add(batch, direction, bare[again], DUPLICATE_ACK, 0)

    def full_windows(self, batch: SegmentBatch, direction: Direction, data: Data, limits: Limits) -> None:
        """Log segments that reach the end of the receiver's window."""
        limit = limits.before(data.rows)
        full = (data.end >= limit) & (limit >= 0)
        self._add(batch, direction, data.rows[full], WINDOW_FULL, 0)

    def _note_copy(self, frame: int) -> None:
        self.copies += 1
        self.first_copy = frame if self.first_copy is None else self.first_copy

    def _add(self, batch: SegmentBatch, direction: Direction, rows: Ints, code: int, length: int) -> None:
        if not len(rows):
            return
        part = np.empty((7, len(rows)), np.int64)
        part[0], part[1] = 2 * direction.record.id + direction.side, code
        part[2], part[3], part[4] = batch.frame[rows], batch.file, batch.time_ns[rows]
        part[5], part[6] = batch.seq[rows], length
        self._parts.append(part)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a sender may go: at each of the receiver's rows, the offset at which its window ends; -1 unknown."""

    rows: Ints
    limit: Ints
    initial: int

    def before(self, rows: Ints) -> Ints:
        """The limit in force when each of ``rows`` was sent."""
        place = np.searchsorted(self.rows, rows)
        return np.concatenate([[self.initial], self.limit])[place]


def _is_copy(batch: SegmentBatch, data: Data, place: int) -> bool:
    """Whether the same segment stands a moment earlier in the batch."""
    row = data.rows[place]
    before = data.rows[max(place - 8, 0) : place]
    same = (
        (batch.seq[before] == batch.seq[row])
        & (batch.ack[before] == batch.ack[row])
        & (batch.payload_length[before] == batch.payload_length[row])
        & (np.abs(batch.time_ns[before] - batch.time_ns[row]) <= COPY_NS)
    )
    return bool(same.any())


def _late_kind(batch: SegmentBatch, direction: Direction, data: Data, place: int) -> int:
    """Whether a segment that arrives behind others was sent again, or only arrived out of order."""
    offset, end = data.offset[place], data.end[place]
    if end <= direction.next or direction.is_waiting(int(offset), int(end)):
        return RETRANSMISSION
    earlier = (data.offset[:place] <= offset) & (data.end[:place] >= end)
    if earlier.any():
        return RETRANSMISSION
    beyond = np.flatnonzero(data.offset[:place] > offset)
    if not len(beyond):
        return RETRANSMISSION
    waited = batch.time_ns[data.rows[place]] - batch.time_ns[data.rows[beyond[0]]]
    return RETRANSMISSION if waited > LATE_NS else OUT_OF_ORDER
