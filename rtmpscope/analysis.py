"""The facade: one analyzed capture, its tables as DataFrames, its messages' bodies.

Reports, charts, the command line and notebooks all stand on :class:`Analysis`. pandas is imported when the
first DataFrame is asked for.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import fields
from functools import cached_property
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, SupportsIndex, cast

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import CaptureError, open_streams
from rtmpscope.errors import RtmpscopeError
from rtmpscope.findings import SEVERITIES
from rtmpscope.options import OptionError, Options
from rtmpscope.pipeline import Decoded, Replay, Tables, decode
from rtmpscope.pipeline.run import CaptureFacts
from rtmpscope.pipeline.sides import check_sides
from rtmpscope.pipeline.stored import StoredTables
from rtmpscope.report.source import ReportSource
from rtmpscope.rtmp import Command
from rtmpscope.tables import Table
from rtmpscope.views import TableViews

if TYPE_CHECKING:
    from rtmpscope.export.stream import Exported

CaptureSource = str | os.PathLike[str] | BinaryIO


class Analysis(TableViews):
    """One analyzed capture: its tables, its messages' bodies, its reports.

    Secrets are masked in the tables unless the options say otherwise; :meth:`payload` and :meth:`command`
    give what was on the wire.
    """

    def __init__(self, decoded: Decoded, options: Options) -> None:
        self._tables = Tables(decoded, options)
        super().__init__(self._tables)
        self.options = options
        self._decoded = decoded
        self._replay = Replay(self._tables.context)

    @property
    def tables(self) -> Tables:
        """The tables as numpy columns, without pandas."""
        return self._tables

    def table(self, name: str) -> Table:
        """One table as numpy columns; ``chunks`` makes the capture be read once more.

        Raises:
            RtmpscopeError: there is no table of that name.
        """
        return self._replay.chunks if name == "chunks" else super().table(name)

    def payload(self, message: int) -> bytes:
        """The body of a message, read again from the capture: raw, not masked.

        Raises:
            RtmpscopeError: there is no such message, it was not wholly captured, or it reads otherwise than before.
        """
        return self._replay.payload(_number(message))

    def payloads(self, messages: Sequence[int], unreadable: list[int] | None = None) -> Iterator[tuple[int, bytes]]:
        """The bodies of many messages, read in one pass over the capture, as (message, body) in order of id.

        Messages that were not wholly captured are left out, and so are those that, read again, have another body
        than before; the ids of the latter are added to ``unreadable``.

        Raises:
            RtmpscopeError: there is no such message.
        """
        return self._replay.payloads(sorted(_number(message) for message in messages), unreadable)

    def command(self, message: int) -> Command:
        """An AMF command with its values as Python objects: raw, not masked.

        Raises:
            RtmpscopeError: the message is not a command, or could not be decoded.
        """
        found = self._commands.get(_number(message))
        if found is None:
            raise RtmpscopeError(
                f"message {message} is not a decoded AMF command; see the commands table for those that are"
            )
        return deepcopy(found)  # equal commands are kept once

    @property
    def facts(self) -> CaptureFacts:
        """What is known of the capture as a whole: files, counts, first and last packet."""
        return self._decoded.facts

    @property
    def report_source(self) -> ReportSource:
        """What reports are made from."""
        return ReportSource(self._tables, self._replay, self._decoded.facts, self.options)

    @property
    def worst_severity(self) -> str | None:
        """The gravest severity among the findings; None without any."""
        names = {self.table("findings")["severity"].text_at(row) for row in range(len(self.table("findings")))}
        return next((one for one in SEVERITIES if one in names), None)

    def report(self, path: str | os.PathLike[str]) -> None:
        """Write a report to one file: HTML or Markdown, by the name's ending; an existing file is replaced.

        Raises:
            RtmpscopeError: the name ends in neither ``.html`` nor ``.md``.
        """
        from rtmpscope.report.folder import write_report

        write_report(self.report_source, Path(path))

    def write_folder(self, folder: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write reports, JSON, charts and tables into a folder, whole or not at all.

        Raises:
            RtmpscopeError: it holds something of that name already and ``force`` is not given.
        """
        from rtmpscope.report.folder import write_folder

        write_folder(self.report_source, Path(folder), force=force)

    def export_flv(self, stream: int, file: BinaryIO) -> Exported:
        """Write a published or played stream as an FLV file to a binary file object.

        Raises:
            RtmpscopeError: there is no such stream, or it carried no media.
        """
        from rtmpscope.export.stream import export_flv

        return export_flv(self._tables, self._replay, stream, file)

    def messages_in_frame(self, frame: int, file: int = 0) -> list[int]:
        """Numbers of the messages that have bytes in a packet, counted as Wireshark does.

        ``file`` is the place of the packet's file in ``facts.names``.
        """
        return self._replay.messages_in_frame(frame, file)

    @property
    def message_ends(self) -> NDArray[np.int64]:
        """Stream offset just after the last byte of each message."""
        return self._decoded.messages["end"][self._tables.context.order].astype(np.int64)

    @cached_property
    def _commands(self) -> dict[int, Command]:
        """The commands by message."""
        message = self._tables.context.message
        numbered = ((message(origin), command) for origin, command in self._decoded.records.commands)
        return {number: command for number, command in numbered if number >= 0}

    def _title(self) -> str:
        counts = f"{len(self._tables.context.listed)} connections, {len(self._tables.context.order)} messages"
        return f"{self.facts.title}: {counts}"


