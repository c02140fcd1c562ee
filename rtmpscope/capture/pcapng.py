"""pcapng files: sections, interfaces, and the walk over the blocks of a window.

A file is a run of blocks (draft-ietf-opsawg-pcapng). Section and interface blocks change how the packet
blocks after them are read, so a run of packets ends before one. Blocks that carry neither packets nor
interfaces (names, statistics, secrets) are stepped over; only packet blocks have frame numbers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Octets
from rtmpscope.capture.blocks import MAX_RECORD, Window
from rtmpscope.capture.gather import headers_at
from rtmpscope.capture.linktypes import NO_LINKTYPE
from rtmpscope.capture.records import Damage, Records

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_PACKETS = frozenset((OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET))
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_SMALLEST = 12
_OPTION_TSRESOL, _OPTION_TSOFFSET = 9, 14
#: Bytes before the packet's own, by kind of block.
_BEFORE_PACKET = {OLD_PACKET: 28, SIMPLE_PACKET: 12, ENHANCED_PACKET: 28}


@dataclass(frozen=True, slots=True)
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


def is_pcapng(head: bytes) -> bool:
    """Whether a file that starts with ``head`` is a pcapng file."""
    return head[:4] == b"\x0a\x0d\x0d\x0a"


@dataclass(slots=True)
class PcapngParser:
    """Cuts the blocks of a pcapng file into packets; copies of it are resting places."""

    order: str = "<"
    interfaces: tuple[Interface, ...] = ()
    header_bytes: int = field(default=0)

    def parse(self, window: Window) -> Damage | Records:
        """The packets of the window from its cursor on, which moves behind them.

        A damaged block is returned as such when it is the next one.
        """
        kind = 0
        starts: list[int] = []
        position, data, end = window.cursor, window.data, window.end
        header = struct.Struct(self.order + "II").unpack_from
        while position + _SMALLEST <= end:
            block, length = header(data, position)
            if block == SECTION:
                if starts:
                    break
                damage = self._begin_section(window, position)
                if damage is not None:
                    return damage
                header = struct.Struct(self.order + "II").unpack_from
                block, length = header(data, position)
            if length < _SMALLEST or length & 3 or length > MAX_RECORD:
                break
            if position + length > end:
                break
            if block in _PACKETS:
                kind = kind or block
                if block != kind:
                    break
                starts.append(position)
            elif block == INTERFACE:
                if starts:
                    break
                self._add_interface(bytes(data[position : position + length]))
            position += length
        if not starts:
            window.cursor = position
            return self._damage_at(window) or Records.none()
        return self._taken(window, kind, starts, position)

    def _taken(self, window: Window, kind: int, starts: list[int], after: int) -> Damage | Records:
        """The packet blocks at ``starts``, up to the first that contradicts itself."""
        place = np.array(starts, np.int64)
        records, sound = self._records(window.array, place, kind)
        if not sound.all():
            count = int(sound.argmin())
            after = starts[count]
            if count == 0:
                return Damage(window.position + after, "block lengths contradict each other")
            records = records.first(count)
        window.cursor = after
        return records

    def _damage_at(self, window: Window) -> Damage | None:
        """What is wrong with the block at the cursor, if it is there and cannot be one."""
        if window.end - window.cursor < 8:
            return None
        _, length = struct.unpack_from(self.order + "II", window.data, window.cursor)
        if length >= _SMALLEST and not length & 3 and length <= MAX_RECORD:
            return None
        return Damage(window.position + window.cursor, f"block claims a length of {length} bytes")

    def _begin_section(self, window: Window, position: int) -> Damage | None:
        """A section header sets the byte order and forgets the interfaces."""
        magic = bytes(window.data[position + 8 : position + 12])
        for order in "<>":
            if struct.unpack(order + "I", magic)[0] == _BYTE_ORDER_MAGIC:
                (length,) = struct.unpack_from(order + "I", window.data, position + 4)
                if position + length <= window.end:
                    self.interfaces = ()
                self.order = order
                return None
        return Damage(window.position + position, "section header without a byte-order magic")

    def _add_interface(self, block: bytes) -> None:
        linktype, _, snaplen = struct.unpack_from(self.order + "HHI", block, 8)
        resolution, offset_s = 6, 0
        position = 16
        while position + 4 <= len(block) - 4:
            code, length = struct.unpack_from(self.order + "HH", block, position)
            value = block[position + 4 : position + 4 + length]
            if code == 0:
                break
            if code == _OPTION_TSRESOL and length == 1:
                resolution = value[0]
            elif code == _OPTION_TSOFFSET and length == 8:
                (offset_s,) = struct.unpack(self.order + "q", value)
            position += 4 + (length + 3 & ~3)
        self.interfaces = (*self.interfaces, Interface(linktype, snaplen, resolution, offset_s))

    def _records(
        self, array: Octets, place: NDArray[np.int64], kind: int
    ) -> tuple[Records, NDArray[np.bool_]]:
        """The packets of blocks of one kind, and which of the blocks make sense."""
        header = headers_at(array, place, _layout(kind, self.order))
        total = header["total"].astype(np.int64)
        trailer = headers_at(array, place + total - 4, np.dtype([("total", self.order + "u4")]))
        wire = header["wire"].astype(np.int64)
        if kind == SIMPLE_PACKET:
            snaplen = self.interfaces[0].snaplen if self.interfaces else 0
            interface = np.zeros(len(place), np.int64)
            captured = np.minimum(wire, total - 16)
            captured = np.minimum(captured, snaplen) if snaplen else captured
            time_ns = np.zeros(len(place), np.int64)
        else:
            interface = header["interface"].astype(np.int64)
            captured = header["captured"].astype(np.int64)
            ticks = header["high"].astype(np.uint64) << np.uint64(32) | header["low"].astype(np.uint64)
            time_ns = self._times(interface, ticks)
        before = _BEFORE_PACKET[kind]
        sound = (
            (trailer["total"].astype(np.int64) == total) & (captured >= 0) & (captured + before + 4 <= total)
        )
        linktypes = np.array([*(one.linktype for one in self.interfaces), NO_LINKTYPE], np.uint16)
        linktype = linktypes[np.minimum(interface, len(self.interfaces))]
        return Records(place + before, captured, np.maximum(wire, captured), time_ns, linktype), sound

    def _times(self, interface: NDArray[np.int64], ticks: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Nanoseconds since 1970 of ticks of each packet's interface."""
        times = np.zeros(len(ticks), np.int64)
        for number, one in enumerate(self.interfaces):
            mine = interface == number
            if mine.any():
                times[mine] = _nanoseconds(ticks[mine], one.resolution) + one.offset_s * 1_000_000_000
        return times


