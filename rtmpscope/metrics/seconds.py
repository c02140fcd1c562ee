"""Seconds of a media track: what arrived in each, how far it is behind, and who held it up.

A second counts from the connection's first packet. Lag is how much later than at best the frames became
ready: wall clock less media clock, less the smallest such difference up to then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SECOND_NS = 1_000_000_000
#: Less lag than this is jitter, and nobody's fault.
LAG_OF_NOTE_MS = 100.0


@frozen
class Frames:
    """Frames of one track in order: time ready (ns), decode timestamp (ms), bytes."""

    ready: Ints
    dts: Ints
    size: Ints


@frozen
class Seconds:
    """Seconds in which something arrived: number, bytes, frames, and the largest lag in ms."""

    second: Ints
    size: Ints
    frames: Ints
    lag_ms: Floats


def per_second(frames: Frames, start: int) -> Seconds:
    """Sum up a track by seconds since ``start`` (ns)."""
    second = (frames.ready - start) // SECOND_NS
    seconds, group = np.unique(second, return_inverse=True)
    late = frames.ready / 1e6 - frames.dts
    lag = late - np.minimum.accumulate(late) if len(late) else late
    largest = np.zeros(len(seconds))
    np.maximum.at(largest, group, lag)
    return Seconds(
        second=seconds,
        size=np.bincount(group, frames.size, len(seconds)).astype(np.int64),
        frames=np.bincount(group, minlength=len(seconds)),
        lag_ms=largest,
    )
