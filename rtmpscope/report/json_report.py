"""The analysis as one JSON document: the small tables, never a row per message, chunk, frame or packet."""

from __future__ import annotations

import json
from typing import TextIO

from rtmpscope.report.source import ReportSource
from rtmpscope.report.values import time_text

#: Raised whenever a reader of the document has to change.
SCHEMA_VERSION = 1

_TABLES = ("connections", "streams", "tracks", "channels", "handshakes", "controls", "commands", "metadata")


def json_document(source: ReportSource) -> dict[str, object]:
    """The document as plain values."""
    document: dict[str, object] = {"schema_version": SCHEMA_VERSION, "capture": _capture(source)}
    for name in _TABLES:
        document[name] = list(source.tables[name].iter_dicts())
    return document


def write_json(source: ReportSource, stream: TextIO) -> None:
    """Write the document to ``stream``, with a line end."""
    json.dump(json_document(source), stream, ensure_ascii=True, allow_nan=False, indent=1)
    stream.write("\n")


def _capture(source: ReportSource) -> dict[str, object]:
    facts = source.facts
    return {
        "files": list(facts.names),
        "packets": facts.packets,
        "tcp_segments": facts.tcp_segments,
        "tcp_connections": facts.tcp_connections,
        "messages": len(source.tables["messages"]),
        "start": None if facts.first_time is None else time_text(facts.first_time),
        "end": None if facts.last_time is None else time_text(facts.last_time),
        "duration_s": facts.duration_s,
        "damage": [
            {"file": capture.name, "offset": damage.offset, "reason": damage.reason}
            for capture in facts.files
            for damage in capture.damage
        ],
    }
