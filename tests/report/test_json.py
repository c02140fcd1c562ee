"""The JSON document follows its published schema, on captures that fill it and on one that hardly does."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest

import rtmpscope
from docs import make_json_schema
from rtmpscope.report.json_report import TABLES, write_json
from rtmpscope.tables import Kind, Table
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.tools import CAPTURES, own_captures


def written(analysis: rtmpscope.Analysis) -> str:
    text = io.StringIO()
    write_json(analysis.report_source, text)
    return text.getvalue()


def rows_of(table: Table) -> list[dict[str, object]]:
    """The rows of a table; AMF values, which are JSON text there, as plain values."""
    nested = [column.name for column in table.schema.columns if column.kind is Kind.JSON]
    rows = list(table.iter_dicts())
    for row in rows:
        row |= {name: json.loads(str(row[name])) for name in nested if row[name] is not None}
    return rows


@pytest.mark.parametrize("path", own_captures(), ids=lambda path: path.name)
def test_the_document_follows_the_schema_and_holds_the_tables_with_a_row_a_line(path: Path) -> None:
    analysis = rtmpscope.analyze(path)
    text = written(analysis)
    document = json.loads(text)
    jsonschema.validate(document, make_json_schema.document())
    expected = {name: rows_of(analysis.table(name)) for name in TABLES}
    assert {name: document[name] for name in TABLES} == expected
    assert len(text.splitlines()) == sum(map(len, expected.values())) + len(TABLES) + 4


def test_document_of_a_lone_syn_follows_the_schema() -> None:
    capture = io.BytesIO(pcap_bytes(read_pcap(CAPTURES / "publish_h264_aac.pcap")[:1]))
    document = json.loads(written(rtmpscope.analyze(capture)))
    jsonschema.validate(document, make_json_schema.document())
    assert len(document["connections"]) == 1


def test_published_schema_is_up_to_date() -> None:
    assert make_json_schema.TARGET.read_text(encoding="utf-8") == make_json_schema.text(), "run: make docs"
