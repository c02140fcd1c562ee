"""Sessions: what the commands of one connection say when they are read together.

A request is paired with its answer in one of two ways. ``_result`` and ``_error`` name the request's
transaction id, per direction; real clients use an id twice, so the shape of the answer decides between
open requests of the same id (a number answers createStream) before age does. ``onStatus`` has transaction
id 0; it answers the oldest open request of its message stream whose kind the code's prefix names
(``NetStream.Publish.*`` answers publish).

A stream is one publish or play request, refused ones too, and lives until the same message stream is
deleted, closed, published or played again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from rtmpscope.frozen import frozen
from rtmpscope.rtmp.commands import ANSWERS, Command

Role = Literal["publish", "play"]
Outcome = Literal["accepted", "refused", "unanswered"]

#: Which requests a status code answers, by the second word of the code.
_STATUS_ANSWERS: dict[str, tuple[str, ...]] = {
    "Publish": ("publish",),
    "Record": ("publish",),
    "Play": ("play", "play2"),
    "Pause": ("pause", "pauseRaw"),
    "Unpause": ("pause", "pauseRaw"),
    "Seek": ("seek",),
    "Unpublish": ("closeStream", "deleteStream", "FCUnpublish"),
    "Connect": ("connect",),
}
#: Codes that come before the answer proper and leave the request open.
_PRELIMINARY = frozenset({"NetStream.Play.Reset", "NetStream.Publish.Pending"})
_FC_ANSWERS = {"onFCPublish": "FCPublish", "onFCUnpublish": "FCUnpublish", "onFCSubscribe": "FCSubscribe"}
#: So many open requests of one transaction id are looked at.
_MOST_CANDIDATES = 8
_ENDINGS = frozenset({"deleteStream", "closeStream", "FCUnpublish"})


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


@dataclass(slots=True)
class StreamRequest:
    """One publish or play request and what became of it.

    Attributes:
        request: the publish or play command.
        answer: key of the status that settled it, None while unanswered.
        ended: key and ``ended_by`` name of the command that ended it.
        end: time in ns at which it ended; None while it is open.
    """

    request: CommandEvent
    role: Role
    name: str | None
    outcome: Outcome = "unanswered"
    answer: int | None = None
    ended: int | None = None
    ended_by: str | None = None
    end: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether a command may still end it. FCUnpublish announces an end that deleteStream then brings."""
        return self.end is None or self.ended_by == "FCUnpublish"


@dataclass(slots=True)
class Session:
    """Everything that the commands of one connection establish.

    Attributes:
        connect: the first connect command.
        reply_to: key of an answer → key of the request it answers.
        streams: publish and play requests in order.
    """

    connect: CommandEvent | None = None
    reply_to: dict[int, int] = field(default_factory=dict)
    streams: list[StreamRequest] = field(default_factory=list)


def read_session(events: Iterable[CommandEvent]) -> Session:
    """Read the commands of one connection, both directions in order of time."""
    reader = _SessionReader()
    for event in events:
        reader.read(event)
    return reader.session


