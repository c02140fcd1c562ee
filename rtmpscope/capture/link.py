"""Link layers, all packets at once: where the IP header of each packet begins.

Ethernet with VLAN tags and other headers before IP's (shims.py), PPPoE, MPLS labels (RFC 3032) right before IP,
Linux cooked captures and packet log, BSD loopback, wireless frames and raw IP. What is not recognised as IP is told
apart: packets that may hold IP in some other wrapping (encrypted MACsec, other link types) are declined, the rest
(ARP and the like) is of no interest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import linktypes, nflog, wireless
from rtmpscope.capture.batch import Ints, PacketBatch
from rtmpscope.capture.gather import is_any, u16_at, u32_at
from rtmpscope.capture.shims import VLAN_TAGS, through_shims
from rtmpscope.frozen import frozen

Bools = NDArray[np.bool_]

_IP = (0x0800, 0x86DD)
_PPPOE, _PPP_IP = 0x8864, (0x0021, 0x0057)
#: Control byte of unnumbered information, and the network layer's identifier of IPv4 or IPv6.
_RELAYED_IP = (0x03CC, 0x038E)
_MPLS, _MOST_LABELS, _BOTTOM = (0x8847, 0x8848), 8, 1
#: EtherTypes that may wrap IP: PPPoE session, MPLS (two), transparent bridging, MACsec, 802.1ah, VN-tag, NSH.
_WRAPPING = (0x8864, 0x8847, 0x8848, 0x6558, 0x88E5, 0x88E7, 0x8926, 0x894F)
#: Below this an EtherType is a length (IEEE 802.3), and an LLC header follows.
_LOWEST_ETHERTYPE = 0x0600
_LLC_SNAP = 0xAAAA
#: AF_INET everywhere; AF_INET6 of Windows, NetBSD/OpenBSD, FreeBSD and macOS.
_FAMILIES = (2, 23, 24, 28, 30)
#: Link type → (place of the EtherType, length of the header).
_ETHERTYPE_AT = {linktypes.ETHERNET: (12, 14), linktypes.LINUX_SLL: (14, 16), linktypes.LINUX_SLL2: (0, 20)}


@frozen
class NetworkLayer:
    """Where the network layer of packets begins.

    Attributes:
        row: packet of the batch.
        start: index in the buffer of its first IP byte.
        available: captured bytes from there to the packet's end; at least one.
        wire: how many there were on the wire.
    """

    row: Ints
    start: Ints
    available: Ints
    wire: Ints

    def take(self, chosen: Bools) -> NetworkLayer:
        """Only the chosen packets."""
        if chosen.all():
            return self
        return NetworkLayer(self.row[chosen], self.start[chosen], self.available[chosen], self.wire[chosen])


@frozen
class LinkResult:
    """IP packets, and the rows of the batch that may hold IP in a wrapping.

    ``partly`` counts frames that hold several packets, of which the first is among the IP packets.
    """

    network: NetworkLayer
    declined: Ints
    partly: int

    def of_rows(self, rows: Ints) -> LinkResult:
        """The same as found in these rows of a larger batch."""
        return LinkResult(replace(self.network, row=rows[self.network.row]), rows[self.declined], self.partly)


def network_layer(batch: PacketBatch) -> LinkResult:
    """Find the IP header of each packet of a batch."""
    skip = np.full(len(batch), -1, np.int64)
    wrapped = np.zeros(len(batch), np.bool_)
    partly = 0
    for linktype in batch.linktypes():
        rows = np.flatnonzero(batch.linktype == linktype)
        if linktype in linktypes.RAW:
            skip[rows] = 0
        elif linktype in (linktypes.NULL, linktypes.LOOP):
            _loopback(batch, rows, skip)
        elif linktype in _ETHERTYPE_AT:
            _by_ethertype(batch, rows, linktype, skip, wrapped)
        elif linktype in (linktypes.ENC, linktypes.PFLOG, linktypes.FRELAY):
            _by_version(batch, rows, linktype, skip)
        elif linktype in (linktypes.IEEE802_11, linktypes.RADIOTAP):
            frames = wireless.before_ip(batch, rows, linktype)
            skip[rows] = frames.skip
            partly += frames.of_several
        elif linktype == linktypes.NFLOG:
            skip[rows] = nflog.before_ip(batch, rows)
        else:
            wrapped[rows] = True
    network = NetworkLayer(np.arange(len(batch)), batch.start + skip, batch.captured - skip, batch.wire - skip)
    return LinkResult(network.take((skip >= 0) & (batch.captured > skip)), np.flatnonzero(wrapped), partly)


def _by_ethertype(batch: PacketBatch, rows: Ints, linktype: int, skip: Ints, wrapped: Bools) -> None:
    """Follow the EtherType through VLAN tags; fill in the bytes before IP, or that the packet is wrapped."""
    place, size = _ETHERTYPE_AT[linktype]
    rows = rows[batch.captured[rows] >= size]
    start, captured = batch.start[rows], batch.captured[rows]
    ends = np.full(len(rows), size, np.int64)
    ethertype = u16_at(batch.buffer, start + place)
    is_ip = is_any(ethertype, _IP)
    if is_ip.all():
        skip[rows] = size
        return
    through_shims(batch, rows, ends, ethertype)
    _through_pppoe(batch, rows, ends, ethertype)
    _through_mpls(batch, rows, ends, ethertype)
    is_ip = is_any(ethertype, _IP)
    skip[rows[is_ip]] = ends[is_ip]
    other = np.flatnonzero(~is_ip)
    wraps = is_any(ethertype[other], _WRAPPING)
    wraps |= is_any(ethertype[other], VLAN_TAGS) & (captured >= ends + 4)[other]
    wraps |= _is_snap(batch, rows[other], ends[other], ethertype[other])
    wrapped[rows[other[wraps]]] = True


def _through_pppoe(batch: PacketBatch, rows: Ints, ends: Ints, ethertype: NDArray[np.uint16]) -> None:
    """Step over the headers of PPPoE sessions that hold IP (RFC 2516; PPP protocols 0x0021 and 0x0057)."""
    session = np.flatnonzero((ethertype == _PPPOE) & (batch.captured[rows] >= ends + 8))
    if not len(session):
        return
    protocol = u16_at(batch.buffer, batch.start[rows[session]] + ends[session] + 6)
    for number, kind in zip(_PPP_IP, _IP, strict=True):
        chosen = session[protocol == number]
        ethertype[chosen] = kind
        ends[chosen] += 8


def _by_version(batch: PacketBatch, rows: Ints, linktype: int, skip: Ints) -> None:
    """Headers of OpenBSD's packet filter and IPsec, and of frame relay (RFC 2427), where IP is right behind."""
    rows = rows[batch.captured[rows] > 4]
    start = batch.start[rows]
    size = np.full(len(rows), {linktypes.ENC: 12}.get(linktype, 4), np.int64)
    if linktype == linktypes.PFLOG:  # its first byte tells its length without the padding
        size = (batch.buffer[start].astype(np.int64) + 3) & ~3
    shown = batch.captured[rows] > size
    rows, start, size = rows[shown], start[shown], size[shown]
    is_ip = is_any(batch.buffer[start + size] >> 4, (4, 6))
    if linktype == linktypes.FRELAY:
        is_ip &= is_any(u16_at(batch.buffer, start + 2), _RELAYED_IP)
    skip[rows[is_ip]] = size[is_ip]


