"""The plain packets of a batch, in one pass over them.

A packet is plain that shows whole headers of Ethernet without tags, IPv4 without fragmentation, and TCP without SYN.
In most captures nearly all are. Where ``_plain.pyx`` is compiled, it reads them as the fast lane (lane.py) does, in
less than half of its time; the lane takes the others, and all where nothing is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, Octets, PacketBatch, SegmentBatch
from rtmpscope.capture.linktypes import ETHERNET
from rtmpscope.frozen import frozen

#: The columns that are filled in, one behind the other.
_TABLE = (
    *(("row", np.int64), ("src_lo", np.uint64), ("dst_lo", np.uint64)),
    *(("payload_start", np.int64), ("payload_captured", np.int64), ("payload_length", np.int64)),
    *(("seq", np.uint32), ("ack", np.uint32), ("src_port", np.uint16), ("dst_port", np.uint16)),
    *(("window", np.uint16), ("flags", np.uint8)),
)


def _compiled() -> Callable[[Octets, Ints, Ints, Octets], int] | None:
    try:
        from rtmpscope.capture._plain import plain_packets
    except ImportError:
        return None
    return plain_packets


#: Fills in the columns of the plain packets and counts them; None where it is not compiled.
compiled_plain = _compiled()


@frozen
class Plain:
    """The segments of the plain packets of a batch, in frame order, and the rows of the others."""

    segments: SegmentBatch
    others: Ints

    def with_others(self, segments: SegmentBatch) -> SegmentBatch:
        """These segments and those of other packets, in frame order."""
        if not len(segments):
            return self.segments
        order = np.argsort(np.concatenate([self.segments.frame, segments.frame]), kind="stable")
        names = (one.name for one in fields(SegmentBatch) if one.name != "buffer")
        pairs = ((name, (getattr(self.segments, name), getattr(segments, name))) for name in names)
        return SegmentBatch(buffer=segments.buffer, **{name: np.concatenate(pair)[order] for name, pair in pairs})


def plain_of(batch: PacketBatch) -> Plain | None:
    """The plain packets of a batch; None where they are few, or nothing is compiled."""
    if compiled_plain is None or batch.linktypes() != [ETHERNET]:
        return None
    table = np.empty(len(batch) * sum(np.dtype(kind).itemsize for _, kind in _TABLE), np.uint8)
    count = compiled_plain(batch.buffer, batch.start, batch.captured, table)
    if 2 * count < len(batch):
        return None
    columns: dict[str, NDArray[Any]] = {}
    place = 0
    for name, kind in _TABLE:
        columns[name] = np.frombuffer(table, kind, count, place)
        place += len(batch) * np.dtype(kind).itemsize
    row, high = columns.pop("row"), np.zeros(count, np.uint64)
    others = np.ones(len(batch), np.bool_)
    others[row] = False
    segments = SegmentBatch(
        buffer=batch.buffer,
        frame=row + batch.first_frame,
        time_ns=batch.time_ns if count == len(batch) else batch.time_ns[row],
        src_hi=high,
        dst_hi=high,
        window_scale=np.full(count, -1, np.int8),
        **columns,
    )
    return Plain(segments, np.flatnonzero(others))
