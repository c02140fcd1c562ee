"""The common tunnels, all packets at once: where the packet inside each begins.

IP in IP (RFC 2003, 4213), GRE (RFC 2784, 2890) with IP, Ethernet or ERSPAN types I and II in it, VXLAN
(RFC 7348), Geneve (RFC 8926), and GTP-U (3GPP TS 29.281) with at most one extension header. Of these only the
plain forms; whatever is not judged here stays declined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import linktypes
from rtmpscope.capture.batch import Ints, PacketBatch
from rtmpscope.capture.gather import headers_at
from rtmpscope.capture.link import Bools, NetworkLayer
from rtmpscope.frozen import frozen

_RAW_IP = 101
_UDP, _UDP_HEADER = 17, 8
_V4_LEAST, _V6_HEADER = 20, 40
_VXLAN_PORTS, _GENEVE_PORT, _GTP_PORT = (4789, 8472), 6081, 2152
_IPV4, _IPV6, _ETHERNET, _ERSPAN = 0x0800, 0x86DD, 0x6558, 0x88BE
#: As many bytes of a tunnel's header as are looked at; shorter packets hold no segment.
_LOOKED_AT = 16

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
_GTP = np.dtype([("flags", "u1"), ("type", "u1"), ("rest", "V9"), ("next", "u1"), ("words", "u1")])


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
    """For each packet: bytes before the one inside (-1 where this is not known), and its link type."""

    skip: Ints
    linktype: NDArray[np.uint16]


@frozen
class Inner:
    """The packets inside tunnels, as a batch of their own, and the row of the outer batch of each."""

    batch: PacketBatch
    row: Ints


def inner_packets(batch: PacketBatch, network: NetworkLayer, rows: Ints) -> Inner:
    """The packets inside those of ``rows`` that are one of the tunnels told above."""
    payload = _payloads(batch, network.take(np.isin(network.row, rows)))
    payload = payload.take(payload.available >= _LOOKED_AT)
    skip = np.full(len(payload.row), -1, np.int64)
    linktype = np.full(len(payload.row), _RAW_IP, np.uint16)
    for protocol, look in _KINDS.items():
        mine = np.flatnonzero(payload.protocol == protocol)
        if len(mine):
            inside = look(batch, payload.take(mine))
            skip[mine], linktype[mine] = inside.skip, inside.linktype
    known = (skip >= 0) & (payload.available > skip)
    payload, skip, linktype = payload.take(known), skip[known], linktype[known]
    inner = replace(
        batch,
        start=payload.start + skip,
        captured=payload.available - skip,
        wire=payload.wire - skip,
        time_ns=batch.time_ns[payload.row],
        linktype=linktype,
    )
    return Inner(inner, payload.row)


def _payloads(batch: PacketBatch, packets: NetworkLayer) -> _Payload:
    """What the packets carry that are no fragments and have no extension headers."""
    version = batch.buffer[packets.start] >> 4
    four = packets.take((version == 4) & (packets.available >= _V4_LEAST))
    v4 = headers_at(batch.buffer, four.start, _V4)
    size, total = (v4["first"] & 15).astype(np.int64) * 4, v4["total"].astype(np.int64)
    plain = (v4["fragment"] & 0x3FFF == 0) & (size >= _V4_LEAST) & (total > size)
    six = packets.take((version == 6) & (packets.available >= _V6_HEADER))
    v6 = headers_at(batch.buffer, six.start, _V6)
    length = v6["payload"].astype(np.int64)
    both = _Payload(
        row=np.concatenate([four.row[plain], six.row]),
        start=np.concatenate([(four.start + size)[plain], six.start + _V6_HEADER]),
        available=np.concatenate(
            [(np.minimum(four.available, total) - size)[plain], np.minimum(six.available - _V6_HEADER, length)]
        ),
        wire=np.concatenate([(total - size)[plain], length]),
        protocol=np.concatenate([v4["protocol"][plain], v6["next"]]).astype(np.int64),
    )
    return both.take(np.argsort(both.row, kind="stable"))


def _ip(_: PacketBatch, payload: _Payload) -> _Inside:
    return _Inside(np.zeros(len(payload.row), np.int64), np.full(len(payload.row), _RAW_IP, np.uint16))


def _gre(batch: PacketBatch, payload: _Payload) -> _Inside:
    header = headers_at(batch.buffer, payload.start, _GRE)
    flags, kind = header["flags"].astype(np.int64), header["type"]
    sequenced = flags & _GRE_SEQUENCE != 0
    skip = 4 + 4 * (flags & _GRE_CHECKSUM != 0) + 4 * (flags & _GRE_KEY != 0) + 4 * sequenced
    # ERSPAN type II has a header of its own after the sequence number; type I has neither.
    skip += 8 * (sequenced & (kind == _ERSPAN))
    plain = (flags & (_GRE_ROUTING | _GRE_VERSION) == 0) & np.isin(kind, (_IPV4, _IPV6, _ETHERNET, _ERSPAN))
    return _Inside(np.where(plain, skip, -1), _linktype_of(kind))


def _udp(batch: PacketBatch, payload: _Payload) -> _Inside:
    ports = headers_at(batch.buffer, payload.start, _PORTS)
    start = payload.start + _UDP_HEADER
    skip = np.full(len(start), -1, np.int64)
    linktype = np.full(len(start), _RAW_IP, np.uint16)
    is_gtp = (ports["dst"] == _GTP_PORT) | (ports["src"] == _GTP_PORT)
    for chosen, look in (
        (np.isin(ports["dst"], _VXLAN_PORTS), _vxlan),
        (ports["dst"] == _GENEVE_PORT, _geneve),
        (is_gtp & (payload.available >= _UDP_HEADER + _LOOKED_AT), _gtp),
    ):
        inside = look(batch, start[chosen])
        skip[chosen] = np.where(inside.skip < 0, -1, _UDP_HEADER + inside.skip)
        linktype[chosen] = inside.linktype
    return _Inside(skip, linktype)


def _vxlan(batch: PacketBatch, start: Ints) -> _Inside:
    has_number = batch.buffer[start] & 8 != 0
    return _Inside(np.where(has_number, 8, -1), np.full(len(start), linktypes.ETHERNET, np.uint16))


def _geneve(batch: PacketBatch, start: Ints) -> _Inside:
    header = headers_at(batch.buffer, start, _GENEVE)
    skip = 8 + 4 * (header["options"] & 0x3F).astype(np.int64)
    plain = (header["options"] >> 6 == 0) & np.isin(header["type"], (_IPV4, _IPV6, _ETHERNET))
    return _Inside(np.where(plain, skip, -1), _linktype_of(header["type"]))


def _gtp(batch: PacketBatch, start: Ints) -> _Inside:
    """G-PDUs of version 1; an extension header begins with its length in words and ends with what follows it."""
    header = headers_at(batch.buffer, start, _GTP)
    flags = header["flags"]
    extended = (flags & 4 != 0) & (header["next"] != 0)
    skip = 8 + 4 * (flags & 7 != 0) + 4 * np.where(extended, header["words"], 0).astype(np.int64)
    last = np.minimum(start + skip - 1, len(batch.buffer) - 1)
    plain = (flags & 0xF0 == 0x30) & (header["type"] == 255) & (~extended | (batch.buffer[last] == 0) & (skip > 12))
    inside = batch.buffer[np.minimum(start + skip, len(batch.buffer) - 1)] >> 4
    return _Inside(np.where(plain & np.isin(inside, (4, 6)), skip, -1), np.full(len(start), _RAW_IP, np.uint16))


def _linktype_of(ethertype: NDArray[np.uint16]) -> NDArray[np.uint16]:
    is_ethernet = np.isin(ethertype, (_ETHERNET, _ERSPAN))
    return np.where(is_ethernet, linktypes.ETHERNET, _RAW_IP).astype(np.uint16)


_KINDS: dict[int, Callable[[PacketBatch, _Payload], _Inside]] = {4: _ip, 41: _ip, 47: _gre, _UDP: _udp}
