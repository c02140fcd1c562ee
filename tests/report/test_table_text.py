"""Tables are printed aligned, as CSV and as JSON lines, and what they hold does nothing in any of them."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from rtmpscope.report.table_text import write_table
from rtmpscope.report.values import display_width, file_stem
from rtmpscope.tables import Column, Kind, Schema, Table, select
from rtmpscope.tables.table import BATCH_ROWS

SCHEMA = Schema(
    "sample",
    "sample",
    (
        Column("number", Kind.INT, "a number"),
        Column("size", Kind.FLOAT, "a size", nullable=True),
        Column("flag", Kind.BOOL, "yes or no"),
        Column("kind", Kind.CATEGORY, "a name", nullable=True),
        Column("text", Kind.TEXT, "words", nullable=True),
        Column("time", Kind.TIME, "when"),
    ),
)
ROWS = [
    {"number": -5, "size": 0.5, "flag": True, "kind": "audio", "text": "abc", "time": 10**18 + 123456789},
    {"number": 12345, "size": None, "flag": False, "kind": None, "text": None, "time": 10**18},
]
TABLE = Table.from_rows(SCHEMA, ROWS)


def written(table: Table, form: str) -> str:
    stream = io.StringIO()
    write_table(table, stream, form)
    return stream.getvalue()


def one_text(text: str) -> Table:
    return select(Table.from_rows(SCHEMA, [{**ROWS[0], "text": text}]), ["text", "number"])


def test_numbers_stand_right_texts_left_and_nulls_are_empty() -> None:
    assert written(TABLE, "table") == (
        "number  size  flag  kind   text  time\n"
        "    -5   0.5  yes   audio  abc   01:46:40.123456\n"
        " 12345        no                 01:46:40.000000\n"
    )


def test_an_empty_table_is_its_header() -> None:
    assert written(TABLE.head(0), "table") == "number  size  flag  kind  text  time\n"
    assert written(TABLE.head(0), "csv") == "number,size,flag,kind,text,time\n"
    assert written(TABLE.head(0), "jsonl") == ""


def test_csv_holds_negative_numbers_as_numbers_and_times_in_full() -> None:
    rows = list(csv.DictReader(io.StringIO(written(TABLE, "csv"))))
    assert rows[0]["number"] == "-5"
    assert rows[0]["time"] == "2001-09-09T01:46:40.123456789Z"
    assert rows[1]["size"] == rows[1]["kind"] == rows[1]["text"] == ""


def test_json_lines_keep_types_and_nulls() -> None:
    first, second = (json.loads(line) for line in written(TABLE, "jsonl").splitlines())
    assert first == {**ROWS[0], "time": "2001-09-09T01:46:40.123456789Z"}
    assert (second["size"], second["kind"], second["text"]) == (None, None, None)


def test_an_infinite_number_is_null_in_json_lines() -> None:
    table = Table.from_rows(SCHEMA, [{**ROWS[0], "size": float("inf")}])
    assert json.loads(written(table, "jsonl"))["size"] is None


def test_parquet_is_read_back() -> None:
    file = io.BytesIO()
    write_table(TABLE, file, "parquet")
    assert pq.read_table(file).column("number").to_pylist() == [-5, 12345]


def test_all_rows_of_a_table_of_several_batches_are_written_in_order() -> None:
    count = 2 * BATCH_ROWS + 3
    table = select(TABLE.take([0] * count), ["number"])
    assert written(table, "jsonl").count("\n") == count
    assert written(table, "table").count("\n") == count + 1


@pytest.mark.parametrize(
    "hostile", ["\x1b[31mx", "a\nb", "a\rb", "\u202egnp.exe", "zero\u200bwidth", "\x9bm", "\ud800"]
)
@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_no_text_leaves_its_line_or_acts_on_a_terminal(hostile: str, form: str) -> None:
    out = written(one_text(hostile), form)
    assert len(out.splitlines()) == (1 if form == "jsonl" else 2)
    assert not [char for char in hostile if not char.isprintable() and char in out.replace("\n", "")]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "=1,2"])
def test_no_cell_is_a_formula(formula: str) -> None:
    (row,) = csv.DictReader(io.StringIO(written(one_text(formula), "csv")))
    assert row["text"] == "'" + formula


def test_json_lines_keep_a_hostile_text_exactly() -> None:
    text = '\x1b]0;t\x07 =1 "q" \u202e'
    assert json.loads(written(one_text(text), "jsonl"))["text"] == text


def test_long_texts_are_cut() -> None:
    assert max(len(line) for line in written(one_text("x" * 5000), "table").splitlines()) < 100


def test_wide_characters_keep_the_columns_aligned() -> None:
    rows = [{**ROWS[0], "text": text} for text in ("漢字", "abcd", "e\u0301abc")]
    lines = written(select(Table.from_rows(SCHEMA, rows), ["text", "number"]), "table").splitlines()
    assert {display_width(line) for line in lines} == {len("text  number")}


@pytest.mark.parametrize("name", ["漢" * 90, "../../x", "-rf", "", "a\0b", "CON/..", "\u202ex"])
def test_file_names_are_names_on_any_system(name: str) -> None:
    stem = file_stem(name)
    assert 0 < len(stem.encode()) <= 80
    assert not stem.startswith(("-", "."))
    assert all(char.isalnum() or char in "-_" for char in stem)
