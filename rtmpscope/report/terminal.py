"""The summary on a terminal: a verdict line, then each connection from its opening to its end."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from rtmpscope.report import words
from rtmpscope.report.ladder import Ladder
from rtmpscope.report.source import ReportSource
from rtmpscope.report.summary import ConnectionSummary, StreamSummary, Summary, summarize
from rtmpscope.report.values import inert

Row = dict[str, object]

_WIDTH_OF_FILES = 110


def print_summary(source: ReportSource, stream: TextIO) -> None:
    """Print the summary of a capture to ``stream``."""
    summary = summarize(source)
    wide = None if stream.isatty() else _WIDTH_OF_FILES
    console = Console(file=stream, width=wide, highlight=False, markup=False, emoji=False, soft_wrap=not stream.isatty())
    _print_head(console, summary)
    for connection in summary.connections:
        _print_connection(console, connection)


def _print_head(console: Console, summary: Summary) -> None:
    facts = summary.facts
    names = ", ".join(inert(name) for name in facts.names)
    connections = words.plural(len(summary.connections), "RTMP connection")
    console.print(
        f"{names}: {words.plural(facts.packets, 'packet')} in {words.seconds(facts.duration_s)}, "
        f"{connections} among {words.plural(facts.tcp_connections, 'TCP connection')}"
    )
    console.print(Text(inert(summary.verdict), style="bold"))


def _print_connection(console: Console, connection: ConnectionSummary) -> None:
    row = connection.row
    console.print()
    ends = f"{_endpoint(row, 'client')} → {_endpoint(row, 'server')}"
    console.print(Text(f"Connection {row['connection']}: {ends}", style="bold"))
    for line in _connection_lines(connection):
        console.print(Text("  " + inert(line)))
    _print_ladder(console, connection.ladder)
    for stream in connection.streams:
        _print_stream(console, stream)
    if connection.channels:
        _print_channels(console, connection.channels)
    _print_chunk_sizes(console, connection.chunk_sizes)
    console.print(Text(f"  Ended by {_ending(row)}"))


def _endpoint(row: Row, end: str) -> str:
    address = str(row[end])
    return f"[{address}]:{row[end + '_port']}" if ":" in address else f"{address}:{row[end + '_port']}"


def _connection_lines(connection: ConnectionSummary) -> list[str]:
    row, handshake = connection.row, connection.handshake
    rtt = row["rtt_ms"]
    facts = [f"{row['transport']}, tcp.stream {row['tcp_stream']}", f"handshake {handshake['kind']}"]
    if isinstance(rtt, float):
        facts.append(f"round trip {words.milliseconds(rtt)}")
    if row["capture_point"]:
        facts.append(f"captured near the {row['capture_point']}")
    lines = [", ".join(facts)]
    asked = [f"{label} {row[name]}" for name, label in _CONNECT if row[name]]
    return [*lines, ", ".join(asked)] if asked else lines


_CONNECT = (("app", "app"), ("tc_url", "tcUrl"), ("flash_ver", "flashVer"))


def _print_ladder(console: Console, ladder: Ladder) -> None:
    if not ladder.rungs:
        return
    grid = _grid(console, ("time", "right"), ("frame", "right"), ("", "left"), ("message", "right"), ("what", "left"))
    for rung in ladder.rungs:
        arrow = "client →" if rung.direction == "c2s" else "← server"
        what = inert(rung.words) + (f"  ({rung.note})" if rung.note else "")
        grid.add_row(
            f"{(rung.time - ladder.start) / 1e9:.3f} s",
            "" if rung.frame is None else str(rung.frame),
            arrow,
            "" if rung.message is None else f"#{rung.message}",
            Text(what),
        )
    console.print(grid)
    if ladder.skipped:
        console.print(f"    and {words.plural(ladder.skipped, 'acknowledgement, ping or later command')}")


def _print_stream(console: Console, stream: StreamSummary) -> None:
    row = stream.row
    name = row["stream_name"] or "without a name"
    console.print(Text(inert(f"  Stream {row['stream']}: {row['role']} {name}, {row['outcome']}"), style="bold"))
    lines = [
        f"from {stream.sender}" if stream.sender and row["role"] == "publish" else "",
        f"video: {stream.video}, {words.plural(stream.video_messages, 'message')}" if stream.video else "",
        f"audio: {stream.audio}, {words.plural(stream.audio_messages, 'message')}" if stream.audio else "",
        f"lasted {words.seconds(_float(row['duration_s']))}, ended by {row['ended_by']}",
    ]
    for line in lines:
        if line:
            console.print(Text("    " + inert(line)))


def _print_channels(console: Console, channels: list[Row]) -> None:
    heads = (("channel", "right"), ("", "left"), ("messages", "right"), ("chunks", "right"), ("bytes", "right"))
    grid = _grid(console, *heads, ("chunk overhead", "right"), ("carries", "left"))
    for row in channels:
        size, headers = _int(row["bytes"]), _int(row["header_bytes"])
        share = 100 * headers / (size + headers) if size + headers else 0.0
        grid.add_row(
            str(row["csid"]),
            "client →" if row["direction"] == "c2s" else "← server",
            words.count(_int(row["messages"])),
            words.count(_int(row["chunk_count"])),
            words.count(size),
            f"{share:.2f} %",
            Text(str(row["types"])),
        )
    console.print(grid)


def _print_chunk_sizes(console: Console, changes: list[Row]) -> None:
    if not changes:
        console.print("  Chunk size 128 in both directions throughout")
        return
    said = [f"{'client' if row['direction'] == 'c2s' else 'server'} {row['value']} (frame {row['frame']})" for row in changes]
    console.print("  Chunk size set to: " + ", ".join(said[:8]) + (f" and {len(said) - 8} more" if len(said) > 8 else ""))


def _ending(row: Row) -> str:
    words_of = {"client_fin": "the client's FIN", "server_fin": "the server's FIN", "client_rst": "the client's RST"}
    words_of |= {"server_rst": "the server's RST", "capture_end": "the end of the capture"}
    kind = str(row["ended_by"])
    frame = f" (frame {row['end_frame']})" if row["end_frame"] is not None else ""
    return f"{words_of.get(kind, kind)}{frame} after {words.seconds(_float(row['duration_s']))}"


def _grid(console: Console, *columns: tuple[str, str]) -> Grid:
    grid = Grid(box=None, padding=(0, 1, 0, 1), show_edge=False, header_style="dim", pad_edge=True)
    for name, justify in columns:
        grid.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    return grid


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
