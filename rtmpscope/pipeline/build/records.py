"""The tables with one row per decoded small body: controls, commands, metadata; and handshakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeVar

from rtmpscope.amf import to_json
from rtmpscope.frozen import frozen
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.flows import DirectionFlow
from rtmpscope.pipeline.records import MetadataRecord, Origin
from rtmpscope.pipeline.roles import Listed
from rtmpscope.rtmp import Command, Handshake, verify
from rtmpscope.tables import SCHEMAS, MaskedOnce, Table

Record = TypeVar("Record")

_HANDSHAKE = (
    "version_c2s",
    "version_s2c",
    "kind",
    "c1_digest_valid",
    "s1_digest_valid",
    "c2_digest_valid",
    "s2_digest_valid",
    "c2_echo",
    "s2_echo",
)


def controls_table(context: Context) -> Table:
    """The ``controls`` table."""

    def rows() -> Iterator[dict[str, object]]:
        for origin, control in in_message_order(context, context.decoded.records.controls):
            yield _head(context, origin) | {
                "kind": control.kind,
                "value": control.value,
                "detail": control.detail or None,
            }

    return Table.from_rows(SCHEMAS["controls"], rows())


def commands_table(context: Context) -> Table:
    """The ``commands`` table, answers paired with their requests."""
    times = {context.message(origin): origin.time for origin, _ in context.decoded.records.commands}
    cells = MaskedOnce(context.redactor, partial(_command_cells, context))

    def rows() -> Iterator[dict[str, object]]:
        for origin, command in in_message_order(context, context.decoded.records.commands):
            message = context.message(origin)
            connection, _ = context.place(origin)
            reply_to = context.sessions[connection].reply_to.get(message)
            yield (
                _head(context, origin)
                | cells.of(command)
                | {
                    "reply_to": reply_to,
                    "latency_ms": _latency_ms(origin.time, None if reply_to is None else times[reply_to]),
                }
            )

    return Table.from_rows(SCHEMAS["commands"], rows())


def _command_cells(context: Context, command: Command) -> dict[str, object]:
    """What a row shows of a command itself."""
    mask = context.redactor
    return {
        "command": mask.vocabulary(command.name),
        "transaction_id": command.transaction_id,
        "object": to_json(mask.value(masked_object(context, command))),
        "arguments": to_json([mask.value(value) for value in command.arguments]),
        "code": None if command.code is None else mask.vocabulary(command.code),
        "level": None if command.level is None else mask.vocabulary(command.level),
        "description": None if command.description is None else mask.text(command.description),
    }


def _latency_ms(answered: int, asked: int | None) -> float | None:
    """From a request to its answer; nothing where packets in the wrong order put the answer first."""
    return None if asked is None or asked > answered else (answered - asked) / 1e6


def masked_object(context: Context, command: Command) -> object:
    """The command object; for connect, with the secrets that its addresses carry masked."""
    value = command.object
    if command.name != "connect" or not isinstance(value, dict):
        return value
    addresses = {"tcUrl", "swfUrl", "pageUrl", "app"}
    mask = context.redactor
    return {key: mask.url(text) if key in addresses and isinstance(text, str) else text for key, text in value.items()}


def metadata_table(context: Context, stream_of: dict[int, int]) -> Table:
    """The ``metadata`` table; ``stream_of`` gives the stream of a message, where it belongs to one."""
    mask = context.redactor

    def cells_of(record: MetadataRecord) -> dict[str, object]:
        return {"event": mask.vocabulary(record.event), "properties": to_json(mask.value(record.properties))}

    cells = MaskedOnce(mask, cells_of)

    def rows() -> Iterator[dict[str, object]]:
        for origin, record in in_message_order(context, context.decoded.records.metadata):
            stream = stream_of.get(context.message(origin))
            yield _head(context, origin) | cells.of(record) | {"stream": stream}

    return Table.from_rows(SCHEMAS["metadata"], rows())


def handshakes_table(context: Context, handshakes: Sequence[HandshakeFacts]) -> Table:
    """The ``handshakes`` table; ``handshakes`` are those of the listed connections."""
    rows = map(_handshake_row, context.listed, handshakes)
    return Table.from_rows(SCHEMAS["handshakes"], rows)


@frozen
class HandshakeFacts:
    """The handshake of one connection and how long it took, in ms where both ends were seen."""

    handshake: Handshake
    duration_ms: float | None


def handshake_of(context: Context, entry: Listed) -> HandshakeFacts:
    """Verify the handshake of a listed connection."""
    c2s, s2c = (context.decoded.flows.get(entry.flow(way)) for way in (0, 1))
    handshake = verify(c2s.handshake if c2s else b"", s2c.handshake if s2c else b"")
    seen = bool(c2s and c2s.handshake and s2c and s2c.handshake)
    return HandshakeFacts(handshake, _duration_ms(c2s, s2c) if seen else None)


def _handshake_row(entry: Listed, facts: HandshakeFacts) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(facts.handshake, name) for name in _HANDSHAKE}
    return row | {"connection": entry.number, "duration_ms": facts.duration_ms}


def _duration_ms(c2s: DirectionFlow | None, s2c: DirectionFlow | None) -> float | None:
    spans = [flow.handshake_span for flow in (c2s, s2c) if flow is not None and flow.handshake_span is not None]
    if len(spans) < 2:
        return None
    return (max(span.last_time for span in spans) - min(span.first_time for span in spans)) / 1e6


def in_message_order(context: Context, records: list[tuple[Origin, Record]]) -> list[tuple[Origin, Record]]:
    """The records of listed connections, by message id."""
    listed = [entry for entry in records if context.message(entry[0]) >= 0]
    return sorted(listed, key=lambda entry: context.message(entry[0]))


def _head(context: Context, origin: Origin) -> dict[str, object]:
    connection, direction = context.place(origin)
    return {
        "message": context.message(origin),
        "connection": connection,
        "direction": DIRECTIONS[direction],
        "time": origin.time,
    }
