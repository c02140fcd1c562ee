"""The command ladder: two lifelines, and an arrow for each command and control message between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtmpscope.plots import style
from rtmpscope.plots.select import TablesByName, chosen_connection, connection_start, has_times, rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RUNG_HEIGHT = 0.27
_MOST = 40
_TEXT_WIDTH = 60
_NOISE = ("acknowledgement", "ping_request", "ping_response")


def ladder(tables: TablesByName, connection: int | None = None, ax: Axes | None = None) -> Axes:
    """Commands and control messages of one connection in order, as arrows between client and server.

    Times and frames are left out where there are no packets; what the client sent comes first then.

    Args:
        tables: the analysis' tables.
        connection: number of the connection; the one with the most messages if None.
        ax: axes to draw into; a new figure if None.

    Raises:
        RtmpscopeError: there is no such connection.
    """
    number = chosen_connection(tables, connection)
    rungs = [] if number is None else _rungs(tables, number)
    if number is None or not rungs:
        return style.say_empty(style.axes_or_new(ax), "no command in this connection")
    ax = style.axes_or_new(ax, 1.1 + _RUNG_HEIGHT * min(len(rungs), _MOST))
    start = connection_start(tables, number) if has_times(tables) else None
    for place, (time, direction, text, frame, colour) in enumerate(rungs[:_MOST]):
        begin, end = (0.0, 1.0) if direction == 0 else (1.0, 0.0)
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (end, place), (begin, place), arrowprops=arrow)
        ax.text(0.5, place - 0.12, text, ha="center", va="bottom", fontsize=8, color="#222222", parse_math=False)
        if start is not None:
            ax.text(-0.03, place, f"{(time - start) / 1e9:.3f} s", ha="right", va="center", fontsize=8)
            ax.text(1.03, place, f"frame {frame}", ha="left", va="center", fontsize=8)
    order = "" if start is not None else ", without their times: the client's first"
    more = f" (the first {_MOST} of {len(rungs)})" if len(rungs) > _MOST else ""
    for end_x, name in ((0.0, "client"), (1.0, "server")):
        ax.axvline(end_x, color="#888888", linewidth=1.2)
        ax.text(end_x, -1.0, name, ha="center", va="bottom", fontsize=9, fontweight="bold")
    ax.set_title(f"Connection {number}: commands and control messages{order}{more}", loc="left", fontsize=11, pad=16)
    ax.set_xlim(-0.22, 1.22)
    ax.set_ylim(min(len(rungs), _MOST) - 0.3, -1.2)
    ax.set_axis_off()
    return ax


def _rungs(tables: TablesByName, number: int) -> list[tuple[int, int, str, int, str]]:
    """(time, direction, words, frame, colour) of each rung, in message order."""
    messages = tables["messages"]
    found: dict[int, tuple[int, int, str, int, str]] = {}
    for name, colour in (("controls", style.CONTROL), ("commands", style.COMMAND)):
        table = tables[name]
        for row in rows_of(table, "connection", number).tolist():
            message = int(table["message"].values[row])
            text = messages["info"].text_at(message) or ""
            if text.split(" ")[0] in _NOISE:
                continue
            shown = text if len(text) <= _TEXT_WIDTH else text[: _TEXT_WIDTH - 1] + "…"
            where = int(table["time"].values[row]), int(table["direction"].values[row])
            found[message] = (*where, _printable(shown), int(messages["frame"].values[message]), colour)
    return [found[message] for message in sorted(found)]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
