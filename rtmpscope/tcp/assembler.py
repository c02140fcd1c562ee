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
from rtmpscope.tcp.answers import answers
from rtmpscope.tcp.direction import Direction
from rtmpscope.tcp.events import EventLog
from rtmpscope.tcp.grouping import ConnectionTable
from rtmpscope.tcp.groups import Group, SortedBatch, groups_of, parts_of, sorted_batch
from rtmpscope.tcp.joining import Joiner
from rtmpscope.tcp.recent import Recent
from rtmpscope.tcp.records import ConnectionRecord, Mark
from rtmpscope.tcp.sent import Data
from rtmpscope.tcp.survey import NO_LIMIT, Acknowledged, Places, acknowledged, bare_acknowledgements, quiet, speaking
from rtmpscope.tcp.talk import Before, Talk, data_of, first_answer, lowest_number, rows_of, waits_of
from rtmpscope.tcp.types import Hole, Piece

Ints = NDArray[np.int64]

#: All directions together keep no more than this waiting.
MOST_PENDING_BYTES = 64 << 20
#: What is looked at together brings no more: sequence numbers of 32 bits tell places no farther apart than 2 GiB.
_MOST_SPANNED = 1 << 29


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
        self._recent = Recent.none()
        self._said: dict[int, int] = {}
        self.events = EventLog()

    @property
    def connections(self) -> list[ConnectionRecord]:
        """All connections so far, in order of their first packets."""
        return self._table.records

    def ignore(self, connection: int) -> None:
        """Hand on no more of a connection's bytes."""
        self._ignored.add(connection)
        for number in (2 * connection, 2 * connection + 1):
            self._forget(number)

    def feed(self, batch: SegmentBatch) -> Iterator[Piece | Hole]:
        """Take the next segments; yield bytes and holes, in order within each direction."""
        for part in parts_of(batch, _MOST_SPANNED):
            yield from self._feed(part)

    def _feed(self, batch: SegmentBatch) -> Iterator[Piece | Hole]:
        assigned = self._table.assign(batch)
        ordered = sorted_batch(batch, assigned)
        groups = groups_of(ordered)
        for group in groups:
            self._note(group)
        talk = self._talk(ordered, groups)
        for place, group in enumerate(groups):
            connection = group.number >> 1
            if connection not in self._ignored:
                for event in self._add(talk, place):
                    yield event
                    if connection in self._ignored:
                        break
        self._recent = self._recent.followed_by(ordered)
        for connection in assigned.replaced:
            yield from self._flush(connection)
        yield from self._relieve()

    def _talk(self, ordered: SortedBatch, groups: list[Group]) -> Talk:
        """What can be said of all directions at once; takes in what they acknowledge."""
        directions = [self._directions.get(group.number) for group in groups]
        highest = [0 if one is None else one.highest for one in directions]
        said = [self._said.get(group.number, -1) for group in groups]
        acks = acknowledged(ordered, self._places(ordered.number ^ 1), self._scales(groups))
        windows = self._note_acks(groups, acks)
        own = self._places(ordered.number)
        found = quiet(ordered, own, self._joiner)
        bare = bare_acknowledgements(ordered)
        self._said.update(bare.last())
        before = Before(windows, highest, said)
        return Talk(groups, acks, found, answers(ordered, own, found, acks), speaking(ordered, bare, said), before)

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
            self._forget(number)

    def _forget(self, number: int) -> None:
        self._directions.pop(number, None)
        self._said.pop(number, None)

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
        record, side, batch = self.connections[group.number >> 1], group.number & 1, group.batch.segments
        record.packets[side] += len(group)
        record.last = max(record.last, Mark(group.last_time, group.last_frame))
        record.heard[side] = group.last_time
        if record.base[side] is None and group.has_payload:
            record.base[side] = lowest_number(group.segments)
        if record.synack_time is not None and record.ack_time is None and side == record.syn_side:
            record.ack_time = first_answer(group, record.synack_time)
        for row, marks in ((group.first_fin, record.fin), (group.first_rst, record.rst)):
            if row >= 0 and marks[side] is None:
                marks[side] = Mark(int(batch.time_ns[row]), int(batch.frame[row]), int(batch.seq[row]))

    def _places(self, numbers: Ints) -> Places:
        """Where directions stand; not known are those that have not begun, and those of ignored connections."""
        records, rows = self.connections, []
        for number in numbers.tolist():
            base, direction = records[number >> 1].base[number & 1], self._directions.get(number)
            known = base is not None and number >> 1 not in self._ignored
            rows.append((known, 0 if direction is None else direction.next, base or 0))
        return Places.of(rows)

    def _scales(self, groups: list[Group]) -> Ints:
        """The shift count of each direction's windows; -1 where it is not known whether both sides scale them."""
        pairs = [(self.connections[group.number >> 1].window_scale, group.number & 1) for group in groups]
        return np.array([-1 if None in scale else scale[side] for scale, side in pairs], np.int64)

    def _note_acks(self, groups: list[Group], acks: Acknowledged) -> list[int | None]:
        """What acknowledgements and windows say of the other direction; where its window ended before, if known."""
        windows: list[int | None] = []
        for place, group in enumerate(groups):
            record, other = self.connections[group.number >> 1], (group.number & 1) ^ 1
            windows.append(None)
            if record.base[other] is None or group.number >> 1 in self._ignored:
                continue
            group.reach = acks.reach[group.start : group.stop]
            direction = self._direction(group.number ^ 1)
            if acks.furthest[place] > direction.acked:
                direction.acked = record.acked[other] = acks.furthest[place]
                record.acked_time[other] = acks.time[place]
            if acks.has_windows[place]:
                windows[place] = direction.window_end
                if acks.last_limit[place] != NO_LIMIT:
                    direction.window_end = acks.last_limit[place]
        return windows

    def _add(self, talk: Talk, place: int) -> Iterator[Piece | Hole]:
        """Take the segments of one direction; yield what is in order now."""
        group = talk.groups[place]
        record, side = self.connections[group.number >> 1], group.number & 1
        if talk.speaks[place]:
            peer = self._directions.get(group.number ^ 1)
            sent = None if peer is None else talk.progress(place, peer)
            self.events.acknowledgements(group, talk.before.said[place], sent)
        elif group.first_fin >= 0:
            self.events.fin(group)
        if record.base[side] is None:
            return
        direction = self._direction(group.number)
        if group.first_fin >= 0:
            direction.note_fin(group.batch.segments, group.first_fin)
        if not group.has_payload:
            return
        if talk.found.is_quiet[place] and direction.is_level:
            yield from self._add_quiet(talk, place, direction)
        else:
            yield from self._add_any(talk, place, direction)

    def _add_quiet(self, talk: Talk, place: int, direction: Direction) -> Iterator[Piece]:
        """The segments bring the next bytes in order, and nothing else."""
        found, first, stop = talk.found, talk.found.first[place], talk.found.stop[place]
        if first == stop:
            return
        direction.record.data_packets[direction.side] += stop - first
        reached = int(found.reached[stop - 1])
        if place in talk.answers:
            direction.record.round_trips[direction.side].add_classes(talk.answers[place])
        if reached >= talk.window(place):
            self._note_full_windows(talk, place, talk.quiet_data(place))
        direction.highest = reached
        for data, part in found.payloads.parts(first, stop):
            segments = found.offset[part], found.frame[part], found.time[part]
            yield direction.in_order(data, segments, int(found.reached[part.stop - 1]))

    def _add_any(self, talk: Talk, place: int, direction: Direction) -> Iterator[Piece | Hole]:
        group, peer = talk.groups[place], talk.peer(place)
        sent, batch = data_of(group, direction), group.segments
        if not len(sent.rows):
            return
        copies = self.events.data(group, direction, sent, peer, self._recent)
        direction.record.data_packets[direction.side] += len(sent.rows) - int(np.count_nonzero(copies))
        if peer is not None and talk.is_measured(place, len(sent.rows)):
            direction.record.round_trips[direction.side].add(waits_of(group, sent, peer, direction.highest))
        reached = int(sent.end.max())
        if reached >= talk.window(place):
            self._note_full_windows(talk, place, sent)
        direction.highest = max(direction.highest, reached)
        data, offset = sent.rows, sent.offset
        if copies.any():
            data, offset = data[~copies], offset[~copies]
        yield from direction.add(rows_of(batch, data, offset), batch.buffer.data)

    def _note_full_windows(self, talk: Talk, place: int, sent: Data) -> None:
        limits = talk.limits(place)
        if limits is not None:
            self.events.full_windows(talk.groups[place], sent, limits)
