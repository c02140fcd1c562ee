"""How far a sender's timestamps are ahead of the clock of arrival.

A sender in real time keeps its distance to the clock, but for what its messages wait. How much that is differs by
kind: audio is sent as it comes or with the next picture, video as it is encoded. So each kind has its own usual lead,
and its own usual deviation from it, which also says how much the clock is to be trusted: while a sender starts, much
waits that it catches up with, the lead rises, and deviations are large.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.estimates.hypotheses import Floats, Hypotheses
from rtmpscope.pipeline.estimates.rows import MediaRows

#: Messages that show the lead together; of a long stretch the first and the last.
_TOGETHER, _FIRST, _LAST = 4, 48, 192
#: The usual lead and deviation are those of so many groups.
_REMEMBERED = 48
_NOTICE, _NOTICE_DEVIATION = 2.0, 1.0
#: The deviation of a kind that is not known yet, of one never heard, at most, at least, and what is no surprise.
_UNKNOWN_MS, _UNHEARD_MS, _MOST_MS, _LEAST_MS, _USUAL = 6.0, 20.0, 100.0, 3.0, 1.5
#: Messages may come late rather than early.
_LATE = 1.5
#: What has waited goes on waiting: a deviation like the last is likely, the more so the less time has passed.
_STRAYED, _STRAYED_MS, _PER_MS = 2.0, 8.0, 0.2
_MOST_UNLIKELY = 8.0
#: A sender is faster than time whose timestamps gain more on the clock than this, after a head start.
_FASTEST, _HEAD_START_MS = 1.1, 2_000
_LONGEST_STEP_MS = 10_000


class Leads:
    """How sure the leads of the kinds are; the leads themselves are the hypotheses'."""

    def __init__(self, kinds: int) -> None:
        self._groups = np.zeros(kinds)
        self._deviation = np.full(kinds, _UNKNOWN_MS)
        self._clock: int | None = None

    def heard(self, kind: int) -> bool:
        """Whether the lead of a kind is known."""
        return bool(self._groups[kind])

    def usual(self, known: Hypotheses, kind: int) -> Floats:
        """The lead of a kind; of one never heard that of the others, nan if none is known."""
        if self.heard(kind) or not self._groups.any():
            return known.lead[:, kind] if self.heard(kind) else np.full(len(known), np.nan)
        lead: Floats = known.lead[:, self._groups > 0].mean(axis=1)
        return lead

    def scale(self, kind: int) -> float:
        """How far the first messages of a kind may well be off its lead."""
        return _LEAST_MS + _USUAL * (float(self._deviation[kind]) if self.heard(kind) else _UNHEARD_MS)

    def cost(self, known: Hypotheses, ahead: dict[int, Floats], clock: int) -> Floats | float:
        """How unlikely it is that kinds are so far ahead, ``[hypotheses, candidates]`` of each, at a time."""
        if self._clock is None or not self._groups.any():
            return 0.0
        trust = {kind: self.scale(kind) ** -2 for kind in ahead}
        each = [trust[kind] * (lead - self.usual(known, kind)[:, None]) for kind, lead in ahead.items()]
        off: Floats = np.add.reduce(each) / sum(trust.values())
        scale = max(sum(trust.values()) ** -0.5, _LEAST_MS)
        steady = np.where(off > 0, off / scale, -off / (_LATE * scale))
        passed = max(clock - self._clock, 0)
        going_on = _STRAYED + np.abs(off - known.strayed[:, None]) / (_STRAYED_MS + _PER_MS * passed)
        cost: Floats = np.minimum(np.minimum(steady, going_on), _MOST_UNLIKELY)
        return cost

    def note(self, known: Hypotheses, kinds: NDArray[np.int64], ahead: Floats, clock: int, moved: Floats) -> None:
        """How far messages of some kinds were ahead by the likeliest hypothesis, until ``clock``.

        ``moved`` is how much further each hypothesis has each kind ahead.
        """
        off, trust = np.zeros(len(known)), 0.0
        for kind in np.unique(kinds).tolist():
            own = ahead[kinds == kind]
            for begin in range(0, len(own), _TOGETHER):
                self._follow(known, kind, own[begin : begin + _TOGETHER], moved[:, kind])
            weight = self.scale(kind) ** -2
            off += weight * (own[-_TOGETHER:].mean() + moved[:, kind] - known.lead[:, kind])
            trust += weight
        known.strayed, self._clock = off / trust, clock

    def _follow(self, known: Hypotheses, kind: int, group: Floats, moved: Floats) -> None:
        mean, weight = float(group.mean()), len(group) / _TOGETHER
        if not self._groups[kind]:
            known.lead[:, kind] = mean + moved
            self._groups[kind] = weight
            return
        self._groups[kind] += weight
        count = self._groups[kind] + 1
        notice = weight * max(_NOTICE_DEVIATION / count, 1 / _REMEMBERED)
        off = min(abs(mean - float(known.lead[0, kind])), _MOST_MS)
        self._deviation[kind] += notice * (off - self._deviation[kind])
        notice = min(weight * max(_NOTICE / count, 1 / _REMEMBERED), 1.0)
        known.lead[:, kind] += notice * (mean + moved - known.lead[:, kind])


def looked_at(count: int) -> NDArray[np.int64]:
    """Places of those messages of a stretch that show its lead."""
    if count <= _FIRST + _LAST:
        return np.arange(count)
    return np.concatenate([np.arange(_FIRST), np.arange(count - _LAST, count)])


def outruns(rows: MediaRows) -> bool:
    """Whether a sender is faster than time."""
    steps, passed = np.diff(rows.timestamp), np.diff(rows.clock)
    usual = (np.abs(steps) < _LONGEST_STEP_MS) & (rows.exact[1:] == rows.exact[:-1])
    return bool(steps[usual].sum() > _FASTEST * max(int(passed[usual].sum()), 0) + _HEAD_START_MS)
