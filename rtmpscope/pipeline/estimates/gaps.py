"""How much time the messages took that a gap swallowed.

Stretches without a gap are taken in order. In each, all messages of a chunk stream lack the same time. Candidates
for it are weighed by what is known: bytes that were lost, the order of audio and video, the clock of arrival.
What is chosen is known for the stretches after.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rtmpscope.pipeline.estimates.candidates import candidates
from rtmpscope.pipeline.estimates.direction import Direction
from rtmpscope.pipeline.estimates.rows import Ints, MediaRows
from rtmpscope.pipeline.estimates.weights import cost


def told(rows: MediaRows, most: int) -> Ints:
    """The timestamps of media messages, some of which are exact.

    So many as ``most`` stretches are told one by one; of more, several are taken for one.
    """
    known = Direction(rows)
    starts = rows.starts()
    starts = starts[:: len(starts) // most + 1]
    for begin, end in pairwise([*starts.tolist(), len(rows)]):
        if not rows.exact[begin:end].all():
            _mend(known, begin, end)
        known.note(begin, end)
    return known.told


def _mend(known: Direction, begin: int, end: int) -> None:
    stretch = known.stretch(begin, end)
    found = candidates(known, stretch)
    best = int(np.argmin(found.cost + cost(known, stretch, found.shifts)))
    for channel, shifts in found.shifts.items():
        if not known.is_exact(stretch, channel):
            known.clocks[channel].set(int(shifts[best]))
    known.tell(begin, end)
