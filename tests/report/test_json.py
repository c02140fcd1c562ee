"""The JSON document follows its published schema, on captures that fill it and on one that hardly does."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest

import rtmpscope
from docs import make_json_schema
from rtmpscope.report.json_report import json_document, write_json
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.tools import CAPTURES, own_captures


@pytest.mark.parametrize("path", own_captures(), ids=lambda path: path.name)
def test_document_follows_the_schema(path: Path) -> None:
    document = json_document(rtmpscope.analyze(path).report_source)
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), make_json_schema.document())


def test_what_is_written_is_the_document_with_a_row_a_line() -> None:
    source = rtmpscope.analyze(CAPTURES / "publish_h264_aac.pcap").report_source
    written = io.StringIO()
    write_json(source, written)
    document = json_document(source)
    assert json.loads(written.getvalue()) == document
    lines = written.getvalue().splitlines()
    rows = sum(len(rows) for rows in document.values() if isinstance(rows, list))
    tables = sum(isinstance(rows, list) for rows in document.values())
    assert len(lines) == rows + tables + 4


def test_document_of_a_lone_syn_follows_the_schema() -> None:
    capture = io.BytesIO(pcap_bytes(read_pcap(CAPTURES / "publish_h264_aac.pcap")[:1]))
    document = json_document(rtmpscope.analyze(capture).report_source)
    jsonschema.validate(document, make_json_schema.document())
    assert len(document["connections"]) == 1


def test_published_schema_is_up_to_date() -> None:
    assert make_json_schema.TARGET.read_text(encoding="utf-8") == make_json_schema.text(), "run: make docs"
