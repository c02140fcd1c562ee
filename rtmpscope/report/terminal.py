"""The summary on a terminal: a verdict line, findings, then each connection from its opening to its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from rtmpscope.report import words
from rtmpscope.report.ladder import Ladder
from rtmpscope.report.source import ReportSource
from rtmpscope.report.sparkline import sparkline
from rtmpscope.report.stream_words import StreamSummary
from rtmpscope.report.summary import ConnectionSummary, FindingSummary, Summary, counts_of, summarize
from rtmpscope.report.values import inert

_WIDTH_OF_FILES = 120
_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def print_summary(source: ReportSource, stream: TextIO) -> None:
    """Print the summary of a capture to ``stream``."""
    summary = summarize(source)
    console = _console(stream)
    with console.capture() as captured:
        _print_all(console, source, summary)
    stream.writelines(line.rstrip() + "\n" for line in captured.get().splitlines())


def _console(stream: TextIO) -> Console:
    """Colours and the width of the window on a terminal; plain text of a fixed width elsewhere."""
    width = None if stream.isatty() else _WIDTH_OF_FILES
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def _print_all(console: Console, source: ReportSource, summary: Summary) -> None:
    _print_head(console, summary)
    for finding in summary.findings:
        _print_finding(console, finding)
    _print_more(console, summary.more_findings)
    for connection in summary.connections:
        _print_connection(console, source, connection)
    _print_more(console, summary.more_connections)


def _say(console: Console, text: str, indent: int = 0, style: str = "") -> None:
    """Print a text from anywhere, made inert, wrapped under its own indent."""
    from rich.padding import Padding

    console.print(Padding(Text(inert(text), style=style), (0, 0, 0, indent)))


def _print_head(console: Console, summary: Summary) -> None:
    facts = summary.facts
    _say(console, f"{facts.title}: {counts_of(facts, summary.connections_found)}")
    _say(console, summary.verdict, style="bold")
    for remark in summary.remarks:
        _say(console, remark)


def _print_more(console: Console, text: str) -> None:
    if text:
        console.print()
        _say(console, text)


def _print_finding(console: Console, finding: FindingSummary) -> None:
    console.print()
    times = f" ({finding.occurrences} times)" if finding.occurrences > 1 else ""
    _say(
        console,
        f"{finding.severity} {finding.code}: {finding.title}{times}",
        style=_STYLES.get(finding.severity, ""),
    )
    _say(console, finding.evidence + (f"; {finding.where}" if finding.where else ""), 2)
    _say(console, finding.advice, 2)
    if finding.next:
        _say(console, finding.next, 2, style="dim")


def _print_connection(console: Console, source: ReportSource, connection: ConnectionSummary) -> None:
    console.print()
    _say(console, connection.title, style="bold")
    for line in connection.lines:
        _say(console, line, 2)
    _print_ladder(console, connection.ladder)
    for stream in connection.streams:
        _print_stream(console, source, stream)
    if connection.channels:
        heads = ("channel", "from", "messages", "chunks", "bytes", "overhead", "carries")
        _print_grid(console, heads, (words.channel_cells(row) for row in connection.channels), right=(0, 2, 3, 4, 5))
    if connection.chunk_size_line:
        _say(console, connection.chunk_size_line, 2)
    if connection.ending:
        _say(console, connection.ending, 2)


def _print_ladder(console: Console, ladder: Ladder) -> None:
    if not ladder.rungs:
        return
    senders = {"c2s": "client →", "s2c": "← server"}
    right = tuple(place for place, name in enumerate(ladder.heads) if name in ("time", "frame", "message"))
    _print_grid(console, ladder.heads, (ladder.cells(rung, senders) for rung in ladder.rungs), right)
    if ladder.skipped:
        _say(console, f"and {words.plural(ladder.skipped, 'acknowledgement, ping or later command')}", 4)


def _print_stream(console: Console, source: ReportSource, stream: StreamSummary) -> None:
    _say(console, stream.title, 2, style="bold")
    for name, value in stream.lines:
        if value:
            _say(console, f"{name} {value}" if name in ("lasted", "ended") else f"{name}: {value}", 4)
    if stream.has_media and source.facts.has_packets:
        _say(console, sparkline(source, stream.number), 4)


def _print_grid(console: Console, heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> None:
    grid = RichTable(box=None, padding=(0, 1, 0, 1), show_edge=False, header_style="dim")
    grid.add_column("")
    for place, name in enumerate(heads):
        grid.add_column(name, justify="right" if place in right else "left", overflow="fold")
    for row in rows:
        grid.add_row("", *(Text(inert(cell)) for cell in row))
    console.print(grid)
