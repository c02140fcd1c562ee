"""The common tunnels, all packets at once: where the packet inside each begins.

IP in IP (RFC 2003, 4213), GRE (RFC 2784, 2890) with IP, Ethernet or ERSPAN types I and II in it, VXLAN
(RFC 7348), Geneve (RFC 8926), L2TP (RFC 2661) with PPP in it, and GTP-U (3GPP TS 29.281). Of these only the
plain forms; what can hold no IP is no longer declined, and whatever is not judged here stays so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import linktypes
from rtmpscope.capture.batch import Ints, PacketBatch
from rtmpscope.capture.extensions import Carried, carried_by_v4, carried_by_v6
from rtmpscope.capture.gather import headers_at, is_any, u16_at
from rtmpscope.capture.link import Bools, NetworkLayer
from rtmpscope.frozen import frozen

_RAW_IP = 101
_UDP, _UDP_HEADER = 17, 8
_V4_LEAST, _V6_HEADER = 20, 40
_VXLAN_PORTS, _GENEVE_PORT, _GTP_PORT, _L2TP_PORT = (4789, 8472), 6081, 2152, 1701
_IPV4, _IPV6, _ETHERNET, _ERSPAN = 0x0800, 0x86DD, 0x6558, 0x88BE
#: As many bytes of a tunnel's header as are looked at; shorter packets hold no segment.
_LOOKED_AT = 16
#: In place of the bytes before the packet inside: it may be there; there is none.
_UNJUDGED, _NOTHING = -1, -2
#: Types of payload in GRE and Geneve that Scapy may find IP in: VLAN tags, MPLS, PPPoE, PPP, ERSPAN III, MACsec, NSH.
_WRAPPING = (0x8100, 0x88A8, 0x8847, 0x8848, 0x8864, 0x880B, 0x22EB, 0x88E5, 0x894F)

_V4 = np.dtype(
    [
        ("first", "u1"),
        ("tos", "u1"),
        ("total", ">u2"),
        ("id", ">u2"),
        ("fragment", ">u2"),
        ("ttl", "u1"),
        ("protocol", "u1"),
    ]
)
_V6 = np.dtype([("first", ">u4"), ("payload", ">u2"), ("next", "u1")])
_GRE = np.dtype([("flags", ">u2"), ("type", ">u2")])
_GRE_CHECKSUM, _GRE_ROUTING, _GRE_KEY, _GRE_SEQUENCE, _GRE_VERSION = 0x8000, 0x4000, 0x2000, 0x1000, 7
_PORTS = np.dtype([("src", ">u2"), ("dst", ">u2")])
_GENEVE = np.dtype([("options", "u1"), ("flags", "u1"), ("type", ">u2")])
_GTP = np.dtype([("flags", "u1"), ("type", "u1"), ("rest", "V9"), ("next", "u1")])
_MOST_GTP_EXTENSIONS = 8
_PPP_IP = (0x0021, 0x0057)


@frozen
class _Payload:
    """What IP packets carry: row of the batch, place in the buffer, captured and sent bytes, protocol."""

    row: Ints
    start: Ints
    available: Ints
    wire: Ints
    protocol: Ints

    def take(self, chosen: Bools | Ints) -> _Payload:
        return _Payload(*(getattr(self, one.name)[chosen] for one in fields(self)))


@frozen
class _Inside:
    """For each packet: bytes before the one inside (or ``_UNJUDGED``, ``_NOTHING``), and its link type."""

    skip: Ints
    linktype: NDArray[np.uint16]


@frozen
class Inner:
    """The packets inside tunnels, as a batch of their own, and the row of the outer batch of each.

    ``nothing`` are the rows that hold no packet.
    """

    batch: PacketBatch
    row: Ints
    nothing: Ints


def inner_packets(batch: PacketBatch, network: NetworkLayer, rows: Ints) -> Inner:
    """The packets inside those of ``rows`` that are one of the tunnels told above."""
    payload = _payloads(batch, network.take(np.isin(network.row, rows)))
    payload = payload.take(payload.available >= _LOOKED_AT)
    skip = np.full(len(payload.row), _UNJUDGED, np.int64)
    linktype = np.full(len(payload.row), _RAW_IP, np.uint16)
    for protocol, look in _KINDS.items():
        mine = np.flatnonzero(payload.protocol == protocol)
        if len(mine):
            inside = look(batch, payload.take(mine))
            skip[mine], linktype[mine] = inside.skip, inside.linktype
    known = (skip >= 0) & (payload.available > skip)
    nothing = payload.row[skip == _NOTHING]
    payload, skip, linktype = payload.take(known), skip[known], linktype[known]
    inner = replace(
        batch,
        start=payload.start + skip,
        captured=payload.available - skip,
        wire=payload.wire - skip,
        time_ns=batch.time_ns[payload.row],
        linktype=linktype,
    )
    return Inner(inner, payload.row, nothing)


def _payloads(batch: PacketBatch, packets: NetworkLayer) -> _Payload:
    """What the packets carry that are no fragments."""
    version = batch.buffer[packets.start] >> 4
    four = packets.take((version == 4) & (packets.available >= _V4_LEAST))
    six = packets.take((version == 6) & (packets.available >= _V6_HEADER))
    pair = (_payloads_v4(batch, four), _payloads_v6(batch, six))
    both = _Payload(*(np.concatenate([getattr(part, one.name) for part in pair]) for one in fields(_Payload)))
    return both.take(np.argsort(both.row, kind="stable"))


def _payloads_v4(batch: PacketBatch, ip: NetworkLayer) -> _Payload:
    header = headers_at(batch.buffer, ip.start, _V4)
    size, total = (header["first"] & 15).astype(np.int64) * 4, header["total"].astype(np.int64)
    whole = carried_by_v4(batch.buffer, ip.start, ip.available, header["protocol"], size)
    plain = (header["fragment"] & 0x3FFF == 0) & (size >= _V4_LEAST) & (total > whole.size)
    return _behind(ip, whole, total).take(plain)


def _payloads_v6(batch: PacketBatch, ip: NetworkLayer) -> _Payload:
    header = headers_at(batch.buffer, ip.start, _V6)
    whole = carried_by_v6(batch.buffer, ip.start, ip.available, header["next"])
    total = header["payload"].astype(np.int64) + _V6_HEADER
    return _behind(ip, whole, total).take(~whole.fragment & (total > whole.size))


def _behind(ip: NetworkLayer, whole: Carried, total: Ints) -> _Payload:
    available = np.minimum(ip.available, total) - whole.size
    return _Payload(ip.row, ip.start + whole.size, available, total - whole.size, whole.protocol.astype(np.int64))


def _ip(_: PacketBatch, payload: _Payload) -> _Inside:
    return _Inside(np.zeros(len(payload.row), np.int64), np.full(len(payload.row), _RAW_IP, np.uint16))


def _gre(batch: PacketBatch, payload: _Payload) -> _Inside:
    header = headers_at(batch.buffer, payload.start, _GRE)
    flags, kind = header["flags"].astype(np.int64), header["type"]
    sequenced = flags & _GRE_SEQUENCE != 0
    skip = 4 + 4 * (flags & _GRE_CHECKSUM != 0) + 4 * (flags & _GRE_KEY != 0) + 4 * sequenced
    # ERSPAN type II has a header of its own after the sequence number; type I has neither.
    skip += 8 * (sequenced & (kind == _ERSPAN))
    plain = (flags & (_GRE_ROUTING | _GRE_VERSION) == 0) & is_any(kind, (_IPV4, _IPV6, _ETHERNET, _ERSPAN))
    other = np.where(is_any(kind, (_IPV4, _IPV6, _ETHERNET, _ERSPAN, *_WRAPPING)), _UNJUDGED, _NOTHING)
    return _Inside(np.where(plain, skip, other), _linktype_of(kind))


def _udp(batch: PacketBatch, payload: _Payload) -> _Inside:
    ports = headers_at(batch.buffer, payload.start, _PORTS)
    start = payload.start + _UDP_HEADER
    skip = np.full(len(start), _UNJUDGED, np.int64)
    linktype = np.full(len(start), _RAW_IP, np.uint16)
    shown = payload.available >= _UDP_HEADER + _LOOKED_AT
    for chosen, look in (
        (is_any(ports["dst"], _VXLAN_PORTS), _vxlan),
        (ports["dst"] == _GENEVE_PORT, _geneve),
        (_either(ports, _L2TP_PORT), _l2tp),
        (shown & _either(ports, _GTP_PORT), _gtp),
    ):
        if chosen.any():
            inside = look(batch, start[chosen])
            skip[chosen] = np.where(inside.skip < 0, inside.skip, _UDP_HEADER + inside.skip)
            linktype[chosen] = inside.linktype
    skip[~shown & _either(ports, _GTP_PORT)] = _NOTHING
    return _Inside(skip, linktype)


def _either(ports: NDArray[np.void], number: int) -> Bools:
    found: Bools = (ports["dst"] == number) | (ports["src"] == number)
    return found


def _vxlan(_: PacketBatch, start: Ints) -> _Inside:
    return _Inside(np.full(len(start), 8, np.int64), np.full(len(start), linktypes.ETHERNET, np.uint16))


def _geneve(batch: PacketBatch, start: Ints) -> _Inside:
    header = headers_at(batch.buffer, start, _GENEVE)
    skip = 8 + 4 * (header["options"] & 0x3F).astype(np.int64)
    first = header["options"] >> 6 == 0
    plain = first & is_any(header["type"], (_IPV4, _IPV6, _ETHERNET))
    other = np.where(first & is_any(header["type"], _WRAPPING), _UNJUDGED, _NOTHING)
    return _Inside(np.where(plain, skip, other), _linktype_of(header["type"]))


def _l2tp(batch: PacketBatch, start: Ints) -> _Inside:
    """Data messages of version 2 that hold PPP with IP in it; control messages hold nothing."""
    flags = u16_at(batch.buffer, start).astype(np.int64)
    skip = 6 + 2 * (flags & 0x4000 != 0) + 4 * (flags & 0x0800 != 0)
    last = len(batch.buffer) - 2
    addressed = u16_at(batch.buffer, np.minimum(start + skip, last)) == 0xFF03
    skip = skip + 2 * addressed
    protocol = u16_at(batch.buffer, np.minimum(start + skip, last))
    is_data = (flags & 0x8000 == 0) & (flags & 15 == 2)
    plain = is_data & (flags & 0x0200 == 0) & is_any(protocol, _PPP_IP)
    other = np.where(is_data, _UNJUDGED, _NOTHING)
    return _Inside(np.where(plain, skip + 2, other), np.full(len(start), _RAW_IP, np.uint16))


def _gtp(batch: PacketBatch, start: Ints) -> _Inside:
    """G-PDUs of version 1; an extension header begins with its length in words and ends with what follows it."""
    header = headers_at(batch.buffer, start, _GTP)
    flags, end = header["flags"], len(batch.buffer) - 1
    skip = 8 + 4 * (flags & 7 != 0).astype(np.int64)
    sound = (flags & 0xF0 == 0x30) & (header["type"] == 255)
    following = np.where(flags & 4 != 0, header["next"], 0)
    for _ in range(_MOST_GTP_EXTENSIONS):
        extended = np.flatnonzero(sound & (following != 0))
        if not len(extended):
            break
        words = batch.buffer[np.minimum(start + skip, end)[extended]].astype(np.int64)
        skip[extended] += 4 * words
        sound[extended] = words > 0
        following[extended] = batch.buffer[np.minimum(start + skip - 1, end)[extended]]
    sound &= (following == 0) & is_any(batch.buffer[np.minimum(start + skip, end)] >> 4, (4, 6))
    return _Inside(np.where(sound, skip, _NOTHING), np.full(len(start), _RAW_IP, np.uint16))


def _linktype_of(ethertype: NDArray[np.uint16]) -> NDArray[np.uint16]:
    is_ethernet = np.isin(ethertype, (_ETHERNET, _ERSPAN))
    return np.where(is_ethernet, linktypes.ETHERNET, _RAW_IP).astype(np.uint16)


_KINDS: dict[int, Callable[[PacketBatch, _Payload], _Inside]] = {4: _ip, 41: _ip, 47: _gre, _UDP: _udp}
