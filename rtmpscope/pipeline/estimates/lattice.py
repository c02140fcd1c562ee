"""Regular messages are sent at whole multiples of a step, from which rounding to milliseconds hides them.

Were each gap told from the rounded timestamp before it, the rounding would add up. So the unrounded time is followed:
it is predicted by the step, and corrected a little by each message.
"""

from __future__ import annotations

import numpy as np

from rtmpscope.pipeline.estimates.hypotheses import Floats
from rtmpscope.pipeline.estimates.kinds import Kind

#: Messages whose rounding is averaged at the beginning and at the end of a stretch, and where the time is exact.
_FEW, _MANY, _ENOUGH = 8, 24, 4
#: The prediction counts as much as so many messages at most; one that is off by more is none: ms.
_MOST_WEIGHT, _OFF_MS = 32, 3.0


def begins(kind: Kind, stamps: Floats) -> float:
    """The first of some timestamps, without rounding as far as the others tell."""
    if not kind.regular or kind.grid is None:
        return float(stamps[0])
    first = stamps[:_FEW]
    return float((first - np.rint((first - first[0]) / kind.grid) * kind.grid).mean())


def _ends(grid: float, stamps: Floats, count: int) -> Floats:
    """What each of the last timestamps tells the last to be."""
    last = stamps[-count:]
    ends: Floats = last - np.rint((last - last[-1]) / grid) * grid
    return ends


def due(grid: float, last: Floats, begin: float, shift: Floats) -> Floats:
    """Shifts with which a message that begins a stretch stands on the lattice: the first that is not before ``shift``.

    ``last`` is when the last message was sent, ``shift`` what was missing so far, one for each hypothesis.
    """
    same_time = last - begin
    shifts: Floats = same_time + np.maximum(np.rint((shift - same_time) / grid), 1) * grid
    return shifts


def followed(kind: Kind, stamps: Floats, shift: Floats, last: Floats, heard: int, exact: bool) -> Floats:
    """When the last message of a stretch was sent; ``heard`` messages before it led to ``last``."""
    latest: Floats = stamps.max() + shift
    if not kind.regular or kind.grid is None:
        return latest
    if exact:
        enough = len(stamps) >= _ENOUGH
        return float(np.median(_ends(kind.grid, stamps, _MANY))) + shift if enough else latest
    if not heard:
        return latest
    seen = float(_ends(kind.grid, stamps, _FEW).mean()) + shift
    predicted = last + np.rint((seen - last) / kind.grid) * kind.grid
    weight = len(stamps) / (len(stamps) + min(heard, _MOST_WEIGHT))
    return np.where(np.abs(seen - predicted) < _OFF_MS, predicted + weight * (seen - predicted), latest)
