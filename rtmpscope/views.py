"""Tables as DataFrames, charts and files: what an analysis and stored tables have in common."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rtmpscope.errors import RtmpscopeError
from rtmpscope.tables import SCHEMAS, Table

if TYPE_CHECKING:
    import pandas as pd

    from rtmpscope.plotting import Plotter

_SHOWN_FIRST = ("connections", "streams", "findings")


class TableViews:
    """Tables by name. Each is a pandas DataFrame, built on first access and kept.

    What their columns mean is told by ``rtmpscope.tables.SCHEMAS`` and by ``docs/tables.md``.
    """

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._by_name = tables
        self._frames: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> Table:
        """One table as numpy columns.

        Raises:
            RtmpscopeError: there is no table of that name.
        """
        if name not in self._by_name:
            known = ", ".join(SCHEMAS)
            raise RtmpscopeError(f"there is no table {name!r} here; tables are {known}")
        return self._by_name[name]

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
        """RTMP chunks; the capture is read once more for them."""
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

    @property
    def per_second(self) -> pd.DataFrame:
        """What arrived in each second of each track, and how far it lags."""
        return self._frame("per_second")

    @property
    def tcp_events(self) -> pd.DataFrame:
        """Notable TCP events."""
        return self._frame("tcp_events")

    @property
    def findings(self) -> pd.DataFrame:
        """Problems found, gravest first."""
        return self._frame("findings")

    @property
    def plot(self) -> Plotter:
        """The charts: ``a.plot.bitrate()``, ``a.plot.timeline()``, ``a.plot.interleaving()``, ``a.plot.ladder()``."""
        from rtmpscope.plotting import Plotter

        return Plotter(self._by_name, lambda: self.table("chunks"))

    def to_parquet(self, folder: str | os.PathLike[str]) -> None:
        """Write every table as ``NAME.parquet`` into a folder, made if it is missing; ``rtmpscope.load`` reads it.

        Raises:
            RtmpscopeError: there is a file of that name.
        """
        from rtmpscope.report.folder import write_tables

        target = Path(folder)
        try:
            target.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise RtmpscopeError(f"{target}: there is a file of that name; name a folder") from None
        write_tables(self._by_name, target)

    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.table(name).to_pandas()
        return self._frames[name]

    def _title(self) -> str:
        return f"{len(self._by_name)} stored tables"

    def __repr__(self) -> str:
        return f"<rtmpscope: {self._title()}>"

    def _repr_html_(self) -> str:
        """What Jupyter shows: the tables that one looks at first."""
        import html

        parts = [f"<p><b>{html.escape(self._title())}</b></p>"]
        for name in _SHOWN_FIRST:
            if name in self._by_name:
                frame = self._frame(name)
                parts.append(f"<p>{name}</p>{frame.to_html(max_rows=20, index=False, na_rep='')}")
        return "".join(parts)
