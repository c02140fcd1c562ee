"""What the TCP layer hands on: ordered bytes and the holes between them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen

Ints = NDArray[np.int64]


@frozen
class Piece:
    """Bytes of one direction, next in order.

    Attributes:
        connection: number of the connection.
        direction: 0 from the side that sent the connection's first packet, 1 from the other.
        offset: position of ``data[0]``, counted from the byte after SYN, or from the first captured byte.
        data: the bytes.
        seg_offset: offsets at which the segments that brought them begin, ascending; each reaches to the next.
        seg_frame, seg_time: packet and time (ns) of each of these segments.
    """

    connection: int
    direction: int
    offset: int
    data: bytes
    seg_offset: Ints
    seg_frame: Ints
    seg_time: Ints


@frozen
class Hole:
    """Bytes that were sent and are not in the capture.

    Attributes:
        connection, direction, offset: as in :class:`Piece`.
        length: how many bytes are missing.
        reason: ``lost`` (no packet holds them) or ``snapped`` (the packet was stored in part).
        acked: whether the receiver acknowledged them.
        frame, time: the packet after the hole, and its time in ns.
    """

    connection: int
    direction: int
    offset: int
    length: int
    reason: Literal["lost", "snapped"]
    acked: bool
    frame: int
    time: int
