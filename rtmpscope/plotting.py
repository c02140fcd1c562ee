"""``Analysis.plot``: the charts of one analysis as methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rtmpscope import plots
from rtmpscope.plots import TimeRange
from rtmpscope.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Plotter:
    """Draws charts of one analysis; single charts return Axes and take ``ax``.

    Times are seconds since the connection's first packet, rates kbit/s (1000 bit/s). Of byte streams without packets,
    which have no times, there is the ladder only; the others raise RtmpscopeError.
    """

    def __init__(self, tables: Mapping[str, Table], chunks: Callable[[], Table]) -> None:
        self._tables = tables
        self._chunks = chunks

    def bitrate(self, stream: int = 0, ax: Axes | None = None) -> Axes:
        """Audio, video and chunk header bitrate of a stream, with its keyframes."""
        return plots.bitrate(self._tables, stream, ax)

    def interleaving(
        self,
        connection: int | None = None,
        begin: float | None = None,
        end: float | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Messages per chunk stream between ``begin`` and ``end``; single chunks show in a range of two seconds."""
        span = TimeRange(begin, end)
        return plots.interleaving(self._tables, connection, span, self._chunks() if span.is_short else None, ax)

    def ladder(self, connection: int | None = None, ax: Axes | None = None) -> Axes:
        """Commands and control messages as arrows between client and server."""
        return plots.ladder(self._tables, connection, ax)

    def timeline(self, connection: int | None = None) -> Figure:
        """Commands, control messages and media of a connection in lanes."""
        return plots.timeline(self._tables, connection)