def _nanoseconds(ticks: NDArray[np.uint64], resolution: int) -> NDArray[np.int64]:
    if resolution > 127:
        shift = min(resolution & 0x7F, 63)
        seconds = ticks >> np.uint64(shift)
        fraction = ticks & np.uint64((1 << shift) - 1)
        spare = max(shift - 34, 0)  # keeps the product below 2**64
        part = (fraction >> np.uint64(spare)) * np.uint64(1_000_000_000) >> np.uint64(shift - spare)
        return (seconds * np.uint64(1_000_000_000) + part).astype(np.int64)
    if resolution <= 9:
        return (ticks * np.uint64(10 ** (9 - resolution))).astype(np.int64)
    return (ticks // np.uint64(10 ** min(resolution - 9, 19))).astype(np.int64)


def _layout(kind: int, order: str) -> np.dtype[Any]:
    word, half = order + "u4", order + "u2"
    fields: dict[int, list[tuple[str, str]]] = {
        ENHANCED_PACKET: [
            ("interface", word),
            ("high", word),
            ("low", word),
            ("captured", word),
            ("wire", word),
        ],
        OLD_PACKET: [
            ("interface", half),
            ("drops", half),
            ("high", word),
            ("low", word),
            ("captured", word),
            ("wire", word),
        ],
        SIMPLE_PACKET: [("wire", word)],
    }
    return np.dtype([("block", word), ("total", word), *fields[kind]])
