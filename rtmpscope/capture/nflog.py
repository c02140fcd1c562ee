"""Linux's packet log (link type NFLOG), all packets at once: a header and attributes, one of which is an IP packet.

Lengths and kinds of attributes are in the byte order of whoever captured (tcpdump.org/linktypes/LINKTYPE_NFLOG.html).
"""

from __future__ import annotations

import numpy as np

from rtmpscope.capture.batch import Ints, PacketBatch
from rtmpscope.capture.gather import headers_at, is_any

_HEADER, _ATTRIBUTE, _PAYLOAD = 4, 4, 9
_MOST_ATTRIBUTES = 32
#: No attribute before the packet's own is as long.
_LONGEST = 0x1000
_ATTRIBUTES = np.dtype([("length", "<u2"), ("kind", "<u2")])


def before_ip(batch: PacketBatch, rows: Ints) -> Ints:
    """The bytes before the IP header of each of ``rows``; -1 where there is none."""
    skip = np.full(len(rows), -1, np.int64)
    left = np.flatnonzero(batch.captured[rows] >= _HEADER + _ATTRIBUTE)
    at = np.full(len(left), _HEADER, np.int64)
    for _ in range(_MOST_ATTRIBUTES):
        if not len(left):
            break
        attribute = headers_at(batch.buffer, batch.start[rows[left]] + at, _ATTRIBUTES)
        length, kind = attribute["length"].astype(np.int64), attribute["kind"]
        is_packet = is_any(kind, (_PAYLOAD, _PAYLOAD << 8))
        swapped = (kind > 0xFF) | ((length > _LONGEST) & ~is_packet)
        length = np.where(swapped, (length >> 8) | (length & 0xFF) << 8, length)
        skip[left[is_packet]] = at[is_packet] + _ATTRIBUTE
        following = at + (length + 3 & ~3)
        goes_on = ~is_packet & (length >= _ATTRIBUTE) & (batch.captured[rows[left]] >= following + _ATTRIBUTE)
        left, at = left[goes_on], following[goes_on]
    return skip
