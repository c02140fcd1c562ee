"""What stands between an IP header and what the packet carries, all packets at once.

IPv6 extension headers (RFC 8200 section 4) and the authentication header (RFC 4302) of either version; the
latter proves where a packet comes from, and hides nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, Octets
from rtmpscope.capture.gather import headers_at, is_any
from rtmpscope.frozen import frozen

AUTHENTICATION, FRAGMENT = 51, 44
#: IPv6 extension headers: hop-by-hop, routing, fragment, destination options, mobility, HIP, Shim6.
EXTENSIONS = (0, 43, FRAGMENT, 60, 135, 139, 140)
_STEPPED_OVER = (*EXTENSIONS, AUTHENTICATION)
#: More headers than this are no packet that anyone sends.
_MOST = 12
_LEAST = 8

_HEADER = np.dtype([("next", "u1"), ("length", "u1"), ("offset", ">u2"), ("id", ">u4")])


@frozen
class Carried:
    """What packets carry behind their headers.

    Attributes:
        protocol: its number; that of the first header not stepped over where the packet is cut before.
        size: bytes of the IP header and of all headers behind it.
        fragment: it is a fragment, but not all of a datagram.
        offset, ident: of a fragment.
    """

    protocol: NDArray[np.uint8]
    size: Ints
    fragment: NDArray[np.bool_]
    offset: Ints
    ident: Ints


def carried(
    buffer: Octets, start: Ints, available: Ints, protocol: NDArray[np.uint8], size: Ints, kinds: tuple[int, ...]
) -> Carried:
    """Step over headers of the given kinds, beginning ``size`` bytes behind ``start`` with ``protocol``."""
    none, zeros = np.zeros(len(size), np.bool_), np.zeros(len(size), np.int64)
    if not is_any(protocol, kinds).any():
        return Carried(protocol, size, none, zeros, zeros)
    found = Carried(protocol.copy(), size.copy(), none, zeros, zeros.copy())
    for _ in range(_MOST):
        there = is_any(found.protocol, kinds) & ~found.fragment & (available >= found.size + _LEAST)
        rows = np.flatnonzero(there)
        if not len(rows):
            break
        _step(found, rows, headers_at(buffer, start[rows] + found.size[rows], _HEADER))
    return found


def carried_by_v6(buffer: Octets, start: Ints, available: Ints, following: NDArray[np.uint8]) -> Carried:
    """What IPv6 packets carry."""
    return carried(buffer, start, available, following, np.full(len(start), 40, np.int64), _STEPPED_OVER)


def carried_by_v4(buffer: Octets, start: Ints, available: Ints, protocol: NDArray[np.uint8], size: Ints) -> Carried:
    """What IPv4 packets carry that are no fragments."""
    return carried(buffer, start, available, protocol, size, (AUTHENTICATION,))


def _step(found: Carried, rows: Ints, header: NDArray[np.void]) -> None:
    kind, length = found.protocol[rows], header["length"].astype(np.int64)
    is_fragment = kind == FRAGMENT
    found.fragment[rows] = is_fragment & (header["offset"] & 0xFFF9 != 0)
    found.offset[rows] = np.where(is_fragment, header["offset"] & 0xFFF8, 0)
    found.ident[rows] = np.where(is_fragment, header["id"], 0)
    size = np.where(kind == AUTHENTICATION, 4 * (length + 2), 8 * (length + 1))
    found.size[rows] += np.where(is_fragment, 8, size)
    found.protocol[rows] = header["next"]
