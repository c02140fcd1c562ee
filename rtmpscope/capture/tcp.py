"""TCP headers (RFC 9293), all packets at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, Octets, PacketBatch, SegmentBatch
from rtmpscope.capture.gather import headers_at
from rtmpscope.capture.ip import Transport
from rtmpscope.frozen import frozen

_HEADER = 20
_SYN = 2
#: Option kinds (RFC 9293 section 3.2, RFC 7323 section 2.2).
_END, _NO_OPERATION, _WINDOW_SCALE = 0, 1, 3
#: The greatest shift count; a larger one is read as this (RFC 7323 section 2.3).
_LARGEST_SHIFT = 14
_MOST_OPTION_BYTES = 40

_TCP = np.dtype(
    [
        *(("src", ">u2"), ("dst", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"), ("flags", "u1")),
        *(("window", ">u2"), ("checksum", ">u2"), ("urgent", ">u2")),
    ]
)


@frozen
class TcpResult:
    """Segments, and how many packets show no sound TCP header.

    ``cut`` counts those that the snap length ends within the 20 fixed bytes, ``malformed`` those whose
    header contradicts itself.
    """

    segments: SegmentBatch
    cut: int
    malformed: int


def tcp_layer(batch: PacketBatch, packets: Transport) -> TcpResult:
    """The TCP segments of packets that carry TCP, in their order."""
    whole = packets.available >= _HEADER
    cut = int(np.count_nonzero(~whole & (packets.length >= _HEADER)))
    found = packets if whole.all() else packets.take(whole)
    header = headers_at(batch.buffer, found.start, _TCP)
    size = (header["offset"] >> 4).astype(np.int64) * 4
    sound = (size >= _HEADER) & (size <= found.length)
    if not sound.all():
        found, header, size = found.take(sound), header[sound], size[sound]
    flags = header["flags"].copy()
    segments = SegmentBatch(
        buffer=batch.buffer,
        frame=found.row + batch.first_frame,
        time_ns=batch.time_ns[found.row],
        src_hi=found.src_hi,
        src_lo=found.src_lo,
        dst_hi=found.dst_hi,
        dst_lo=found.dst_lo,
        src_port=header["src"].astype(np.uint16),
        dst_port=header["dst"].astype(np.uint16),
        seq=header["seq"].astype(np.uint32),
        ack=header["ack"].astype(np.uint32),
        flags=flags,
        window=header["window"].astype(np.uint16),
        window_scale=_window_scales(batch.buffer, found, size, flags),
        payload_start=found.start + np.minimum(size, found.available),
        payload_captured=np.maximum(found.available - size, 0),
        payload_length=found.length - size,
    )
    return TcpResult(segments, cut, len(packets.row) - len(found.row) - cut)


def _window_scales(buffer: Octets, found: Transport, size: Ints, flags: Octets) -> NDArray[np.int8]:
    """The window scale option of SYN segments, -1 for segments without one."""
    scales = np.full(len(flags), -1, np.int8)
    rows = np.flatnonzero(flags & _SYN)
    place = found.start[rows] + _HEADER
    stop = found.start[rows] + np.minimum(size, found.available)[rows]
    for _ in range(_MOST_OPTION_BYTES):  # all SYN segments step over one option each
        inside = place < stop
        rows, place, stop = rows[inside], place[inside], stop[inside]
        if not len(rows):
            break
        kind = buffer[place]
        alone = kind == _NO_OPERATION
        length = buffer[np.minimum(place + 1, stop - 1)].astype(np.int64)
        hit = (kind == _WINDOW_SCALE) & (length == 3) & (place + 2 < stop)
        scales[rows[hit]] = np.minimum(buffer[place[hit] + 2], _LARGEST_SHIFT)
        going = alone | (~hit & (kind != _END) & (length >= 2))
        rows, place, stop = rows[going], (place + np.where(alone, 1, length))[going], stop[going]
    return scales
