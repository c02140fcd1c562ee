"""What the headers before a segment's payload say beyond the columns, for the few segments where it matters.

The IP identification tells a copy that the capture made (the same number) from a segment that was sent again (a new
one), and a segment that was overtaken (an older number than its overtaker's) from one sent later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.capture.gather import headers_at

Ints = NDArray[np.int64]

#: Lengths of TCP headers, the usual ones first.
_SIZES = (32, 20, 44, *range(24, 32, 4), *range(36, 44, 4), *range(48, 64, 4))
_V4_HEADER, _V4_WITHOUT_OPTIONS, _TCP = 20, 0x45, 6
_TCP_HEADER = np.dtype([("src", ">u2"), ("dst", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("size", "u1")])
_V4 = np.dtype({"names": ["first", "id", "protocol"], "formats": ["u1", ">u2", "u1"], "offsets": [0, 4, 9]})


def ip_ids(batch: SegmentBatch, rows: Ints) -> Ints:
    """The IPv4 identification of segments; -1 where the header is not found, or is IPv6."""
    found = np.full(len(rows), -1, np.int64)
    start = _tcp_starts(batch, rows)
    there = np.flatnonzero(start >= _V4_HEADER)
    header = headers_at(batch.buffer, start[there] - _V4_HEADER, _V4)
    plain = (header["first"] == _V4_WITHOUT_OPTIONS) & (header["protocol"] == _TCP)
    found[there[plain]] = header["id"][plain]
    return found


def _tcp_starts(batch: SegmentBatch, rows: Ints) -> Ints:
    """Where the TCP headers begin: so far before the payload as they say themselves; -1 where none is found."""
    found = np.full(len(rows), -1, np.int64)
    for size in _SIZES:
        open_ = np.flatnonzero((found < 0) & (batch.payload_start[rows] >= size))
        if not len(open_):
            break
        mine, place = rows[open_], batch.payload_start[rows[open_]] - size
        header = headers_at(batch.buffer, place, _TCP_HEADER)
        fits = (header["size"] >> 4 == size // 4) & (header["seq"] == batch.seq[mine])
        fits &= (header["src"] == batch.src_port[mine]) & (header["dst"] == batch.dst_port[mine])
        found[open_[fits]] = place[fits]
    return found
