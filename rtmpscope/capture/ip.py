"""IPv4 (RFC 791) and IPv6 (RFC 8200), all packets at once: where the TCP header of each packet begins.

Fragments and tunnels are declined, not dropped; extension headers are stepped over. The length of an IP
packet is that of its header, so that Ethernet padding is no payload; where segmentation offload left it zero,
it is the frame's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, PacketBatch, Words
from rtmpscope.capture.extensions import EXTENSIONS, Carried, carried_by_v4, carried_by_v6
from rtmpscope.capture.gather import headers_at, is_any
from rtmpscope.capture.link import Bools, NetworkLayer
from rtmpscope.capture.udp_fragments import UdpFragments
from rtmpscope.frozen import frozen

_TCP, _UDP = 6, 17
#: Protocols that may carry TCP inside: IPIP, IPv6, GRE, AH, 94 (IPIP), EtherIP, L2TP, MPLS.
_TUNNELS = (4, 41, 47, 51, 94, 97, 115, 137)
#: UDP ports that tunnels go to: VXLAN (also its older port, and GPE), Geneve, GTP-U, L2TP, MPLS, TZSP. Two of
#: them are also answered from.
_TUNNEL_PORTS = (4789, 8472, 4790, 6081, 2152, 1701, 6635, 37008)
_ANSWERING_PORTS = (2152, 1701)
_V4_MAPPED = np.uint64(0xFFFF << 32)
_V6_HEADER = 40
#: The most that is believed of a frame's length where IP does not say its own.
LARGEST_OFFLOADED = 1 << 20

_IPV4 = np.dtype(
    [
        *(("version", "u1"), ("tos", "u1"), ("total", ">u2"), ("id", ">u2"), ("fragment", ">u2")),
        *(("ttl", "u1"), ("protocol", "u1"), ("checksum", ">u2"), ("src", ">u4"), ("dst", ">u4")),
    ]
)
_IPV6 = np.dtype(
    [
        *(("first", ">u4"), ("payload", ">u2"), ("next", "u1"), ("hops", "u1")),
        *(("src_hi", ">u8"), ("src_lo", ">u8"), ("dst_hi", ">u8"), ("dst_lo", ">u8")),
    ]
)
_PORTS = np.dtype([("src", ">u2"), ("dst", ">u2")])


@frozen
class Transport:
    """Packets that carry TCP.

    Attributes:
        row: packet of the batch.
        start: index in the buffer where the TCP header begins.
        available: captured bytes from there to the IP packet's end; negative where IP's header is cut.
        length: how many there were on the wire.
        src_hi, src_lo, dst_hi, dst_lo: addresses, as in ``SegmentBatch``.
    """

    row: Ints
    start: Ints
    available: Ints
    length: Ints
    src_hi: Words
    src_lo: Words
    dst_hi: Words
    dst_lo: Words

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All columns, in the order of the attributes."""
        addresses = (self.src_hi, self.src_lo, self.dst_hi, self.dst_lo)
        return (self.row, self.start, self.available, self.length, *addresses)

    def take(self, chosen: Bools | Ints) -> Transport:
        """Only the chosen packets."""
        return Transport(*(column[chosen] for column in self.columns()))

    @staticmethod
    def joined(one: Transport, other: Transport) -> Transport:
        """The packets of both, by row."""
        pairs = zip(one.columns(), other.columns(), strict=True)
        both = Transport(*(np.concatenate(pair) for pair in pairs))
        return both.take(np.argsort(both.row, kind="stable"))


@frozen
class IpResult:
    """TCP packets, the rows that may hold TCP in some other way, and how many packets show no sound header.

    ``cut`` counts packets that the snap length ends within the IP header, ``malformed`` those whose IP
    header contradicts itself.
    """

    transport: Transport
    declined: Ints
    cut: int
    malformed: int


def transport_layer(batch: PacketBatch, network: NetworkLayer) -> IpResult:
    """The TCP packets among IP packets, in frame order."""
    version = batch.buffer[network.start] >> 4
    is_four = version == 4
    four = _ipv4(batch, network.take(is_four))
    if is_four.all():
        return four
    six = _ipv6(batch, network.take(version == 6))
    return IpResult(
        transport=Transport.joined(four.transport, six.transport),
        declined=np.concatenate([four.declined, six.declined]),
        cut=four.cut + six.cut,
        malformed=four.malformed + six.malformed + int(np.count_nonzero((version != 4) & (version != 6))),
    )


def _ipv4(batch: PacketBatch, packets: NetworkLayer) -> IpResult:
    ip = packets.take(packets.available >= 20)
    header = headers_at(batch.buffer, ip.start, _IPV4)
    size = (header["version"] & 15).astype(np.int64) * 4
    total = header["total"].astype(np.int64)
    if not total.all():
        total = np.where(total == 0, _frame_length(ip), total)
    sound = (size >= 20) & (total >= size)
    fragment = (header["fragment"] & 0x3FFF) != 0
    protocol = np.where(fragment, 0, header["protocol"]) if fragment.any() else header["protocol"]
    whole = carried_by_v4(batch.buffer, ip.start, ip.available, protocol, size)
    tcp = sound & (whole.protocol == _TCP)
    transport = _transport_v4(ip, header, whole.size, total, tcp)
    malformed = len(sound) - int(np.count_nonzero(sound))
    if tcp.all():
        return IpResult(transport, ip.row[:0], len(packets.row) - len(ip.row), malformed)
    protocol, size = np.where(fragment, header["protocol"], whole.protocol), whole.size
    other = np.flatnonzero(sound & ~tcp)
    declined = is_any(protocol[other], _TUNNELS)
    declined |= fragment[other] & (protocol[other] == _TCP)
    pieces = other[fragment[other] & (protocol[other] == _UDP)]
    if len(pieces):
        declined[np.isin(other, pieces)] = ~_udp_fragments(batch, ip, header, size, pieces).of_no_tunnel
    declined |= (protocol[other] == _UDP) & _names_tunnel_port(batch, ip, size, other)
    return IpResult(transport, ip.row[other[declined]], len(packets.row) - len(ip.row), malformed)


