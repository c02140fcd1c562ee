"""Packets → TCP segments, all at once: IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293).

What this lane cannot judge is declined, not dropped: fragments, IPv6 extension headers, tunnels. Damaged
headers make a packet of no interest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, PacketBatch, SegmentBatch, Words
from rtmpscope.capture.gather import headers_at
from rtmpscope.capture.link import NetworkLayer, network_layer

Bools = NDArray[np.bool_]

_TCP, _UDP = 6, 17
#: Protocols that may carry TCP inside: IPIP, 6in4, GRE, MPLS-in-IP, ESP is not among them.
_TUNNELS = (4, 41, 47, 137)
#: IPv6 extension headers: hop-by-hop, routing, fragment, destination options, mobility.
_EXTENSIONS = (0, 43, 44, 51, 60, 135)
#: UDP ports of tunnels: VXLAN, its older port, Geneve, GTP-U, Teredo, MPLS.
_TUNNEL_PORTS = (4789, 8472, 6081, 2152, 3544, 6635)
_V4_MAPPED = np.uint64(0xFFFF << 32)
_SYN = 2
_WINDOW_SCALE = 3

_IPV4_HEADER = np.dtype(
    [("version", "u1"), ("tos", "u1"), ("total", ">u2"), ("id", ">u2"), ("fragment", ">u2"), ("ttl", "u1")]
    + [("protocol", "u1"), ("checksum", ">u2"), ("src", ">u4"), ("dst", ">u4")]
)
_IPV6_HEADER = np.dtype(
    [("first", ">u4"), ("payload", ">u2"), ("next", "u1"), ("hops", "u1")]
    + [("src_hi", ">u8"), ("src_lo", ">u8"), ("dst_hi", ">u8"), ("dst_lo", ">u8")]
)
_TCP_HEADER = np.dtype(
    [("src", ">u2"), ("dst", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"), ("flags", "u1")]
    + [("window", ">u2"), ("checksum", ">u2"), ("urgent", ">u2")]
)


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What a batch holds.

    Attributes:
        segments: its TCP segments.
        declined: rows of the packet batch that this lane cannot judge.
    """

    segments: SegmentBatch
    declined: Ints


@dataclass(frozen=True, slots=True)
class _Transport:
    """TCP headers to be: where they start, how many bytes there are and were, and the addresses."""

    row: Ints
    start: Ints
    available: Ints
    length: Ints
    src_hi: Words
    src_lo: Words
    dst_hi: Words
    dst_lo: Words

    def take(self, chosen: Bools | Ints) -> _Transport:
        names = ("row", "start", "available", "length", "src_hi", "src_lo", "dst_hi", "dst_lo")
        return _Transport(*(getattr(self, name)[chosen] for name in names))


def segments(batch: PacketBatch) -> LaneResult:
    """The TCP segments of a packet batch, in frame order."""
    link = network_layer(batch)
    first = batch.buffer[link.network.start] >> 4
    four, declined_four = _ipv4(batch, _rows(link.network, first == 4))
    six, declined_six = _ipv6(batch, _rows(link.network, first == 6))
    declined = np.unique(np.concatenate([link.declined, declined_four, declined_six]))
    return LaneResult(_tcp(batch, _merged(four, six)), declined)


def _rows(network: NetworkLayer, chosen: Bools) -> NetworkLayer:
    if chosen.all():
        return network
    return NetworkLayer(
        network.row[chosen], network.start[chosen], network.available[chosen], network.wire[chosen]
    )


def _ipv4(batch: PacketBatch, ip: NetworkLayer) -> tuple[_Transport, Ints]:
    """TCP in IPv4, and the rows that are fragments or tunnels."""
    ip = _rows(ip, ip.available >= 20)
    header = headers_at(batch.buffer, ip.start, _IPV4_HEADER)
    size = (header["version"] & 15).astype(np.int64) * 4
    total = header["total"].astype(np.int64)
    # Segmentation offload leaves the length zero: the packet then ends where the frame does.
    total = np.where(total == 0, ip.wire, total)
    sound = (size >= 20) & (total >= size)
    fragment = (header["fragment"] & 0x3FFF) != 0
    protocol = header["protocol"]
    tcp = sound & ~fragment & (protocol == _TCP)
    tunnel = sound & (np.isin(protocol, _TUNNELS) | (fragment & np.isin(protocol, (_TCP, _UDP, *_TUNNELS))))
    tunnel |= sound & ~fragment & (protocol == _UDP) & _to_tunnel_port(batch, ip, size)
    zero = np.zeros(int(tcp.sum()), np.uint64)
    transport = _Transport(
        row=ip.row[tcp],
        start=ip.start[tcp] + size[tcp],
        available=np.minimum(ip.available, total)[tcp] - size[tcp],
        length=total[tcp] - size[tcp],
        src_hi=zero,
        src_lo=header["src"][tcp].astype(np.uint64) | _V4_MAPPED,
        dst_hi=zero,
        dst_lo=header["dst"][tcp].astype(np.uint64) | _V4_MAPPED,
    )
    return transport, ip.row[tunnel]


