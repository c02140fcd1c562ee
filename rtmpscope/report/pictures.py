"""The charts that go with a report, drawn once and kept as files' bytes."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rtmpscope import plots
from rtmpscope.frozen import frozen
from rtmpscope.plots import style
from rtmpscope.report.source import ReportSource

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_STREAMS = 6


@frozen
class Picture:
    """One chart: ``name`` is the stem of its file."""

    name: str
    title: str
    png: bytes
    svg: bytes

    @property
    def png_base64(self) -> str:
        """The PNG file in base64."""
        return base64.b64encode(self.png).decode()

    @property
    def svg_base64(self) -> str:
        """The SVG file in base64."""
        return base64.b64encode(self.svg).decode()


def draw_pictures(source: ReportSource) -> list[Picture]:
    """Draw the charts of a report: timeline, ladder and interleaving, and a bitrate chart per stream.

    All of them are drawn over time, so that there are none of bytes without packets.
    """
    charts = _charts(source) if source.facts.has_packets else ()
    return [_picture(name, title, draw) for name, title, draw in charts]


def _charts(source: ReportSource) -> Iterator[tuple[str, str, Callable[[], Figure]]]:
    tables = source.tables
    yield "timeline", "Session timeline", lambda: plots.timeline(tables)
    for stream in range(min(len(tables["streams"]), _MOST_STREAMS)):
        if bool((tables["media"]["stream"].values == stream).any()):
            yield (
                f"bitrate_{stream}",
                f"Bitrate of stream {stream}",
                lambda stream=stream: _on_axes(  # type: ignore[misc]
                    lambda ax: plots.bitrate(tables, stream, ax)
                ),
            )
    yield (
        "interleaving",
        "Messages per chunk stream",
        lambda: _on_axes(lambda ax: plots.interleaving(tables, ax=ax)),
    )
    yield "ladder", "Command ladder", lambda: _on_axes(lambda ax: plots.ladder(tables, ax=ax), 7.0)


def draw_one(source: ReportSource, kind: str, stream: int, connection: int | None, span: plots.TimeRange) -> Figure:
    """One chart by name: ``timeline`` ``interleaving`` ``bitrate`` ``ladder``."""
    tables = source.tables
    if kind == "timeline":
        return plots.timeline(tables, connection)
    if kind == "bitrate":
        return _on_axes(lambda ax: plots.bitrate(tables, stream, ax))
    if kind == "ladder":
        return _on_axes(lambda ax: plots.ladder(tables, connection, ax), 7.0)
    chunks = source.replay.chunks if span.is_short else None
    return _on_axes(lambda ax: plots.interleaving(tables, connection, span, chunks, ax))


def _on_axes(draw: Callable[..., object], height: float = 3.6) -> Figure:
    figure = style.new_figure(height)
    draw(figure.subplots())
    return figure


def _picture(name: str, title: str, draw: Callable[[], Figure]) -> Picture:
    figure = draw()
    return Picture(name, title, rendered(figure, "png"), rendered(figure, "svg"))


def rendered(figure: Figure, form: str) -> bytes:
    """The figure as a file of format ``png``, ``svg`` or ``pdf``; the same figure gives the same bytes."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    metadata = {"png": {"Software": "rtmpscope"}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[form]
    with rc_context({"svg.hashsalt": "rtmpscope", "svg.fonttype": "path"}):
        figure.savefig(buffer, format=form, metadata=metadata)
    return buffer.getvalue()
