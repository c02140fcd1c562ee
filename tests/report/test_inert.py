"""Texts from a capture do nothing: not to a terminal, a spreadsheet, a browser or a Markdown renderer."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rtmpscope.report.render import markdown_code, markdown_text
from rtmpscope.report.values import csv_cell, file_stem, inert, shorten
from tests.cli.runs import run
from tests.report.sessions import publish_session
from tests.support.capture_write import pcap_bytes

HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 [bold]x[/bold] <script>alert(1)</script> \u202eright\u202c \x00\r\n=1+1 | `a` **b**"
)
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "capture.pcap"
    connect = {"app": HOSTILE, "tcUrl": "rtmp://h/" + HOSTILE, "flashVer": "=cmd()" + HOSTILE}
    metadata = {"encoder": HOSTILE, HOSTILE: HOSTILE, "invalid": b"\xff\xfe\xed\xa0\x80"}
    path.write_bytes(pcap_bytes(publish_session("+name" + HOSTILE, connect, metadata)))
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze"],
        ["analyze", "--json"],
        ["messages"],
        ["messages", "--format", "csv"],
        ["table", "commands"],
        ["table", "commands", "--format", "jsonl"],
        ["table", "metadata", "--format", "csv"],
        ["show", "1"],
        ["show", "4"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("shown", [[], ["--show-secrets"]], ids=["masked", "shown"])
def test_terminal_output_holds_no_control_character(capture: Path, arguments: list[str], shown: list[str]) -> None:
    ran = run(arguments[0], capture, *arguments[1:], *shown)
    assert ran.code == 0, ran.err
    assert not ESCAPES.search(ran.out.replace("\n", "")), ran.out
    if shown:
        assert "\\x1b" in ran.out or "\\u001b" in ran.out


def test_rich_markup_is_printed_as_it_is(capture: Path) -> None:
    assert "[bold]x[/bold]" in run("analyze", capture, "--show-secrets").out


def test_csv_cells_begin_no_formula(capture: Path) -> None:
    out = run("table", capture, "connections", "--format", "csv").out
    assert "'=cmd()" in out


class Tags(HTMLParser):
    """All tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_reports_run_nothing_and_load_nothing(capture: Path, tmp_path: Path) -> None:
    assert run("analyze", capture, "-o", tmp_path / "out", "--show-secrets").code == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert not tags.tags & {"script", "iframe", "object", "embed", "link", "form", "svg"}
    assert not any(name.startswith("on") for name in tags.attributes)
    assert "http://" not in page
    assert "https://" not in page
    markdown = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "<script" not in markdown
    assert not ESCAPES.search(page.replace("\n", "") + markdown.replace("\n", ""))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("ü 漢 🎥", "ü 漢 🎥"),
        ("\x1b[0m", "\\x1b[0m"),
        ("a\nb", "a\\x0ab"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_inert(text: str, safe: str) -> None:
    assert inert(text) == safe


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x"])
def test_formula_prefixes_are_quoted(text: str) -> None:
    assert csv_cell(text) == "'" + text


def test_markdown_is_escaped() -> None:
    assert markdown_text("a|b\n<i>`x`*") == "a\\|b &lt;i&gt;\\`x\\`\\*"
    assert markdown_code("a`b\nc") == "a'b c"


def test_file_names_have_no_separators_and_an_end() -> None:
    assert file_stem("../../etc/passwd\0") == "______etc_passwd_"
    assert len(file_stem("x" * 500)) == 80
    assert file_stem("") == "_"


def test_shortened_texts_end_in_an_ellipsis() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abc", 4) == "abc"