def _ipv6(batch: PacketBatch, ip: NetworkLayer) -> tuple[_Transport, Ints]:
    """TCP in IPv6 without extension headers, and the rows with extension headers or tunnels."""
    ip = _rows(ip, ip.available >= 40)
    header = headers_at(batch.buffer, ip.start, _IPV6_HEADER)
    payload = header["payload"].astype(np.int64)
    payload = np.where(payload == 0, ip.wire - 40, payload)
    following = header["next"]
    tcp = following == _TCP
    size = np.full(len(ip.row), 40, np.int64)
    tunnel = np.isin(following, (*_TUNNELS, *_EXTENSIONS))
    tunnel |= (following == _UDP) & _to_tunnel_port(batch, ip, size)
    transport = _Transport(
        row=ip.row[tcp],
        start=ip.start[tcp] + 40,
        available=np.minimum(ip.available[tcp] - 40, payload[tcp]),
        length=payload[tcp],
        src_hi=header["src_hi"][tcp].astype(np.uint64),
        src_lo=header["src_lo"][tcp].astype(np.uint64),
        dst_hi=header["dst_hi"][tcp].astype(np.uint64),
        dst_lo=header["dst_lo"][tcp].astype(np.uint64),
    )
    return transport, ip.row[tunnel]


def _to_tunnel_port(batch: PacketBatch, ip: NetworkLayer, size: Ints) -> Bools:
    """Whether the UDP header behind ``size`` bytes of IP header names a port of a tunnel."""
    result = np.zeros(len(ip.row), np.bool_)
    there = np.flatnonzero(ip.available >= size + 8)
    ports = headers_at(
        batch.buffer, ip.start[there] + size[there], np.dtype([("src", ">u2"), ("dst", ">u2")])
    )
    result[there] = np.isin(ports["src"], _TUNNEL_PORTS) | np.isin(ports["dst"], _TUNNEL_PORTS)
    return result


def _merged(four: _Transport, six: _Transport) -> _Transport:
    """Both in frame order."""
    if not len(six.row):
        return four
    if not len(four.row):
        return six
    names = ("row", "start", "available", "length", "src_hi", "src_lo", "dst_hi", "dst_lo")
    both = _Transport(*(np.concatenate([getattr(four, name), getattr(six, name)]) for name in names))
    return both.take(np.argsort(both.row, kind="stable"))


def _tcp(batch: PacketBatch, found: _Transport) -> SegmentBatch:
    found = found.take(found.available >= 20)
    header = headers_at(batch.buffer, found.start, _TCP_HEADER)
    size = (header["offset"] >> 4).astype(np.int64) * 4
    sound = (size >= 20) & (size <= found.length)
    if not sound.all():
        found, header, size = found.take(sound), header[sound], size[sound]
    flags = header["flags"].copy()
    return SegmentBatch(
        file=batch.file,
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
        window_scale=_window_scale(batch, found, size, flags),
        payload_start=found.start + size,
        payload_captured=np.maximum(found.available - size, 0),
        payload_length=found.length - size,
    )


def _window_scale(
    batch: PacketBatch, found: _Transport, size: Ints, flags: NDArray[np.uint8]
) -> NDArray[np.int8]:
    """The window scale option of SYN segments (RFC 7323), -1 without one."""
    scale = np.full(len(found.row), -1, np.int8)
    for row in np.flatnonzero((flags & _SYN) != 0).tolist():
        begin = int(found.start[row])
        stop = begin + min(int(size[row]), int(found.available[row]))
        scale[row] = _scale_in(batch.buffer[begin + 20 : stop].tobytes())
    return scale


def _scale_in(options: bytes) -> int:
    position = 0
    while position + 1 < len(options):
        kind = options[position]
        if kind == 0:
            break
        if kind == 1:
            position += 1
            continue
        if kind == _WINDOW_SCALE and position + 2 < len(options):
            return min(options[position + 2], 14)
        position += max(options[position + 1], 2)
    return -1