def _transport_v4(ip: NetworkLayer, header: NDArray[Any], size: Ints, total: Ints, tcp: Bools) -> Transport:
    """The chosen packets, without copying what is there where all are."""
    chosen = slice(None) if tcp.all() else tcp
    hi = np.zeros(np.count_nonzero(tcp), np.uint64)
    return Transport(
        row=ip.row[chosen],
        start=(ip.start + size)[chosen],
        available=(np.minimum(ip.available, total) - size)[chosen],
        length=(total - size)[chosen],
        src_hi=hi,
        src_lo=header["src"][chosen].astype(np.uint64) | _V4_MAPPED,
        dst_hi=hi,
        dst_lo=header["dst"][chosen].astype(np.uint64) | _V4_MAPPED,
    )


def _udp_fragments(batch: PacketBatch, ip: NetworkLayer, header: NDArray[Any], size: Ints, rows: Ints) -> UdpFragments:
    first = (header["fragment"][rows] & 0x1FFF) == 0
    return UdpFragments(
        key=(header["src"][rows], header["dst"][rows], header["id"][rows]),
        shows_ports=first & (ip.available[rows] >= size[rows] + 8),
        names_tunnel=first & _names_tunnel_port(batch, ip, size, rows),
    )


def _ipv6(batch: PacketBatch, packets: NetworkLayer) -> IpResult:
    ip = packets.take(packets.available >= _V6_HEADER)
    header = headers_at(batch.buffer, ip.start, _IPV6)
    payload = header["payload"].astype(np.int64)
    payload = np.where(payload == 0, _frame_length(ip) - _V6_HEADER, payload)
    whole = carried_by_v6(batch.buffer, ip.start, ip.available, header["next"])
    tcp = (whole.protocol == _TCP) & ~whole.fragment & (whole.size <= payload + _V6_HEADER)
    transport = Transport(
        row=ip.row[tcp],
        start=(ip.start + whole.size)[tcp],
        available=(np.minimum(ip.available, payload + _V6_HEADER) - whole.size)[tcp],
        length=(payload + _V6_HEADER - whole.size)[tcp],
        src_hi=header["src_hi"][tcp].astype(np.uint64),
        src_lo=header["src_lo"][tcp].astype(np.uint64),
        dst_hi=header["dst_hi"][tcp].astype(np.uint64),
        dst_lo=header["dst_lo"][tcp].astype(np.uint64),
    )
    other = np.flatnonzero(~tcp)
    return IpResult(transport, ip.row[other[_may_hold_tcp(batch, ip, header, whole, other)]], _cut(packets, ip), 0)


def _cut(packets: NetworkLayer, shown: NetworkLayer) -> int:
    return len(packets.row) - len(shown.row)


def _may_hold_tcp(batch: PacketBatch, ip: NetworkLayer, header: NDArray[Any], whole: Carried, rows: Ints) -> Bools:
    """Whether IPv6 packets are tunnels, or fragments that may be of TCP or a tunnel."""
    protocol, fragment = whole.protocol[rows], whole.fragment[rows]
    declined = is_any(protocol, _TUNNELS)
    declined |= fragment & is_any(protocol, (_TCP, *EXTENSIONS))
    is_udp = protocol == _UDP
    declined |= is_udp & ~fragment & _names_tunnel_port(batch, ip, whole.size, rows)
    pieces = np.flatnonzero(is_udp & fragment)
    if len(pieces):
        declined[pieces] = ~_udp_fragments_v6(batch, ip, header, whole, rows[pieces]).of_no_tunnel
    return declined


def _udp_fragments_v6(
    batch: PacketBatch, ip: NetworkLayer, header: NDArray[Any], whole: Carried, rows: Ints
) -> UdpFragments:
    first = whole.offset[rows] == 0
    addresses = (header[name][rows] for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"))
    return UdpFragments(
        key=(*addresses, whole.ident[rows]),
        shows_ports=first & (ip.available[rows] >= whole.size[rows] + 8),
        names_tunnel=first & _names_tunnel_port(batch, ip, whole.size, rows),
    )


def _frame_length(ip: NetworkLayer) -> Ints:
    """Length of an IP packet whose header does not say it: the frame's, within reason."""
    return np.minimum(ip.wire, np.maximum(ip.available, LARGEST_OFFLOADED))


def _names_tunnel_port(batch: PacketBatch, ip: NetworkLayer, size: Ints, rows: Ints) -> Bools:
    """Whether the UDP header behind ``size`` bytes of IP header names a port of a tunnel."""
    named = np.zeros(len(rows), np.bool_)
    there = ip.available[rows] >= size[rows] + 8
    ports = headers_at(batch.buffer, (ip.start + size)[rows[there]], _PORTS)
    named[there] = is_any(ports["src"], _ANSWERING_PORTS) | is_any(ports["dst"], _TUNNEL_PORTS)
    return named
