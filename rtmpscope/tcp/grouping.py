"""Which connection each segment belongs to.

Addresses and ports give each segment a slot of a table, all at once; those that are equal to the first in their slot
are of its flow, and the rest, where flows share a slot, take another turn. Python looks at each flow of a batch once.
SYN segments are looked at one by one: a SYN on known addresses and ports whose sequence number does not fit the first
packet of its side is a new connection, as Wireshark counts; so is a SYN-ACK of which neither number fits, where the
SYN was not captured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.frozen import frozen, slotted
from rtmpscope.tcp.records import ConnectionRecord, Endpoint, Mark

Ints = NDArray[np.int64]
#: Addresses and ports that a segment comes from and goes to, in the order of ``_TUPLE``.
_Way = tuple[int, ...]

SYN, RST, FIN, ACK = 2, 4, 1, 16
#: The same segment again within this is a copy that the capture made, not the sender.
COPY_NS = 500_000
#: So many flows in a batch are few; whether they are is guessed from the first rows.
_FEW, _SAMPLE = 4, 256
_TUPLE = ("src_hi", "src_lo", "dst_hi", "dst_lo", "src_port", "dst_port")
_MULTIPLIERS = tuple(
    np.uint64(value)
    for value in (
        0x9E3779B97F4A7C15,
        0xBF58476D1CE4E5B9,
        0x94D049BB133111EB,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
        0xE7037ED1A0B428DB,
    )
)
#: The upper bits of a hash tell a flow's slot.
_SLOTS, _SHIFT = 1 << 16, np.uint64(48)
#: More flows than this in one slot are not taken out one after the other.
_MOST_IN_A_SLOT = 32


@frozen
class _Flow:
    """A direction between two ends: the connection that holds it now, and the side that sends in it."""

    connection: int
    side: int


class _Seen(NamedTuple):
    """A segment: its row, where it comes from and goes to (``_TUPLE``), and what its header says.

    ``begin`` is the sequence number of the first byte that its direction can have, judging by this segment.
    """

    row: int
    way: _Way
    time_ns: int
    frame: int
    begin: int
    flags: int
    ack: int
    window_scale: int

    @property
    def ends(self) -> tuple[Endpoint, Endpoint]:
        """Where it comes from, and where it goes to."""
        src_hi, src_lo, dst_hi, dst_lo, src_port, dst_port = self.way
        return Endpoint(src_hi, src_lo, src_port), Endpoint(dst_hi, dst_lo, dst_port)


@frozen
class Assigned:
    """Connection number and sending side of each segment, and the connections that a new SYN ended."""

    connection: Ints
    side: Ints
    replaced: list[int]


@slotted
class _Holders:
    """Which connection holds each flow of one batch, and from which row on.

    Most flows have one holder throughout; ports used again give a flow the next one in mid-batch.
    """

    places: dict[_Way, int] = field(default_factory=dict)
    first: list[_Flow] = field(default_factory=list)
    later: dict[int, list[tuple[int, _Flow]]] = field(default_factory=dict)
    replaced: list[int] = field(default_factory=list)

    def begin(self, place: int, way: _Way, flow: _Flow) -> None:
        self.places[way] = place
        self.first[place] = flow

    def switch(self, way: _Way, row: int, flow: _Flow) -> None:
        """From ``row`` on the flow belongs to another connection; it may not have shown itself yet."""
        place = self.places.get(way)
        if place is not None:
            self.later.setdefault(place, []).append((row, flow))

    def columns(self, flow_of: Ints) -> tuple[Ints, Ints]:
        """Connection and side of each row."""
        connection = np.array([flow.connection for flow in self.first], np.int64)[flow_of]
        side = np.array([flow.side for flow in self.first], np.int64)[flow_of]
        for place, switches in self.later.items():
            rows = np.flatnonzero(flow_of == place)
            rows = rows[rows >= switches[0][0]]
            turn = np.searchsorted([row for row, _ in switches], rows, side="right") - 1
            connection[rows] = np.array([flow.connection for _, flow in switches], np.int64)[turn]
            side[rows] = np.array([flow.side for _, flow in switches], np.int64)[turn]
        return connection, side


class ConnectionTable:
    """All connections so far, by addresses and ports."""

    def __init__(self) -> None:
        self.records: list[ConnectionRecord] = []
        self._flows: dict[_Way, _Flow] = {}

    def assign(self, batch: SegmentBatch) -> Assigned:
        """Find or make the connection of each segment."""
        first, flow_of = _flows_of(batch)
        holders = _Holders(first=[_Flow(0, 0)] * len(first))
        begins = dict(zip(first.tolist(), range(len(first)), strict=True))
        syns = set(np.flatnonzero((batch.flags & SYN) != 0).tolist())
        # In order of rows, so that connections are numbered by their first packets.
        for seen in _looked_at(batch, sorted(begins.keys() | syns)):
            if seen.row in begins:
                holders.begin(begins[seen.row], seen.way, self._flow(seen))
            if seen.row in syns:
                self._see_syn(seen, holders)
        connection, side = holders.columns(flow_of)
        return Assigned(connection, side, holders.replaced)

    def _flow(self, seen: _Seen) -> _Flow:
        """The connection and side of a segment; notes where both sides stood when they began to speak."""
        flow = self._flows.get(seen.way)
        flow = self._new(seen) if flow is None else flow
        record = self.records[flow.connection]
        if record.first_seq[flow.side] is None:
            record.first_seq[flow.side] = seen.begin
        if record.first_seq[1 - flow.side] is None and seen.flags & ACK:
            record.first_seq[1 - flow.side] = seen.ack
        return flow

    def _new(self, seen: _Seen) -> _Flow:
        number, mark = len(self.records), Mark(seen.time_ns, seen.frame)
        self.records.append(ConnectionRecord(number, seen.ends, mark, mark))
        flow = self._flows[seen.way] = _Flow(number, 0)
        self._flows[_back(seen.way)] = _Flow(number, 1)
        return flow

    def _see_syn(self, seen: _Seen, holders: _Holders) -> None:
        """Take sequence numbers and times from a SYN; a new one on a known flow starts a new connection."""
        flow, begin = self._flows[seen.way], seen.begin
        answers = bool(seen.flags & ACK)
        if self._is_of_another(flow, seen):
            flow = self._reopen(seen, holders)
        record, side = self.records[flow.connection], flow.side
        record.first_seq[side] = begin if record.first_seq[side] is None else record.first_seq[side]
        record.base[side] = begin if record.base[side] is None else record.base[side]
        record.window_scale[side] = max(seen.window_scale, 0)
        time = seen.time_ns
        if answers:
            self._see_answer(record, side, seen.ack, time)
        else:
            again = record.syn_time is None or time - record.syn_time > COPY_NS
            record.syns += int(again)
            record.syn_side = side if record.syn_side is None else record.syn_side
            record.syn_time = time if record.syn_time is None else record.syn_time

    def _is_of_another(self, flow: _Flow, seen: _Seen) -> bool:
        """Whether a SYN does not belong to the connection that its ends have had so far.

        A SYN-ACK has to differ in what it answers too: a server may answer the same SYN anew with another number.
        """
        first = self.records[flow.connection].first_seq
        if first[flow.side] in (None, seen.begin):
            return False
        return not seen.flags & ACK or first[1 - flow.side] not in (None, seen.ack)

    @staticmethod
    def _see_answer(record: ConnectionRecord, side: int, ack: int, time: int) -> None:
        """Take from a SYN-ACK what it says of the side that it answers."""
        record.syn_side = 1 - side if record.syn_side is None else record.syn_side
        record.synack_time = time if record.synack_time is None else record.synack_time
        if record.base[1 - side] is None:
            record.base[1 - side] = ack

    def _reopen(self, seen: _Seen, holders: _Holders) -> _Flow:
        """A new connection between known ends: it owns their segments from this one on."""
        holders.replaced.append(self._flows[seen.way].connection)
        flow = self._new(seen)
        holders.switch(seen.way, seen.row, flow)
        holders.switch(_back(seen.way), seen.row, _Flow(flow.connection, 1))
        return flow


def _looked_at(batch: SegmentBatch, rows: list[int]) -> Iterator[_Seen]:
    """The segments that are looked at one by one."""
    ways = zip(*(getattr(batch, name)[rows].tolist() for name in _TUPLE), strict=True)
    names = ("time_ns", "frame", "seq", "flags", "ack", "window_scale")
    columns = (getattr(batch, name)[rows].tolist() for name in names)
    for row, way, time, frame, seq, flags, ack, scale in zip(rows, ways, *columns, strict=True):
        # A SYN counts as one, so that the first byte has the next number.
        begin = (seq + (flags & SYN != 0)) & 0xFFFFFFFF
        yield _Seen(row, way, time, frame, begin, flags, ack, scale)


def _back(way: _Way) -> _Way:
    """The other way between the same ends."""
    src_hi, src_lo, dst_hi, dst_lo, src_port, dst_port = way
    return dst_hi, dst_lo, src_hi, src_lo, dst_port, src_port


def _flows_of(batch: SegmentBatch) -> tuple[Ints, Ints]:
    """The first row of each flow in the batch, and the flow of each row."""
    few = _few_flows_of(batch)
    if few is not None:
        return few
    columns = [getattr(batch, name) for name in _TUPLE]
    columns = [column for column in columns if (column != column[0]).any()]  # the others tell nothing apart
    rows, slots = np.arange(len(batch)), _slots_of(columns, len(batch))
    first_of = np.empty(len(batch), np.int64)
    seen = np.empty(_SLOTS, np.int64)
    for _ in range(_MOST_IN_A_SLOT):
        # The last one to be written stays, so that backwards each slot gets its first row.
        seen[slots[::-1]] = np.arange(len(rows) - 1, -1, -1)
        first = seen[slots]
        other = np.zeros(len(rows), np.bool_)
        for column in columns:
            other |= column != column[first]
        first_of[rows] = rows[first]
        rows, slots, columns = rows[other], slots[other], [column[other] for column in columns]
        if not len(rows):
            begins = first_of == np.arange(len(batch))
            return np.flatnonzero(begins), (np.cumsum(begins) - 1)[first_of]
    return _flows_by_bytes(batch)


def _slots_of(columns: list[NDArray[np.uint64]], count: int) -> Ints:
    """A small number for each row, the same for equal rows."""
    key = np.zeros(count, np.uint64)
    for column, multiplier in zip(columns, _MULTIPLIERS, strict=False):
        key += column * multiplier
    return (key >> _SHIFT).view(np.int64)


def _few_flows_of(batch: SegmentBatch) -> tuple[Ints, Ints] | None:
    """The same where flows are so few that to compare with each takes less than to sort; None where they are not."""
    if len(set(batch.src_port[:_SAMPLE].tolist())) > _FEW:
        return None
    first: list[int] = []
    flow_of = np.full(len(batch), -1, np.int64)
    row = 0
    while len(batch) and flow_of[row] < 0:
        if len(first) == _FEW:
            return None
        same = np.ones(len(batch), np.bool_)
        for name in _TUPLE:
            column = getattr(batch, name)
            same &= column == column[row]
        flow_of[same] = len(first)
        first.append(row)
        row = int(flow_of.argmin())
    return np.array(first, np.int64), flow_of


def _flows_by_bytes(batch: SegmentBatch) -> tuple[Ints, Ints]:
    """The same by sorting whole addresses and ports, where many share a slot."""
    columns = np.stack([getattr(batch, name).astype(np.uint64) for name in _TUPLE], axis=1)
    _, first, flow_of = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    return first, flow_of.ravel()
