"""Reading again: stream bytes of one direction, fetched from the blocks of the capture that hold them.

A few blocks are kept, so that neighbouring messages are read once. The capture is never held as a whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import Capture, Dissector, PacketBatch, SegmentBatch
from rtmpscope.frozen import frozen
from rtmpscope.pipeline.arrivals import split_rank
from rtmpscope.tcp import ConnectionRecord, Endpoint

Ints = NDArray[np.int64]

_BLOCKS_KEPT = 3


@frozen
class StreamRange:
    """Bytes ``start … stop - 1`` of one direction, and the packets among which they are to be found.

    ``first_rank`` and ``last_rank`` are the ranks (file and frame) of the earliest and the latest of them.
    """

    record: ConnectionRecord
    side: int
    start: int
    stop: int
    first_rank: int
    last_rank: int


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
    """Fetches ranges of stream bytes from the files of a capture, which ``dissector`` has taken apart before."""

    def __init__(self, files: Sequence[Capture], dissector: Dissector) -> None:
        self._files = files
        self._dissector = dissector
        self._blocks: OrderedDict[tuple[int, int], SegmentBatch] = OrderedDict()
        self._rows: dict[tuple[int, int, int, int], Ints] = {}

    def read(self, wanted: StreamRange) -> StreamBytes:
        """The bytes of a range; of bytes that came more than once, those that came first."""
        data = bytearray(wanted.stop - wanted.start)
        present = np.zeros(len(data), np.bool_)
        for key in self._keys(wanted):
            self._copy(key, wanted, data, present)
            if present.all():
                break
        return StreamBytes(wanted.start, bytes(data), present)

    def bytes_in_frame(self, file: int, frame: int, records: Sequence[ConnectionRecord]) -> list[tuple[int, int, int]]:
        """The stream bytes that a packet brought: (flow, start, stop) for each direction it may belong to."""
        if not 0 <= file < len(self._files) or not self._files[file].checkpoints:
            return []
        block = self._block(self._block_of(file, frame))
        found = []
        for row in np.flatnonzero((block.frame == frame) & (block.payload_captured > 0)).tolist():
            ends = tuple(
                Endpoint(int(hi[row]), int(lo[row]), int(port[row]))
                for hi, lo, port in (
                    (block.src_hi, block.src_lo, block.src_port),
                    (block.dst_hi, block.dst_lo, block.dst_port),
                )
            )
            for record in records:
                for side in (0, 1):
                    base = record.base[side]
                    if (record.endpoints[side], record.endpoints[1 - side]) == ends and base is not None:
                        start = (int(block.seq[row]) - base) % (1 << 32)
                        found.append((2 * record.id + side, start, start + int(block.payload_captured[row])))
        return found

    def _keys(self, wanted: StreamRange) -> list[tuple[int, int]]:
        """The (file, block) pairs between the first and the last packet of a range."""
        first, last = split_rank(wanted.first_rank), split_rank(wanted.last_rank)
        keys = []
        for file in range(first[0], last[0] + 1):
            begin = self._block_of(*first)[1] if file == first[0] else 0
            end = self._block_of(*last)[1] if file == last[0] else len(self._files[file].checkpoints) - 1
            keys += [(file, block) for block in range(begin, end + 1)]
        return keys

    def _block(self, key: tuple[int, int]) -> SegmentBatch:
        if key in self._blocks:
            self._blocks.move_to_end(key)
            return self._blocks[key]
        dissector = Dissector(self._dissector.mode)
        for batch in self._batches(self._needed_from(key), key):
            block = dissector.segments(batch).segments
        block = self._blocks[key] = replace(block, buffer=block.buffer.copy())
        if len(self._blocks) > _BLOCKS_KEPT:
            gone, _ = self._blocks.popitem(last=False)
            self._rows = {name: rows for name, rows in self._rows.items() if name[:2] != gone}
        return block

    def _needed_from(self, key: tuple[int, int]) -> tuple[int, int]:
        """The block with which to begin in order to read a block: fragments of its datagrams may lie before it."""
        spanning = self._dissector.spanning
        firsts = [first for whole, first in spanning.items() if self._block_of(*whole) == key]
        return self._block_of(*min(firsts)) if firsts else key

    def _block_of(self, file: int, frame: int) -> tuple[int, int]:
        """The block that holds a packet."""
        frames = [checkpoint.first_frame for checkpoint in self._files[file].checkpoints]
        return file, max(bisect_right(frames, frame) - 1, 0)

    def _batches(self, first: tuple[int, int], last: tuple[int, int]) -> Iterator[PacketBatch]:
        """The packets of the blocks from ``first`` to ``last``."""
        for file in range(first[0], last[0] + 1):
            points = self._files[file].checkpoints
            begin = first[1] if file == first[0] else 0
            stop = last[1] + 1 if file == last[0] else len(points)
            if begin < stop:
                yield from islice(self._files[file].batches(points[begin]), stop - begin)

    def _copy(self, key: tuple[int, int], wanted: StreamRange, data: bytearray, present: NDArray[np.bool_]) -> None:
        block = self._block(key)
        rows = self._flow_rows(key, block, wanted)
        expected = ((wanted.record.base[wanted.side] or 0) + wanted.start) & 0xFFFFFFFF
        ahead = (block.seq[rows].astype(np.int64) - expected + (1 << 31)) % (1 << 32) - (1 << 31)
        length = block.payload_captured[rows]
        inside = np.flatnonzero((ahead < len(data)) & (ahead + length > 0))
        view = block.buffer.data
        last_frame = split_rank(wanted.last_rank)
        for row, begin in zip(rows[inside].tolist(), ahead[inside].tolist(), strict=True):
            if (key[0], int(block.frame[row])) > last_frame:
                break
            _fill(
                view[int(block.payload_start[row]) :][: int(block.payload_captured[row])],
                begin,
                data,
                present,
            )

    def _flow_rows(self, key: tuple[int, int], block: SegmentBatch, wanted: StreamRange) -> Ints:
        """Rows of the block that carry bytes of the direction."""
        name = (*key, wanted.record.id, wanted.side)
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
            )
            self._rows[name] = np.flatnonzero(same)
        return self._rows[name]


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
