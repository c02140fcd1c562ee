"""The slow lane: packets that the fast lane declines, taken apart by Scapy, one at a time.

Scapy knows link layers, tunnels and IP; it is asked only where the TCP header begins. What stands there is
read by the same code that reads it on the fast lane. Fragments are put together first; their datagram is
then taken apart in turn, for it may be a tunnel's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field, replace

import numpy as np
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPerror6, IPv6, IPv6ExtHdrFragment
from scapy.packet import NoPayload, Packet, Padding, Raw

from rtmpscope.capture.batch import PacketBatch
from rtmpscope.capture.fragments import Datagram, Fragment, Fragments, Place
from rtmpscope.capture.ip import LARGEST_OFFLOADED, Transport
from rtmpscope.capture.lane import DEEPEST
from rtmpscope.capture.scapy_layers import NOT_IP_BELOW, link_layer
from rtmpscope.frozen import frozen, slotted

_TCP, _IPV4_HEADER, _IPV6_HEADER, _FRAGMENT_HEADER = 6, 20, 40, 8
_AUTHENTICATION = 51
_V4_MAPPED = 0xFFFF << 32
_LOW = (1 << 64) - 1
#: Datagrams within datagrams that are followed; a fragmented tunnel of fragments is two.
_DEEPEST = 4


@frozen
class Segment:
    """Where a TCP segment stands.

    Attributes:
        data: the bytes that it stands in: the packet's, or those of a datagram put together.
        start: index in ``data`` of the TCP header's first byte.
        available: captured bytes from there on; negative where IP's header is cut.
        length: how many there were on the wire.
        src, dst: addresses as 128-bit numbers, IPv4 as ``::ffff:a.b.c.d``.
    """

    data: bytes
    start: int
    available: int
    length: int
    src: int
    dst: int


@frozen
class Dissected:
    """TCP segments that Scapy found in a batch.

    Attributes:
        batch: the batch, its buffer longer by the datagrams that were put together.
        transport: the segments, in frame order.
        unknown: rows that Scapy could not take apart either, ascending.
        malformed: packets whose IP header contradicts itself.
        spanning: of datagrams that began in an earlier batch: the packet that completed each, and the first.
    """

    batch: PacketBatch
    transport: Transport
    unknown: list[int]
    malformed: int
    spanning: dict[Place, Place]


@slotted
class _Found:
    """What was found in a batch so far."""

    rows: list[int] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    extra: list[bytes] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    malformed: int = 0
    spanning: dict[Place, Place] = field(default_factory=dict)


class MalformedError(ValueError):
    """An IP header contradicts itself."""


class TooDeepError(ValueError):
    """More tunnels in tunnels than are followed."""


class ScapyLane:
    """Takes packets apart with Scapy; remembers the fragments of datagrams that are not complete."""

    def __init__(self) -> None:
        self._fragments = Fragments()

    @property
    def incomplete_datagrams(self) -> int:
        """How many datagrams lack fragments, as far as has been read."""
        return self._fragments.incomplete

    def dissect(self, batch: PacketBatch, rows: Iterable[int]) -> Dissected:
        """The TCP segments among the given packets of a batch, which are in frame order."""
        found = _Found()
        end = len(batch.buffer)
        for row in rows:
            begin, captured = int(batch.start[row]), int(batch.captured[row])
            data = batch.buffer[begin : begin + captured].tobytes()
            segment = self._segment(batch, row, data, found)
            if segment is None:
                continue
            found.rows.append(row)
            found.segments.append(segment)
            if segment.data is data:
                found.starts.append(begin + segment.start)
            else:
                found.starts.append(end + segment.start)
                found.extra.append(segment.data)
                end += len(segment.data)
        return _as_columns(batch, found)

    def _segment(self, batch: PacketBatch, row: int, data: bytes, found: _Found) -> Segment | None:
        layer = link_layer(int(batch.linktype[row]))
        if layer is None:
            found.unknown.append(row)
            return None
        place, wire = (batch.file, batch.first_frame + row), int(batch.wire[row])
        try:
            packet = _taken_apart(layer, data)
            for _ in range(_DEEPEST):
                inside = _inside(packet, data, wire)
                if not isinstance(inside, Fragment):
                    if inside is None and _is_unknown(packet):
                        found.unknown.append(row)
                    return inside
                datagram = self._fragments.add(inside, place, int(batch.time_ns[row]))
                if datagram is None:
                    return None
                if datagram.first < (batch.file, batch.first_frame):
                    found.spanning[place] = min(datagram.first, found.spanning.get(place, place))
                data, wire = _whole(datagram), len(datagram.header) + datagram.length
                packet = _taken_apart(IP if data[0] >> 4 == 4 else IPv6, data)
        except MalformedError:
            found.malformed += 1
        except TooDeepError:
            found.unknown.append(row)
        return None


def _taken_apart(layer: type[Packet], data: bytes) -> Packet:
    """A packet as Scapy sees it; bytes where Scapy fails, which it may with any exception."""
    try:
        return layer(data)
    except Exception:
        return Raw(data)


def _layers(packet: Packet, data: bytes) -> Iterator[tuple[Packet, int]]:
    """The layers of a packet, and where each begins.

    Scapy keeps no places, but the bytes that each layer was given, to the end of the packet or of its padding.
    """
    at, layer = 0, packet
    while not isinstance(layer, NoPayload):
        at = max(data.find(layer.original, at), at)
        yield layer, at
        layer = layer.payload


def _inside(packet: Packet, data: bytes, wire: int) -> Segment | Fragment | None:
    """The TCP segment in a packet, or the fragment; None if it holds neither.

    The innermost IP header counts: those before it are a tunnel's.
    """
    ip: _Ipv6 | None = None
    headers = 0
    for layer, at in _layers(packet, data):
        kind = type(layer)
        headers += kind in (IP, IPv6)
        if headers > DEEPEST + 1:
            raise TooDeepError
        if kind is IP:
            inside = _in_ipv4(data, at, wire)
            if inside is not None:
                return inside
        elif kind is IPv6:
            if len(data) - at < _IPV6_HEADER:
                return None
            ip = _Ipv6.at(data, at, wire)
        elif kind is IPerror6:
            return None  # the packet that an ICMPv6 error quotes
        elif kind is TCP and ip is not None:
            return ip.segment(data, at)
        elif kind is IPv6ExtHdrFragment and ip is not None:
            inside = ip.fragment(layer, data, at)
            if inside is not None:
                return inside
    return None


@frozen
class _Ipv6:
    """An IPv6 header, and where its payload ends on the wire (RFC 8200 section 3)."""

    header: bytes
    stop: int

    @classmethod
    def at(cls, data: bytes, at: int, wire: int) -> _Ipv6:
        payload = int.from_bytes(data[at + 4 : at + 6], "big")
        stop = at + _IPV6_HEADER + payload if payload else min(wire, at + LARGEST_OFFLOADED)
        return cls(data[at : at + _IPV6_HEADER], stop)

    def segment(self, data: bytes, at: int) -> Segment:
        """The TCP segment that begins at ``at``."""
        src, dst = int.from_bytes(self.header[8:24], "big"), int.from_bytes(self.header[24:40], "big")
        return Segment(data, at, min(len(data), self.stop) - at, max(self.stop - at, 0), src, dst)

    def fragment(self, layer: Packet, data: bytes, at: int) -> Fragment | None:
        """A fragment, unless it is a whole datagram (an atomic fragment, RFC 6946)."""
        if not layer.offset and not layer.m:
            return None
        body = at + _FRAGMENT_HEADER
        if len(data) < body:
            return None
        key = (6, data[at + 4 : at + 8], self.header[8:])
        header = self.header[:6] + bytes([layer.nh]) + self.header[7:]
        length = max(self.stop - body, 0)
        return Fragment(key, layer.offset * 8, length, not layer.m, header, data[body : self.stop])


def _in_ipv4(data: bytes, at: int, wire: int) -> Segment | Fragment | None:
    """What an IPv4 packet at ``at`` holds, if it is TCP or a fragment (RFC 791 section 3.1)."""
    if len(data) - at < _IPV4_HEADER:
        return None
    size = (data[at] & 15) * 4
    total = int.from_bytes(data[at + 2 : at + 4], "big") or min(wire - at, LARGEST_OFFLOADED)
    if data[at] >> 4 != 4 or size < _IPV4_HEADER or total < size:
        raise MalformedError("IPv4 lengths")
    flags = int.from_bytes(data[at + 6 : at + 8], "big")
    stop = at + total
    if flags & 0x3FFF:
        key = (4, data[at + 4 : at + 6], data[at + 9], data[at + 12 : at + 20])
        body = data[at + size : stop]
        return Fragment(key, (flags & 0x1FFF) * 8, total - size, not flags & 0x2000, data[at : at + size], body)
    if data[at + 9] == _AUTHENTICATION and len(data) >= at + size + 2:
        ends = size + 4 * (data[at + size + 1] + 2)
        if data[at + size] != _TCP or total < ends:
            return None
        size = ends
    elif data[at + 9] != _TCP:
        return None
    src, dst = data[at + 12 : at + 16], data[at + 16 : at + 20]
    available = min(len(data), stop) - at - size
    addresses = (int.from_bytes(src, "big") | _V4_MAPPED, int.from_bytes(dst, "big") | _V4_MAPPED)
    return Segment(data, at + size, available, total - size, *addresses)


def _whole(datagram: Datagram) -> bytes:
    """A datagram as one IP packet that was never in fragments."""
    header = bytearray(datagram.header)
    if header[0] >> 4 == 4:
        header[2:4] = min(len(header) + datagram.length, 0xFFFF).to_bytes(2, "big")
        header[6:8] = bytes(2)
    else:
        header[4:6] = datagram.length.to_bytes(2, "big")
    return bytes(header) + datagram.data


def _is_unknown(packet: Packet) -> bool:
    """Whether Scapy stopped at bytes that may be IP in a wrapping it does not know."""
    layer, below = packet, None
    while not isinstance(layer, (NoPayload, Raw, Padding)):
        layer, below = layer.payload, layer
    return isinstance(layer, Raw) and not isinstance(below, NOT_IP_BELOW)


def _as_columns(batch: PacketBatch, found: _Found) -> Dissected:
    if found.extra:
        extra = np.frombuffer(b"".join(found.extra), np.uint8)
        batch = replace(batch, buffer=np.concatenate([batch.buffer, extra]))
    segments = found.segments
    transport = Transport(
        row=np.array(found.rows, np.int64),
        start=np.array(found.starts, np.int64),
        available=np.array([one.available for one in segments], np.int64),
        length=np.array([one.length for one in segments], np.int64),
        src_hi=np.array([one.src >> 64 for one in segments], np.uint64),
        src_lo=np.array([one.src & _LOW for one in segments], np.uint64),
        dst_hi=np.array([one.dst >> 64 for one in segments], np.uint64),
        dst_lo=np.array([one.dst & _LOW for one in segments], np.uint64),
    )
    return Dissected(batch, transport, found.unknown, found.malformed, found.spanning)
