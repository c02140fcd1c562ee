"""Reading again: stream bytes of one direction, fetched from the blocks of the capture that hold them.

A few blocks are kept, so that neighbouring messages are read once. The capture is never held as a whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import Capture, Dissector, MergedCapture, SegmentBatch
from rtmpscope.frozen import frozen
from rtmpscope.tcp import ConnectionRecord, Endpoint

Ints = NDArray[np.int64]

_BLOCKS_KEPT = 3


@frozen
class StreamRange:
    """Bytes ``start … stop - 1`` of one direction, and the packets among which they are to be found.

    ``first_frame`` and ``last_frame`` are the earliest and the latest of them.
    """

    record: ConnectionRecord
    side: int
    start: int
    stop: int
    first_frame: int
    last_frame: int


@frozen
class StreamBytes:
    """What was captured of a range; ``present`` says of each byte whether it was."""

    start: int
    data: bytes
    present: NDArray[np.bool_]

    @property
    def complete(self) -> bool:
        """Whether every byte is there."""
        return bool(self.present.all())


class BlockReader:
    """Fetches ranges of stream bytes from a capture that has been read, and taken apart by ``dissector``, before."""

    def __init__(self, capture: Capture | MergedCapture, dissector: Dissector) -> None:
        self._capture = capture
        self._dissector = dissector
        self._blocks: OrderedDict[int, SegmentBatch] = OrderedDict()
        self._rows: dict[tuple[int, int, int], Ints] = {}

    def read(self, wanted: StreamRange) -> StreamBytes:
        """The bytes of a range; of bytes that came more than once, those that came first."""
        data = bytearray(wanted.stop - wanted.start)
        present = np.zeros(len(data), np.bool_)
        first, last = (self._block_of(frame) for frame in (wanted.first_frame, wanted.last_frame))
        for key in range(first, last + 1):
            self._copy(key, wanted, data, present)
            if present.all():
                break
        return StreamBytes(wanted.start, bytes(data), present)

    def bytes_in_frame(self, frame: int, records: Sequence[ConnectionRecord]) -> list[tuple[int, int, int]]:
        """The stream bytes that a packet brought, as (flow, start, length); ``start`` is known modulo 2**32."""
        if not self._capture.checkpoints:
            return []
        block = self._block(self._block_of(frame))
        found = []
        for row in np.flatnonzero((block.frame == frame) & (block.payload_captured > 0)).tolist():
            ends = _ends(block, row)
            record = _holder(frame, ends, records)
            if record is None:
                continue
            side = record.endpoints.index(ends[0])
            base = record.base[side]
            if base is not None:
                start = (int(block.seq[row]) - base) % (1 << 32)
                found.append((2 * record.id + side, start, int(block.payload_captured[row])))
        return found

    def _block(self, key: int) -> SegmentBatch:
        if key in self._blocks:
            self._blocks.move_to_end(key)
            return self._blocks[key]
        dissector = Dissector(self._dissector.mode)
        begin = self._needed_from(key)
        for batch in islice(self._capture.batches_from(begin), key + 1 - begin):
            block = dissector.segments(batch).segments
        block = self._blocks[key] = replace(block, buffer=block.buffer.copy())
        if len(self._blocks) > _BLOCKS_KEPT:
            gone, _ = self._blocks.popitem(last=False)
            self._rows = {name: rows for name, rows in self._rows.items() if name[0] != gone}
        return block

    def _needed_from(self, key: int) -> int:
        """The block with which to begin in order to read a block: fragments of its datagrams may lie before it."""
        spanning = self._dissector.spanning
        firsts = [first for (_, whole), (_, first) in spanning.items() if self._block_of(whole) == key]
        return self._block_of(min(firsts)) if firsts else key

    def _block_of(self, frame: int) -> int:
        """The block that holds a packet."""
        return max(bisect_right(self._capture.checkpoints, frame, key=lambda point: point.first_frame) - 1, 0)

    def _copy(self, key: int, wanted: StreamRange, data: bytearray, present: NDArray[np.bool_]) -> None:
        block = self._block(key)
        rows = self._flow_rows(key, block, wanted)
        expected = ((wanted.record.base[wanted.side] or 0) + wanted.start) & 0xFFFFFFFF
        ahead = (block.seq[rows].astype(np.int64) - expected + (1 << 31)) % (1 << 32) - (1 << 31)
        length = block.payload_captured[rows]
        inside = np.flatnonzero((ahead < len(data)) & (ahead + length > 0))
        view = block.buffer.data
        for row, begin in zip(rows[inside].tolist(), ahead[inside].tolist(), strict=True):
            if int(block.frame[row]) > wanted.last_frame:
                break
            _fill(
                view[int(block.payload_start[row]) :][: int(block.payload_captured[row])],
                begin,
                data,
                present,
            )

    def _flow_rows(self, key: int, block: SegmentBatch, wanted: StreamRange) -> Ints:
        """Rows of the block that carry bytes of the direction."""
        name = (key, wanted.record.id, wanted.side)
        if name not in self._rows:
            src, dst = wanted.record.endpoints[wanted.side], wanted.record.endpoints[1 - wanted.side]
            same = (
                (block.src_port == src.port)
                & (block.dst_port == dst.port)
                & (block.src_lo == src.lo)
                & (block.dst_lo == dst.lo)
                & (block.src_hi == src.hi)
                & (block.dst_hi == dst.hi)
                & (block.payload_captured > 0)
                & (block.frame >= wanted.record.first.frame)  # before, others may have used its ports
            )
            self._rows[name] = np.flatnonzero(same)
        return self._rows[name]


def _ends(block: SegmentBatch, row: int) -> tuple[Endpoint, Endpoint]:
    """Source and destination of a segment."""
    return (
        Endpoint(int(block.src_hi[row]), int(block.src_lo[row]), int(block.src_port[row])),
        Endpoint(int(block.dst_hi[row]), int(block.dst_lo[row]), int(block.dst_port[row])),
    )


def _holder(
    frame: int, ends: tuple[Endpoint, Endpoint], records: Sequence[ConnectionRecord]
) -> ConnectionRecord | None:
    """The connection that a packet belongs to: of those that used its ports, the last that had begun by then."""
    either = (ends, ends[::-1])
    begun = [record for record in records if record.endpoints in either and record.first.frame <= frame]
    return max(begun, key=lambda record: record.first.frame, default=None)


def _fill(payload: memoryview, begin: int, data: bytearray, present: NDArray[np.bool_]) -> None:
    """Put the bytes of a segment where none are yet; it begins ``begin`` bytes into ``data``."""
    start, stop = max(begin, 0), min(begin + len(payload), len(data))
    have = present[start:stop]
    if not have.any():
        data[start:stop] = payload[start - begin : stop - begin]
        have[:] = True
        return
    for place in np.flatnonzero(~have).tolist():
        data[start + place] = payload[start + place - begin]
    have[:] = True
