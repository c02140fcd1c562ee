"""Usual steps from one message of a kind to the next.

Timestamps are whole milliseconds, steps are not: what is measured is rounded, and is as good as many messages make it.
Over a long loss that is not enough. But steps come from sample rates and frame rates, of which few are in use.
"""

from __future__ import annotations

import numpy as np

from rtmpscope.pipeline.estimates.rows import Ints

_SAMPLE_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
#: Samples in a frame: AAC and its variants, MP3.
_SAMPLES = (1024, 2048, 1152, 576)
_FRAME_RATES = (10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120)
#: These rates are slower by a thousandth in television.
_TELEVISION_RATES = (24, 30, 60)
_IN_USE = (
    *(1000 * samples / rate for rate in _SAMPLE_RATES for samples in _SAMPLES),
    *(1000 / rate for rate in _FRAME_RATES),
    *(1001 / rate for rate in _TELEVISION_RATES),
    20.0,  # Opus
)
#: A step in use is taken for the one measured when it is so near: by share, and by the rounding of so few.
_NEAR, _ROUNDING_MS = 0.003, 3.0
_SHORTEST_STEP_MS = 4.0
#: Steps that leave out some: of so many, this share are whole multiples of the shortest, but for rounding.
_FEWEST, _MULTIPLES, _OFF_MS = 8, 0.85, 2.5
_SHORTEST_SHARE, _ALIKE_MS, _SHORTEST_GRID_MS = 0.1, 2.0, 8.0
#: Multiples that are looked at to measure it.
_MOST_MULTIPLE = 4


def in_use(step: float, count: int) -> float:
    """The step in use that is measured as ``step`` by ``count`` messages; ``step`` where there is none."""
    nearest = min(_IN_USE, key=lambda one: abs(one - step))
    return nearest if abs(nearest - step) <= max(_ROUNDING_MS / max(count, 1), _NEAR * step) else step


def common_divisor(steps: Ints) -> float | None:
    """What most steps are whole multiples of, as where frames are left out of a regular sequence; None if nothing."""
    if len(steps) < _FEWEST:
        return None
    shortest = float(np.quantile(steps, _SHORTEST_SHARE, method="lower"))
    shortest = float(steps[np.abs(steps - shortest) <= _ALIKE_MS].mean())
    if shortest < _SHORTEST_GRID_MS:
        return None
    times = np.maximum(np.rint(steps / shortest), 1)
    few = times <= _MOST_MULTIPLE
    divisor = float(steps[few].sum() / times[few].sum())
    return divisor if (np.abs(steps - np.rint(steps / divisor) * divisor) <= _OFF_MS).mean() > _MULTIPLES else None
