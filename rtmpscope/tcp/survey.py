"""What can be said of all directions of a batch at once.

To ask one direction takes some dozens of calls to numpy, however few its segments are; where many connections are
interleaved, or are short, that would be nearly all the time there is. So what its acknowledgements say, and whether
its data is in order, is worked out here for all of them, and only those where something is out of the ordinary are
looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.tcp.direction import FARTHEST
from rtmpscope.tcp.grouping import ACK, FIN, RST, SYN
from rtmpscope.tcp.groups import SortedBatch
from rtmpscope.tcp.joining import Joiner
from rtmpscope.tcp.payloads import Payloads
from rtmpscope.tcp.progress import bare_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: What stands for a limit where there is none.
NO_LIMIT = 1 << 62


@frozen
class Places:
    """Where directions stand before a batch, one entry per direction in it.

    Attributes:
        known: whether it is known where the direction begins, and it is of interest.
        next: offset of the next byte in order.
        seq: its sequence number.
    """

    known: Bools
    next: Ints
    seq: NDArray[np.uint32]

    @classmethod
    def of(cls, rows: Sequence[tuple[bool, int, int]]) -> Places:
        """From (known, next, sequence number of offset 0)."""
        known, following, base = np.array(rows, np.int64).reshape(-1, 3).T
        return cls(known != 0, following, ((base + following) & 0xFFFFFFFF).astype(np.uint32))


@frozen
class Acknowledged:
    """What the segments of each direction say of the other one; columns by row, lists by direction.

    Attributes:
        reach: the offset that a segment acknowledges.
        furthest: the furthest of those that can be meant, -1 without any; ``time`` is when it first came.
        has_windows: whether it is known how windows are to be read.
        limit: how far the other side may send.
        is_limit: which segments say that.
        least_limit, last_limit: the nearest, and the last of them; ``NO_LIMIT`` without any.
    """

    reach: Ints
    furthest: list[int]
    time: list[int]
    has_windows: list[bool]
    limit: Ints
    is_limit: Bools
    least_limit: list[int]
    last_limit: list[int]


def acknowledged(batch: SortedBatch, others: Places, scale: Ints) -> Acknowledged:
    """Read acknowledgements; ``scale`` is the shift count of each direction's windows, -1 where that is not known."""
    segments, starts = batch.segments, batch.edges[:-1]
    reach = _offsets(batch, segments.ack, others)
    meant = (segments.flags & (ACK | RST)) == ACK
    meant &= np.abs(reach - batch.spread(others.next)) < FARTHEST
    counted = np.where(meant & batch.spread(others.known), reach, -1)
    furthest = np.maximum.reduceat(counted, starts)
    first = batch.first(counted == batch.spread(furthest))
    limit = reach + (segments.window.astype(np.int64) << batch.spread(np.maximum(scale, 0)))
    is_limit = (segments.flags & (ACK | SYN | RST)) == ACK
    has_windows = others.known & (scale >= 0)
    is_limit &= batch.spread(has_windows)
    least = np.minimum.reduceat(np.where(is_limit, limit, NO_LIMIT), starts)
    last = batch.last(is_limit)
    return Acknowledged(
        reach=reach,
        furthest=furthest.tolist(),
        time=segments.time_ns[first].tolist(),
        has_windows=has_windows.tolist(),
        limit=limit,
        is_limit=is_limit,
        least_limit=least.tolist(),
        last_limit=np.where(last < 0, NO_LIMIT, limit[last]).tolist(),
    )


@frozen
class Quiet:
    """The directions in which nothing happened but data in order, if any; lists by direction, columns by segment.

    Attributes:
        is_quiet: whether the direction is one of them.
        payloads: the bytes of their segments, by the place of the segment.
        first, stop: which of the columns' entries are a direction's.
        offset, reached, frame, time, row: of each segment with data: its offsets, packet, time, and row of the
            batch.
    """

    is_quiet: list[bool]
    payloads: Payloads
    first: list[int]
    stop: list[int]
    offset: Ints
    reached: Ints
    frame: Ints
    time: Ints
    row: Ints


