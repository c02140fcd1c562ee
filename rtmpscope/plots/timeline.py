"""The session timeline: commands, control messages and media of one connection, both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtmpscope.plots import style
from rtmpscope.plots.select import TablesByName, chosen_connection, connection_start, rows_of, seconds_since

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LANE_HEIGHT = 0.42
_WAYS = ("client →", "← server")


def timeline(tables: TablesByName, connection: int | None = None, figure: Figure | None = None) -> Figure:
    """What was sent when, in lanes: commands and control messages per direction, then media per stream.

    Args:
        tables: the analysis' tables.
        connection: number of the connection; the one with the most messages if None.
        figure: figure to draw into; a new one if None.

    Raises:
        RtmpscopeError: there is no such connection.
    """
    number = chosen_connection(tables, connection)
    figure = style.new_figure() if figure is None else figure
    ax = figure.subplots()
    if number is None or not len(rows_of(tables["messages"], "connection", number)):
        style.say_empty(ax, "no RTMP message in this connection")
        return figure
    lanes = _lanes(tables, number)
    figure.set_size_inches(style.WIDTH, max(2.4, 1.2 + _LANE_HEIGHT * len(lanes)))
    for place, (_, seconds, colour) in enumerate(lanes):
        ax.eventplot([seconds], lineoffsets=place, linelengths=0.7, colors=colour, linewidths=0.9)
    ax.set_yticks(range(len(lanes)), [name for name, _, _ in lanes])
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    style.tidy(ax, f"Connection {number}: what was sent when", "seconds since the connection's first packet", "")
    _label_commands(ax, tables, number)
    return figure


def _lanes(tables: TablesByName, number: int) -> list[tuple[str, NDArray[np.float64], str]]:
    start = connection_start(tables, number)
    lanes = []
    for name, colour in (("commands", style.COMMAND), ("controls", style.CONTROL)):
        table = tables[name]
        rows = rows_of(table, "connection", number)
        for way in (0, 1):
            mine = rows[table["direction"].values[rows] == way]
            if len(mine):
                lanes.append((f"{_WAYS[way]} {name}", seconds_since(table["time"].values[mine], start), colour))
    media = tables["media"]
    rows = rows_of(media, "connection", number)
    stream = np.where(_known(tables, rows), media["stream"].values[rows], -1)
    for one in np.unique(stream).tolist():
        for kind, name, colour in ((1, "video", style.VIDEO), (0, "audio", style.AUDIO)):
            mine = rows[(stream == one) & (media["kind"].values[rows] == kind)]
            if len(mine):
                of = f"stream {one}" if one >= 0 else "no stream"
                lanes.append((f"{of} {name}", seconds_since(media["time"].values[mine], start), colour))
    return lanes


def _known(tables: TablesByName, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    null = tables["media"]["stream"].null
    return np.ones(len(rows), np.bool_) if null is None else ~null[rows]


def _label_commands(ax: Axes, tables: TablesByName, number: int) -> None:
    """Name the commands that change the session, where there is room for their names."""
    commands = tables["commands"]
    start = connection_start(tables, number)
    named = {"publish", "play", "deleteStream", "closeStream", "FCUnpublish"}
    rows = [row for row in rows_of(commands, "connection", number) if commands["command"].text_at(int(row)) in named]
    last, room = -np.inf, 0.12 * max(np.diff(ax.get_xlim())[0], 1e-9)
    for row in rows:
        seconds = float(seconds_since(commands["time"].values[row], start))
        if seconds - last < room:
            continue
        last = seconds
        ax.axvline(seconds, color=style.COMMAND, linewidth=0.6, linestyle=":")
        text = commands["command"].text_at(int(row))
        ax.annotate(text or "", (seconds, 1), xycoords=("data", "axes fraction"), fontsize=8, ha="left", va="bottom")
