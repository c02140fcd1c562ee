"""Interfaces of a pcapng section: what they say of link type, snap length and the unit of time."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, Words
from rtmpscope.frozen import frozen

_END_OF_OPTIONS, _TSRESOL, _TSOFFSET = 0, 9, 14
_BILLION = 1_000_000_000
#: Seconds beyond this do not fit into 64 bits as nanoseconds.
_LARGEST_OFFSET = 9_000_000_000


@frozen
class Interface:
    """One interface of a section.

    Attributes:
        linktype: link type of its packets.
        snaplen: most bytes it stores of a packet, 0 for no limit.
        resolution: the if_tsresol byte: ticks per second are 10**r, or 2**(r - 128) where r > 127.
        offset_s: seconds to add to its times.
    """

    linktype: int
    snaplen: int
    resolution: int = 6
    offset_s: int = 0


def parse_interface(block: bytes, order: str) -> Interface:
    """Read a whole interface description block of at least 20 bytes (pcapng draft, section 4.2)."""
    linktype, _, snaplen = struct.unpack_from(order + "HHI", block, 8)
    resolution, offset_s = 6, 0
    position, end = 16, len(block) - 4
    while position + 4 <= end:
        code, length = struct.unpack_from(order + "HH", block, position)
        value = block[position + 4 : min(position + 4 + length, end)]
        if code == _END_OF_OPTIONS:
            break
        if code == _TSRESOL and len(value) == 1:
            resolution = value[0]
        elif code == _TSOFFSET and len(value) == 8:
            (offset_s,) = struct.unpack(order + "q", value)
        position += 4 + (length + 3 & ~3)
    offset_s = max(-_LARGEST_OFFSET, min(offset_s, _LARGEST_OFFSET))
    return Interface(linktype, snaplen, resolution, offset_s)


def nanoseconds(ticks: Words, interface: Ints, interfaces: Sequence[Interface]) -> Ints:
    """Nanoseconds since 1970 of ticks of each packet's interface.

    ``interface`` numbers ``interfaces``; the number behind the last one stands for an unknown interface,
    whose ticks are taken for microseconds.
    """
    resolution = np.array([*(one.resolution for one in interfaces), 6], np.uint8)[interface]
    offset_s = np.array([*(one.offset_s for one in interfaces), 0], np.int64)[interface]
    if not len(ticks):
        return np.empty(0, np.int64)
    if (resolution == resolution[0]).all():
        return _in_nanoseconds(ticks, int(resolution[0])) + offset_s * _BILLION
    times = np.empty(len(ticks), np.int64)
    for unit in np.unique(resolution).tolist():
        mine = resolution == unit
        times[mine] = _in_nanoseconds(ticks[mine], unit)
    return times + offset_s * _BILLION


def _in_nanoseconds(ticks: Words, resolution: int) -> Ints:
    if resolution > 127:
        return _from_binary(ticks, min(resolution - 128, 63))
    if resolution <= 9:
        return (ticks * np.uint64(10 ** (9 - resolution))).astype(np.int64)
    return (ticks // np.uint64(10 ** min(resolution - 9, 19))).astype(np.int64)


def _from_binary(ticks: NDArray[np.uint64], shift: int) -> Ints:
    """Ticks of 2**-shift seconds; no intermediate product exceeds 64 bits."""
    seconds = ticks >> np.uint64(shift)
    fraction = ticks & np.uint64((1 << shift) - 1)
    spare = max(shift - 34, 0)
    part = (fraction >> np.uint64(spare)) * np.uint64(_BILLION) >> np.uint64(shift - spare)
    return (seconds * np.uint64(_BILLION) + part).astype(np.int64)