def _through_mpls(batch: PacketBatch, rows: Ints, ends: Ints, ethertype: NDArray[np.uint16]) -> None:
    """Step over a stack of labels, where the first bits behind it are a version of IP."""
    left = np.flatnonzero(is_any(ethertype, _MPLS))
    at = ends[left]
    for _ in range(_MOST_LABELS):
        there = batch.captured[rows[left]] > at + 4
        left, at = left[there], at[there]
        if not len(left):
            return
        is_last = batch.buffer[batch.start[rows[left]] + at + 2] & _BOTTOM != 0
        at = at + 4
        version = batch.buffer[batch.start[rows[left]] + at] >> 4
        for number, kind in zip((4, 6), _IP, strict=True):
            chosen = is_last & (version == number)
            ethertype[left[chosen]] = kind
            ends[left[chosen]] = at[chosen]
        left, at = left[~is_last], at[~is_last]


def _is_snap(batch: PacketBatch, rows: Ints, ends: Ints, ethertype: NDArray[np.uint16]) -> Bools:
    """Whether an IEEE 802.3 frame has an LLC header that names SNAP, behind which IP may stand."""
    snap = (ethertype < _LOWEST_ETHERTYPE) & (batch.captured[rows] >= ends + 8)
    snap[snap] = u16_at(batch.buffer, batch.start[rows[snap]] + ends[snap]) == _LLC_SNAP
    return snap


def _loopback(batch: PacketBatch, rows: Ints, skip: Ints) -> None:
    """BSD loopback: a four-byte address family, in the byte order of whoever captured."""
    rows = rows[batch.captured[rows] > 4]
    family = u32_at(batch.buffer, batch.start[rows])
    family = np.where(family > 0xFFFF, family.byteswap(), family)
    skip[rows[is_any(family, _FAMILIES)]] = 4
