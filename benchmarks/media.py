"""A publisher's session of any length, made from the messages of a small capture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import rtmpscope
from benchmarks import wire

SOURCE = Path(__file__).parents[1] / "captures" / "publish_h264_aac.pcap"
AUDIO, VIDEO = 8, 9
_SET_CHUNK_SIZE = 1
#: No message is larger: tshark, with its default of rtmpt.max_packet_size, loses its place at the first that is.
LARGEST = 32_768
#: The server's chunk size, and the client's where a workload does not say another.
CHUNK_SIZE = 4096


@dataclass(frozen=True)
class Message:
    """A message to be sent."""

    csid: int
    type_id: int
    stream_id: int
    timestamp: int
    body: bytes

    def chunks(self, chunk_size: int, later_ms: int = 0) -> bytes:
        """The message as chunks, ``later_ms`` after its time."""
        return wire.message(self.csid, self.type_id, self.stream_id, self.timestamp + later_ms, self.body, chunk_size)


@dataclass(frozen=True)
class Source:
    """The messages of the small capture: what both sides said before the media, audio and video frames, the end."""

    opening: tuple[Message, ...]
    answers: tuple[Message, ...]
    frames: tuple[Message, ...]
    closing: tuple[Message, ...]

    @property
    def span_ms(self) -> int:
        """How long the frames last."""
        return max(frame.timestamp for frame in self.frames) + 40


@cache
def load() -> Source:
    """Read the small capture. Both sides' Set Chunk Size are left out: workloads send their own."""
    analysis = rtmpscope.analyze(SOURCE)
    opening: list[Message] = []
    answers: list[Message] = []
    frames: list[Message] = []
    closing: list[Message] = []
    table = analysis.messages
    columns = ("csid", "type_id", "stream_id", "timestamp")
    heads: list[tuple[int, int, int, int]] = list(zip(*(table[name].tolist() for name in columns), strict=True))
    bodies = (body for _, body in analysis.payloads(table["message"].tolist()))
    for direction, head, body in zip(table["direction"].tolist(), heads, bodies, strict=True):
        one = Message(*head, body)
        if one.type_id in (AUDIO, VIDEO):
            if body[1:2] != b"\2":  # the end of the sequence, which would not go on
                frames.append(one)
        elif one.type_id != _SET_CHUNK_SIZE:
            if direction == "c2s":
                (closing if frames else opening).append(one)
            elif not frames:
                answers.append(one)
    return Source(tuple(opening), tuple(answers), tuple(frames), tuple(closing))


def said_first(messages: tuple[Message, ...], chunk_size: int) -> bytes:
    """The handshake, Set Chunk Size, and the messages."""
    size = wire.message(2, _SET_CHUNK_SIZE, 0, 0, chunk_size.to_bytes(4, "big"), 128)
    return wire.HANDSHAKE + size + said(messages, chunk_size)


def said(messages: tuple[Message, ...], chunk_size: int) -> bytes:
    """The messages as chunks."""
    return b"".join(one.chunks(chunk_size) for one in messages)


def media(source: Source, scale: int) -> Iterator[tuple[Message, int]]:
    """Frames without end, each with how much later it is sent than it says.

    Pictures are repeated up to ``scale`` times, so that a small one weighs what a large one does.
    """
    first = [_blown_up(frame, scale) for frame in source.frames]
    again = [frame for frame in first if frame.body[1:2] != b"\0"]  # configurations are sent once
    yield from ((frame, 0) for frame in first)
    later = 0
    while True:
        later += source.span_ms
        yield from ((frame, later) for frame in again)


def _blown_up(frame: Message, scale: int) -> Message:
    if frame.type_id != VIDEO or frame.body[1:2] != b"\1":
        return frame
    picture = frame.body[5:]
    body = frame.body[:5] + picture * min(scale, (LARGEST - 5) // len(picture))
    return Message(frame.csid, frame.type_id, frame.stream_id, frame.timestamp, body)