def quiet(batch: SortedBatch, own: Places, joiner: Joiner) -> Quiet:
    """Find the directions whose data is in order, all there, and all that is new in them."""
    segments = batch.segments
    rows = np.flatnonzero((segments.payload_length > 0) & ((segments.flags & RST) == 0))
    group = batch.spread(np.arange(len(batch.number)))[rows]
    offset = _offsets(batch, segments.seq + ((segments.flags & SYN) != 0), own)[rows]
    reached = offset + segments.payload_length[rows]
    begins = np.concatenate(([0], np.flatnonzero(group[1:] != group[:-1]) + 1))[: len(rows)]
    before = np.empty(len(rows), np.int64)
    before[1:] = reached[:-1]
    before[begins] = own.next[group[begins]]
    odd = (offset != before) | (segments.payload_captured[rows] < segments.payload_length[rows])
    is_quiet = own.known & (np.bincount(group[odd], minlength=len(batch.number)) == 0)
    chosen = is_quiet[group]
    if not chosen.all():
        rows, group, offset, reached = rows[chosen], group[chosen], offset[chosen], reached[chosen]
    stop = np.searchsorted(group, np.arange(len(batch.number)), side="right")
    first = np.concatenate([[0], stop[:-1]])
    return Quiet(
        is_quiet=is_quiet.tolist(),
        payloads=Payloads(segments, rows, joiner),
        first=first.tolist(),
        stop=stop.tolist(),
        offset=offset,
        reached=reached,
        frame=segments.frame[rows],
        time=segments.time_ns[rows],
        row=rows,
    )


@frozen
class Bare:
    """The plain acknowledgements without data of a batch.

    Attributes:
        are: which segments are some; ``said`` is what each says (progress.py).
    """

    batch: SortedBatch
    are: Bools
    said: Ints

    def last(self) -> Iterator[tuple[int, int]]:
        """What the last one of each direction says, by the direction's number."""
        rows = self.batch.last(self.are)
        there = rows >= 0
        return zip(self.batch.number[there].tolist(), self.said[rows[there]].tolist(), strict=True)


def bare_acknowledgements(batch: SortedBatch) -> Bare:
    """Find them."""
    segments = batch.segments
    are = (segments.flags & (SYN | FIN | RST | ACK)) == ACK
    are &= segments.payload_length == 0
    return Bare(batch, are, bare_of(segments.ack, segments.window))


def speaking(batch: SortedBatch, bare: Bare, before: list[int]) -> list[bool]:
    """Which directions may say more than that bytes have come: by a closed window, a repeated acknowledgement, RST.

    ``before`` is what the last bare acknowledgement of each said in earlier batches.
    """
    segments, flags, starts = batch.segments, batch.segments.flags, batch.edges[:-1]
    special = (flags & (SYN | FIN | RST | ACK)) == ACK
    special &= segments.window == 0
    special |= (flags & RST) != 0
    rows = np.flatnonzero(bare.are)
    again = bare.said[rows[1:]] == bare.said[rows[:-1]]
    special[rows[1:][again]] = True  # the one before it may be another direction's, which costs a look and no more
    first = batch.first(bare.are)
    repeats = (first >= 0) & (bare.said[first] == np.array(before, np.int64))
    several_fins = np.add.reduceat((flags & FIN) != 0, starts, dtype=np.int64) > 1
    found: list[bool] = (np.logical_or.reduceat(special, starts) | repeats | several_fins).tolist()
    return found


def _offsets(batch: SortedBatch, seq: NDArray[np.uint32], places: Places) -> Ints:
    """Stream offsets of sequence numbers near the next byte of each direction."""
    ahead: NDArray[Any] = (seq - batch.spread(places.seq)).view(np.int32)
    return ahead + batch.spread(places.next)
