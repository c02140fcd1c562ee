"""Segments of many connections → ordered bytes per direction.

A batch is taken apart by connection and direction (groups.py); per direction the work is vectorised.
Acknowledgements of the whole batch are taken in first, so that a direction knows what its receiver has got
when it decides about missing bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.tcp.direction import Direction
from rtmpscope.tcp.events import Data, EventLog, Limits
from rtmpscope.tcp.grouping import ACK, FIN, RST, SYN, ConnectionTable
from rtmpscope.tcp.groups import Group, groups_of
from rtmpscope.tcp.joining import Joiner
from rtmpscope.tcp.records import ConnectionRecord, Mark
from rtmpscope.tcp.round_trips import LEAST_ACKS, LEAST_SEGMENTS, Timed, waits
from rtmpscope.tcp.runs import AT, FILE, FRAME, OFFSET, SNAPPED, STOP, TIME, VIEW, WIDTH
from rtmpscope.tcp.types import Hole, Piece

Ints = NDArray[np.int64]

#: All directions together keep no more than this waiting.
MOST_PENDING_BYTES = 64 << 20


class Assembler:
    """Rebuilds the streams of all TCP connections of a capture.

    Attributes:
        events: notable things in their segments.
    """

    def __init__(self) -> None:
        self._table = ConnectionTable()
        self._directions: dict[int, Direction] = {}
        self._ignored: set[int] = set()
        self._joiner = Joiner()
        self.events = EventLog()

    @property
    def connections(self) -> list[ConnectionRecord]:
        """All connections so far, in order of their first packets."""
        return self._table.records

    def ignore(self, connection: int) -> None:
        """Hand on no more of a connection's bytes."""
        self._ignored.add(connection)
        for side in (0, 1):
            self._directions.pop(2 * connection + side, None)

    def feed(self, batch: SegmentBatch) -> Iterator[Piece | Hole]:
        """Take the next segments; yield bytes and holes, in order within each direction."""
        if not len(batch):
            return
        assigned = self._table.assign(batch)
        groups = groups_of(batch, assigned)
        for group in groups:
            self._note(group)
        for group in groups:
            self._note_acks(group)
        limits = {group.number: self._limits(group) for group in groups}
        by_number = {group.number: group for group in groups}
        for group in groups:
            connection = group.number >> 1
            if connection not in self._ignored:
                for event in self._add(group, limits.get(group.number ^ 1), by_number.get(group.number ^ 1)):
                    yield event
                    if connection in self._ignored:
                        break
        for connection in assigned.replaced:
            yield from self._flush(connection)
        yield from self._relieve()

    def finish(self) -> Iterator[Piece | Hole]:
        """The capture ends: yield what was waiting, and the holes before it."""
        for number in sorted(self._directions):
            yield from self._give_out(number)

    def _give_out(self, number: int) -> Iterator[Piece | Hole]:
        """All that a direction holds back; the caller may ignore its connection at any event."""
        direction = self._directions.get(number)
        for event in direction.flush() if direction is not None else ():
            if number >> 1 in self._ignored:
                return
            yield event

    def _flush(self, connection: int) -> Iterator[Piece | Hole]:
        for number in (2 * connection, 2 * connection + 1):
            yield from self._give_out(number)
            self._directions.pop(number, None)

    def _relieve(self) -> Iterator[Piece | Hole]:
        """Give up on the fullest directions when too much waits in all."""
        waiting = [(one.pending_bytes, number) for number, one in self._directions.items() if one.pending_bytes]
        total = sum(size for size, _ in waiting)
        for size, number in sorted(waiting, reverse=True):
            if total <= MOST_PENDING_BYTES:
                return
            yield from self._give_out(number)
            total -= size

    def _direction(self, number: int) -> Direction:
        direction = self._directions.get(number)
        if direction is None:
            direction = self._directions[number] = Direction(self.connections[number >> 1], number & 1, self._joiner)
        return direction

    def _note(self, group: Group) -> None:
        """Counts, first and last packet, FIN and RST, and the first sequence number of a direction."""
        record, side, batch = self.connections[group.number >> 1], group.number & 1, group.segments
        record.packets[side] += len(group)
        last = Mark(int(batch.time_ns[-1]), int(batch.frame[-1]), file=batch.file)
        record.last = max(record.last, last)
        record.heard[side] = last.time_ns
        if record.base[side] is None and group.has_payload:
            record.base[side] = _lowest(batch)
        if record.synack_time is not None and record.ack_time is None and side == record.syn_side:
            acks = np.flatnonzero(((batch.flags & (SYN | ACK)) == ACK) & (batch.time_ns >= record.synack_time))
            record.ack_time = int(batch.time_ns[acks[0]]) if len(acks) else None
        for bit, marks in ((FIN, record.fin), (RST, record.rst)):
            if group.any_flags & bit and marks[side] is None:
                marks[side] = _mark(batch, int(np.flatnonzero(batch.flags & bit)[0]))

    def _note_acks(self, group: Group) -> None:
        """What this side's acknowledgements say of the other direction."""
        record, other = self.connections[group.number >> 1], (group.number & 1) ^ 1
        if record.base[other] is None or group.number >> 1 in self._ignored:
            return
        direction = self._direction(group.number ^ 1)
        group.reach = reach = direction.offsets(group.segments.ack)
        meant = direction.is_near(reach)
        if not group.all_flags & ACK or group.any_flags & RST:
            meant &= (group.segments.flags & (ACK | RST)) == ACK
        time = group.segments.time_ns
        if not meant.all():
            reach, time = reach[meant], time[meant]
        furthest = int(reach.argmax()) if len(reach) else -1
        if furthest >= 0 and reach[furthest] > direction.acked:
            direction.acked = record.acked[other] = int(reach[furthest])
            record.acked_time[other] = int(time[furthest])

    def _limits(self, group: Group) -> Limits | None:
        """How far the other side may send, by this side's acknowledgements and windows; None if unknown."""
        record, side, batch = self.connections[group.number >> 1], group.number & 1, group.segments
        scale = record.window_scale
        sender = self._directions.get(group.number ^ 1)
        if sender is None or group.reach is None or scale[0] is None or scale[1] is None:
            return None
        place, limit = group.place, group.reach + (batch.window.astype(np.int64) << (scale[side] or 0))
        if not group.all_flags & ACK or group.any_flags & (SYN | RST):
            meant = (batch.flags & (ACK | SYN | RST)) == ACK
            place, limit = place[meant], limit[meant]
        limits = Limits(place, limit, sender.window_end)
        if len(limit):
            sender.window_end = int(limit[-1])
        return limits

    def _add(self, group: Group, limits: Limits | None, peer: Group | None) -> Iterator[Piece | Hole]:
        record, side, batch = self.connections[group.number >> 1], group.number & 1, group.segments
        if record.base[side] is None:
            return
        direction = self._direction(group.number)
        if group.any_flags & FIN:
            fin = np.flatnonzero(batch.flags & FIN)[:1]
            end = direction.offsets(batch.seq[fin]) + batch.payload_length[fin]
            direction.fin_offset = int(end[0]) if direction.is_near(end)[0] else direction.fin_offset
        self.events.acknowledgements(group, direction, self._directions.get(group.number ^ 1))
        sent = _data(group, direction) if group.has_payload else None
        if sent is None or not len(sent.rows):
            return
        copies = self.events.data(group, direction, sent, peer)
        record.data_packets[side] += len(sent.rows) - int(np.count_nonzero(copies))
        if peer is not None and len(sent.rows) >= LEAST_SEGMENTS and len(peer) >= LEAST_ACKS:
            record.round_trips[side].add(_waits(group, sent, peer, direction.highest))
        if limits is not None:
            self.events.full_windows(group, direction, sent, limits)
        direction.highest = max(direction.highest, int(sent.end.max()))
        data, offset = sent.rows, sent.offset
        if copies.any():
            data, offset = data[~copies], offset[~copies]
        yield from direction.add(_rows(batch, data, offset), batch.buffer.data)


