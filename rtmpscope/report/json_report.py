"""The analysis as one JSON document: the small tables, never a row per message, chunk, frame or packet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from typing import TextIO

from rtmpscope.report.source import ReportSource
from rtmpscope.report.values import time_text
from rtmpscope.tables import ColumnData, Kind, Table

#: Raised whenever a reader of the document has to change.
SCHEMA_VERSION = 1

#: The tables in the document; none has a row per message, chunk, frame or packet.
TABLES = ("connections", "streams", "tracks", "channels", "handshakes", "controls", "commands", "metadata", "findings")

_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode


def write_json(source: ReportSource, stream: TextIO) -> None:
    """Write the document to ``stream``: one line for each row of a table, and a line end."""
    stream.write(f'{{\n "schema_version": {SCHEMA_VERSION},\n "capture": {_encode(_capture(source))}')
    for name in TABLES:
        stream.write(f',\n "{name}": [')
        separator = "\n  "
        for row in _row_texts(source.tables[name]):
            stream.write(separator + row)
            separator = ",\n  "
        stream.write("]")
    stream.write("\n}\n")


def _row_texts(table: Table) -> Iterator[str]:
    """The rows of a table as JSON objects, AMF values as part of them; made column by column, in half the time."""
    row = "{" + ", ".join(f'"{name}": %s' for name in table.schema.names) + "}"
    for part in table.batches():
        cells = [_cell_texts(column.kind, part[column.name]) for column in table.schema.columns]
        yield from map(row.__mod__, zip(*cells, strict=True))


def _cell_texts(kind: Kind, data: ColumnData) -> Iterator[str]:
    values = data.to_list()
    if kind is Kind.INT:
        return ("null" if value is None else str(value) for value in values)
    if kind is Kind.FLOAT:
        return (repr(value) if isinstance(value, float) and isfinite(value) else "null" for value in values)
    if kind is Kind.TIME:
        return (f'"{time_text(value)}"' if isinstance(value, int) else "null" for value in values)
    return map((_AmfTexts() if kind is Kind.JSON else _Texts()).__getitem__, values)


class _Texts(dict[object, str]):
    """Value → its JSON; texts, names and AMF values come again and again."""

    def __missing__(self, value: object) -> str:
        self[value] = text = _encode(value)
        return text


class _AmfTexts(_Texts):
    """The same for AMF values, which are JSON text already, but written otherwise."""

    def __missing__(self, value: object) -> str:
        self[value] = text = _encode(json.loads(value) if isinstance(value, str) else None)
        return text


def _capture(source: ReportSource) -> dict[str, object]:
    facts = source.facts
    return {
        "files": list(facts.names),
        "files_without_packets": list(facts.inputs.without_packets),
        "not_looked_into": {
            "packets": facts.declined,
            "frames_in_part": facts.partly_read,
            "datagrams_without_all_fragments": facts.incomplete_datagrams,
        },
        "packets": facts.packets if facts.has_packets else None,
        "tcp_segments": facts.tcp_segments if facts.has_packets else None,
        "tcp_connections": facts.tcp_connections if facts.has_packets else None,
        "messages": source.tables.message_count,
        "start": None if facts.first_time is None or not facts.has_packets else time_text(facts.first_time),
        "end": None if facts.last_time is None or not facts.has_packets else time_text(facts.last_time),
        "duration_s": facts.duration_s if facts.has_packets else None,
        "damage": [
            {"file": capture.name, "offset": damage.offset, "reason": damage.reason}
            for capture in facts.inputs.files
            for damage in capture.damage
        ],
    }
