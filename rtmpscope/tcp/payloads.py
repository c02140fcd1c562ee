"""The payloads of segments in order, joined a few megabytes at a time.

What many directions brought is joined at once and shared out. Where one direction brought much, it is joined part by
part: a part is decoded while it is in the processor's cache, and the next one takes its memory.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.tcp.joining import Joiner
from rtmpscope.tcp.runs import AT, BYTES_AT_ONCE, OFFSET, STOP, WIDTH, portions

Ints = NDArray[np.int64]


class Payloads:
    """The payloads of the segments ``rows`` of a batch, which lie there direction by direction."""

    def __init__(self, segments: SegmentBatch, rows: Ints, joiner: Joiner) -> None:
        self._joiner, self._buffer = joiner, segments.buffer.data
        self._ends = np.concatenate([[0], np.cumsum(segments.payload_length[rows])])
        self._run = np.zeros((WIDTH, len(rows)), np.int64)
        self._run[AT] = segments.payload_start[rows]
        self._run[OFFSET], self._run[STOP] = self._ends[:-1], self._ends[1:]
        self._joined = (0, 0, b"")  # from which place on, up to which, and the bytes

    def parts(self, first: int, stop: int) -> Iterator[tuple[bytes, slice]]:
        """The bytes of a direction's segments from ``first`` to ``stop``, with the places of those that they are of."""
        begin, end = int(self._ends[first]), int(self._ends[stop])
        if end - begin <= BYTES_AT_ONCE:
            yield self._from_joined(first, stop), slice(first, stop)
            return
        for one, other in portions(self._ends[first:stop], end):
            yield self._join(first + one, first + other), slice(first + one, first + other)

    def _from_joined(self, first: int, stop: int) -> bytes:
        """The bytes out of what was joined with the directions around."""
        begin, end, data = self._joined
        if not begin <= first <= stop <= end:
            most = int(self._ends[first]) + BYTES_AT_ONCE
            begin, end = first, int(np.searchsorted(self._ends, most, side="right")) - 1
            data = self._join(begin, end)
            self._joined = (begin, end, data)
        before = int(self._ends[begin])
        return data[int(self._ends[first]) - before : int(self._ends[stop]) - before]

    def _join(self, first: int, stop: int) -> bytes:
        return self._joiner.join(self._run[:, first:stop], (self._buffer, memoryview(b"")))