def _data(group: Group, direction: Direction) -> Data:
    """The segments that carry bytes of the stream, and which."""
    batch = group.segments
    # What a RST carries is a word about the reason, not part of the stream (RFC 9293, section 3.5.3).
    rows = np.flatnonzero((batch.payload_length > 0) & ((batch.flags & RST) == 0))
    seq = batch.seq[rows]
    if group.any_flags & SYN:
        seq = seq + ((batch.flags[rows] & SYN) != 0).astype(np.uint32)
    offset = direction.offsets(seq)
    near = direction.is_near(offset)
    if not near.all():
        rows, offset = rows[near], offset[near]
    return Data(rows, offset, offset + batch.payload_length[rows])


def _waits(group: Group, sent: Data, peer: Group, reached: int) -> Ints:
    """Times from this direction's segments to the acknowledgements of the other, in ns."""
    if peer.reach is None:
        return np.empty(0, np.int64)
    acks = peer.segments.flags & (ACK | SYN | RST) == ACK
    seen = Timed(peer.reach[acks], peer.place[acks], peer.segments.time_ns[acks])
    return waits(Timed(sent.end, group.place[sent.rows], group.segments.time_ns[sent.rows]), seen, reached)


def _rows(batch: SegmentBatch, data: Ints, offset: Ints) -> Ints:
    """Segments as rows; those stored in part are followed by the stretch that is missing."""
    captured = batch.payload_captured[data]
    rows = np.zeros((WIDTH, len(data)), np.int64)
    rows[OFFSET], rows[STOP] = offset, offset + captured
    rows[AT], rows[VIEW] = batch.payload_start[data], 0
    rows[FRAME], rows[FILE], rows[TIME] = batch.frame[data], batch.file, batch.time_ns[data]
    missing = batch.payload_length[data] > captured
    if not missing.any():
        return rows
    rest = rows[:, missing]
    rest[OFFSET] = rows[STOP, missing]
    rest[STOP] = (offset + batch.payload_length[data])[missing]
    rest[SNAPPED] = 1
    rows = rows[:, captured > 0]
    return np.concatenate([rows, rest], axis=1)


def _lowest(batch: SegmentBatch) -> int | None:
    """The lowest sequence number of segments with payload; None where there is none."""
    seq = batch.seq[(batch.payload_length > 0) & ((batch.flags & RST) == 0)].astype(np.int64)
    if not len(seq):
        return None
    ahead = (seq - seq[0] + (1 << 31)) % (1 << 32) - (1 << 31)
    ahead = ahead[np.abs(ahead) < 1 << 30]
    return int((seq[0] + ahead.min()) & 0xFFFFFFFF)


def _mark(batch: SegmentBatch, row: int) -> Mark:
    return Mark(int(batch.time_ns[row]), int(batch.frame[row]), int(batch.seq[row]), batch.file)