class _Requests:
    """Requests that wait for an answer, found by what an answer tells of them."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[object, ...], dict[int, CommandEvent]] = {}

    def add(self, event: CommandEvent) -> None:
        """A request that may be answered."""
        for name in _request_names(event):
            self._waiting.setdefault(name, {})[event.key] = event

    def remove(self, event: CommandEvent) -> None:
        """The request is answered."""
        for name in _request_names(event):
            self._waiting.get(name, {}).pop(event.key, None)

    def by_id(self, direction: int, transaction_id: float | None) -> Iterator[CommandEvent]:
        """Requests of a direction with a transaction id, oldest first."""
        return iter(self._waiting.get((direction, "id", transaction_id), {}).values())

    def oldest(self, direction: int, names: Iterable[str], stream_id: int | None) -> CommandEvent | None:
        """The oldest request of a direction with one of these names, on a message stream or (None) on any."""
        found = []
        for name in names:
            waiting = self._waiting.get((direction, "name", name, stream_id), {})
            found += list(islice(waiting.values(), 1))
        return min(found, key=lambda event: event.key) if found else None


def _request_names(event: CommandEvent) -> tuple[tuple[object, ...], ...]:
    command = event.command
    return (
        (event.direction, "id", command.transaction_id),
        (event.direction, "name", command.name, None),
        (event.direction, "name", command.name, event.stream_id),
    )


class _OpenStreams:
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

    def on(self, direction: int, stream_id: object) -> list[StreamRequest]:
        """Streams of a direction on a message stream."""
        return list(self._open.get((direction, "id", stream_id), {}).values())

    def named(self, direction: int, name: str | None) -> list[StreamRequest]:
        """Streams of a direction with a name."""
        return list(self._open.get((direction, "name", name), {}).values())

    def all(self, direction: int) -> list[StreamRequest]:
        """All streams of a direction."""
        return list(self._open.get((direction,), {}).values())


def _stream_names(stream: StreamRequest) -> tuple[tuple[object, ...], ...]:
    direction = stream.request.direction
    return (direction,), (direction, "id", stream.request.stream_id), (direction, "name", stream.name)


class _SessionReader:
    def __init__(self) -> None:
        self.session = Session()
        self._requests = _Requests()
        self._streams = _OpenStreams()
        self._by_key: dict[int, StreamRequest] = {}

    def read(self, event: CommandEvent) -> None:
        name = event.command.name
        if name in ("_result", "_error"):
            self._read_result(event)
        elif name == "onStatus":
            self._read_status(event)
        elif name in _FC_ANSWERS:
            self._answer(event, self._requests.oldest(1 - event.direction, (_FC_ANSWERS[name],), None))
        elif name not in ANSWERS:
            self._read_request(event)

    def _read_request(self, event: CommandEvent) -> None:
        name = event.command.name
        if name == "connect" and self.session.connect is None:
            self.session.connect = event
        if name in ("publish", "play", "play2"):
            self._begin_stream(event)
        if name in _ENDINGS:
            self._end_streams(event)
        if event.command.transaction_id or name in ("publish", "play", "play2", "pause", "seek"):
            self._requests.add(event)

    def _begin_stream(self, event: CommandEvent) -> None:
        name = event.command.text_argument(0)
        self._close(event, self._streams.on(event.direction, event.stream_id))
        if name is None and event.command.arguments and event.command.arguments[0] is False:
            return  # publish(false) and play(false) only close the stream
        role: Role = "publish" if event.command.name == "publish" else "play"
        stream = StreamRequest(event, role, name)
        self.session.streams.append(stream)
        self._by_key[event.key] = stream
        self._streams.add(stream)

    def _end_streams(self, event: CommandEvent) -> None:
        command, direction = event.command, event.direction
        if command.name == "deleteStream":
            number = command.arguments[0] if command.arguments else None
            streams = self._streams.all(direction) if number is None else self._numbered(direction, number)
        elif command.name == "FCUnpublish":
            streams = [one for one in self._streams.named(direction, command.text_argument(0)) if one.role == "publish"]
        else:
            streams = self._streams.on(direction, event.stream_id)
        self._close(event, streams)

    def _numbered(self, direction: int, number: object) -> list[StreamRequest]:
        """Streams on a message stream, and those whose message stream no header told; some senders give a name."""
        if isinstance(number, str):
            return self._streams.named(direction, number)
        known = self._streams.on(direction, number) if isinstance(number, (int, float)) else []
        return [*known, *self._streams.on(direction, -1)]

    def _close(self, event: CommandEvent, streams: list[StreamRequest]) -> None:
        for stream in streams:
            stream.end, stream.ended, stream.ended_by = event.time, event.key, event.command.name
            if not stream.is_open:
                self._streams.remove(stream)

    def _read_result(self, event: CommandEvent) -> None:
        candidates = self._requests.by_id(1 - event.direction, event.command.transaction_id)
        few = list(islice(candidates, _MOST_CANDIDATES))
        fitting = [one for one in few if _shape_fits(one.command, event.command)] if len(few) > 1 else few
        self._answer(event, next(iter(fitting or few), None))

    def _read_status(self, event: CommandEvent) -> None:
        words = (event.command.code or "").split(".")
        names = _STATUS_ANSWERS.get(words[1], ()) if len(words) > 1 else ()
        asked_by = 1 - event.direction
        own = self._requests.oldest(asked_by, names, event.stream_id)
        self._answer(event, self._requests.oldest(asked_by, names, None) if own is None else own)

    def _answer(self, event: CommandEvent, request: CommandEvent | None) -> None:
        if request is None:
            return
        self.session.reply_to[event.key] = request.key
        if event.command.code in _PRELIMINARY:
            return
        self._requests.remove(request)
        stream = self._by_key.get(request.key)
        if stream is not None:
            stream.answer = event.key
            stream.outcome = "refused" if is_refusal(event.command) else "accepted"
            if stream.outcome == "refused" and stream.end is None:
                stream.end, stream.ended, stream.ended_by = event.time, event.key, "refused"
                self._streams.remove(stream)


def is_refusal(answer: Command) -> bool:
    """Whether an answer says no: ``_error``, level ``error``, or a code that names a failure."""
    code = answer.code or ""
    if answer.name == "_error" or answer.level == "error":
        return True
    return code.endswith((".BadName", ".Failed", ".Rejected", ".StreamNotFound", ".Denied", ".InvalidApp"))


def _shape_fits(request: Command, answer: Command) -> bool:
    first = answer.arguments[0] if answer.arguments else None
    return (request.name == "createStream") == isinstance(first, float)
