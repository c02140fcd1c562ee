"""From the captures that a command line names to an Analysis; light to import."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rtmpscope.analysis import Analysis, analyze_streams
from rtmpscope.analysis import analyze as analyze_captures
from rtmpscope.cli.exits import NoRtmpError
from rtmpscope.options import OptionError, Options


def analyzed_input(
    captures: Sequence[str] | None, c2s: str | None, s2c: str | None, options: Options, quiet: bool
) -> Analysis:
    """Analyze what a command line names: captures, or raw byte streams.

    Raises:
        NoRtmpError: they are not RTMP.
    """
    if bool(captures) == (c2s is not None or s2c is not None):
        raise OptionError("name captures, or raw streams with --c2s FILE --s2c FILE")
    return analyzed(captures, options, quiet) if captures else analyzed_streams(c2s, s2c, options)


def analyzed_streams(c2s: str | None, s2c: str | None, options: Options) -> Analysis:
    """Analyze two raw byte streams.

    Raises:
        NoRtmpError: they are not RTMP.
    """
    analysis = analyze_streams(c2s, s2c, options=options)
    if not len(analysis.table("messages")):
        broken = [f"; {one.reason}" for file in analysis.facts.inputs.files for one in file.damage]
        raise NoRtmpError(f"{analysis.facts.title}: no RTMP in it: a stream begins with C0 or S0{''.join(broken)}")
    return analysis


def analyzed(captures: Sequence[str], options: Options, quiet: bool) -> Analysis:
    """Analyze captures with progress on a terminal.

    Raises:
        NoRtmpError: no connection in them is RTMP or goes to an expected port.
    """
    with progress_to_stderr(captures, quiet) as progress, first_interrupt_ends_the_capture(captures):
        analysis = analyze_captures(*captures, options=options, progress=progress)
    if not len(analysis.table("connections")):
        raise NoRtmpError(_what_is_there(analysis))
    return analysis


def _what_is_there(analysis: Analysis) -> str:
    from rtmpscope.report.summary import remarks_on

    facts = analysis.facts
    ports = ", ".join(str(port) for port in analysis.options.ports)
    counts = f"{facts.packets} packets, {facts.tcp_connections} TCP connections"
    damage = [(capture.name, capture.damage[0]) for capture in facts.inputs.files if capture.damage]
    if damage:
        name, first = damage[0]
        remedy = "record it again, or try: editcap -F pcapng IN OUT.pcapng"
        return f"{name}: offset {first.offset}: {first.reason}; no RTMP before that ({counts}); {remedy}"
    counts = "; ".join((counts, *remarks_on(facts)))
    why = f"none is RTMP by content or goes to port {ports}; --ports names others"
    return f"{facts.title}: no RTMP in it ({counts}; {why})"


@contextmanager
def first_interrupt_ends_the_capture(captures: Sequence[str]) -> Iterator[None]:
    """While standard input is read, leave the first Ctrl-C to the program that captures: with it the input ends."""
    if "-" not in captures or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda *_: signal.signal(signal.SIGINT, before))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress_to_stderr(captures: Sequence[str], quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A progress bar on standard error while the block runs, if that is a terminal."""
    total = sum(_size(name) for name in captures)
    if quiet or not sys.stderr.isatty() or total < 64 << 20:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda done: bar.update(task, completed=done)


def _size(name: str) -> int:
    path = Path(name)
    return path.stat().st_size if path.is_file() else 0
