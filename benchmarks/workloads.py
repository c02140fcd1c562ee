"""The workloads W1 to W7, made from a small capture: deterministic, in seconds, in little memory.

python -m benchmarks.workloads W1 big.pcap            as large as the table says
python -m benchmarks.workloads W1 small.pcap --mb 5   smaller
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks import media, wire

Buffer = bytes | memoryview

_CLIENT, _PORT = 0x0A000002, 50000
_PACKETS_AT_ONCE = 50_000
#: Bytes of a capture per byte of a stream in segments of 1448: headers, and acknowledgements.
OVERHEAD = (wire.SEGMENT + 2 * (wire.RECORD + wire.HEADERS)) / wire.SEGMENT


@dataclass
class Facts:
    """What a workload holds."""

    bytes: int = 0
    packets: int = 0
    messages: int = 0
    lost: int = 0
    reordered: int = 0


@dataclass(frozen=True)
class Publisher:
    """How W1 and those that differ from it in one thing publish."""

    chunk_size: int = media.CHUNK_SIZE
    scale: int = 20
    offset_ms: int = 0
    lossy: bool = False


@dataclass(frozen=True)
class Crowd:
    """W3: connections whose messages are small, one a packet, each acknowledged, all interleaved."""

    connections: int = 500
    body: int = 20


class Window:
    """The part of a long stream that is wanted at the moment."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._held = bytearray()
        self._start = 0

    def read(self, start: int, stop: int) -> bytes:
        """``stream[start:stop]``; what lies before ``start`` is forgotten."""
        del self._held[: start - self._start]
        self._start = start
        while start + len(self._held) < stop and (part := next(self._parts, b"")):
            self._held += part
        return bytes(self._held[: stop - start])


def publish(how: Publisher, size: int, facts: Facts) -> Iterator[Buffer]:
    """A capture of one publisher, of about ``size`` bytes."""
    source = media.load()
    head = media.said_first(source.opening, how.chunk_size)
    down = media.said_first(source.answers, media.CHUNK_SIZE)
    wanted = int(size / OVERHEAD)
    end = media.said(source.closing, how.chunk_size)
    count, length, last_ms = _extent(source, how, wanted - len(head))
    facts.messages = _beside_media(source) + count
    shape = wire.Shape(len(head) + length + len(end), len(down), last_ms / 1000, _opening(head, down))
    packets = wire.connection(shape, _CLIENT, _PORT, wire.START_NS)
    if how.lossy:
        packets = damaged(packets, facts)
    facts.packets = len(packets)
    window = Window(_stream(source, how, count))
    yield wire.file_header()
    for start in range(0, len(packets), _PACKETS_AT_ONCE):
        some = packets.take(np.arange(start, min(start + _PACKETS_AT_ONCE, len(packets))))
        sent = some.up & (some.stop > some.start)
        lo, hi = (int(some.start[sent].min()), int(some.stop[sent].max())) if sent.any() else (0, 0)
        yield wire.records(some, window.read(lo, hi), down, lo).data


def _extent(source: media.Source, how: Publisher, size: int) -> tuple[int, int, int]:
    """How many frames make at least ``size`` bytes, how many bytes they make, and the time of the last in ms."""
    count = length = time = 0
    for frame, later in media.media(source, how.scale):
        count += 1
        time = frame.timestamp + later
        extended = 4 if time + how.offset_ms >= 0xFFFFFF else 0
        later_chunks = max(len(frame.body) - 1, 0) // how.chunk_size
        length += 12 + extended + len(frame.body) + later_chunks * (1 + extended)
        if length >= size:
            break
    return count, length, time


def _stream(source: media.Source, how: Publisher, count: int) -> Iterator[bytes]:
    """The client's bytes."""
    yield media.said_first(source.opening, how.chunk_size)
    for frame, later in islice(media.media(source, how.scale), count):
        yield frame.chunks(how.chunk_size, later + how.offset_ms)
    yield media.said(source.closing, how.chunk_size)


def _beside_media(source: media.Source) -> int:
    """The messages that are not audio or video; each side's Set Chunk Size is one."""
    return len(source.opening) + len(source.answers) + len(source.closing) + 2


def _opening(head: bytes, down: bytes) -> tuple[tuple[bool, int], ...]:
    """C0 C1, S0 S1 S2, C2 and the commands, the answers."""
    hello = 1 + 1536
    whole = len(wire.HANDSHAKE)
    return (True, hello), (False, whole), (True, len(head) - hello), (False, len(down) - whole)


