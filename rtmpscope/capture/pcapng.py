"""pcapng files: sections, interfaces, and the walk over the blocks of a window.

A file is a run of blocks (draft-ietf-opsawg-pcapng). A section header may change the byte order and forgets
all interfaces, so it ends a run of packets; whatever else is no packet is stepped over. Only packet blocks
have frame numbers. As in pcap, the walk touches the head of each block, and everything else is gathered
for all of them at once.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, Octets
from rtmpscope.capture.blocks import MAX_RECORD, Room, Window
from rtmpscope.capture.gather import headers_at
from rtmpscope.capture.interfaces import Interface, nanoseconds, parse_interface
from rtmpscope.capture.linktypes import NO_LINKTYPE
from rtmpscope.capture.records import Damage, Records
from rtmpscope.capture.stepping import RecordShape, step
from rtmpscope.frozen import slotted

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 6
#: A section header up to and with its byte-order magic.
SECTION_HEAD = 12
_BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
#: A block without content: type, length, and the length again.
_SMALLEST = 12
#: More interfaces in one section are not believed.
_MOST_INTERFACES = 1 << 16
#: Bytes before the packet's own, by kind of block.
_BEFORE_PACKET = {OLD_PACKET: 28, SIMPLE_PACKET: 12, ENHANCED_PACKET: 28}
#: Length of the smallest block, by kind of block.
_SMALLEST_OF = {INTERFACE: 20, OLD_PACKET: 32, SIMPLE_PACKET: 16, ENHANCED_PACKET: 32}


def is_pcapng(head: bytes) -> bool:
    """Whether a file that starts with ``head`` is a pcapng file."""
    return head[:4] == b"\x0a\x0d\x0d\x0a" and head[8:SECTION_HEAD] in _BYTE_ORDERS


@slotted
class PcapngParser:
    """Cuts the blocks of a pcapng file into packets; a copy of it remembers how to go on from a place."""

    order: str = "<"
    interfaces: tuple[Interface, ...] = ()
    header_bytes: int = 0

    def parse(self, window: Window) -> Damage | Records:
        """The packets of the window from its cursor on, which moves behind them.

        They end before the next section, and before a damaged block, which is returned as such when it is
        the next one.
        """
        damage = self._section(window)
        if damage is not None:
            return damage
        place, after = walk(window.data, window.cursor, window.end, self.order)
        if not len(place):
            return self._damage_at_cursor(window) or Records.none()
        head = headers_at(window.array, place, _head_layout(self.order))
        unsound = np.flatnonzero(~_sound(window.array, place, head, self.order))
        if len(unsound):
            count = int(unsound[0])
            after, place, head = int(place[count]), place[:count], head[:count]
            if not count:
                return Damage(window.position + after, "a block that contradicts itself")
        window.cursor = after
        self._learn(window.data, place[head["kind"] == INTERFACE])
        return self._packets(window.array, place, head["kind"])

    def _section(self, window: Window) -> Damage | None:
        """Take the section header at the cursor, if one is there and whole."""
        data, place = window.data, window.cursor
        if window.end - place < SECTION_HEAD or data[place : place + 4] != b"\x0a\x0d\x0d\x0a":
            return None
        order = _BYTE_ORDERS.get(bytes(data[place + 8 : place + SECTION_HEAD]))
        if order is None:
            return Damage(window.position + place, "a section header without the byte-order magic")
        (length,) = struct.unpack_from(order + "I", data, place + 4)
        if not _believable(length):
            return Damage(window.position + place, f"a section header that claims a length of {length} bytes")
        if place + length <= window.end:
            self.order, self.interfaces = order, ()
            window.cursor = place + length
        return None

    def _damage_at_cursor(self, window: Window) -> Damage | None:
        """What is wrong with the block at the cursor, if it is there and cannot be one."""
        if window.end - window.cursor < _SMALLEST:
            return None
        kind, length = struct.unpack_from(self.order + "II", window.data, window.cursor)
        if kind == SECTION or _believable(length):
            return None
        return Damage(window.position + window.cursor, f"a block that claims a length of {length} bytes")

    def _learn(self, data: Room, places: Ints) -> None:
        """Interfaces are numbered in the order of their blocks."""
        found = []
        for place in places.tolist()[: _MOST_INTERFACES - len(self.interfaces)]:
            (length,) = struct.unpack_from(self.order + "I", data, place + 4)
            found.append(parse_interface(bytes(data[place : place + length]), self.order))
        self.interfaces += tuple(found)

    def _packets(self, array: Octets, place: Ints, kinds: NDArray[np.uint32]) -> Records:
        """The packets of the packet blocks among blocks, in their order."""
        parts = []
        for kind in _BEFORE_PACKET:
            mine = np.flatnonzero(kinds == kind)
            if len(mine):
                parts.append((mine, self._packets_of(array, place[mine], kind)))
        if len(parts) == 1:
            return parts[0][1]
        if not parts:
            return Records.none()
        order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
        return Records.joined([records for _, records in parts]).take(order)

    def _packets_of(self, array: Octets, place: Ints, kind: int) -> Records:
        header = headers_at(array, place, _layout(kind, self.order))
        room = header["total"].astype(np.int64) - _BEFORE_PACKET[kind] - 4
        wire = header["wire"].astype(np.int64)
        if kind == SIMPLE_PACKET:
            # It has neither time nor interface number, and its length is what the first interface stores.
            snaplen = self.interfaces[0].snaplen if self.interfaces else 0
            captured = np.minimum(np.minimum(wire, room), snaplen or MAX_RECORD)
            interface = time_ns = np.zeros(len(place), np.int64)
        else:
            captured = header["captured"].astype(np.int64)
            interface = np.minimum(header["interface"].astype(np.int64), len(self.interfaces))
            ticks = header["high"].astype(np.uint64) << np.uint64(32) | header["low"].astype(np.uint64)
            time_ns = nanoseconds(ticks, interface, self.interfaces)
        types = np.array([*(one.linktype for one in self.interfaces), NO_LINKTYPE], np.uint16)
        return Records(
            start=place + _BEFORE_PACKET[kind],
            captured=captured,
            wire=np.maximum(wire, captured),
            time_ns=time_ns,
            linktype=types[interface],
        )


def walk(data: Room, position: int, end: int, order: str) -> tuple[Ints, int]:
    """Where the whole blocks of ``data[position:end]`` begin, and the place after the last of them.

    It ends before a section header, and before a length that leads nowhere.
    """
    shape = RecordShape(order, uncounted=0, length_at=4, least=_SMALLEST, last_kind=SECTION)
    starts, after = step(data, position, end - _SMALLEST + 1, shape)
    return (starts[:-1], int(starts[-1])) if after > end else (starts, after)


def _believable(length: int) -> bool:
    return _SMALLEST <= length <= MAX_RECORD and length % 4 == 0


def _sound(array: Octets, place: Ints, head: NDArray[Any], order: str) -> NDArray[np.bool_]:
    """Which whole blocks are what they claim: aligned, of the same length at both ends, packets inside."""
    kinds, total = head["kind"], head["total"].astype(np.int64)
    trailer = headers_at(array, place + total - 4, np.dtype(order + "u4"))
    sound: NDArray[np.bool_] = (trailer == head["total"]) & (total % 4 == 0) & (total <= MAX_RECORD)
    for kind, smallest in _SMALLEST_OF.items():
        mine = np.flatnonzero((kinds == kind) & sound)
        if not len(mine):
            continue
        room = total[mine] - smallest
        if kind in (OLD_PACKET, ENHANCED_PACKET):
            room -= headers_at(array, place[mine], _layout(kind, order))["captured"].astype(np.int64)
        sound[mine] = room >= 0
    return sound


def _head_layout(order: str) -> np.dtype[Any]:
    return np.dtype([("kind", order + "u4"), ("total", order + "u4")])


def _layout(kind: int, order: str) -> np.dtype[Any]:
    word, half = order + "u4", order + "u2"
    fields = [("kind", word), ("total", word)]
    if kind == ENHANCED_PACKET:
        fields += [("interface", word)]
    elif kind == OLD_PACKET:
        fields += [("interface", half), ("drops", half)]
    if kind != SIMPLE_PACKET:
        fields += [("high", word), ("low", word), ("captured", word)]
    return np.dtype([*fields, ("wire", word)])
