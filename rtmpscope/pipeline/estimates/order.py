"""Senders write audio and video in the order of their timestamps."""

from __future__ import annotations

import numpy as np

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.hypotheses import Floats
from rtmpscope.pipeline.estimates.rows import Ints

#: Of so many messages one may be out of order.
_MESSAGES_PER_OUTLIER = 8


@frozen
class Allowed:
    """What is to be added to one chunk stream's timestamps to stand between those of another: ms, None if open."""

    lowest: int | None
    highest: int | None

    @property
    def low(self) -> float:
        """The least."""
        return float("-inf") if self.lowest is None else self.lowest

    @property
    def high(self) -> float:
        """The most."""
        return float("inf") if self.highest is None else self.highest

    @property
    def narrow(self) -> bool:
        """Whether there are bounds on both sides that do not contradict each other."""
        return self.lowest is not None and self.highest is not None and self.lowest <= self.highest

    def middle(self, step: float) -> float:
        """The middle; where one side is open, half a step of the other chunk stream from the bound."""
        if self.lowest is None:
            return self.high - step / 2
        if self.highest is None:
            return self.low + step / 2
        return (self.lowest + self.highest) / 2


def allowed_shifts(others: Ints, times: Floats, places: Ints, stamps: Floats) -> Allowed:
    """Between which bounds messages at ``places`` fit among ``others`` that have ``times``."""
    next_one = np.searchsorted(others, places)
    has_next, has_previous = next_one < len(others), next_one > 0
    above = np.sort(times[next_one[has_next]] - stamps[has_next])
    below = np.sort(times[next_one[has_previous] - 1] - stamps[has_previous])
    if not len(above) or not len(below):
        return Allowed(int(below[-1]) if len(below) else None, int(above[0]) if len(above) else None)
    # As many as may be out of order are left out, but no more than contradict the others.
    most = min(len(places) // _MESSAGES_PER_OUTLIER, len(above) - 1, len(below) - 1)
    outliers = next((number for number in range(most) if below[-1 - number] <= above[number]), most)
    return Allowed(int(below[-1 - outliers]), int(above[outliers]))
