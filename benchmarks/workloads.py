"""The workloads W1 to W7, made from a small capture: deterministic, in seconds.

python benchmarks/workloads.py W1 big.pcap            as large as the table says
python benchmarks/workloads.py W1 small.pcap --mb 5   smaller
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import rtmpscope
from benchmarks import wire

SOURCE = Path(__file__).parents[1] / "captures" / "publish_h264_aac.pcap"
_AUDIO, _VIDEO = 8, 9


@dataclass(frozen=True)
class Media:
    """The messages of the small capture: commands before the media, and audio and video frames."""

    opening: list[tuple[int, int, int, bytes]]
    answers: list[tuple[int, int, int, bytes]]
    frames: list[tuple[int, int, int, bytes]]
    span_ms: int


def load_media() -> Media:
    """Read the source capture: (csid, type, timestamp, body) of what its publisher and its server sent."""
    analysis = rtmpscope.analyze(SOURCE)
    opening, answers, frames = [], [], []
    for row in analysis.messages.itertuples():
        one = (row.csid, row.type_id, row.timestamp, analysis.payload(row.message))
        if row.type_id == 1:
            continue
        if row.direction == "s2c":
            answers.append(one)
        elif row.type_id in (_AUDIO, _VIDEO):
            frames.append(one)
        elif not frames:
            opening.append(one)
    return Media(opening, answers, frames, frames[-1][2] + 40)


def publisher_stream(media: Media, size: int, chunk_size: int, scale: int, offset_ms: int = 0) -> tuple[bytes, float]:
    """The client's bytes of a publish of at least ``size`` bytes, and the seconds it lasts.

    Video bodies are blown up ``scale`` times, so that a small picture weighs what a large one does.
    """
    parts = [wire.HANDSHAKE, wire.message(2, 1, 0, 0, chunk_size.to_bytes(4, "big"), 128)]
    parts += [
        wire.message(csid, type_id, 0 if csid == 3 else 1, 0, body, chunk_size)
        for csid, type_id, _, body in media.opening
    ]
    total, turn = sum(map(len, parts)), 0
    while total < size:
        for csid, type_id, timestamp, body in media.frames:
            if turn and body[1:2] == b"\0":
                continue  # the configuration is sent once
            wide = body + body[5:] * (scale - 1) if type_id == _VIDEO and body[1:2] == b"\1" else body
            time = offset_ms + timestamp + turn * media.span_ms
            parts.append(wire.message(csid, type_id, 1, time, wide, chunk_size))
            total += len(parts[-1])
        turn += 1
    return b"".join(parts), turn * media.span_ms / 1000


def server_stream(media: Media) -> bytes:
    """The server's bytes."""
    parts = [wire.HANDSHAKE, wire.message(2, 1, 0, 0, (4096).to_bytes(4, "big"), 128)]
    return b"".join(
        [
            *parts,
            *(
                wire.message(csid, type_id, 0 if csid == 3 else 1, 0, body, 4096)
                for csid, type_id, _, body in media.answers
            ),
        ]
    )


def one_publisher(
    size: int, chunk_size: int = 4096, scale: int = 20, offset_ms: int = 0, loss: bool = False
) -> Iterator[bytes]:
    """W1, and what differs from it in one thing."""
    media = load_media()
    up, seconds = publisher_stream(media, size, chunk_size, scale, offset_ms)
    down = server_stream(media)
    packets = wire.connection(len(up), len(down), seconds, wire.SEGMENT, 0x0A000002, 50000, wire.START_NS)
    if loss:
        packets = lossy(packets)
    yield wire.file_header()
    step = 100_000
    for start in range(0, len(packets.time_ns), step):
        yield wire.records(packets.take(np.arange(start, min(start + step, len(packets.time_ns)))), up, down)


def lossy(packets: wire.Packets) -> wire.Packets:
    """0.1 % of data segments missing, 1 % swapped with the next."""
    chance = np.random.default_rng(5)
    data = np.flatnonzero(packets.stop - packets.start)[10:]
    rows = np.arange(len(packets.time_ns))
    swap = chance.choice(data[:-1], len(data) // 100, replace=False)
    rows[swap], rows[swap + 1] = rows[swap + 1].copy(), rows[swap].copy()
    lost = chance.choice(data, len(data) // 1000, replace=False)
    rows = rows[~np.isin(rows, lost)]
    return packets.take(rows).at(packets.time_ns[: len(rows)])


def many_connections(size: int, connections: int = 500) -> Iterator[bytes]:
    """W3: connections of small messages, one a packet, all interleaved."""
    media = load_media()
    down = server_stream(media)
    opening = [wire.HANDSHAKE, wire.message(2, 1, 0, 0, (4096).to_bytes(4, "big"), 128)]
    opening += [wire.message(csid, kind, 0 if csid == 3 else 1, 0, body, 4096) for csid, kind, _, body in media.opening]
    head = b"".join(opening)
    small = [
        wire.message(4, _AUDIO, 1, 23 * number, b"\xaf\x01" + bytes([number & 255]) * 18, 4096) for number in range(256)
    ]
    per_connection = max(size // connections // 170, 10)
    up = head + b"".join(small[number & 255] for number in range(per_connection))
    parts = [
        wire.connection(
            len(up), len(down), 60.0, len(small[0]), 0x0A000100 + number, 20000 + number, wire.START_NS + number * 1000
        )
        for number in range(connections)
    ]
    names = ("time_ns", "up", "start", "stop", "ack", "flags", "client", "port")
    packets = wire.Packets(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    order = np.argsort(packets.time_ns, kind="stable")
    yield wire.file_header()
    for start in range(0, len(order), 200_000):
        yield wire.records(packets.take(order[start : start + 200_000]), up, down)


#: Name → (megabytes, maker).
WORKLOADS: dict[str, tuple[float, Callable[[int], Iterator[bytes]]]] = {
    "W1": (500, one_publisher),
    "W2": (200, lambda size: one_publisher(size, chunk_size=128)),
    "W3": (200, many_connections),
    "W4": (1.5, lambda size: one_publisher(size, scale=4)),
    "W5": (500, lambda size: one_publisher(size, loss=True)),
    "W6": (4000, one_publisher),
    "W7": (500, lambda size: one_publisher(size, offset_ms=0x1000000)),
}


def write(name: str, path: Path, megabytes: float | None = None) -> None:
    """Write a workload to a file."""
    usual, maker = WORKLOADS[name]
    with path.open("wb") as file:
        for part in maker(int((megabytes or usual) * 1e6)):
            file.write(part)


def main() -> int:
    """Write the workload that is asked for."""
    parser = argparse.ArgumentParser(description="Write a workload as a pcap file.")
    parser.add_argument("name", choices=sorted(WORKLOADS))
    parser.add_argument("path", type=Path)
    parser.add_argument("--mb", type=float, default=None, help="size in megabytes")
    arguments = parser.parse_args()
    write(arguments.name, arguments.path, arguments.mb)
    return 0


if __name__ == "__main__":
    sys.exit(main())
