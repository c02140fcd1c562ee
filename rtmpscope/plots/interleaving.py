"""The interleaving diagram: channels as lanes, each message a bar from its first to its last byte."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.options import OptionError
from rtmpscope.plots import style
from rtmpscope.plots.select import TablesByName, chosen_connection, connection_start, rows_of, seconds_since
from rtmpscope.tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LANE_HEIGHT = 0.45
#: Shorter than this (as a share of the range) a bar would not be seen.
_THINNEST = 0.003
_MOST_CHUNKS = 2000
_SHORT_S = 2.0


@frozen
class TimeRange:
    """Seconds since the connection's first packet; None is open.

    Raises:
        OptionError: there is no such range.
    """

    begin: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        begin = -inf if self.begin is None else self.begin
        end = inf if self.end is None else self.end
        if not begin <= end:  # so it is with "not a number", too
            raise OptionError(f"there is no range from {begin:g} to {end:g} s; give its first second, then its last")

    @property
    def is_short(self) -> bool:
        """Whether single chunks can be told apart in it."""
        return self.begin is not None and self.end is not None and self.end - self.begin <= _SHORT_S


def interleaving(
    tables: TablesByName,
    connection: int | None = None,
    span: TimeRange | None = None,
    chunks: Table | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Messages of one connection over time, one lane per direction and chunk stream.

    Args:
        tables: the analysis' tables.
        connection: number of the connection; the one with the most messages if None.
        span: the seconds to show; all if None.
        chunks: the ``chunks`` table, to mark chunks in a short range.
        ax: axes to draw into; a new figure if None.

    Raises:
        RtmpscopeError: there is no such connection.
    """
    number = chosen_connection(tables, connection)
    rows = np.empty(0, np.int64) if number is None else _rows_in(tables, number, span or TimeRange())
    if number is None or not len(rows):
        return style.say_empty(style.axes_or_new(ax), "no RTMP message in this range")
    messages = tables["messages"]
    lane_of, lanes = _lanes(messages, rows)
    ax = style.axes_or_new(ax, max(2.6, 1.4 + _LANE_HEIGHT * len(lanes)))
    start = connection_start(tables, number)
    begin = seconds_since(messages["time_start"].values[rows], start)
    end = np.maximum(seconds_since(messages["time"].values[rows], start), begin)
    least = max(float(end.max() - begin.min()), 1e-6) * _THINNEST
    for colour, chosen in _colours(messages, rows):
        for lane in np.unique(lane_of[chosen]).tolist():
            mine = chosen & (lane_of == lane)
            bars = list(zip(begin[mine], np.maximum(end[mine] - begin[mine], least), strict=True))
            ax.broken_barh(bars, (lane - 0.38, 0.76), facecolors=colour, linewidth=0)
    if chunks is not None:
        _mark_chunks(ax, chunks, rows, messages, lane_of, start)
    ax.set_yticks(range(len(lanes)), lanes)
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    style.tidy(ax, f"Connection {number}: messages per chunk stream", "seconds since the connection's first packet", "")
    _legend(ax, messages, rows)
    return ax


def _rows_in(tables: TablesByName, number: int, span: TimeRange) -> NDArray[np.int64]:
    rows = rows_of(tables["messages"], "connection", number)
    start = connection_start(tables, number)
    begin = seconds_since(tables["messages"]["time_start"].values[rows], start)
    end = seconds_since(tables["messages"]["time"].values[rows], start)
    inside = (end >= (-np.inf if span.begin is None else span.begin)) & (
        begin <= (np.inf if span.end is None else span.end)
    )
    return rows[inside]


def _lanes(messages: Table, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    """Lane number of each row, and the lanes' names: the client's channels first."""
    key = (messages["direction"].values[rows].astype(np.int64) << 20) | messages["csid"].values[rows].astype(np.int64)
    keys, lane = np.unique(key, return_inverse=True)
    names = [f"{'← server' if one >> 20 else 'client →'} {one & 0xFFFFF}" for one in keys.tolist()]
    return lane, names


def _colours(messages: Table, rows: NDArray[np.int64]) -> list[tuple[str, NDArray[np.bool_]]]:
    column = messages["type"]
    names = column.names or ()
    colour = np.array([style.COLOURS.get(name, style.CONTROL) for name in names])
    of_row = colour[column.values[rows]]
    return [(str(one), of_row == one) for one in np.unique(of_row)]


def _mark_chunks(
    ax: Axes,
    chunks: Table,
    rows: NDArray[np.int64],
    messages: Table,
    lane_of: NDArray[np.int64],
    start: int,
) -> None:
    """A tick where each continuation chunk arrived."""
    lane = np.full(len(messages), -1, np.int64)
    lane[rows] = lane_of
    message = chunks["message"].values
    mine = np.flatnonzero((lane[message] >= 0) & (chunks["fmt"].values == 3))
    if len(mine) > _MOST_CHUNKS:
        return
    seconds = seconds_since(chunks["time"].values[mine], start)
    ax.plot(seconds, lane[message[mine]], "|", color="black", markersize=8, markeredgewidth=0.6)


def _legend(ax: Axes, messages: Table, rows: NDArray[np.int64]) -> None:
    from matplotlib.patches import Patch

    shown = {colour for colour, _ in _colours(messages, rows)}
    handles = [Patch(color=colour, label=name) for colour, name in style.LEGEND.items() if colour in shown]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
