"""A batch taken apart by connection and direction.

The columns are sorted once, so that each direction's segments are views of neighbouring rows: with hundreds of
connections interleaved, gathering scattered rows column by column would cost more than the work itself. What is
asked of every direction, such as which flags occur at all, is answered for all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.frozen import frozen, slotted
from rtmpscope.tcp.grouping import ACK, FIN, RST, SYN, Assigned

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)

_COLUMNS = tuple(one.name for one in fields(SegmentBatch) if one.name != "buffer")
_ADDRESSES = ("src_hi", "src_lo", "dst_hi", "dst_lo")


@frozen
class SortedBatch:
    """The segments of a batch by direction, and in order of arrival within each.

    Attributes:
        segments: their columns; addresses are left out (zero), the connection has them.
        place: their rows in the batch as it came, which tell the order between directions.
        number: of each direction in it, ascending: twice the connection's number, plus the sending side.
        edges: where each direction's rows begin, and after the last one how many rows there are.
    """

    segments: SegmentBatch
    place: Ints
    number: Ints
    edges: Ints

    def first(self, chosen: Bools) -> Ints:
        """The first chosen row of each direction; -1 where there is none."""
        if not chosen.any():
            return np.full(len(self.number), -1, np.int64)
        rows = np.where(chosen, np.arange(len(chosen)), len(chosen))
        found: Ints = np.minimum.reduceat(rows, self.edges[:-1])
        return np.where(found == len(chosen), -1, found)

    def last(self, chosen: Bools) -> Ints:
        """The last chosen row of each direction; -1 where there is none."""
        found: Ints = np.maximum.reduceat(np.where(chosen, np.arange(len(chosen)), -1), self.edges[:-1])
        return found

    def spread(self, values: NDArray[Scalar]) -> NDArray[Scalar]:
        """A value per direction as one per row."""
        return values.repeat(np.diff(self.edges))

    def part(self, start: int, stop: int) -> SegmentBatch:
        """Neighbouring rows."""
        values = {name: getattr(self.segments, name)[start:stop] for name in _COLUMNS}
        return SegmentBatch(buffer=self.segments.buffer, **values)


@slotted
class Group:
    """The segments of one direction in a batch, in order of arrival.

    Attributes:
        number: twice the connection's number, plus the sending side.
        start, stop: its rows in the sorted batch.
        any_flags, all_flags: the flags that some, and that all of them have.
        has_payload: whether any of them has payload.
        last_time, last_frame: of its latest segment.
        first_ack: the first that acknowledges without SYN, as a row of the sorted batch, -1 without one;
            ``first_fin`` and ``first_rst`` likewise.
        reach: per segment, the offset in the other direction that it acknowledges; None where that direction's
            start is not known.
    """

    batch: SortedBatch
    number: int
    start: int
    stop: int
    any_flags: int
    all_flags: int
    has_payload: bool
    last_time: int
    last_frame: int
    first_ack: int
    first_fin: int
    first_rst: int
    reach: Ints | None = None
    _segments: SegmentBatch | None = None

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def segments(self) -> SegmentBatch:
        """Their columns."""
        if self._segments is None:
            self._segments = self.batch.part(self.start, self.stop)
        return self._segments

    def column(self, name: str) -> NDArray[Any]:
        """One of their columns: cheaper than all, where one is enough."""
        column: NDArray[Any] = getattr(self.batch.segments, name)
        return column[self.start : self.stop]

    @property
    def place(self) -> Ints:
        """Their rows in the batch as it came."""
        return self.batch.place[self.start : self.stop]


def parts_of(batch: SegmentBatch, most_bytes: int) -> Iterator[SegmentBatch]:
    """A batch as such with so much payload at most, as far as one segment leaves a choice; none if it is empty."""
    if not len(batch):
        return
    if int(batch.payload_length.sum()) <= most_bytes:
        yield batch
        return
    reached = np.cumsum(batch.payload_length)
    cuts = np.searchsorted(reached, np.arange(most_bytes, int(reached[-1]), most_bytes), side="right").tolist()
    for first, stop in pairwise(dict.fromkeys([0, *cuts, len(batch)])):
        columns = {name: getattr(batch, name)[first:stop] for name in _COLUMNS}
        yield SegmentBatch(buffer=batch.buffer, **columns)


def sorted_batch(batch: SegmentBatch, assigned: Assigned) -> SortedBatch:
    """The segments of a batch by direction."""
    key = assigned.connection * 2 + assigned.side
    narrow = key.astype(np.uint16) if len(key) and int(key.max()) < 1 << 16 else key  # these are sorted in one pass
    order = np.argsort(narrow, kind="stable")
    keys = key[order]
    edges = np.concatenate(([0], np.flatnonzero(keys[1:] != keys[:-1]) + 1, [len(keys)]))
    values = {name: getattr(batch, name).take(order) for name in _COLUMNS if name not in _ADDRESSES}
    values |= dict.fromkeys(_ADDRESSES, np.broadcast_to(np.uint64(0), len(order)))  # takes no memory
    segments = SegmentBatch(buffer=batch.buffer, **values)
    return SortedBatch(segments, order, keys[edges[:-1]], edges)


def groups_of(batch: SortedBatch) -> list[Group]:
    """The directions of a batch, by number."""
    starts, stops = batch.edges[:-1], batch.edges[1:]
    segments, flags = batch.segments, batch.segments.flags
    latest = batch.last(segments.time_ns == batch.spread(np.maximum.reduceat(segments.time_ns, starts)))
    columns = (
        batch.number,
        starts,
        stops,
        np.bitwise_or.reduceat(flags, starts),
        np.bitwise_and.reduceat(flags, starts),
        np.maximum.reduceat(segments.payload_length, starts) > 0,
        segments.time_ns[latest],
        segments.frame[latest],
        batch.first((flags & (SYN | ACK)) == ACK),
        batch.first((flags & FIN) != 0),
        batch.first((flags & RST) != 0),
    )
    return [Group(batch, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]
