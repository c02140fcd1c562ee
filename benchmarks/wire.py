"""RTMP and TCP as bytes, fast: just enough of both for workloads of hundreds of megabytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]

HANDSHAKE = b"\x03" + bytes(8) + bytes(range(256)) * 11 + bytes(248)
#: Ethernet, IPv4 and TCP headers of a packet, with the timestamp option that real peers send.
HEADERS = 14 + 20 + 32
RECORD = 16
SEGMENT = 1448
FIN, SYN, ACK = 1, 2, 16
START_NS = 1_700_000_000_000_000_000


def message(csid: int, type_id: int, stream_id: int, timestamp: int, body: bytes, chunk_size: int) -> bytes:
    """One message as chunks: a type-0 header, then type-3 headers (RTMP 1.0, section 5.3.1)."""
    extended = b"" if timestamp < 0xFFFFFF else struct.pack(">I", timestamp)
    head = bytes([csid]) + min(timestamp, 0xFFFFFF).to_bytes(3, "big") + len(body).to_bytes(3, "big")
    head += bytes([type_id]) + struct.pack("<I", stream_id) + extended
    first, rest = body[:chunk_size], body[chunk_size:]
    if not rest:
        return head + first
    step = bytes([0xC0 | csid]) + extended
    whole = len(rest) // chunk_size
    table = np.empty((whole, len(step) + chunk_size), np.uint8)
    table[:, : len(step)] = np.frombuffer(step, np.uint8)
    table[:, len(step) :] = np.frombuffer(rest, np.uint8, whole * chunk_size).reshape(whole, chunk_size)
    tail = rest[whole * chunk_size :]
    return head + first + table.tobytes() + (step + tail if tail else b"")


@dataclass(frozen=True)
class Packets:
    """Packets as columns; the payload of packet i is ``stream[start[i]:stop[i]]`` of its direction.

    ``up`` is True from client to server. ``client`` and ``port`` are the client's address and port.
    """

    time_ns: Ints
    up: NDArray[np.bool_]
    start: Ints
    stop: Ints
    ack: Ints
    flags: Ints
    client: Ints
    port: Ints

    def take(self, rows: Ints) -> Packets:
        """These packets, in this order."""
        names = ("time_ns", "up", "start", "stop", "ack", "flags", "client", "port")
        return Packets(*(getattr(self, name)[rows] for name in names))

    def at(self, times: Ints) -> Packets:
        """The same packets at other times."""
        return replace(self, time_ns=times)


def connection(up: int, down: int, seconds: float, segment: int, client: int, port: int, begin_ns: int) -> Packets:
    """A connection that carries ``up`` and ``down`` bytes: opening, data with an ACK for each second segment, end."""
    parts: list[tuple[bool, int, int, int]] = [(True, 0, 0, SYN), (False, 0, 0, SYN | ACK), (True, 0, 0, ACK)]
    parts += [(False, start, min(start + segment, down), ACK) for start in range(0, down, segment)]
    opening = len(parts)
    starts = np.arange(0, up, segment)
    count = len(starts)
    acks = count // 2
    order = np.argsort(np.concatenate([np.arange(count) * 2.0, np.arange(acks) * 4.0 + 3.0]), kind="stable")
    is_data = (order < count) if count else order.astype(bool)
    number = np.where(is_data, order, order - count)
    start = np.where(is_data, starts[np.minimum(number, count - 1)], down)
    stop = np.where(is_data, np.minimum(start + segment, up), down)
    ack = np.where(is_data, down, np.minimum((number + 1) * 2 * segment, up))
    head = np.array(parts, np.int64).reshape(-1, 4)
    tail = np.array([(1, up, up, FIN | ACK), (0, down, down, FIN | ACK)], np.int64)
    ways = np.concatenate([head[:, 0], is_data, tail[:, 0]]).astype(np.bool_)
    total = len(ways)
    return Packets(
        time_ns=begin_ns + (np.arange(total) * (seconds * 1e9 / total)).astype(np.int64),
        up=ways,
        start=np.concatenate([head[:, 1], start, tail[:, 1]]),
        stop=np.concatenate([head[:, 2], stop, tail[:, 2]]),
        ack=np.concatenate([np.where(head[:, 0] == 1, 0, 0), ack, np.where(tail[:, 0] == 1, down, up)]),
        flags=np.concatenate([head[:, 3], np.full(total - opening - 2, ACK), tail[:, 3]]),
        client=np.full(total, client),
        port=np.full(total, port),
    )


def file_header() -> bytes:
    """A pcap file header: nanoseconds, little-endian, Ethernet."""
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)


def records(packets: Packets, up: bytes, down: bytes) -> bytes:
    """The packets as pcap records, one after another."""
    length = packets.stop - packets.start
    size = RECORD + HEADERS + length
    place = np.cumsum(size) - size
    out = np.zeros(int(size.sum()), np.uint8)
    heads = _heads(packets, length)
    out[place[:, None] + np.arange(heads.shape[1])] = heads
    view = memoryview(out)
    begin = place + heads.shape[1]
    streams = (memoryview(down), memoryview(up))
    rows = np.flatnonzero(length)
    for way, at, start, stop in zip(
        packets.up[rows].tolist(),
        begin[rows].tolist(),
        packets.start[rows].tolist(),
        packets.stop[rows].tolist(),
        strict=True,
    ):
        view[at : at + stop - start] = streams[way][start:stop]
    return out.tobytes()


def _heads(packets: Packets, length: Ints) -> Octets:
    """Record, Ethernet, IPv4 and TCP header of each packet."""
    count = len(length)
    up = packets.up
    heads = np.zeros((count, RECORD + HEADERS), np.uint8)

    def put(at: int, width: int, values: Ints, order: str = ">") -> None:
        heads[:, at : at + width] = values.astype(f"{order}u{width}").view(np.uint8).reshape(count, width)

    put(0, 4, packets.time_ns // 10**9, "<")
    put(4, 4, packets.time_ns % 10**9, "<")
    put(8, 4, HEADERS + length, "<")
    put(12, 4, HEADERS + length, "<")
    at = RECORD
    heads[:, at : at + 14] = np.frombuffer(b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0", np.uint8)
    heads[:, at + 14] = 0x45
    put(at + 16, 2, HEADERS - 14 + length)
    put(at + 18, 2, np.arange(count) & 0xFFFF)
    heads[:, at + 20 : at + 24] = (0x40, 0, 64, 6)
    server, port = np.full(count, 0x0A000001), np.full(count, 1935)
    put(at + 26, 4, np.where(up, packets.client, server))
    put(at + 30, 4, np.where(up, server, packets.client))
    put(at + 34, 2, np.where(up, packets.port, port))
    put(at + 36, 2, np.where(up, port, packets.port))
    is_syn = (packets.flags & SYN) != 0
    put(at + 38, 4, (1000 + packets.start + ~is_syn) & 0xFFFFFFFF)
    put(at + 42, 4, np.where((packets.flags & ACK) != 0, (1001 + packets.ack) & 0xFFFFFFFF, 0))
    heads[:, at + 46] = 0x80
    heads[:, at + 47] = packets.flags
    heads[:, at + 48 : at + 50] = 0xFF
    heads[:, at + 54 : at + 58] = (1, 1, 8, 10)
    return heads
