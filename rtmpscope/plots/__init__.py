"""Charts: tables → matplotlib Axes, one function per chart. matplotlib is imported when one is drawn."""

from rtmpscope.plots.bitrate import bitrate
from rtmpscope.plots.interleaving import TimeRange, interleaving
from rtmpscope.plots.ladder import ladder
from rtmpscope.plots.timeline import timeline

__all__ = ["TimeRange", "bitrate", "interleaving", "ladder", "timeline"]
