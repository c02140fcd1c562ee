"""The columns that the capture layer hands on: packets of a block, and the TCP segments among them.

Columns of one batch share one length. A batch's ``buffer`` is reused for the next block, so whatever is
to outlive the batch has to be copied out of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]
Words = NDArray[np.uint64]


@frozen
class PacketBatch:
    """The packets of one block of a capture file, in file order.

    Attributes:
        file: index of the file in the capture's list of files.
        first_frame: 1-based number, within its file, of packet 0; packet i is frame ``first_frame + i``.
        buffer: the block's bytes; valid only until the next batch is asked for.
        position: file offset of ``buffer[0]``.
        start: index in ``buffer`` of each packet's first byte.
        captured: bytes of each packet that are in the file.
        wire: bytes that each packet had on the wire; never less than ``captured``.
        time_ns: time of capture, nanoseconds since 1970 UTC.
        linktype: link type of each packet (pcapng interfaces differ); ``NO_LINKTYPE`` where the packet
            names an interface that the file does not describe.
    """

    file: int
    first_frame: int
    buffer: Octets
    position: int
    start: Ints
    captured: Ints
    wire: Ints
    time_ns: Ints
    linktype: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.start)

    def linktypes(self) -> list[int]:
        """The link types that occur, ascending."""
        found: list[int] = np.flatnonzero(np.bincount(self.linktype)).tolist()
        return found

    def take(self, rows: Ints | slice) -> PacketBatch:
        """Only these packets; their places in the batch no longer tell their frames."""
        names = ("start", "captured", "wire", "time_ns", "linktype")
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in names}
        return replace(self, **columns)


@frozen
class SegmentBatch:
    """TCP segments, those without payload included, in frame order.

    Attributes:
        buffer: bytes that ``payload_start`` counts in; valid as long as the packet batch's buffer is.
        frame: 1-based packet number.
        time_ns: time of capture, nanoseconds since 1970 UTC.
        src_hi, src_lo, dst_hi, dst_lo: addresses as two big-endian halves; IPv4 as ``::ffff:a.b.c.d``.
        src_port, dst_port: TCP ports.
        seq, ack: sequence and acknowledgement number as on the wire.
        flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128 (RFC 9293 section 3.1).
        window: receive window as on the wire, unscaled.
        window_scale: shift count of the window scale option of SYN segments (RFC 7323), else -1.
        payload_start: index in ``buffer`` of the first payload byte.
        payload_captured: payload bytes that are in the file.
        payload_length: payload bytes on the wire; more than captured where the packet was snapped.
    """

    buffer: Octets
    frame: Ints
    time_ns: Ints
    src_hi: Words
    src_lo: Words
    dst_hi: Words
    dst_lo: Words
    src_port: NDArray[np.uint16]
    dst_port: NDArray[np.uint16]
    seq: NDArray[np.uint32]
    ack: NDArray[np.uint32]
    flags: Octets
    window: NDArray[np.uint16]
    window_scale: NDArray[np.int8]
    payload_start: Ints
    payload_captured: Ints
    payload_length: Ints

    def __len__(self) -> int:
        return len(self.frame)
