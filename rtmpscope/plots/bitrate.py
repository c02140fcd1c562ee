"""Bitrate over time: audio, video and chunk headers, with the keyframes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtmpscope.plots import style
from rtmpscope.plots.select import TablesByName, connection_start, rows_of, seconds_since
from rtmpscope.tables import check_stream

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHORT_S = 20.0
#: One jump of the packet clock can span a century; bins are widened rather than multiplied.
_MOST_BINS = 2000


def bitrate(tables: TablesByName, stream: int = 0, ax: Axes | None = None) -> Axes:
    """Bitrate of one stream in kbit/s (1000 bit/s) over the time of arrival.

    Args:
        tables: the analysis' tables.
        stream: number of the stream.
        ax: axes to draw into; a new figure if None.

    Raises:
        RtmpscopeError: there is no such stream; a capture without any has an empty chart of the first.
    """
    if stream or len(tables["streams"]):
        check_stream(tables["streams"], stream)
    rows = rows_of(tables["media"], "stream", stream)
    if not len(rows):
        return style.say_empty(style.axes_or_new(ax), f"stream {stream}: no audio or video in this capture")
    media = tables["media"]
    start = connection_start(tables, int(media["connection"].values[rows[0]]))
    ax = style.axes_or_new(ax)
    seconds = seconds_since(media["time"].values[rows], start)
    width = _bin_width(float(np.ptp(seconds)))
    edges = np.arange(np.floor(seconds.min() / width), np.floor(seconds.max() / width) + 2) * width
    video = media["kind"].values[rows] == 1
    sizes = media["bytes"].values[rows]
    overhead = tables["messages"]["header_bytes"].values[media["message"].values[rows]]
    for name, colour, chosen, weights in (
        ("video", style.VIDEO, video, sizes),
        ("audio", style.AUDIO, ~video, sizes),
        ("chunk headers", style.OVERHEAD, np.ones(len(rows), np.bool_), overhead),
    ):
        if chosen.any():
            _line(ax, edges, seconds[chosen], weights[chosen], name, colour)
    _keyframes(ax, seconds[media["keyframe"].values[rows].astype(bool) & video])
    style.tidy(
        ax,
        f"Bitrate of stream {stream}, per {width:g} s of arrival",
        "seconds since the connection's first packet",
        "kbit/s",
    )
    ax.set_ylim(bottom=0)
    ax.set_xlim(edges[0], edges[-1])
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return ax


def _bin_width(span: float) -> float:
    """Seconds per bin: half a one in a short stream, and whole ones, as many as it takes, in longer streams."""
    return max(1.0, float(np.ceil(span / _MOST_BINS))) if span > _SHORT_S else 0.5


def _line(
    ax: Axes,
    edges: NDArray[np.float64],
    seconds: NDArray[np.float64],
    sizes: NDArray[np.int64],
    name: str,
    colour: str,
) -> None:
    total, _ = np.histogram(seconds, bins=edges, weights=sizes)
    ax.stairs(total * 8 / 1000 / (edges[1] - edges[0]), edges, label=name, color=colour, linewidth=1.6, baseline=None)


def _keyframes(ax: Axes, seconds: NDArray[np.float64]) -> None:
    if len(seconds):
        place = np.full(len(seconds), 0.02)
        ax.plot(
            seconds,
            place,
            "|",
            color=style.KEYFRAME,
            markersize=9,
            transform=ax.get_xaxis_transform(),
            label="keyframe",
        )
