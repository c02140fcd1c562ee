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

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

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
_ENDINGS = frozenset({"deleteStream", "closeStream", "FCUnpublish"})


@dataclass(frozen=True, slots=True)
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
        connect_answer: its ``_result`` or ``_error``.
        reply_to: key of an answer → key of the request it answers.
        streams: publish and play requests in order.
        unanswered: keys of requests that ask for an answer and got none.
    """

    connect: CommandEvent | None = None
    connect_answer: CommandEvent | None = None
    reply_to: dict[int, int] = field(default_factory=dict)
    streams: list[StreamRequest] = field(default_factory=list)
    unanswered: list[int] = field(default_factory=list)


def read_session(events: Iterable[CommandEvent]) -> Session:
    """Read the commands of one connection, both directions in order of time."""
    reader = _SessionReader()
    for event in events:
        reader.read(event)
    reader.session.unanswered = [event.key for event in reader.open]
    return reader.session


class _SessionReader:
    def __init__(self) -> None:
        self.session = Session()
        self.open: list[CommandEvent] = []
        self._by_key: dict[int, StreamRequest] = {}

    def read(self, event: CommandEvent) -> None:
        name = event.command.name
        if name in ("_result", "_error"):
            self._read_result(event)
        elif name == "onStatus":
            self._read_status(event)
        elif name in _FC_ANSWERS:
            self._answer(event, self._oldest(event, (_FC_ANSWERS[name],), any_stream=True))
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
            self.open.append(event)

    def _begin_stream(self, event: CommandEvent) -> None:
        name = event.command.text_argument(0)
        if name is None and event.command.arguments and event.command.arguments[0] is False:
            self._end_streams(event)  # publish(false) and play(false) close the stream
            return
        self._close(event, [s for s in self._open_streams(event) if s.request.stream_id == event.stream_id])
        role: Role = "publish" if event.command.name == "publish" else "play"
        stream = StreamRequest(event, role, name)
        self.session.streams.append(stream)
        self._by_key[event.key] = stream

    def _end_streams(self, event: CommandEvent) -> None:
        command, streams = event.command, self._open_streams(event)
        if command.name == "deleteStream":
            number = command.arguments[0] if command.arguments else None
            streams = [s for s in streams if number is None or s.request.stream_id in (number, -1)]
        elif command.name == "FCUnpublish":
            name = command.text_argument(0)
            streams = [s for s in streams if s.role == "publish" and name in (s.name, None)]
        else:
            streams = [s for s in streams if s.request.stream_id == event.stream_id]
        self._close(event, streams)

    def _open_streams(self, event: CommandEvent) -> list[StreamRequest]:
        return [s for s in self.session.streams if s.request.direction == event.direction and s.is_open]

    @staticmethod
    def _close(event: CommandEvent, streams: list[StreamRequest]) -> None:
        for stream in streams:
            stream.end, stream.ended, stream.ended_by = event.time, event.key, event.command.name

    def _read_result(self, event: CommandEvent) -> None:
        candidates = [
            request
            for request in self.open
            if request.direction != event.direction and request.command.transaction_id == event.command.transaction_id
        ]
        if len(candidates) > 1:
            candidates = [c for c in candidates if _shape_fits(c.command, event.command)] or candidates
        self._answer(event, candidates[0] if candidates else None)

    def _read_status(self, event: CommandEvent) -> None:
        words = (event.command.code or "").split(".")
        names = _STATUS_ANSWERS.get(words[1], ()) if len(words) > 1 else ()
        own = self._oldest(event, names)
        request = self._oldest(event, names, any_stream=True) if own is None else own
        self._answer(event, request)

    def _oldest(self, event: CommandEvent, names: tuple[str, ...], *, any_stream: bool = False) -> CommandEvent | None:
        for request in self.open:
            if request.direction == event.direction or request.command.name not in names:
                continue
            if any_stream or request.stream_id == event.stream_id:
                return request
        return None

    def _answer(self, event: CommandEvent, request: CommandEvent | None) -> None:
        if request is None:
            return
        self.session.reply_to[event.key] = request.key
        if event.command.code in _PRELIMINARY:
            return
        self.open.remove(request)
        if request.command.name == "connect" and self.session.connect_answer is None:
            self.session.connect_answer = event
        stream = self._by_key.get(request.key)
        if stream is not None:
            stream.answer = event.key
            stream.outcome = "refused" if is_refusal(event.command) else "accepted"
            if stream.outcome == "refused" and stream.end is None:
                stream.end, stream.ended, stream.ended_by = event.time, event.key, "refused"


def is_refusal(answer: Command) -> bool:
    """Whether an answer says no: ``_error``, level ``error``, or a code that names a failure."""
    code = answer.code or ""
    if answer.name == "_error" or answer.level == "error":
        return True
    return code.endswith((".BadName", ".Failed", ".Rejected", ".StreamNotFound", ".Denied", ".InvalidApp"))


def _shape_fits(request: Command, answer: Command) -> bool:
    first = answer.arguments[0] if answer.arguments else None
    return (request.name == "createStream") == isinstance(first, float)
