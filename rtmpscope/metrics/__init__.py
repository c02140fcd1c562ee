"""Table → table functions: rates, intervals and shares computed from what was decoded."""

from rtmpscope.metrics.rates import bitrate_kbps, frame_rate, keyframe_interval_s
from rtmpscope.metrics.seconds import LAG_OF_NOTE_MS, SECOND_NS, Frames, Seconds, per_second

__all__ = [
    "LAG_OF_NOTE_MS",
    "SECOND_NS",
    "Frames",
    "Seconds",
    "bitrate_kbps",
    "frame_rate",
    "keyframe_interval_s",
    "per_second",
]
