"""How all charts look: one palette that colour-blind readers can tell apart, one size, units on every axis.

Colours are those of Okabe and Ito. A chart of 8 inches at 100 dots per inch is 800 pixels wide; text is
legible at that size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 8.0
DPI = 100
#: Points between a chart and its title: room for labels above the chart.
_TITLE_PAD = 16

VIDEO = "#0072B2"
AUDIO = "#E69F00"
COMMAND = "#009E73"
DATA = "#CC79A7"
CONTROL = "#666666"
OVERHEAD = "#000000"
KEYFRAME = "#D55E00"

#: Message type name → colour; types that are not named are control messages.
COLOURS = {
    "video": VIDEO,
    "audio": AUDIO,
    "command_amf0": COMMAND,
    "command_amf3": COMMAND,
    "data_amf0": DATA,
    "data_amf3": DATA,
    "shared_object_amf0": DATA,
    "shared_object_amf3": DATA,
    "aggregate": "#56B4E9",
    "unknown": "#F0E442",
}

#: What the legend calls each colour.
LEGEND = {VIDEO: "video", AUDIO: "audio", COMMAND: "command", DATA: "data", CONTROL: "control"}


def new_figure(height: float = 3.6) -> Figure:
    """A figure of the house size that belongs to no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def axes_or_new(ax: Axes | None, height: float = 3.6) -> Axes:
    """The given axes, or those of a new figure that notebooks show by themselves."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    figure.set_layout_engine("constrained")
    return axes


def say_empty(ax: Axes, text: str) -> Axes:
    """An empty chart that says why it is empty."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color="#444444", fontsize=11)
    return ax


def tidy(ax: Axes, title: str, x: str, y: str) -> None:
    """Title, axis labels with units, a light grid, no box."""
    ax.set_title(title, loc="left", fontsize=11, pad=_TITLE_PAD)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.grid(visible=True, color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
