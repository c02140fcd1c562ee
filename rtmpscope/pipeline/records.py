"""Small message bodies as records: control messages, commands, metadata, codec configurations.

This is the one place where a decoder's error becomes a record (``Problem``) and decoding goes on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field

import numpy as np

from rtmpscope.amf import decode_message
from rtmpscope.frozen import frozen, slotted
from rtmpscope.media import AudioConfig, VideoConfig, audio_configuration, video_configuration
from rtmpscope.pipeline.store import MediaHeads
from rtmpscope.rtmp import Control, MessageBatch, decode_aggregate, decode_control
from rtmpscope.rtmp.commands import Command, command_of
from rtmpscope.wire import DecodeError

_CONTROL = frozenset((1, 2, 3, 4, 5, 6))
_DATA = frozenset((15, 18))
_COMMAND = frozenset((17, 20))
_AUDIO, _VIDEO, _AGGREGATE = 8, 9, 22
_HEAD = 32

#: The largest body of a control, AMF or configuration message that is decoded on the way.
LARGEST_BODY = 1 << 20
#: So many AMF bodies are remembered, none longer than this.
_MOST_REMEMBERED = 512
_LONGEST_REMEMBERED = 512
#: As many problems of one kind are listed for a direction.
MOST_PROBLEMS = 1000


@frozen
class Origin:
    """Where a record comes from: the message's ordinal, the direction, and the header facts it needs."""

    ordinal: int
    flow: int
    stream_id: int
    time: int
    timestamp: int


@frozen
class Problem:
    """Bytes that did not follow their specification; decoding went on.

    Attributes:
        flow: the direction; ``ordinal`` is the message, -1 where no message was involved.
        offset: stream offset, or for a body the offset within it.
        kind: a short stable name.
        reason: field and reason in words.
    """

    flow: int
    ordinal: int
    offset: int
    kind: str
    reason: str


@frozen
class MetadataRecord:
    """One AMF data message: the event's name and the values after it."""

    event: str
    properties: object


@frozen
class _AmfRead:
    """What the body of a command or data message holds; no record where a command has no name."""

    problems: tuple[DecodeError, ...]
    record: Command | MetadataRecord | None


