"""A report as plain data: texts and grids that HTML and Markdown only lay out.

Every text that comes from a capture is made inert here; what a format needs beyond that (HTML escaping,
Markdown escaping) is the template's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata

from rtmpscope.frozen import frozen
from rtmpscope.report import words
from rtmpscope.report.ladder import Ladder
from rtmpscope.report.pictures import Picture
from rtmpscope.report.source import ReportSource
from rtmpscope.report.stream_words import StreamSummary
from rtmpscope.report.summary import ConnectionSummary, FindingSummary, Summary, counts_of, summarize
from rtmpscope.report.values import inert

Row = dict[str, object]


@frozen
class Head:
    """Head of a grid's column; ``number`` columns are right-aligned."""

    name: str
    number: bool = False


@frozen
class Grid:
    """A titled table of texts."""

    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[str]]


@frozen
class StreamPart:
    """A stream: a title, and (name, value) lines."""

    title: str
    lines: Sequence[tuple[str, str]]


@frozen
class ConnectionPart:
    """A connection: title, lines, its streams, and its grids (ladder, channels)."""

    title: str
    lines: Sequence[str]
    streams: Sequence[StreamPart]
    grids: Sequence[Grid]


@frozen
class Document:
    """A whole report."""

    title: str
    verdict: str
    facts: str
    findings: Sequence[FindingSummary]
    connections: Sequence[ConnectionPart]
    charts: Sequence[Picture]
    version: str


def document_of(source: ReportSource, pictures: Sequence[Picture]) -> Document:
    """Build the report of one analysis."""
    summary = summarize(source)
    return Document(
        title=inert(f"RTMP in {summary.facts.title}"),
        verdict=inert(summary.verdict),
        facts=_facts(summary),
        findings=[_finding(one) for one in summary.findings],
        connections=[_connection(one) for one in summary.connections],
        charts=pictures,
        version=package_version(),
    )


def package_version() -> str:
    """The version of the installed package."""
    return metadata.version("rtmpscope")


def _facts(summary: Summary) -> str:
    text = counts_of(summary.facts, summary.connections_found)
    shown = (len(summary.connections), summary.more_connections), (len(summary.findings), summary.more_findings)
    cut = [f"{number} are shown, {more}" for number, more in shown if more]
    return inert("; ".join([text, *cut, *summary.remarks]))


def _finding(finding: FindingSummary) -> FindingSummary:
    return replace(
        finding,
        title=inert(finding.title),
        evidence=inert(finding.evidence),
        advice=inert(finding.advice),
        where=inert(finding.where),
        next=inert(finding.next),
    )


def _connection(connection: ConnectionSummary) -> ConnectionPart:
    grids = [_channels(connection.channels)] if connection.channels else []
    if connection.ladder.rungs:
        grids.insert(0, _ladder(connection.ladder))
    return ConnectionPart(
        title=inert(connection.title),
        lines=[inert(line) for line in (*connection.lines, connection.chunk_size_line, connection.ending) if line],
        streams=[_stream(stream) for stream in connection.streams],
        grids=grids,
    )


def _stream(stream: StreamSummary) -> StreamPart:
    return StreamPart(inert(stream.title), [(name, inert(value)) for name, value in stream.lines if value])


def _ladder(ladder: Ladder) -> Grid:
    senders = {"c2s": "client", "s2c": "server"}
    heads = [Head(name, number=name in ("time", "frame", "message")) for name in ladder.heads]
    rows = [tuple(inert(cell) for cell in ladder.cells(rung, senders)) for rung in ladder.rungs]
    return Grid("What was said", heads, rows)


def _channels(channels: Sequence[Row]) -> Grid:
    heads = (
        Head("chunk stream", number=True),
        Head("from"),
        Head("messages", number=True),
        Head("chunks", number=True),
        Head("bytes", number=True),
        Head("chunk overhead", number=True),
        Head("carries"),
    )
    return Grid("Chunk streams", heads, [words.channel_cells(row) for row in channels])
