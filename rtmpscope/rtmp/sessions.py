"""Sessions: what the commands of one connection say when they are read together.

A request is paired with its answer in one of two ways. ``_result`` and ``_error`` name the request's
transaction id, per direction; real clients use an id twice, so the shape of the answer decides between
open requests of the same id (a number answers createStream) before age does. ``onStatus`` has transaction
id 0; it answers the oldest open request of its message stream whose kind the code's prefix names
(``NetStream.Publish.*`` answers publish).

A stream is one publish or play request, refused ones too, and lives until the same message stream is
deleted, closed, published or played again. A request that was not captured is told by its media.

In the capture an answer may stand before its request, where packets are in the wrong order. Such an answer is
taken only for want of one that comes after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from itertools import islice

from rtmpscope.frozen import slotted
from rtmpscope.rtmp.commands import ANSWERS, Command
from rtmpscope.rtmp.requests import CommandEvent, OpenStreams, Role, StreamRequest, UnseenRequest

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
#: An answer that stands before its request does so by no more than this.
_MISPLACED_NS = 1_000_000_000
#: So many open requests of one transaction id are looked at.
_MOST_CANDIDATES = 8
_ENDINGS = frozenset({"deleteStream", "closeStream", "FCUnpublish"})


@slotted
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


def read_session(events: Iterable[CommandEvent | UnseenRequest]) -> Session:
    """Read the commands of one connection, both directions in the order in which they were heard."""
    reader = _SessionReader()
    for event in events:
        if isinstance(event, CommandEvent):
            reader.read(event)
        else:
            reader.begin_unseen(event)
    reader.finish()
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


class _SessionReader:
    def __init__(self) -> None:
        self.session = Session()
        self._requests = _Requests()
        self._streams = OpenStreams()
        self._by_key: dict[int, StreamRequest] = {}
        self._unclaimed: list[CommandEvent] = []  # answers that came without a request before them
        self._statuses: dict[tuple[int, int, str | None], int] = {}  # the last of them by sender, stream, code

    def read(self, event: CommandEvent) -> None:
        name = event.command.name
        if name in ANSWERS or name in _FC_ANSWERS:
            if not self._answer(event, self._asked(event)):
                self._unclaimed.append(event)
                self._statuses[event.direction, event.stream_id, event.command.code] = event.key
        else:
            self._read_request(event)

    def begin_unseen(self, event: UnseenRequest) -> None:
        """Media comes whose request was not captured; its answer may have been."""
        stream = StreamRequest(event, event.role, None, "unseen")
        code = f"NetStream.{event.role.capitalize()}.Start"
        stream.answer = self._statuses.get((1 - event.direction, event.stream_id, code))
        if stream.answer is not None:
            stream.outcome = "accepted"
        self._begin(stream)

    def finish(self) -> None:
        """Give what is still open the answers that stand before it."""
        for event in self._unclaimed:
            request = self._asked(event)
            if request is not None and 0 <= request.time - event.time <= _MISPLACED_NS:
                self._answer(event, request)

    def _asked(self, event: CommandEvent) -> CommandEvent | None:
        """The open request that an answer answers."""
        name = event.command.name
        if name in ("_result", "_error"):
            return self._asked_by_id(event)
        if name == "onStatus":
            return self._asked_by_code(event)
        return self._requests.oldest(1 - event.direction, (_FC_ANSWERS[name],), None) if name in _FC_ANSWERS else None

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
        self._begin(StreamRequest(event, role, name))

    def _begin(self, stream: StreamRequest) -> None:
        self.session.streams.append(stream)
        self._by_key[stream.request.key] = stream
        self._streams.add(stream)

    def _end_streams(self, event: CommandEvent) -> None:
        command, direction = event.command, event.direction
        if command.name == "deleteStream":
            number = command.arguments[0] if command.arguments else None
            streams = self._streams.all(direction) if number is None else self._numbered(direction, number)
        elif command.name == "FCUnpublish":
            streams = self._unpublished(direction, command.text_argument(0))
        else:
            streams = self._streams.on(direction, event.stream_id)
        self._close(event, streams)

    def _unpublished(self, direction: int, name: str | None) -> list[StreamRequest]:
        """Published streams of a name; it is that of the one stream whose request was not captured, if none has it."""
        known = [one for one in self._streams.named(direction, name) if one.role == "publish"]
        unseen = self._streams.unseen(direction)
        if known or len(unseen) != 1:
            return known
        self._streams.rename(unseen[0], name)
        return unseen

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

    def _asked_by_id(self, event: CommandEvent) -> CommandEvent | None:
        candidates = self._requests.by_id(1 - event.direction, event.command.transaction_id)
        few = list(islice(candidates, _MOST_CANDIDATES))
        fitting = [one for one in few if _shape_fits(one.command, event.command)] if len(few) > 1 else few
        return next(iter(fitting or few), None)

    def _asked_by_code(self, event: CommandEvent) -> CommandEvent | None:
        names = _names_answered(event.command)
        asked_by = 1 - event.direction
        own = self._requests.oldest(asked_by, names, event.stream_id)
        return self._requests.oldest(asked_by, names, None) if own is None else own

    def _answer(self, event: CommandEvent, request: CommandEvent | None) -> bool:
        """File an answer to a request; return whether there is one."""
        if request is None:
            return False
        self.session.reply_to[event.key] = request.key
        if event.command.code in _PRELIMINARY:
            return True
        self._requests.remove(request)
        stream = self._by_key.get(request.key)
        if stream is not None:
            stream.answer = event.key
            stream.outcome = "refused" if is_refusal(event.command) else "accepted"
            if stream.outcome == "refused" and stream.end is None:
                stream.end, stream.ended, stream.ended_by = event.time, event.key, "refused"
                self._streams.remove(stream)
        return True


def _names_answered(answer: Command) -> tuple[str, ...]:
    """The requests that a status may answer, by its code."""
    words = (answer.code or "").split(".")
    return _STATUS_ANSWERS.get(words[1], ()) if len(words) > 1 else ()


def is_refusal(answer: Command) -> bool:
    """Whether an answer says no: ``_error``, level ``error``, or a code that names a failure."""
    code = answer.code or ""
    if answer.name == "_error" or answer.level == "error":
        return True
    return code.endswith((".BadName", ".Failed", ".Rejected", ".StreamNotFound", ".Denied", ".InvalidApp"))


def _shape_fits(request: Command, answer: Command) -> bool:
    first = answer.arguments[0] if answer.arguments else None
    return (request.name == "createStream") == isinstance(first, float)
