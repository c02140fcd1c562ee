"""Wireless LAN (IEEE 802.11), all packets at once: where IP begins, with or without a radiotap header before.

Only data frames that are not encrypted hold IP, behind an LLC and SNAP header. Of several packets in one
frame (A-MSDU) the first is read, and such frames are counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import linktypes
from rtmpscope.capture.batch import Ints, PacketBatch
from rtmpscope.capture.gather import headers_at, is_any, u16_at, u32_at
from rtmpscope.frozen import frozen

_LEAST_RADIOTAP, _HEADER, _ADDRESS, _QOS, _HT_CONTROL, _SUBFRAME, _SNAP_HEADER = 8, 24, 6, 2, 4, 14, 8
_DATA, _NULL_SUBTYPE, _QOS_SUBTYPE = 0x08, 0x40, 0x80
_BOTH_WAYS, _PROTECTED, _ORDER, _AGGREGATE = 0x03, 0x40, 0x80, 0x80
_SNAP = 0xAAAA0300
_IP = (0x0800, 0x86DD)
Bools = NDArray[np.bool_]
#: Bits of radiotap's first word of fields: the clock, the flags, and that another word follows.
_CLOCK, _FLAGS, _MORE = 0x1, 0x2, 0x80000000
_DATA_PAD = 0x20

_FRAME = np.dtype([("kind", "u1"), ("flags", "u1"), ("addresses", "V20"), ("sequence", "<u2")])
_RADIOTAP = np.dtype([("version", "u1"), ("pad", "u1"), ("length", "<u2"), ("fields", "<u4")])


@frozen
class WirelessFrames:
    """The bytes before the IP header of each frame, -1 where there is none; and how many hold several packets."""

    skip: Ints
    of_several: int


def before_ip(batch: PacketBatch, rows: Ints, linktype: int) -> WirelessFrames:
    """Find the IP header of each of ``rows``."""
    skip = np.full(len(rows), -1, np.int64)
    left = np.flatnonzero(batch.captured[rows] >= _LEAST_RADIOTAP)
    base, padded = np.zeros(len(left), np.int64), np.zeros(len(left), np.bool_)
    if linktype == linktypes.RADIOTAP:
        header = headers_at(batch.buffer, batch.start[rows[left]], _RADIOTAP)
        base = header["length"].astype(np.int64)
        padded = _is_padded(batch, rows[left], header)
    shown = batch.captured[rows[left]] >= base + _HEADER + _SNAP_HEADER
    left, base, padded = left[shown], base[shown], padded[shown]
    start, captured = batch.start[rows[left]], batch.captured[rows[left]]
    frame = headers_at(batch.buffer, start + base, _FRAME)
    kind, flags = frame["kind"], frame["flags"]
    size = _HEADER + _ADDRESS * (flags & _BOTH_WAYS == _BOTH_WAYS)
    has_qos = kind & _QOS_SUBTYPE != 0
    last = len(batch.buffer) - 1
    aggregate = has_qos & (batch.buffer[np.minimum(start + base + size, last)] & _AGGREGATE != 0)
    size = size + _QOS * has_qos + _HT_CONTROL * (has_qos & (flags & _ORDER != 0))
    size = np.where(padded, -(-size // 4) * 4, size)
    snap = base + size + _SUBFRAME * aggregate
    plain = (kind & 0x0F == _DATA) & (kind & _NULL_SUBTYPE == 0) & (flags & _PROTECTED == 0)
    plain &= (frame["sequence"] & 15 == 0) & (captured > snap + _SNAP_HEADER)
    at = np.where(plain, start + snap, 0)
    plain &= u32_at(batch.buffer, at) == _SNAP
    plain &= is_any(u16_at(batch.buffer, at + 6), _IP)
    skip[left[plain]] = snap[plain] + _SNAP_HEADER
    return WirelessFrames(skip, _of_several(batch, rows[left], snap - _SUBFRAME, plain & aggregate))


def _of_several(batch: PacketBatch, rows: Ints, at: Ints, chosen: Bools) -> int:
    """How many of the chosen frames go on behind the subframe that begins at ``at``."""
    rows, at = rows[chosen], at[chosen]
    length = u16_at(batch.buffer, batch.start[rows] + at + _SUBFRAME - 2).astype(np.int64)
    behind = at + (_SUBFRAME + length + 3 & ~3)
    return int(np.count_nonzero(batch.wire[rows] > behind + _SUBFRAME))


def _is_padded(batch: PacketBatch, rows: Ints, header: NDArray[np.void]) -> Bools:
    """Whether the header of the frame is padded to a multiple of four bytes.

    The flags stand behind all words of fields; before them may be the clock, eight bytes aligned.
    """
    fields, at = header["fields"].astype(np.int64), np.full(len(rows), 8, np.int64)
    words, end = fields.copy(), len(batch.buffer) - 4
    for _ in range(4):
        more = words & _MORE != 0
        if not more.any():
            break
        following = u32_at(batch.buffer, np.minimum(batch.start[rows] + at, end)).byteswap()
        words = np.where(more, following.astype(np.int64), 0)
        at += 4 * more
    at = np.where(fields & _CLOCK != 0, -(-at // 8) * 8 + 8, at)
    told = (fields & _FLAGS != 0) & (at < header["length"]) & (at < batch.captured[rows])
    padded: Bools = told & (batch.buffer[np.where(told, batch.start[rows] + at, 0)] & _DATA_PAD != 0)
    return padded
