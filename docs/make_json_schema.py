"""Writes docs/analysis.schema.json, the JSON Schema of ``rtmpscope analyze --json``, from the tables' schemas."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rtmpscope.report.json_report import SCHEMA_VERSION, TABLES
from rtmpscope.tables import SCHEMAS, Column, Kind, tells_of_packets

TARGET = Path(__file__).with_name("analysis.schema.json")
_TYPES = {Kind.INT: "integer", Kind.FLOAT: "number", Kind.BOOL: "boolean", Kind.TIME: "string"}
_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$"


def document() -> dict[str, object]:
    """The schema as plain values."""
    capture = {
        **{name: {"type": "array", "items": {"type": "string"}} for name in ("files", "files_without_packets")},
        **{name: {"type": ["integer", "null"]} for name in ("packets", "tcp_segments", "tcp_connections")},
        "messages": {"type": "integer"},
        **{name: {"type": ["string", "null"], "pattern": _TIME} for name in ("start", "end")},
        "not_looked_into": _closed(
            {name: {"type": "integer"} for name in ("packets", "frames_in_part", "datagrams_without_all_fragments")}
        ),
        "duration_s": {"type": ["number", "null"]},
        "damage": {
            "type": "array",
            "items": _closed({"file": {"type": "string"}, "offset": {"type": "integer"}, "reason": {"type": "string"}}),
        },
    }
    tables = {name: {"type": "array", "items": _row(name)} for name in TABLES}
    properties = {"schema_version": {"const": SCHEMA_VERSION}, "capture": _closed(capture), **tables}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rtmpscope analysis",
        **_closed(properties),
    }


def _closed(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _row(name: str) -> dict[str, object]:
    return _closed({column.name: _column(name, column) for column in SCHEMAS[name].columns})


def _column(table: str, column: Column) -> dict[str, object]:
    said = column.meaning + (f" ({column.unit})" if column.unit else "")
    if column.kind is Kind.JSON:
        return {"description": said}
    kind = _TYPES.get(column.kind, "string")
    result: dict[str, object] = {
        "description": said,
        "type": [kind, "null"] if column.nullable or tells_of_packets(table, column) else kind,
    }
    return result | ({"pattern": _TIME} if column.kind is Kind.TIME else {})


def text() -> str:
    """The file's content."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the schema."""
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