@slotted
class Records:
    """Everything decoded from small bodies, in order of completion.

    Equal bodies are decoded once and share a record: connections to one server say much the same.
    """

    controls: list[tuple[Origin, Control]] = field(default_factory=list)
    commands: list[tuple[Origin, Command]] = field(default_factory=list)
    metadata: list[tuple[Origin, MetadataRecord]] = field(default_factory=list)
    configurations: list[tuple[Origin, VideoConfig | AudioConfig]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    _known: dict[tuple[int, bytes], _AmfRead] = field(default_factory=dict)

    def read(self, origin: Origin, type_id: int, body: bytes) -> None:
        """Decode one kept body; whatever is wrong with it becomes a problem."""
        try:
            if type_id in _CONTROL:
                self.controls.append((origin, decode_control(type_id, body)))
            elif type_id in _COMMAND or type_id in _DATA:
                self._read_amf(origin, type_id, body)
            elif type_id in (_AUDIO, _VIDEO):
                self._read_configuration(origin, type_id, body)
        except DecodeError as error:
            self.report(origin, error)

    def _read_amf(self, origin: Origin, type_id: int, body: bytes) -> None:
        read = self._known.get((type_id, body))
        if read is None:
            read = _amf_read(type_id, body)
            if len(body) <= _LONGEST_REMEMBERED and len(self._known) < _MOST_REMEMBERED:
                self._known[type_id, body] = read
        for error in read.problems:
            self.report(origin, error, kind="malformed_amf")
        if isinstance(read.record, MetadataRecord):
            self.metadata.append((origin, read.record))
        elif read.record is not None:
            self.commands.append((origin, read.record))
        else:
            raise DecodeError(0, "command name", "the message does not begin with a string")

    def forget_bodies(self) -> None:
        """No more bodies come."""
        self._known.clear()

    def _read_configuration(self, origin: Origin, type_id: int, body: bytes) -> None:
        read = video_configuration if type_id == _VIDEO else audio_configuration
        config = read(body)
        if config is not None:
            self.configurations.append((origin, config))

    def report(self, origin: Origin, error: DecodeError, kind: str = "malformed_body") -> None:
        """File a decoder's error as a problem of the message it was met in."""
        self.add_problem(Problem(origin.flow, origin.ordinal, error.offset, kind, f"{error.field}: {error.reason}"))

    def add_problem(self, problem: Problem) -> None:
        """File a problem, unless its direction has had very many of its kind."""
        key = problem.flow, problem.kind
        self._counts[key] += 1
        if self._counts[key] <= MOST_PROBLEMS:
            self.problems.append(problem)


def _amf_read(type_id: int, body: bytes) -> _AmfRead:
    decoded = decode_message(type_id, body)
    record = command_of(decoded.values) if type_id in _COMMAND else _metadata_of(decoded.values)
    return _AmfRead(decoded.problems, record)


def _metadata_of(values: tuple[object, ...]) -> MetadataRecord:
    event = values[0] if values and isinstance(values[0], str) else ""
    rest = values[1:] if event else values
    if event == "@setDataFrame" and rest and isinstance(rest[0], str):
        event, rest = rest[0], rest[1:]  # the publisher's way to say: keep this as event
    return MetadataRecord(event, rest[0] if len(rest) == 1 else list(rest))


def inner_media(records: Records, origin: Origin, body: bytes) -> MediaHeads | None:
    """The audio and video inside an aggregate; its data and command messages are read as records."""
    rows: list[tuple[int, int, int, int]] = []
    heads = bytearray()
    aggregate = decode_aggregate(body, origin.timestamp)
    if aggregate.problem is not None:
        records.report(origin, aggregate.problem, kind="malformed_aggregate")
    for message in aggregate.messages:
        start, length = message.start, message.length
        if message.type_id in (_AUDIO, _VIDEO):
            head = body[start : start + min(length, _HEAD)]
            rows.append((message.type_id, message.timestamp, length, len(head)))
            heads += head.ljust(_HEAD, b"\0")
        inner = Origin(origin.ordinal, origin.flow, origin.stream_id, origin.time, message.timestamp)
        if message.type_id not in (_AUDIO, _VIDEO) or wants_configuration(message.type_id, body[start : start + 2]):
            records.read(inner, message.type_id, body[start : start + length])
    if not rows:
        return None
    columns = np.array(rows, np.int64)
    count = len(rows)
    return MediaHeads(
        ordinal=np.full(count, origin.ordinal),
        flow=np.full(count, origin.flow),
        stream_id=np.full(count, origin.stream_id),
        type_id=columns[:, 0].astype(np.uint8),
        timestamp=columns[:, 1],
        length=columns[:, 2],
        head=np.frombuffer(bytes(heads), np.uint8).reshape(count, _HEAD),
        head_length=columns[:, 3].astype(np.uint8),
    )


def wants_configuration(type_id: int, head: bytes) -> bool:
    """Whether an audio or video body is a codec configuration record, judged by its first two bytes."""
    if len(head) < 2:
        return False
    first = head[0]
    if type_id == _VIDEO:
        return first & 0x8F == 0x80 or (first & 0x80 == 0 and first & 0x0F in (7, 12) and head[1] == 0)
    return first == 0x90 or (first >> 4 == 10 and head[1] == 0)


def bytes_to_keep(type_id: int, head: bytes, length: int) -> int:
    """How much of a body the pipeline wants to see: all of what it decodes, nothing of the rest."""
    if type_id in (_AUDIO, _VIDEO):
        return min(length, LARGEST_BODY) if wants_configuration(type_id, head) else 0
    return length if type_id == _AGGREGATE else min(length, LARGEST_BODY)


def read_bodies(records: Records, flow: int, first: int, batch: MessageBatch, time: np.ndarray) -> list[MediaHeads]:
    """Read the bodies that a batch kept; ``first`` is the ordinal of its first row.

    Returns the media found inside aggregates.
    """
    inner: list[MediaHeads] = []
    for row, body in batch.bodies.items():
        origin = Origin(first + row, flow, int(batch.stream_id[row]), int(time[row]), int(batch.timestamp[row]))
        type_id = int(batch.type_id[row])
        if not batch.complete[row]:
            continue
        if type_id == _AGGREGATE:
            heads = inner_media(records, origin, body)
            if heads is not None:
                inner.append(heads)
        else:
            records.read(origin, type_id, body)
    for problem in batch.problems:
        records.add_problem(Problem(flow, -1, problem.offset, problem.kind, problem.reason))
    return inner
