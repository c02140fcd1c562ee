"""What every table needs to know: the listed connections, the message ids, and the sessions.

Messages are numbered densely from 0 by arrival time, then connection, direction and offset. Until then a
message goes by its ordinal, its place in the order of completion.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rtmpscope.findings import Joined
from rtmpscope.frozen import frozen
from rtmpscope.options import Options
from rtmpscope.pipeline.build.joined import joined_directions
from rtmpscope.pipeline.build.stream_ids import stream_ids
from rtmpscope.pipeline.build.unseen import Numbered, UnseenRequests
from rtmpscope.pipeline.records import MetadataRecord, Origin
from rtmpscope.pipeline.roles import Listed, listed_connections
from rtmpscope.pipeline.run import Decoded
from rtmpscope.rtmp import Command, CommandEvent, Session, read_session
from rtmpscope.tables import MaskedOnce, Redactor

Ints = NDArray[np.int64]

#: Commands whose first argument is the name of a stream that is published.
_NAMES_A_KEY = frozenset(("publish", "releaseStream", "FCPublish", "FCUnpublish"))
#: Names of the two directions; their place is their code.
DIRECTIONS = ("c2s", "s2c")


@frozen
class FlowNames:
    """Flow key → connection number and direction, as lookup arrays; -1 where the flow is not listed."""

    connection: Ints
    direction: Ints

    @classmethod
    def of(cls, listed: Sequence[Listed], tcp_connections: int) -> FlowNames:
        """The names of all flows of ``listed``."""
        connection = np.full(2 * tcp_connections, -1, np.int64)
        direction = np.full(2 * tcp_connections, -1, np.int64)
        for entry in listed:
            for way in (0, 1):
                connection[entry.flow(way)] = entry.number
                direction[entry.flow(way)] = way
        return cls(connection, direction)


@frozen
class Context:
    """One decoded capture on its way into tables.

    Attributes:
        decoded: what the pass over the capture yielded.
        listed: the connections that the tables show.
        names: flow key → connection and direction.
        order: ordinals of the listed messages in the order of their ids.
        message_of: ordinal → message id, -1 for messages of connections that are not listed.
        turns: message id → its place in the order in which the receivers could read the messages.
        stream_ids: message stream of each message by ordinal, -1 where the capture does not tell.
        media_rows: rows of the decoded media that belong to listed messages, by message id, then place in the message.
        sessions: what the commands of each listed connection establish.
        redactor: masks stream names, tokens and credentials.
        joined: directions that were joined in mid-stream.
    """

    decoded: Decoded
    options: Options
    listed: Sequence[Listed]
    names: FlowNames
    order: Ints
    message_of: Ints
    turns: Ints
    stream_ids: Ints
    media_rows: Ints
    sessions: Sequence[Session]
    redactor: Redactor
    joined: tuple[Joined, ...]

    def message(self, origin: Origin) -> int:
        """Message id of a record."""
        return int(self.message_of[origin.ordinal])

    def stream_id(self, origin: Origin) -> int:
        """Message stream of a record, -1 where the capture does not tell."""
        return int(self.stream_ids[origin.ordinal])

    def place(self, origin: Origin) -> tuple[int, int]:
        """Connection number and direction code of a record."""
        return int(self.names.connection[origin.flow]), int(self.names.direction[origin.flow])


def make_context(decoded: Decoded, options: Options) -> Context:
    """Decide what is listed, number the messages, and read the sessions."""
    listed = listed_connections(decoded.connections, decoded.flows, decoded.records, options.ports)
    names = FlowNames.of(listed, len(decoded.connections))
    order = _message_order(decoded, names)
    message_of = np.full(len(decoded.messages["flow"]), -1, np.int64)
    message_of[order] = np.arange(len(order))
    media_rows = _media_rows(decoded, message_of, order)
    ids = stream_ids(decoded.messages)
    turns = _turns(decoded, names, order)
    sessions = _sessions(Numbered(decoded, message_of, turns, ids), names, listed)
    redactor = _redactor(decoded, options, message_of)
    joined = joined_directions(decoded, listed)
    return Context(
        decoded, options, listed, names, order, message_of, turns, ids, media_rows, sessions, redactor, joined
    )


def _redactor(decoded: Decoded, options: Options, message_of: Ints) -> Redactor:
    """All secrets of the capture, registered in the order of messages before any table is built.

    So a secret's ordinal, and whether a text that repeats it is masked, do not depend on what is looked at first.
    """
    redactor = Redactor(show=options.show_secrets)
    commands = sorted(decoded.records.commands, key=lambda record: message_of[record[0].ordinal])
    for _, command in commands:
        name = command.text_argument(0)
        if command.name in _NAMES_A_KEY and name:
            redactor.register_key(name)
    register = MaskedOnce(redactor, partial(_register, redactor))
    for _, command in commands:
        register.of(command)
    for _, data in sorted(decoded.records.metadata, key=lambda record: message_of[record[0].ordinal]):
        register.of(data)
    return redactor


def _register(redactor: Redactor, record: Command | MetadataRecord) -> None:
    if isinstance(record, MetadataRecord):
        redactor.value(record.properties)
        return
    redactor.value([record.object, *record.arguments])
    if isinstance(record.object, dict):
        for address in ("tcUrl", "swfUrl", "pageUrl"):
            redactor.url(str(record.object.get(address, "")))


def _message_order(decoded: Decoded, names: FlowNames) -> Ints:
    """Ordinals of the listed messages, by time, connection, direction, offset."""
    messages, flow = decoded.messages, decoded.messages["flow"]
    rank = names.connection * 2 + names.direction  # the tie-breaker: connection, then direction
    listed = np.flatnonzero((rank >= 0)[flow]) if len(flow) else np.empty(0, np.int64)
    time = messages["time"][listed]
    order = np.argsort(time, kind="stable")
    time = time[order]
    order = listed[order]
    equal = time[1:] == time[:-1]
    tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))  # few, next to all there are
    few = order[tied]
    order[tied] = few[np.lexsort((messages["offset"][few], rank[flow[few]], time[tied]))]
    return order


def _turns(decoded: Decoded, names: FlowNames, order: Ints) -> Ints:
    """Places of the messages in the order in which they could be read: what came too early waits for what was lost."""
    if bool((decoded.messages["time_ready"] == decoded.messages["time"]).all()):
        return np.arange(len(order))
    ready = decoded.messages["time_ready"][order]
    flow, offset = decoded.messages["flow"][order], decoded.messages["offset"][order]
    turns = np.empty(len(order), np.int64)
    turns[np.lexsort((offset, names.connection[flow] * 2 + names.direction[flow], ready))] = np.arange(len(order))
    return turns


def _media_rows(decoded: Decoded, message_of: Ints, order: Ints) -> Ints:
    """Rows of the media of listed messages, by message id, then place in the message."""
    ordinal = decoded.media["ordinal"]
    if bool((ordinal[1:] > ordinal[:-1]).all()):
        row_of = np.full(len(message_of), -1, np.int32)
        row_of[ordinal] = np.arange(len(ordinal))
        ordered = row_of[order]
        return ordered[ordered >= 0].astype(np.int64)
    message = message_of[ordinal]  # an aggregate holds more than one
    rows = np.flatnonzero(message >= 0)
    return rows[np.argsort(message[rows], kind="stable")]


def _sessions(numbered: Numbered, names: FlowNames, listed: Sequence[Listed]) -> list[Session]:
    events: list[list[CommandEvent]] = [[] for _ in listed]
    for origin, command in numbered.decoded.records.commands:
        connection = int(names.connection[origin.flow])
        if connection >= 0:
            key, stream_id = int(numbered.message_of[origin.ordinal]), int(numbered.stream_id[origin.ordinal])
            direction = int(names.direction[origin.flow])
            events[connection].append(CommandEvent(key, direction, stream_id, origin.time, command))
    unseen = UnseenRequests(numbered)
    return [
        read_session(sorted([*own, *unseen.of(entry, own)], key=lambda event: numbered.turns[event.key]))
        for entry, own in zip(listed, events, strict=True)
    ]
