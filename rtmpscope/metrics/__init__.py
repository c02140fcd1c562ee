"""Table → table functions: rates, intervals and shares computed from what was decoded."""

from rtmpscope.metrics.rates import bitrate_kbps, frame_rate, keyframe_interval_s

__all__ = ["bitrate_kbps", "frame_rate", "keyframe_interval_s"]
