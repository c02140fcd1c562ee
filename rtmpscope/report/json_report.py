"""The analysis as one JSON document: the small tables, never a row per message, chunk, frame or packet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TextIO

from rtmpscope.report.source import ReportSource
from rtmpscope.report.values import time_text
from rtmpscope.tables import Kind, Table

#: Raised whenever a reader of the document has to change.
SCHEMA_VERSION = 1

#: The tables in the document; none has a row per message, chunk, frame or packet.
TABLES = ("connections", "streams", "tracks", "channels", "handshakes", "controls", "commands", "metadata", "findings")


def json_document(source: ReportSource) -> dict[str, object]:
    """The document as plain values."""
    document: dict[str, object] = {"schema_version": SCHEMA_VERSION, "capture": _capture(source)}
    for name in TABLES:
        document[name] = list(_rows(source.tables[name]))
    return document


def _rows(table: Table) -> Iterator[dict[str, object]]:
    """The rows of a table; AMF values, which are JSON text there, as part of the document."""
    nested = [column.name for column in table.schema.columns if column.kind is Kind.JSON]
    for row in table.iter_dicts():
        for name in nested:
            text = row[name]
            row[name] = json.loads(text) if isinstance(text, str) else None
        yield row


def write_json(source: ReportSource, stream: TextIO) -> None:
    """Write the document to ``stream``: one line for each row of a table, and a line end."""
    encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    stream.write(f'{{\n "schema_version": {SCHEMA_VERSION},\n "capture": {encode(_capture(source))}')
    for name in TABLES:
        stream.write(f',\n "{name}": [')
        separator = "\n  "
        for row in _rows(source.tables[name]):
            stream.write(separator + encode(row))
            separator = ",\n  "
        stream.write("]")
    stream.write("\n}\n")


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
