"""Publish and play requests: what each asked for and what became of it, and the ones that may still be ended."""

from __future__ import annotations

from typing import Literal

from rtmpscope.frozen import frozen, slotted
from rtmpscope.rtmp.commands import Command

Role = Literal["publish", "play"]
#: ``unseen``: neither the request nor its answer was captured, but the media was.
Outcome = Literal["accepted", "refused", "unanswered", "unseen"]


@frozen
class CommandEvent:
    """One command where and when it stood on the wire.

    Attributes:
        key: the caller's own name for the message; answers refer to requests by it.
        direction: 0 or 1, whichever end sent it.
        stream_id: message stream id, -1 where unknown.
        time: arrival in ns.
    """

    key: int
    direction: int
    stream_id: int
    time: int
    command: Command


@frozen
class UnseenRequest:
    """A publish or play that was not captured: the first of its media that was stands for it.

    Attributes:
        key, time: of that message.
        direction: of the request, not of the media.
        stream_id: message stream id, -1 where unknown.
        role: by which way the media goes.
    """

    key: int
    direction: int
    stream_id: int
    time: int
    role: Role


@slotted
class StreamRequest:
    """One publish or play request and what became of it.

    Attributes:
        request: the publish or play command, or what stands for it.
        answer: key of the status that settled it, None while unanswered.
        ended: key and ``ended_by`` name of the command that ended it.
        end: time in ns at which it ended; None while it is open.
    """

    request: CommandEvent | UnseenRequest
    role: Role
    name: str | None
    outcome: Outcome = "unanswered"
    answer: int | None = None
    ended: int | None = None
    ended_by: str | None = None
    end: int | None = None

    @property
    def is_seen(self) -> bool:
        """Whether the request itself was captured."""
        return isinstance(self.request, CommandEvent)

    @property
    def is_open(self) -> bool:
        """Whether a command may still end it. FCUnpublish announces an end that deleteStream then brings."""
        return self.end is None or self.ended_by == "FCUnpublish"


class OpenStreams:
    """Streams that a command may still end, by message stream and by name."""

    def __init__(self) -> None:
        self._open: dict[tuple[object, ...], dict[int, StreamRequest]] = {}

    def add(self, stream: StreamRequest) -> None:
        """A stream that was asked for."""
        for name in _stream_names(stream):
            self._open.setdefault(name, {})[stream.request.key] = stream

    def remove(self, stream: StreamRequest) -> None:
        """The stream has ended for good."""
        for name in _stream_names(stream):
            self._open.get(name, {}).pop(stream.request.key, None)

    def rename(self, stream: StreamRequest, name: str | None) -> None:
        """The name of the stream has become known."""
        self.remove(stream)
        stream.name = name
        self.add(stream)

    def on(self, direction: int, stream_id: object) -> list[StreamRequest]:
        """Streams of a direction on a message stream."""
        return list(self._open.get((direction, "id", stream_id), {}).values())

    def named(self, direction: int, name: str | None) -> list[StreamRequest]:
        """Streams of a direction with a name."""
        return list(self._open.get((direction, "name", name), {}).values())

    def unseen(self, direction: int) -> list[StreamRequest]:
        """Published streams of a direction without a name, whose requests were not captured."""
        return [one for one in self.named(direction, None) if one.role == "publish" and not one.is_seen]

    def all(self, direction: int) -> list[StreamRequest]:
        """All streams of a direction."""
        return list(self._open.get((direction,), {}).values())


def _stream_names(stream: StreamRequest) -> tuple[tuple[object, ...], ...]:
    direction = stream.request.direction
    return (direction,), (direction, "id", stream.request.stream_id), (direction, "name", stream.name)
