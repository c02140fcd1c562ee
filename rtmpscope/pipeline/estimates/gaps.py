"""How much time the messages took that a gap swallowed.

Stretches without a gap are taken in order. In each, all messages of a chunk stream lack the same time. Candidates
for it are weighed by what is known: bytes that were lost, regular steps, the order of audio and video, the clock of
arrival. Order and steps together are a vernier: audio of 23.2 ms and video of 33.3 ms stand in a pattern that comes
again only after several messages, so that few candidates fit it. The likeliest are carried on for some stretches.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.estimates.candidates import candidates
from rtmpscope.pipeline.estimates.direction import Direction
from rtmpscope.pipeline.estimates.hypotheses import Floats
from rtmpscope.pipeline.estimates.rows import Ints, MediaRows
from rtmpscope.pipeline.estimates.weights import cost, interleaving

#: After so many more stretches the likeliest hypothesis is taken for true.
_PATIENCE = 16


class _Story:
    """The shifts of the stretches since the last was decided on, by each hypothesis, and which one it comes from."""

    def __init__(self, told: Floats, rows: MediaRows) -> None:
        self._told, self._rows = told, rows
        self._open: list[tuple[int, int, NDArray[np.intp], Floats]] = []

    def add(self, begin: int, end: int, parents: NDArray[np.intp], shift: Floats) -> None:
        """What hypotheses say of a stretch."""
        self._open.append((begin, end, parents, shift))

    def keep(self, places: NDArray[np.bool_]) -> None:
        """Some hypotheses were given up."""
        begin, end, parents, shift = self._open.pop()
        self._open.append((begin, end, parents[places], shift[places]))

    def tell(self, undecided: int) -> None:
        """Tell the timestamps of all but the last stretches as the likeliest hypothesis has them."""
        decided = len(self._open) - undecided
        one = 0
        for place in range(len(self._open) - 1, -1, -1):
            begin, end, parents, shift = self._open[place]
            if place < decided:
                lacking = np.rint(shift[one])[self._rows.channel[begin:end]]  # the same for all of a chunk stream
                self._told[begin:end] += np.where(self._rows.exact[begin:end], 0, lacking)
            one = int(parents[one])
        self._open = self._open[max(decided, 0) :]


def told(rows: MediaRows, most: int) -> Ints:
    """The timestamps of media messages, some of which are exact.

    So many as ``most`` stretches are told one by one; of more, several are taken for one.
    """
    known = Direction(rows)
    timestamps = known.stamps.copy()
    story = _Story(timestamps, rows)
    starts = rows.starts()
    starts = starts[:: len(starts) // most + 1]
    for number, (begin, end) in enumerate(pairwise([*starts.tolist(), len(rows)]), 1):
        stretch = known.stretch(begin, end)
        found = candidates(known, stretch)
        interleaving(known, stretch, found)
        parents = known.guesses.follow(found.shifts, cost(known, stretch, found))
        story.add(begin, end, parents, known.guesses.shift)
        if number % _PATIENCE == 0:
            story.keep(known.guesses.settle())
            story.tell(undecided=_PATIENCE)
        known.note(begin, end)
    story.tell(undecided=0)
    rounded: Ints = np.rint(timestamps).astype(np.int64)
    return rounded
