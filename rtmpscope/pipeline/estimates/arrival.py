"""How far a sender's timestamps are ahead of the clock of arrival.

Messages wait before they are sent, each a different time; those that did not wait keep their distance to the
clock. Of each few messages the one furthest ahead shows it.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.rows import Ints, MediaRows

#: Messages that show the lead together, and so many times that the first and the last are remembered.
_TOGETHER, _REMEMBERED = 6, 128
#: A lead that falls and does not rise again is a new one: by so much at once, or by less for some messages.
_FALLEN_MS, _LOWERED_MS, _LOWERED_FOR = 200, 25, 4
#: The lead is found anew after so many more times.
_CHANGING = 16
#: A clock may gain so much on another.
_DRIFT = 30e-6
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
        early: how far off they are.
        wait: what others wait.
    """

    level: float
    early: float
    wait: float

    def cost(self, ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """How unlikely messages are that are so far ahead, ``[messages, candidates]``."""
        few = max(_MANY - len(ahead), 0) / (_MANY - 1)  # all of them may have waited
        off = ahead.max(axis=0) - (self.level - few * self.wait)
        late = self.early + few * self.wait / 2
        early = np.minimum(off / self.early, _MOST_EARLY)  # senders that end hand over all at once
        cost: NDArray[np.float64] = np.where(off > 0, early, np.minimum(-off / late, _MOST_LATE))
        return cost


class LeadWatch:
    """The lead of a sender, as stretches of its messages are told.

    Estimates rest on the lead and the lead on estimates: it keeps to the first messages, so that small errors do
    not add up, and follows later ones no faster than clocks drift. It changes where it is seen to, in messages
    that have no gap between them.
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._pending = np.empty(0, np.int64)
        self._first: list[int] = []
        self._last: deque[int] = deque(maxlen=_REMEMBERED)
        self._waited: list[float] = []
        self._noted = 0
        self._since: int | None = None
        self._known: Lead | None = None  # until more messages are noted than change it

    def note(self, told: Ints, clock: Ints) -> None:
        """The timestamps of the next stretch and when they arrived."""
        ahead = told - clock
        fallen = _fall(ahead)
        if fallen:
            self._forget()
        if self._since is None:
            self._since = int(clock[fallen])
        self._now = int(clock[-1])
        rows = np.concatenate([self._pending, ahead[fallen:]])
        whole = len(rows) // _TOGETHER * _TOGETHER
        groups, self._pending = rows[:whole].reshape(-1, _TOGETHER), rows[whole:]
        tops = groups.max(axis=1).tolist()
        self._last.extend(tops)
        self._noted += len(tops)
        if len(self._first) < _REMEMBERED:
            self._first += tops
            self._waited += np.median(groups, axis=1).tolist() if len(groups) else []
            self._known = None
        elif self._noted >= _CHANGING:
            self._known = None

    def lead(self) -> Lead | None:
        """The lead, None before any message."""
        if self._known is None and self._since is not None:
            self._known, self._noted = self._find(self._since), 0
        return self._known

    def _find(self, since: int) -> Lead:
        tops = np.array(self._first or [self._pending.max()])
        level = float(np.median(tops))
        early = _LEAST_SPREAD_MS + 1.5 * float(np.median(np.abs(tops - level)))
        wait = level - float(np.median(self._waited or self._pending))
        most = _DRIFT * abs(self._now - since)
        drift = float(np.median(self._last)) - level if self._last else 0.0
        return Lead(level + min(max(drift, -most), most), early, wait)


def _fall(ahead: Ints) -> int:
    """Where the lead begins that the last messages have; 0 if it has not fallen."""
    highest_after = np.maximum.accumulate(ahead[::-1])[::-1]
    fallen = ahead[:-1] - highest_after[1:]
    left = np.arange(len(fallen), 0, -1)
    places = np.flatnonzero((fallen > _FALLEN_MS) | ((fallen > _LOWERED_MS) & (left >= _LOWERED_FOR)))
    return int(places[-1]) + 1 if len(places) else 0


def outruns(rows: MediaRows) -> bool:
    """Whether a sender is faster than time."""
    steps, passed = np.diff(rows.timestamp), np.diff(rows.clock)
    usual = (np.abs(steps) < _LONGEST_STEP_MS) & (rows.exact[1:] == rows.exact[:-1])
    return bool(steps[usual].sum() > _FASTEST * max(int(passed[usual].sum()), 0) + _HEAD_START_MS)
