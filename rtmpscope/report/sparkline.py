"""The bitrate of a stream in one line of text."""

from __future__ import annotations

import numpy as np

from rtmpscope.report import words
from rtmpscope.report.source import ReportSource

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 48


def sparkline(source: ReportSource, stream: int) -> str:
    """Bits of media per second of arrival, from the stream's first to its last frame."""
    media = source.tables["media"]
    rows = np.flatnonzero(media["stream"].values == stream)
    seconds = (media["time"].values[rows] - media["time"].values[rows].min()) / 1e9
    span = float(seconds.max())
    if span <= 0:
        return ""
    width = max(span / _WIDTH, 0.25)
    edges = np.arange(int(span / width) + 2) * width
    sizes, _ = np.histogram(seconds, bins=edges, weights=media["bytes"].values[rows])
    # The last bin is cut short by the end of the stream; its rate is that of the part that is there.
    lengths = np.minimum(edges[1:], max(span, width)) - edges[:-1]
    rates = np.divide(sizes * 8 / 1000, lengths, out=np.zeros(len(sizes)), where=lengths > width / 2)
    rates = rates[lengths > width / 2]
    top = float(rates.max()) if len(rates) else 0.0
    if top <= 0:
        return ""
    bars = "".join(_BARS[min(int(rate / top * len(_BARS)), len(_BARS) - 1)] for rate in rates.tolist())
    return f"{bars}  up to {words.kbps(top)} per {words.seconds(width)}"
