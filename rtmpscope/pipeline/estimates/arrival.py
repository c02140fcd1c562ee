"""How far a sender's timestamps are ahead of the clock of arrival.

Messages wait before they are sent, each a different time; those that did not wait keep their distance to the
clock. Of each few messages the one furthest ahead shows it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.rows import Ints

#: Messages that are looked back at, and how many show the lead together.
BACK, _TOGETHER = 192, 6
#: A lead that falls and does not rise again is a new one: by so much at once, or by less for some messages.
_FALLEN_MS, _LOWERED_MS, _LOWERED_FOR = 200, 25, 4
_LEAST_SPREAD_MS = 3.0
#: More than so many messages need not wait all.
_MANY = 6
_MOST_EARLY, _MOST_LATE = 10.0, 10.0
#: A sender is faster than time whose timestamps gain more on the clock than this, after a head start.
_FASTEST, _HEAD_START_MS = 1.1, 2_000
_LONGEST_STEP_MS = 10_000


@frozen
class Lead:
    """The lead of a sender.

    Attributes:
        level: of messages that do not wait, ms.
        early, late: what is usual above and below that.
    """

    level: float
    early: float
    late: float

    def cost(self, ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """How unlikely messages are that are so far ahead, ``[messages, candidates]``."""
        off = ahead.max(axis=0) - self.level
        late = self.early if len(ahead) >= _MANY else self.late
        early = np.minimum(off / self.early, _MOST_EARLY)  # senders that end hand over all at once
        cost: NDArray[np.float64] = np.where(off > 0, early, np.minimum(-off / late, _MOST_LATE))
        return cost


def lead_of(ahead: Ints) -> Lead:
    """The lead that the last messages show."""
    ahead = _since_it_fell(ahead[-BACK:])
    groups = len(ahead) // _TOGETHER
    kept = ahead[len(ahead) - groups * _TOGETHER :].reshape(groups, _TOGETHER) if groups else ahead[None, :]
    tops = kept.max(axis=1)
    level = float(np.median(tops))
    early = _LEAST_SPREAD_MS + 1.5 * float(np.median(np.abs(tops - level)))
    return Lead(level, early, early + (level - float(np.median(ahead))) / 2)


def _since_it_fell(ahead: Ints) -> Ints:
    highest_after = np.maximum.accumulate(ahead[::-1])[::-1]
    fallen = ahead[:-1] - highest_after[1:]
    left = np.arange(len(fallen), 0, -1)
    places = np.flatnonzero((fallen > _FALLEN_MS) | ((fallen > _LOWERED_MS) & (left >= _LOWERED_FOR)))
    return ahead[places[-1] + 1 :] if len(places) else ahead


def outruns(timestamp: Ints, clock: Ints) -> bool:
    """Whether a sender is faster than time."""
    steps, passed = np.diff(timestamp), np.diff(clock)
    usual = np.abs(steps) < _LONGEST_STEP_MS
    return bool(steps[usual].sum() > _FASTEST * max(int(passed[usual].sum()), 0) + _HEAD_START_MS)
