"""Link layers, all packets at once: where the IP header of each packet begins.

Ethernet with any number of VLAN tags, Linux cooked captures, BSD loopback and raw IP. What is not
recognised as IP is told apart: packets that may hold TCP in some wrapping (tunnels, PPPoE, MPLS, other link
types) are declined, the rest (ARP and the like) is of no interest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, PacketBatch
from rtmpscope.capture.gather import u16_at

Bools = NDArray[np.bool_]

ETHERNET, RAW, LINUX_SLL, LINUX_SLL2 = 1, 101, 113, 276
NULL, LOOP = 0, 108
_RAW_TYPES = (RAW, 12, 14, 228, 229)

_IPV4, _IPV6 = 0x0800, 0x86DD
_VLAN_TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)
#: EtherTypes that may wrap IP: PPPoE, MPLS, transparent bridging, 802.1ah, NSH, ERSPAN's bridging.
_WRAPPING = (0x8863, 0x8864, 0x8847, 0x8848, 0x6558, 0x88E7, 0x894F)
_MOST_TAGS = 6
#: Address families that BSD systems use for IPv6.
_FAMILIES_V6 = (10, 24, 28, 30)


@dataclass(frozen=True, slots=True)
class NetworkLayer:
    """Where the network layer of packets begins.

    Attributes:
        row: packet of the batch.
        start: index in the buffer of its first IP byte.
        available: captured bytes from there to the packet's end; ``wire`` is how many there were.
    """

    row: Ints
    start: Ints
    available: Ints
    wire: Ints


@dataclass(frozen=True, slots=True)
class LinkResult:
    """IP packets, and the rows of the batch that may hold IP in a wrapping."""

    network: NetworkLayer
    declined: Ints


def network_layer(batch: PacketBatch) -> LinkResult:
    """Find the IP header of each packet of a batch."""
    skip = np.full(len(batch), -1, np.int64)
    wrapped = np.zeros(len(batch), np.bool_)
    for linktype in np.unique(batch.linktype).tolist():
        rows = np.flatnonzero(batch.linktype == linktype)
        _skip_of(int(linktype), batch, rows, skip, wrapped)
    rows = np.flatnonzero((skip >= 0) & (batch.captured > skip))
    network = NetworkLayer(
        row=rows,
        start=batch.start[rows] + skip[rows],
        available=batch.captured[rows] - skip[rows],
        wire=batch.wire[rows] - skip[rows],
    )
    return LinkResult(network, np.flatnonzero(wrapped))


def _skip_of(linktype: int, batch: PacketBatch, rows: Ints, skip: Ints, wrapped: Bools) -> None:
    """Fill in, for packets of one link type, the bytes before IP (-1: none), or that they are wrapped."""
    if linktype in _RAW_TYPES:
        skip[rows] = 0
    elif linktype in (NULL, LOOP):
        _loopback(batch, rows, skip)
    elif linktype == LINUX_SLL:
        _by_ethertype(batch, rows, 14, 16, skip, wrapped)
    elif linktype == LINUX_SLL2:
        _by_ethertype(batch, rows, 0, 20, skip, wrapped)
    elif linktype == ETHERNET:
        _by_ethertype(batch, rows, 12, 14, skip, wrapped)
    else:
        wrapped[rows] = True


def _by_ethertype(batch: PacketBatch, rows: Ints, at: int, header: int, skip: Ints, wrapped: Bools) -> None:
    """Follow the protocol field at ``at``, through VLAN tags; the header ends at ``header``."""
    rows = rows[batch.captured[rows] >= header]
    ends = np.full(len(rows), header, np.int64)
    ethertype = u16_at(batch.buffer, batch.start[rows] + at)
    for _ in range(_MOST_TAGS):
        tagged = np.isin(ethertype, _VLAN_TAGS) & (batch.captured[rows] >= ends + 4)
        if not tagged.any():
            break
        ethertype[tagged] = u16_at(batch.buffer, batch.start[rows[tagged]] + ends[tagged] + 2)
        ends[tagged] += 4
    is_ip = (ethertype == _IPV4) | (ethertype == _IPV6)
    skip[rows[is_ip]] = ends[is_ip]
    wrapped[rows[np.isin(ethertype, _WRAPPING)]] = True


def _loopback(batch: PacketBatch, rows: Ints, skip: Ints) -> None:
    """BSD loopback: a four-byte address family, in the byte order of whoever captured."""
    rows = rows[batch.captured[rows] > 4]
    first = u16_at(batch.buffer, batch.start[rows]).astype(np.int64)
    second = u16_at(batch.buffer, batch.start[rows] + 2).astype(np.int64)
    little = (first >> 8 | (first & 0xFF) << 8) if len(rows) else first
    family = np.where(second == 0, little, second)
    skip[rows[np.isin(family, (2, *_FAMILIES_V6))]] = 4


#: Names of link types that people meet, for messages.
LINKTYPE_NAMES = {
    0: "NULL",
    1: "ETHERNET",
    9: "PPP",
    12: "RAW",
    50: "PPP_HDLC",
    51: "PPP_ETHER",
    101: "RAW",
    105: "IEEE802_11",
    107: "FRELAY",
    108: "LOOP",
    113: "LINUX_SLL",
    127: "IEEE802_11_RADIOTAP",
    147: "USER0",
    189: "USB_LINUX",
    195: "IEEE802_15_4",
    220: "USB_LINUX_MMAPPED",
    228: "IPV4",
    229: "IPV6",
    276: "LINUX_SLL2",
}


def linktype_name(number: int) -> str:
    """A link type as ``105 (IEEE802_11)``."""
    name = LINKTYPE_NAMES.get(number)
    return f"{number} ({name})" if name else str(number)
