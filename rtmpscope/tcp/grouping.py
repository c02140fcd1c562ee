"""Which connection each segment belongs to.

Segments are grouped by a 64-bit hash of addresses and ports, all at once; Python looks at each flow of a
batch once. That flows with equal hashes are the same is checked, and if they are not, grouping falls back to
comparing all bytes. SYN segments are looked at one by one: a SYN with another sequence number on known
addresses and ports is a new connection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.tcp.records import ConnectionRecord, Endpoint, Mark

Ints = NDArray[np.int64]

SYN, RST, FIN, ACK = 2, 4, 1, 16
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


@dataclass(slots=True)
class _Flow:
    """A direction between two ends: the connection that holds it now, and the side that sends in it."""

    connection: int
    side: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """Connection number and sending side of each segment, and the connections that a new SYN ended."""

    connection: Ints
    side: Ints
    replaced: list[int]


class ConnectionTable:
    """All connections so far, by addresses and ports."""

    def __init__(self) -> None:
        self.records: list[ConnectionRecord] = []
        self._flows: dict[tuple[Endpoint, Endpoint], _Flow] = {}

    def assign(self, batch: SegmentBatch) -> Assigned:
        """Find or make the connection of each segment."""
        first, flow_of = _flows_of(batch)
        found = [self._flow(batch, row) for row in _in_order(first)]
        order = np.argsort(first, kind="stable")
        place = np.empty(len(first), np.int64)
        place[order] = np.arange(len(first))
        connections = np.array([flow.connection for flow in found], np.int64)[place][flow_of]
        sides = np.array([flow.side for flow in found], np.int64)[place][flow_of]
        assigned = Assigned(connections, sides, [])
        for row in np.flatnonzero((batch.flags & SYN) != 0).tolist():
            self._see_syn(batch, row, assigned)
        return assigned

    def _flow(self, batch: SegmentBatch, row: int) -> _Flow:
        ends = _ends(batch, row)
        flow = self._flows.get(ends)
        return self._new(batch, row, ends) if flow is None else flow

    def _new(self, batch: SegmentBatch, row: int, ends: tuple[Endpoint, Endpoint]) -> _Flow:
        mark = Mark(int(batch.time_ns[row]), int(batch.frame[row]))
        number = len(self.records)
        self.records.append(ConnectionRecord(number, ends, mark, mark))
        flow = self._flows[ends] = _Flow(number, 0)
        self._flows[ends[1], ends[0]] = _Flow(number, 1)
        return flow

    def _see_syn(self, batch: SegmentBatch, row: int, assigned: Assigned) -> None:
        """Take sequence numbers and times from a SYN; a new one on a known flow starts a new connection."""
        record = self.records[int(assigned.connection[row])]
        side = int(assigned.side[row])
        begin = (int(batch.seq[row]) + 1) & 0xFFFFFFFF
        answers = bool(batch.flags[row] & ACK)
        base = record.base[side]
        spoke = base is None and _spoke_before(batch, row, assigned)
        if not answers and (spoke or (base is not None and base != begin)):
            record, side = self._reopen(batch, row, assigned), 0
        record.base[side] = begin if record.base[side] is None else record.base[side]
        record.window_scale[side] = max(int(batch.window_scale[row]), 0)
        time = int(batch.time_ns[row])
        if answers:
            record.syn_side = 1 - side if record.syn_side is None else record.syn_side
            record.synack_time = time if record.synack_time is None else record.synack_time
            if record.base[1 - side] is None:
                record.base[1 - side] = int(batch.ack[row])
        else:
            record.syn_side = side if record.syn_side is None else record.syn_side
            record.syn_time = time if record.syn_time is None else record.syn_time

    def _reopen(self, batch: SegmentBatch, row: int, assigned: Assigned) -> ConnectionRecord:
        """A new connection between known ends: it owns their segments from ``row`` on."""
        old = int(assigned.connection[row])
        later = np.flatnonzero(assigned.connection[row:] == old) + row
        swapped = int(assigned.side[row]) == 1
        self._new(batch, row, _ends(batch, row))
        assigned.replaced.append(old)
        assigned.connection[later] = len(self.records) - 1
        if swapped:
            assigned.side[later] = 1 - assigned.side[later]
        return self.records[-1]


def _spoke_before(batch: SegmentBatch, row: int, assigned: Assigned) -> bool:
    """Whether the connection of a SYN carried bytes earlier in the batch: then it is not the one that begins."""
    earlier = assigned.connection[:row] == assigned.connection[row]
    return bool((earlier & (batch.payload_length[:row] > 0)).any())


def _in_order(first: Ints) -> list[int]:
    rows: list[int] = np.sort(first).tolist()
    return rows


def _flows_of(batch: SegmentBatch) -> tuple[Ints, Ints]:
    """The first row of each flow in the batch, and the flow of each row."""
    key = np.zeros(len(batch), np.uint64)
    for name, multiplier in zip(_TUPLE, _MULTIPLIERS, strict=True):
        key ^= getattr(batch, name).astype(np.uint64)
        key *= multiplier
        key ^= key >> np.uint64(32)
    if len(key) and bool((key == key[0]).all()):
        first, flow_of = np.zeros(1, np.int64), np.zeros(len(key), np.int64)
    else:
        _, first, flow_of = np.unique(key, return_index=True, return_inverse=True)
    same = all(np.array_equal(column, column[first][flow_of]) for column in (getattr(batch, name) for name in _TUPLE))
    return (first, flow_of) if same else _flows_by_bytes(batch)


def _flows_by_bytes(batch: SegmentBatch) -> tuple[Ints, Ints]:
    """The same by comparing whole addresses and ports, for hashes that collide."""
    columns = np.stack([getattr(batch, name).astype(np.uint64) for name in _TUPLE], axis=1)
    _, first, flow_of = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    return first, flow_of.ravel()


def _ends(batch: SegmentBatch, row: int) -> tuple[Endpoint, Endpoint]:
    src = Endpoint(int(batch.src_hi[row]), int(batch.src_lo[row]), int(batch.src_port[row]))
    dst = Endpoint(int(batch.dst_hi[row]), int(batch.dst_lo[row]), int(batch.dst_port[row]))
    return src, dst
