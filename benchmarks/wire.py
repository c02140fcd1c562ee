"""RTMP and TCP as bytes, fast: just enough of both for workloads of hundreds of megabytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields, replace

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

    ``up`` is True from client to server. ``client`` and ``port`` are the client's address and port. ``ident`` counts
    the packets of each sender (IP identification).
    """

    time_ns: Ints
    up: NDArray[np.bool_]
    start: Ints
    stop: Ints
    ack: Ints
    flags: Ints
    client: Ints
    port: Ints
    ident: Ints

    def __len__(self) -> int:
        return len(self.time_ns)

    def take(self, rows: Ints) -> Packets:
        """These packets, in this order."""
        return Packets(*(getattr(self, one.name)[rows] for one in fields(self)))

    def at(self, times: Ints) -> Packets:
        """The same packets at other times."""
        return replace(self, time_ns=times)


def joined(parts: list[Packets]) -> Packets:
    """Packets of several connections, in order of time."""
    every = Packets(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Packets)))
    return every.take(np.argsort(every.time_ns, kind="stable"))


@dataclass(frozen=True)
class Shape:
    """What a connection is made of: the bytes of both sides, and how they travel.

    ``opening`` is who says how many bytes first, before the client sends the rest, ``segment`` bytes at a time.
    """

    up: int
    down: int
    seconds: float
    opening: tuple[tuple[bool, int], ...]
    segment: int = SEGMENT


#: is up, start, stop, acknowledged, flags
_Row = tuple[bool, int, int, int, int]


def connection(shape: Shape, client: int, port: int, begin_ns: int) -> Packets:
    """A connection's packets: the three-way handshake, the opening in turns, the client's data, a FIN of each side."""
    head, sent = _first_packets(shape)
    down, up = sent
    ends: list[_Row] = [(True, shape.up, shape.up, shape.down, FIN | ACK)]
    ends.append((False, shape.down, shape.down, shape.up + 1, FIN | ACK))
    rows = np.concatenate([np.array(head, np.int64), _bulk(shape, up, down), np.array(ends, np.int64)])
    total = len(rows)
    ways = rows[:, 0].astype(np.bool_)
    return Packets(
        time_ns=begin_ns + (np.arange(total) * (shape.seconds * 1e9 / total)).astype(np.int64),
        up=ways,
        start=rows[:, 1],
        stop=rows[:, 2],
        ack=rows[:, 3],
        flags=rows[:, 4],
        client=np.full(total, client),
        port=np.full(total, port),
        ident=np.where(ways, np.cumsum(ways), np.cumsum(~ways)),
    )


def _first_packets(shape: Shape) -> tuple[list[_Row], list[int]]:
    """SYN, SYN and ACK, ACK, and the opening; and the bytes that the server and the client have sent by then."""
    rows: list[_Row] = [(True, 0, 0, 0, SYN), (False, 0, 0, 0, SYN | ACK), (True, 0, 0, 0, ACK)]
    sent = [0, 0]
    for is_up, count in shape.opening:
        end = sent[is_up] + count
        for start in range(sent[is_up], end, SEGMENT):
            rows.append((is_up, start, min(start + SEGMENT, end), sent[not is_up], ACK))
        sent[is_up] = end
    return rows, sent


def _bulk(shape: Shape, up: int, down: int) -> Ints:
    """The client's bytes from ``up`` on, each segment with the server's acknowledgement."""
    starts = np.arange(up, shape.up, shape.segment)
    stops = np.minimum(starts + shape.segment, shape.up)
    rows = np.zeros((2 * len(starts), 5), np.int64)
    rows[0::2].T[:] = np.broadcast_arrays(1, starts, stops, down, ACK)
    rows[1::2].T[:] = np.broadcast_arrays(0, down, down, stops, ACK)
    return rows


def file_header() -> bytes:
    """A pcap file header: nanoseconds, little-endian, Ethernet."""
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)


def records(packets: Packets, up: bytes, down: bytes, up_from: int = 0) -> Octets:
    """The packets as pcap records, one after another; ``up`` are the client's bytes from ``up_from`` on."""
    length = packets.stop - packets.start
    size = RECORD + HEADERS + length
    place = np.cumsum(size) - size
    out = np.zeros(int(size.sum()), np.uint8)
    heads = _heads(packets, length)
    out[place[:, None] + np.arange(heads.shape[1])] = heads
    view = out.data
    begin = place + heads.shape[1]
    streams = (memoryview(down), memoryview(up))
    rows = np.flatnonzero(length)
    ways = packets.up[rows]
    first = packets.start[rows] - np.where(ways, up_from, 0)
    last = first + length[rows]
    for way, at, start, stop in zip(ways.tolist(), begin[rows].tolist(), first.tolist(), last.tolist(), strict=True):
        view[at : at + stop - start] = streams[way][start:stop]
    return out


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
    put(at + 18, 2, packets.ident & 0xFFFF)
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
