"""Several answers at a time to the question how much time is missing.

What speaks for an answer is often heard only later: a few messages between two gaps do not tell whether one audio
message was lost or two, the order of audio and video behind the next gap does. So that no decision is made for good
on the spot, the likeliest answers are all carried on, each with what would follow from it.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import slotted

Floats = NDArray[np.float64]

#: So many are carried on, unless they are less likely than the best by this (in natural logarithms).
_MOST, _UNLIKELY = 24, 25.0
#: Of answers that differ less, only the likeliest is carried on: ms.
_SAME_MS = 6.0
#: Of so many more the likeliest are looked at.
_LOOKED_AT = 6


@slotted
class Hypotheses:
    """What may be the case; arrays have a row per hypothesis, the likeliest first.

    Attributes:
        shift: what the timestamps of each chunk stream lack, ms.
        cost: about the negative logarithm of the probability, with that of the likeliest taken for 0.
        last: when the last message of each kind was sent, nan if none was heard; ``inferred``: it was lost.
        lead: how far messages of each kind usually are ahead of the clock of arrival.
        strayed: how much further ahead the last ones were.
        origin: which hypothesis it comes from among those that were last settled on.
    """

    shift: Floats
    cost: Floats
    last: Floats
    inferred: NDArray[np.bool_]
    lead: Floats
    strayed: Floats
    origin: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.cost)

    def keep(self, places: NDArray[Any]) -> None:
        """Keep those at ``places``, in this order."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name)[places])

    def follow(self, shifts: dict[int, Floats], cost: Floats) -> NDArray[np.intp]:
        """Carry on the likeliest of what may follow from each; returns which one each comes from.

        ``shifts`` of chunk streams and ``cost`` are ``[hypotheses, candidates]``.
        """
        flat = cost.ravel()
        likeliest = _smallest(flat, _LOOKED_AT * _MOST)
        shift = self.shift[likeliest // cost.shape[1]]
        for channel, candidates in shifts.items():
            shift[:, channel] = candidates.ravel()[likeliest]
        chosen = _different(shift, flat[likeliest])
        parents: NDArray[np.intp] = likeliest[chosen] // cost.shape[1]
        self.keep(parents)
        self.shift = shift[chosen]
        self.cost = flat[likeliest[chosen]] - flat[likeliest[0]]
        return parents

    def settle(self) -> NDArray[np.bool_]:
        """Give up those that were at odds with the likeliest already the last time; returns which are kept.

        Later messages tell nothing of what is the same for all of them: one would win by chance.
        """
        agree: NDArray[np.bool_] = self.origin == self.origin[0]
        self.keep(agree)
        self.origin = np.arange(len(self))
        return agree


def no_time_missing(channels: int, kinds: int) -> Hypotheses:
    """What is known before the first message."""
    return Hypotheses(
        shift=np.zeros((1, channels)),
        cost=np.zeros(1),
        last=np.full((1, kinds), np.nan),
        inferred=np.zeros((1, kinds), bool),
        lead=np.zeros((1, kinds)),
        strayed=np.zeros(1),
        origin=np.zeros(1, np.intp),
    )


def _smallest(values: Floats, count: int) -> NDArray[np.intp]:
    """Places of the smallest values, in order."""
    places = np.argpartition(values, count - 1)[:count] if count < len(values) else np.arange(len(values))
    return places[np.argsort(values[places], kind="stable")]


def _different(shift: Floats, cost: Floats) -> list[int]:
    """Places of those to carry on, of all in order of their cost."""
    chosen: list[int] = []
    seen: set[tuple[int, ...]] = set()
    rounded = np.rint(shift / _SAME_MS).astype(np.int64).tolist()
    for place in range(int(np.searchsorted(cost, cost[0] + _UNLIKELY, side="right"))):
        like = tuple(rounded[place])
        if like not in seen:
            seen.add(like)
            chosen.append(place)
            if len(chosen) == _MOST:
                break
    return chosen
