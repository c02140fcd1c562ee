"""A whole capture: its packets, where the TCP payload of each lies, and every message and chunk in it.

The whole capture is the truth that damaged copies are held to; ``tests/oracle`` holds its analysis to an
independent decoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rtmpscope
from rtmpscope.capture import Dissector, open_capture
from tests.support.capture_write import Packet
from tests.support.tools import own_captures, shared_folder

Ints = NDArray[np.int64]
#: The sending and the receiving port: enough to tell the directions of these captures apart.
Flow = tuple[int, int]
_SYN = 2


@dataclass(frozen=True)
class Segment:
    """TCP payload of a packet: its first byte's place in the direction's stream (after SYN) and in the packet."""

    flow: Flow
    offset: int
    length: int
    header: int
    syn: bool


@dataclass(frozen=True)
class Messages:
    """The messages of one direction in the order of their offsets; chunks are those of all of them."""

    offset: Ints
    type_id: Ints
    length: Ints
    timestamp: Ints
    csid: Ints
    #: Index of each chunk's message, where its header begins and ends, and where its payload ends.
    chunk_message: Ints
    chunk_start: Ints
    chunk_header_end: Ints
    chunk_end: Ints

    def identities(self) -> list[tuple[int, int, int]]:
        """(offset, type, length) of each message."""
        return list(zip(self.offset.tolist(), self.type_id.tolist(), self.length.tolist(), strict=True))

    def intervals(self) -> Ints:
        """Median time between the messages of the same channel, for each message."""
        out = np.zeros(len(self.offset), np.int64)
        for channel in np.unique(self.csid):
            own = self.csid == channel
            steps = np.diff(self.timestamp[own])
            out[own] = int(np.median(steps)) if len(steps) else 0
        return out


@dataclass(frozen=True)
class Recording:
    """A whole capture."""

    path: Path
    linktype: int
    packets: tuple[Packet, ...]
    #: By packet; None for packets that are not TCP of an RTMP connection.
    segments: tuple[Segment | None, ...]
    messages: dict[Flow, Messages]

    def data_places(self) -> list[int]:
        """The packets that carry TCP payload."""
        return [place for place, one in enumerate(self.segments) if one is not None and one.length]


@cache
def recording(path: Path) -> Recording:
    """Read and decode a whole capture."""
    analysis = rtmpscope.analyze(path)
    flows = flows_of(analysis)
    packets: list[Packet] = []
    segments: list[Segment | None] = []
    starts: dict[Flow, int] = {}
    linktype = 1
    for batch in open_capture(path).batches():
        linktype = int(batch.linktype[0])
        data = batch.buffer.tobytes()
        ends = zip(batch.start.tolist(), batch.captured.tolist(), batch.time_ns.tolist(), strict=True)
        packets += [Packet(time, data[start : start + size]) for start, size, time in ends]
        segments += [None] * len(batch)
        found = Dissector().segments(batch).segments
        names = ("frame", "src_port", "dst_port", "seq", "flags", "payload_start", "payload_length")
        for frame, src, dst, seq, flags, start, size in zip(*(getattr(found, n).tolist() for n in names), strict=True):
            if (src, dst) not in flows:
                continue
            if flags & _SYN:
                starts[src, dst] = seq + 1
            header = start - int(batch.start[frame - batch.first_frame])
            offset = (seq - starts.setdefault((src, dst), seq)) % (1 << 32)
            segments[frame - 1] = Segment((src, dst), offset, size, header, bool(flags & _SYN))
    return Recording(path, linktype, tuple(packets), tuple(segments), messages_of(analysis))


@cache
def recordings() -> tuple[Recording, ...]:
    """The captures that hold RTMP messages: those of this project, and the shared ones where they are there."""
    folder = shared_folder()
    found = (recording(path) for path in [*own_captures(), *(sorted(folder.glob("*.pcap")) if folder else [])])
    return tuple(one for one in found if any(len(own.offset) for own in one.messages.values()))


def flows_of(analysis: rtmpscope.Analysis) -> dict[Flow, tuple[int, str]]:
    """Connection and direction by flow."""
    out: dict[Flow, tuple[int, str]] = {}
    table = analysis.connections
    for connection, client, server in zip(table.connection, table.client_port, table.server_port, strict=True):
        out[int(client), int(server)] = (int(connection), "c2s")
        out[int(server), int(client)] = (int(connection), "s2c")
    return out


def messages_of(analysis: rtmpscope.Analysis) -> dict[Flow, Messages]:
    """The messages and chunks of a whole capture by direction."""
    frame, chunks = analysis.messages, analysis.chunks
    out: dict[Flow, Messages] = {}
    for flow, (connection, direction) in flows_of(analysis).items():
        own = frame[(frame.connection == connection) & (frame.direction == direction)].sort_values("offset")
        parts = chunks[chunks.message.isin(own.message)]
        row = {message: place for place, message in enumerate(own.message.tolist())}
        start = parts.offset.to_numpy(np.int64)
        header_end = start + parts.header_bytes.to_numpy(np.int64)
        out[flow] = Messages(
            *(own[name].to_numpy(np.int64) for name in ("offset", "type_id", "length", "timestamp", "csid")),
            chunk_message=np.array([row[message] for message in parts.message.tolist()], np.int64),
            chunk_start=start,
            chunk_header_end=header_end,
            chunk_end=header_end + parts.payload_bytes.to_numpy(np.int64),
        )
    return out