def analyze(
    *sources: CaptureSource,
    options: Options | None = None,
    progress: Callable[[int], None] | None = None,
    **settings: object,
) -> Analysis:
    """Analyze a capture: pcap or pcapng, given as path, several paths, a glob, or a binary file object.

    Args:
        sources: what to read; ``-`` is standard input. Several files are one capture, in order of time. Pipes and
            compressed files (gzip, Zstandard, LZ4) are spilled to a temporary file, for :meth:`Analysis.payload`.
        options: how to analyze it; or give the fields of :class:`Options` as keywords.
        progress: called now and then with the number of bytes read so far.
        settings: fields of :class:`Options`, such as ``ports=(1935, 1940)``.

    Raises:
        RtmpscopeError: a file cannot be read as a capture, or an option has no usable value.
    """
    chosen = _options(options, settings)
    if sum(source == "-" for source in sources if isinstance(source, str)) > 1:
        raise OptionError("-: standard input can be read once only; name it once")
    paths = [found for source in sources for found in _expanded(source)]
    if len({id(one) for one in paths if not isinstance(one, str)}) < sum(not isinstance(one, str) for one in paths):
        raise OptionError("the same file object is given twice; it can be read once at a time")
    if not paths:
        raise RtmpscopeError("no capture given; give the path of a pcap or pcapng file")
    return Analysis(decode(paths, chosen, progress), chosen)


def analyze_streams(
    c2s: str | os.PathLike[str] | None = None,
    s2c: str | os.PathLike[str] | None = None,
    *,
    options: Options | None = None,
    **settings: object,
) -> Analysis:
    """Analyze two raw byte streams that were saved without their packets.

    What tells of packets, times or addresses is unknown in the tables, and ``per_second`` and ``tcp_events`` are empty.

    Args:
        c2s: file of the bytes that the client sent, handshake included, plain or compressed; ``-`` is standard
            input; None if it is missing.
        s2c: file of the bytes that the server sent.
        options: how to analyze them; or give the fields of :class:`Options` as keywords.
        settings: fields of :class:`Options`.

    Raises:
        RtmpscopeError: a file cannot be read, or holds what the other side sent, or neither is given.
    """
    if c2s is None and s2c is None:
        raise OptionError("no stream given; name the file of at least one direction")
    if c2s == s2c == "-":
        raise OptionError("-: standard input can be read once only; name a file for the other direction")
    chosen = _options(options, settings)
    with open_streams(*(_standard_input() if name == "-" else name for name in (c2s, s2c))) as streams:
        decoded = decode([cast(BinaryIO, streams)], chosen)
    decoded.facts.inputs.files[0].damage += streams.damage
    names = [None if name is None else os.fspath(name) for name in (c2s, s2c)]
    check_sides(decoded, (names[0], names[1]))
    return Analysis(decoded, chosen)


def load(folder: str | os.PathLike[str]) -> TableViews:
    """The tables that :meth:`Analysis.to_parquet` or ``rtmpscope analyze -o`` wrote, without the capture.

    Args:
        folder: the folder of Parquet files, or the output folder that has it as ``tables``.

    Raises:
        RtmpscopeError: the folder holds no tables, or one of them cannot be read.
    """
    path = Path(folder)
    return TableViews(StoredTables(path / "tables" if (path / "tables").is_dir() else path))


def _options(options: Options | None, settings: dict[str, object]) -> Options:
    known = {field.name for field in fields(Options)}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise OptionError(f"{unknown[0]!r} is not an option; there are {', '.join(sorted(known))}")
    if options is not None and settings:
        raise OptionError("give either options or their fields as keywords, not both")
    return options if options is not None else Options(**settings)  # type: ignore[arg-type]


def _number(message: SupportsIndex) -> int:
    """The number of a message, be it Python's, numpy's or pandas'."""
    try:
        return index(message)
    except TypeError:
        wanted = "give a whole number, as the messages table has it"
        raise RtmpscopeError(f"{message!r} is not the number of a message; {wanted}") from None


def _standard_input() -> BinaryIO:
    """Standard input, if anything is to come from it."""
    if sys.stdin is None or sys.stdin.isatty():
        raise CaptureError("-", None, "standard input is a terminal", "pipe a capture into it: tcpdump -w - | …")
    return sys.stdin.buffer


def _expanded(source: CaptureSource) -> list[str | BinaryIO]:
    """The files that a source stands for: a glob is opened up unless a file has that very name."""
    if not isinstance(source, (str, os.PathLike)):
        return [source]
    path = os.fspath(source)
    if path == "-":
        return [_standard_input()]
    if Path(path).exists() or not glob.has_magic(path):
        return [path]
    return [*sorted(glob.glob(path))] or [path]  # noqa: PTH207  (the pattern may be absolute)
