"""Capture files built byte by byte, and the rows that come out of them."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rtmpscope.capture import Capture, Dissector, SegmentBatch, open_capture, segments

EPOCH = 1_700_000_000


@dataclass(frozen=True)
class Packet:
    """One packet of a file to be written: what is captured of it, and when."""

    data: bytes
    wire: int = -1
    time_ns: int = EPOCH * 10**9
    interface: int = 0

    @property
    def length(self) -> int:
        return len(self.data) if self.wire < 0 else self.wire


def pcap(packets: list[Packet], *, linktype: int = 1, order: str = "<", nano: bool = False) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, linktype)]
    for packet in packets:
        seconds, fraction = divmod(packet.time_ns, 10**9)
        fraction = fraction if nano else fraction // 1000
        parts.append(struct.pack(order + "IIII", seconds, fraction, len(packet.data), packet.length))
        parts.append(packet.data)
    return b"".join(parts)


class Pcapng:
    """Blocks of one section, in the byte order given."""

    def __init__(self, order: str = "<") -> None:
        self.order = order

    def block(self, kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        total = len(body) + 12
        return struct.pack(self.order + "II", kind, total) + body + struct.pack(self.order + "I", total)

    def option(self, code: int, value: bytes) -> bytes:
        return struct.pack(self.order + "HH", code, len(value)) + value + bytes(-len(value) % 4)

    def section(self) -> bytes:
        return self.block(0x0A0D0D0A, struct.pack(self.order + "IHHq", 0x1A2B3C4D, 1, 0, -1))

    def interface(self, linktype: int = 1, snaplen: int = 0, options: bytes = b"") -> bytes:
        return self.block(1, struct.pack(self.order + "HHI", linktype, 0, snaplen) + options)

    def enhanced(self, packet: Packet, ticks: int | None = None, options: bytes = b"") -> bytes:
        ticks = packet.time_ns // 1000 if ticks is None else ticks
        head = (packet.interface, ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data), packet.length)
        padded = packet.data + bytes(-len(packet.data) % 4)
        return self.block(6, struct.pack(self.order + "IIIII", *head) + padded + options)

    def old(self, packet: Packet) -> bytes:
        ticks = packet.time_ns // 1000
        head = (packet.interface, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data), packet.length)
        return self.block(2, struct.pack(self.order + "HHIIII", *head) + packet.data)

    def simple(self, packet: Packet) -> bytes:
        return self.block(3, struct.pack(self.order + "I", packet.length) + packet.data)

    def file(self, packets: list[Packet], linktype: int = 1) -> bytes:
        return self.section() + self.interface(linktype) + b"".join(map(self.enhanced, packets))


def capture_of(content: bytes, **options: Any) -> Capture:
    return open_capture(io.BytesIO(content), **options)


@dataclass(frozen=True)
class Row:
    """One segment with its payload, as plain values."""

    frame: int
    time_ns: int
    src_hi: int
    src_lo: int
    dst_hi: int
    dst_lo: int
    src_port: int
    dst_port: int
    seq: int
    ack: int
    flags: int
    window: int
    window_scale: int
    payload_length: int
    payload: bytes


def rows_of(batch: SegmentBatch) -> list[Row]:
    names = [one.name for one in fields(Row)][:-1]
    columns = [getattr(batch, name).tolist() for name in names]
    ends = batch.payload_start + batch.payload_captured
    places = zip(batch.payload_start.tolist(), ends.tolist(), strict=True)
    payloads = [batch.buffer[start:stop].tobytes() for start, stop in places]
    return [Row(*values) for values in zip(*columns, payloads, strict=True)]


@dataclass
class Reading:
    """All that a capture yields."""

    packets: int
    rows: list[Row]
    declined: list[int]
    cut: int
    malformed: int
    times: list[int]
    damage: list[tuple[int, str]]


def read(content: bytes | Capture, *, dissector: Dissector | None = None, **options: Any) -> Reading:
    """What the fast lane makes of a capture, or else a dissector."""
    capture = content if isinstance(content, Capture) else capture_of(content, **options)
    result = Reading(0, [], [], 0, 0, [], [])
    for batch in capture.batches():
        assert batch.first_frame == result.packets + 1
        lane = segments(batch) if dissector is None else dissector.segments(batch)
        result.packets += len(batch)
        result.rows += rows_of(lane.segments)
        result.declined += (lane.declined + batch.first_frame).tolist()
        result.cut += lane.counts.cut
        result.malformed += lane.counts.malformed
        result.times += batch.time_ns.tolist()
        assert np.all(batch.captured <= batch.wire)
    result.damage = [(damage.offset, damage.reason) for damage in capture.damage]
    return result
