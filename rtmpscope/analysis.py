"""The facade: one analyzed capture, its tables as DataFrames, its messages' bodies.

Reports, charts, the command line and notebooks all stand on :class:`Analysis`. pandas is imported when the
first DataFrame is asked for.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.findings import SEVERITIES
from rtmpscope.options import OptionError, Options
from rtmpscope.pipeline import Decoded, Replay, Tables, decode
from rtmpscope.pipeline.run import CaptureFacts
from rtmpscope.report.source import ReportSource
from rtmpscope.rtmp import Command
from rtmpscope.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from rtmpscope.export.stream import Exported
    from rtmpscope.plotting import Plotter

CaptureSource = str | os.PathLike[str] | BinaryIO


class Analysis:
    """One analyzed capture.

    Each table is a pandas DataFrame, built on first access and kept: ``connections``, ``streams``, ``tracks``,
    ``channels``, ``handshakes``, ``chunks``, ``messages``, ``controls``, ``commands``, ``metadata``, ``media``,
    ``tcp_events`` and ``findings``. What their columns mean is told by ``rtmpscope.tables.SCHEMAS`` and by
    ``docs/tables.md``.

    Secrets are masked in the tables unless the options say otherwise; :meth:`payload` and :meth:`command`
    give what was on the wire.
    """

    def __init__(self, decoded: Decoded, options: Options) -> None:
        self.options = options
        self._decoded = decoded
        self._tables = Tables(decoded, options)
        self._replay = Replay(self._tables.context)
        self._frames: dict[str, pd.DataFrame] = {}

    @property
    def findings(self) -> pd.DataFrame:
        """Problems found, gravest first."""
        return self._frame("findings")

    @property
    def tcp_events(self) -> pd.DataFrame:
        """Notable TCP events."""
        return self._frame("tcp_events")

    @property
    def tables(self) -> Tables:
        """The tables as numpy columns, without pandas."""
        return self._tables

    def table(self, name: str) -> Table:
        """One table as numpy columns.

        Raises:
            RtmpscopeError: there is no table of that name.
        """
        if name == "chunks":
            return self._replay.chunks
        if name not in self._tables.names:
            known = ", ".join((*self._tables.names, "chunks"))
            raise RtmpscopeError(f"there is no table {name!r}; there are {known}")
        return self._tables[name]

    @property
    def connections(self) -> pd.DataFrame:
        """RTMP connections, attempts that failed included."""
        return self._frame("connections")

    @property
    def streams(self) -> pd.DataFrame:
        """Publish and play requests, refused ones too."""
        return self._frame("streams")

    @property
    def tracks(self) -> pd.DataFrame:
        """Audio and video tracks of the streams."""
        return self._frame("tracks")

    @property
    def channels(self) -> pd.DataFrame:
        """Chunk streams, per direction."""
        return self._frame("channels")

    @property
    def handshakes(self) -> pd.DataFrame:
        """Handshakes, one per connection."""
        return self._frame("handshakes")

    @property
    def chunks(self) -> pd.DataFrame:
        """RTMP chunks; the capture is read again for them."""
        return self._frame("chunks")

    @property
    def messages(self) -> pd.DataFrame:
        """RTMP messages."""
        return self._frame("messages")

    @property
    def controls(self) -> pd.DataFrame:
        """Protocol control and user control messages."""
        return self._frame("controls")

    @property
    def commands(self) -> pd.DataFrame:
        """AMF commands, answers paired with requests."""
        return self._frame("commands")

    @property
    def metadata(self) -> pd.DataFrame:
        """AMF data messages, such as onMetaData."""
        return self._frame("metadata")

    @property
    def media(self) -> pd.DataFrame:
        """Audio and video frames."""
        return self._frame("media")

    def payload(self, message: int) -> bytes:
        """The body of a message, read again from the capture: raw, not masked.

        Raises:
            RtmpscopeError: there is no such message, or it was not wholly captured.
        """
        return self._replay.payload(message)

    def payloads(self, messages: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """The bodies of many messages, read in one pass over the capture, as (message, body) in order of id."""
        return self._replay.payloads(messages)

    def command(self, message: int) -> Command:
        """An AMF command with its values as Python objects: raw, not masked.

        Raises:
            RtmpscopeError: the message is not a command, or could not be decoded.
        """
        for origin, command in self._decoded.records.commands:
            if self._tables.context.message(origin) == message:
                return command
        raise RtmpscopeError(
            f"message {message} is not a decoded AMF command; see the commands table for those that are"
        )

    @property
    def facts(self) -> CaptureFacts:
        """What is known of the capture as a whole: files, counts, first and last packet."""
        return self._decoded.facts

    @property
    def report_source(self) -> ReportSource:
        """What reports are made from."""
        return ReportSource(self._tables, self._replay, self._decoded.facts, self.options)

    @property
    def plot(self) -> Plotter:
        """The charts: ``a.plot.bitrate()``, ``a.plot.timeline()``, ``a.plot.interleaving()``, ``a.plot.ladder()``."""
        from rtmpscope.plotting import Plotter

        return Plotter(self._tables, lambda: self._replay.chunks)

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

    def to_parquet(self, folder: str | os.PathLike[str]) -> None:
        """Write every table as ``NAME.parquet`` into a folder, made if it is missing; see :func:`load`."""
        from rtmpscope.report.folder import write_tables

        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_tables(self.report_source, target)

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

    @property
    def message_ends(self) -> NDArray[np.int64]:
        """Stream offset just after the last byte of each message."""
        return self._decoded.messages["end"][self._tables.context.order].astype(np.int64)

    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.table(name).to_pandas()
        return self._frames[name]

    def __repr__(self) -> str:
        names = ", ".join(capture.name for capture in self._decoded.facts.files)
        counts = f"{len(self._tables.context.listed)} connections, {len(self._tables.context.order)} messages"
        return f"<rtmpscope.Analysis of {names}: {counts}>"


def analyze(
    *sources: CaptureSource,
    options: Options | None = None,
    progress: Callable[[int], None] | None = None,
    **settings: object,
) -> Analysis:
    """Analyze a capture: pcap or pcapng, given as path, several paths, a glob, or a binary file object.

    Args:
        sources: what to read. Several files are one capture.
        options: how to analyze it; or give the fields of :class:`Options` as keywords.
        progress: called now and then with the number of bytes read so far.
        settings: fields of :class:`Options`, such as ``ports=(1935, 1940)``.

    Raises:
        RtmpscopeError: a file cannot be read as a capture, or an option has no usable value.
    """
    chosen = _options(options, settings)
    paths = [found for source in sources for found in _expanded(source)]
    if not paths:
        raise RtmpscopeError("no capture given; give the path of a pcap or pcapng file")
    return Analysis(decode(paths, chosen, progress), chosen)


def _options(options: Options | None, settings: dict[str, object]) -> Options:
    known = {field.name for field in fields(Options)}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise OptionError(f"{unknown[0]!r} is not an option; there are {', '.join(sorted(known))}")
    if options is not None and settings:
        raise OptionError("give either options or their fields as keywords, not both")
    return options if options is not None else Options(**settings)  # type: ignore[arg-type]


def _expanded(source: CaptureSource) -> list[str | BinaryIO]:
    """The files that a source stands for: a glob is opened up unless a file has that very name."""
    if not isinstance(source, (str, os.PathLike)):
        return [source]
    path = os.fspath(source)
    if Path(path).exists() or not glob.has_magic(path):
        return [path]
    return [*sorted(glob.glob(path))] or [path]  # noqa: PTH207  (the pattern may be absolute)
