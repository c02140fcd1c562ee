"""``messages`` and ``table``: rows chosen, ordered and written as asked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from rtmpscope.tables import SCHEMAS
from tests.cli.runs import run
from tests.support.tools import CAPTURES

PLAY = CAPTURES / "play_rtmpdump.pcap"


def test_messages_are_listed_with_their_packets() -> None:
    lines = run("messages", PLAY, "--limit", "3").out.splitlines()
    assert lines[0].split() == [
        "message",
        "time",
        "frame",
        "connection",
        "direction",
        "csid",
        "stream_id",
        "type",
        "timestamp",
        "length",
        "info",
    ]
    assert len(lines) == 4
    assert "connect live" in lines[1]


def test_where_sort_and_columns() -> None:
    condition = "type == 'video' and connection == 0 and length > 3000"
    out = run(
        "messages", PLAY, "--where", condition, "--sort", "-length", "--columns", "length,info", "--format", "csv"
    ).out
    rows = list(csv.DictReader(io.StringIO(out)))
    sizes = [int(row["length"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) > 3000
    assert list(rows[0]) == ["length", "info"]


def test_jsonl_is_one_object_a_line() -> None:
    lines = run("table", PLAY, "streams", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["role"] for line in lines] == ["publish", "play"]


def test_parquet_goes_to_a_file_and_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    target = tmp_path / "media.parquet"
    arguments = ("table", PLAY, "media", "--format", "parquet", "-o", target)
    assert run(*arguments).code == 0
    assert pq.read_table(target).num_rows > 300
    again = run(*arguments)
    assert again.code == 2
    assert "--force" in again.err
    assert run(*arguments, "--force").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["media.parquet"]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("m.parquet", b"PAR1"),
        ("m.csv", b"stream,"),
        ("m.JSONL", b'{"stream": 0'),
        ("m.json", b"{"),
        ("m.txt", b"stream  "),
    ],
)
def test_the_ending_of_the_output_names_the_format(name: str, start: bytes, tmp_path: Path) -> None:
    ran = run("table", PLAY, "streams", "-o", tmp_path / name)
    assert ran.code == 0, ran.err
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_format_in_a_file_of_another_ending_is_refused(tmp_path: Path) -> None:
    ran = run("table", PLAY, "streams", "--format", "csv", "-o", tmp_path / "m.parquet")
    assert ran.code == 2
    assert "ends as parquet does, not csv" in ran.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name != "per_second"])
def test_every_table_can_be_printed(name: str) -> None:
    ran = run("table", PLAY, name, "--format", "csv", "--limit", "5")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == ",".join(SCHEMAS[name].names)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["table", PLAY, "nonsense"], "there is no table"),
        (["messages", PLAY, "--where", "lenght > 3"], "did you mean length?"),
        (["messages", PLAY, "--columns", "lenght"], "did you mean length?"),
        (["messages", PLAY, "--sort", "lenght"], "did you mean length?"),
        (["messages", PLAY, "--format", "xml"], "is not one of"),
        (["messages", PLAY, "-o", "/nonexistent/x.csv"], "does not exist"),
    ],
)
def test_mistakes_are_one_line_with_a_remedy(arguments: list[object], says: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", [["messages", PLAY], ["table", PLAY, "media"]])
def test_a_negative_limit_is_refused(command: list[object]) -> None:
    ran = run(*command, "--limit", "-1")
    assert ran.code == 2
    assert ran.out == ""
    assert "--limit" in ran.err
