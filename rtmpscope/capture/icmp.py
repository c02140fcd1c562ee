"""ICMP errors about TCP segments (RFC 792, RFC 4443): who refused to deliver what.

Such an error quotes the packet that it is about: its IP header and the first eight bytes behind it, which are
the ports and the sequence number. Only packets that are not TCP themselves are looked at.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, PacketBatch, Words
from rtmpscope.capture.gather import headers_at
from rtmpscope.capture.ip import Transport
from rtmpscope.capture.link import NetworkLayer
from rtmpscope.frozen import frozen

_TCP, _ICMP, _ICMPV6 = 6, 1, 58
_V6_HEADER, _ICMP_HEADER, _QUOTED_TCP = 40, 8, 8
_LEAST_V4 = 20
_V4_MAPPED = np.uint64(0xFFFF << 32)
#: What is needed of IP headers.
_V4 = np.dtype(
    {"names": ["size", "protocol", "src", "dst"], "formats": ["u1", "u1", ">u4", ">u4"], "offsets": [0, 9, 12, 16]}
)
_V6 = np.dtype(
    {
        "names": ["next", "src_hi", "src_lo", "dst_hi", "dst_lo"],
        "formats": ["u1", ">u8", ">u8", ">u8", ">u8"],
        "offsets": [6, 8, 16, 24, 32],
    }
)
_ERROR = np.dtype([("type", "u1"), ("code", "u1"), ("checksum", ">u2"), ("high", ">u2"), ("mtu", ">u2")])
_QUOTE = np.dtype([("src", ">u2"), ("dst", ">u2"), ("seq", ">u4")])

#: (IP version, type, code) → what the error says; a code of -1 stands for any other.
REASONS = {
    (4, 3, 0): "network unreachable",
    (4, 3, 1): "host unreachable",
    (4, 3, 2): "protocol unreachable",
    (4, 3, 3): "port unreachable",
    (4, 3, 4): "fragmentation needed",
    (4, 3, 6): "network unknown",
    (4, 3, 7): "host unknown",
    (4, 3, 9): "network prohibited",
    (4, 3, 10): "host prohibited",
    (4, 3, 13): "administratively prohibited",
    (4, 3, -1): "destination unreachable",
    (6, 1, 0): "no route",
    (6, 1, 1): "administratively prohibited",
    (6, 1, 2): "beyond the scope of the source address",
    (6, 1, 3): "address unreachable",
    (6, 1, 4): "port unreachable",
    (6, 1, 5): "source address failed policy",
    (6, 1, 6): "reject route",
    (6, 1, -1): "destination unreachable",
    (6, 2, 0): "packet too big",
}


@frozen
class IcmpErrors:
    """ICMP errors of a batch, in frame order: columns of one length.

    Attributes:
        frame, time_ns: the packet that holds the error.
        src_hi, src_lo, dst_hi, dst_lo, src_port, dst_port, seq: of the TCP segment that it quotes.
        version, type, code: IP version, ICMP type and code.
        mtu: the largest packet that would pass, where the error tells it, else 0.
    """

    frame: Ints
    time_ns: Ints
    src_hi: Words
    src_lo: Words
    dst_hi: Words
    dst_lo: Words
    src_port: Ints
    dst_port: Ints
    seq: Ints
    version: Ints
    type: Ints
    code: Ints
    mtu: Ints

    def __len__(self) -> int:
        return len(self.frame)


def reason_of(version: int, type_: int, code: int) -> str:
    """What an error says, in words."""
    return REASONS.get((version, type_, code), REASONS.get((version, type_, -1), f"ICMP type {type_} code {code}"))


def icmp_errors(batch: PacketBatch, network: NetworkLayer, tcp: Transport) -> IcmpErrors:
    """The ICMP errors about TCP among the packets of ``network`` that are not TCP."""
    other = np.ones(len(batch), np.bool_)
    other[tcp.row] = False
    packets = network.take(other[network.row])
    version = batch.buffer[packets.start] >> 4
    four = _errors_v4(batch, packets.take(version == 4))
    six = _errors_v6(batch, packets.take(version == 6))
    if not len(four) or not len(six):
        return four if len(four) else six
    joined = [np.concatenate([getattr(four, one.name), getattr(six, one.name)]) for one in fields(IcmpErrors)]
    order = np.argsort(joined[0], kind="stable")
    return IcmpErrors(*(column[order] for column in joined))


def _errors_v4(batch: PacketBatch, packets: NetworkLayer) -> IcmpErrors:
    """Type 3, destination unreachable."""
    packets = packets.take(packets.available >= _LEAST_V4 + _ICMP_HEADER + _LEAST_V4 + _QUOTED_TCP)
    outer = headers_at(batch.buffer, packets.start, _V4)
    is_icmp = outer["protocol"] == _ICMP
    packets, size = packets.take(is_icmp), _header_size(outer[is_icmp])
    error = headers_at(batch.buffer, packets.start + size, _ERROR)
    inner = packets.start + size + _ICMP_HEADER
    quoted = headers_at(batch.buffer, inner, _V4)
    inner_size = _header_size(quoted)
    meant = (error["type"] == 3) & (quoted["protocol"] == _TCP) & (size >= _LEAST_V4) & (inner_size >= _LEAST_V4)
    meant &= packets.available >= size + _ICMP_HEADER + inner_size + _QUOTED_TCP
    quoted, high = quoted[meant], np.zeros(np.count_nonzero(meant), np.uint64)
    src, dst = (quoted[name].astype(np.uint64) | _V4_MAPPED for name in ("src", "dst"))
    addresses = (high, src, high, dst)
    mtu = np.where(error["code"] == 4, error["mtu"], 0)[meant]
    return _made(batch, packets.row[meant], 4, addresses, error[meant], (inner + inner_size)[meant], mtu)


def _errors_v6(batch: PacketBatch, packets: NetworkLayer) -> IcmpErrors:
    """Type 1, destination unreachable, and type 2, packet too big."""
    packets = packets.take(packets.available >= 2 * _V6_HEADER + _ICMP_HEADER + _QUOTED_TCP)
    outer = headers_at(batch.buffer, packets.start, _V6)
    packets = packets.take(outer["next"] == _ICMPV6)
    error = headers_at(batch.buffer, packets.start + _V6_HEADER, _ERROR)
    inner = packets.start + _V6_HEADER + _ICMP_HEADER
    quoted = headers_at(batch.buffer, inner, _V6)
    meant = ((error["type"] == 1) | (error["type"] == 2)) & (quoted["next"] == _TCP)
    quoted = quoted[meant]
    mtu = np.where(error["type"] == 2, (error["high"].astype(np.int64) << 16) | error["mtu"], 0)[meant]
    addresses = tuple(quoted[name].astype(np.uint64) for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"))
    return _made(batch, packets.row[meant], 6, addresses, error[meant], (inner + _V6_HEADER)[meant], mtu)


def _header_size(header: NDArray[np.void]) -> Ints:
    size: Ints = (header["size"] & 15).astype(np.int64) * 4
    return size


def _made(
    batch: PacketBatch,
    row: Ints,
    version: int,
    addresses: tuple[Words, ...],
    error: NDArray[np.void],
    quote_at: Ints,
    mtu: NDArray[np.integer],
) -> IcmpErrors:
    quote = headers_at(batch.buffer, quote_at, _QUOTE)
    src_hi, src_lo, dst_hi, dst_lo = addresses
    return IcmpErrors(
        frame=row + batch.first_frame,
        time_ns=batch.time_ns[row],
        src_hi=src_hi,
        src_lo=src_lo,
        dst_hi=dst_hi,
        dst_lo=dst_lo,
        src_port=quote["src"].astype(np.int64),
        dst_port=quote["dst"].astype(np.int64),
        seq=quote["seq"].astype(np.int64),
        version=np.full(len(row), version, np.int64),
        type=error["type"].astype(np.int64),
        code=error["code"].astype(np.int64),
        mtu=mtu.astype(np.int64),
    )