def damaged(packets: wire.Packets, facts: Facts) -> wire.Packets:
    """0.1 % of the media's segments missing, 1 % overtaken by the next."""
    chance = np.random.default_rng(5)
    full = np.flatnonzero(packets.up & (packets.stop - packets.start == wire.SEGMENT))
    full = full[20:]  # the commands arrive
    apart = full[:-1:3]  # the next segment is before the next of these
    apart = apart[packets.stop[apart + 2] - packets.start[apart] == 2 * wire.SEGMENT]
    facts.reordered, facts.lost = len(full) // 100, max(len(full) // 1000, 1)
    picked = chance.permutation(apart)[: facts.reordered + facts.lost]
    overtaken, lost = picked[: facts.reordered], picked[facts.reordered :]
    rows = np.arange(len(packets))
    # Segment, its acknowledgement, next segment: the next comes first.
    rows[overtaken], rows[overtaken + 1], rows[overtaken + 2] = overtaken + 2, overtaken, overtaken + 1
    kept = np.delete(np.arange(len(packets)), lost)
    return packets.take(rows[kept]).at(packets.time_ns[kept])


def crowd(how: Crowd, size: int, facts: Facts) -> Iterator[Buffer]:
    """A capture of many connections, of about ``size`` bytes."""
    source = media.load()
    down = media.said_first(source.answers, media.CHUNK_SIZE)
    head = media.said_first(source.opening, media.CHUNK_SIZE)
    small = len(media.Message(4, media.AUDIO, 1, 0, bytes(how.body)).chunks(media.CHUNK_SIZE))
    packet = small + 2 * (wire.RECORD + wire.HEADERS)
    count = max((size // how.connections - len(head) - len(down)) // packet, 1)
    bodies = (b"\xaf\x01" + bytes([number & 255]) * (how.body - 2) for number in range(count))
    messages = (media.Message(4, media.AUDIO, 1, 23 * number, body) for number, body in enumerate(bodies))
    up = head + b"".join(message.chunks(media.CHUNK_SIZE) for message in messages)
    up += media.said(source.closing, media.CHUNK_SIZE)
    shape = wire.Shape(len(up), len(down), count * 0.023, _opening(head, down), small)
    packets = wire.joined(
        [
            wire.connection(shape, _CLIENT + number, 20000 + number, wire.START_NS + number * 46_000)
            for number in range(how.connections)
        ]
    )
    facts.packets = len(packets)
    facts.messages = how.connections * (_beside_media(source) + count)
    yield wire.file_header()
    for start in range(0, len(packets), _PACKETS_AT_ONCE):
        some = np.arange(start, min(start + _PACKETS_AT_ONCE, len(packets)))
        yield wire.records(packets.take(some), up, down).data


#: What writes a capture of about so many bytes, a part at a time, and fills in what it holds.
Maker = Callable[[int, Facts], Iterator[Buffer]]


def _publisher(how: Publisher) -> Maker:
    return lambda size, facts: publish(how, size, facts)


#: Name → (megabytes, maker).
WORKLOADS: dict[str, tuple[float, Maker]] = {
    "W1": (500, _publisher(Publisher())),
    "W2": (200, _publisher(Publisher(chunk_size=128))),
    "W3": (235, lambda size, facts: crowd(Crowd(), size, facts)),
    "W4": (1.5, _publisher(Publisher(scale=4))),
    "W5": (500, _publisher(Publisher(lossy=True))),
    "W6": (4000, _publisher(Publisher())),
    "W7": (500, _publisher(Publisher(offset_ms=0x1000000))),
}


def write(name: str, path: Path, megabytes: float | None = None) -> Facts:
    """Write a workload to a file, and say what it holds."""
    usual, maker = WORKLOADS[name]
    facts = Facts()
    with path.open("wb") as file:
        for part in maker(int((megabytes or usual) * 1e6), facts):
            file.write(part)
        facts.bytes = file.tell()
    return facts


def main() -> int:
    """Write the workload that is asked for, and print what it holds as JSON."""
    parser = argparse.ArgumentParser(description="Write a workload as a pcap file.")
    parser.add_argument("name", choices=sorted(WORKLOADS))
    parser.add_argument("path", type=Path)
    parser.add_argument("--mb", type=float, default=None, help="size in megabytes")
    arguments = parser.parse_args()
    print(json.dumps(asdict(write(arguments.name, arguments.path, arguments.mb))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
