"""Rates of one track, on its own media clock.

The media clock (decode timestamps) and not the wall clock is the measure: a burst or a stall on the wire
changes when frames arrive, not how many of them make a second of video.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]


def frame_rate(dts: Ints) -> float | None:
    """Frames per second of frames with decode timestamps ``dts`` (ms); None for fewer than two."""
    span = _span_ms(dts)
    return None if span is None else 1000.0 * (len(dts) - 1) / span


def bitrate_kbps(sizes: Ints, dts: Ints) -> float | None:
    """Mean rate in kbit/s (1000 bit/s) of frames of ``sizes`` bytes with decode timestamps ``dts`` (ms).

    The last frame lasts as long as the mean of the others. None for fewer than two frames.
    """
    span = _span_ms(dts)
    if span is None:
        return None
    duration = span * len(dts) / (len(dts) - 1)
    return 8.0 * float(sizes.sum()) / duration


def keyframe_interval_s(key_dts: Ints) -> float | None:
    """Median distance in seconds of keyframes at ``key_dts`` (ms); None for fewer than two."""
    if len(key_dts) < 2:
        return None
    return float(np.median(np.diff(np.sort(key_dts)))) / 1000.0


def _span_ms(dts: Ints) -> float | None:
    if len(dts) < 2:
        return None
    span = float(dts.max() - dts.min())
    return span if span > 0 else None
