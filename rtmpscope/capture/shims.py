"""Headers between a link layer's and IP's, all packets at once: what stands before the EtherType that counts.

VLAN tags (IEEE 802.1Q), MACsec that is not encrypted (IEEE 802.1AE section 9), and service chaining (NSH, RFC 8300).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, PacketBatch
from rtmpscope.capture.gather import is_any, u16_at

Bools = NDArray[np.bool_]

VLAN_TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)
_IP, _MACSEC, _NSH = (0x0800, 0x86DD), 0x88E5, 0x894F
_SECURED, _IDENTIFIED = 0x0C, 0x20
_SECTAG, _IDENTIFIER, _ETHERTYPE, _ETHERNET = 6, 8, 2, 14
#: What NSH calls the protocol behind it.
_NSH_IPV4, _NSH_IPV6, _NSH_ETHERNET = 1, 2, 3
_MOST = 4


def through_shims(batch: PacketBatch, rows: Ints, ends: Ints, ethertype: NDArray[np.uint16]) -> None:
    """Step over the headers that name an EtherType behind them: ``ends`` and ``ethertype`` are moved along."""
    for _ in range(_MOST):
        if is_any(ethertype, _IP).all():
            return
        moved = _through_tags(batch, rows, ends, ethertype)
        moved |= _through_macsec(batch, rows, ends, ethertype)
        moved |= _through_nsh(batch, rows, ends, ethertype)
        if not moved:
            return


def _through_tags(batch: PacketBatch, rows: Ints, ends: Ints, ethertype: NDArray[np.uint16]) -> bool:
    tagged = is_any(ethertype, VLAN_TAGS)
    if not tagged.any():
        return False
    tagged &= batch.captured[rows] >= ends + 4
    ethertype[tagged] = u16_at(batch.buffer, batch.start[rows[tagged]] + ends[tagged] + 2)
    ends[tagged] += 4
    return bool(tagged.any())


def _through_macsec(batch: PacketBatch, rows: Ints, ends: Ints, ethertype: NDArray[np.uint16]) -> bool:
    mine = np.flatnonzero((ethertype == _MACSEC) & (batch.captured[rows] > ends))
    if not len(mine):
        return False
    control = batch.buffer[batch.start[rows[mine]] + ends[mine]]
    size = _SECTAG + _IDENTIFIER * (control & _IDENTIFIED != 0).astype(np.int64)
    plain = (control & _SECURED == 0) & (batch.captured[rows[mine]] >= ends[mine] + size + _ETHERTYPE)
    mine, size = mine[plain], size[plain]
    ethertype[mine] = u16_at(batch.buffer, batch.start[rows[mine]] + ends[mine] + size)
    ends[mine] += size + _ETHERTYPE
    return bool(len(mine))


def _through_nsh(batch: PacketBatch, rows: Ints, ends: Ints, ethertype: NDArray[np.uint16]) -> bool:
    mine = np.flatnonzero((ethertype == _NSH) & (batch.captured[rows] >= ends + 4))
    if not len(mine):
        return False
    start = batch.start[rows[mine]] + ends[mine]
    size = 4 * (u16_at(batch.buffer, start).astype(np.int64) & 0x3F)
    follows = batch.buffer[start + 3]
    is_frame = follows == _NSH_ETHERNET
    known = is_any(follows, (_NSH_IPV4, _NSH_IPV6, _NSH_ETHERNET)) & (size >= 8)
    known &= batch.captured[rows[mine]] >= ends[mine] + size + _ETHERNET * is_frame
    mine, start, size, follows, is_frame = mine[known], start[known], size[known], follows[known], is_frame[known]
    ethertype[mine] = np.where(follows == _NSH_IPV4, 0x0800, 0x86DD)
    ethertype[mine[is_frame]] = u16_at(batch.buffer, (start + size + _ETHERNET - _ETHERTYPE)[is_frame])
    ends[mine] += size + _ETHERNET * is_frame
    return bool(len(mine))
