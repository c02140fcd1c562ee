"""What is known of the clocks of one direction whichever hypothesis is true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import slotted
from rtmpscope.pipeline.estimates.hypotheses import Floats


@slotted
class ChannelClock:
    """The clock of one chunk stream.

    Attributes:
        known: its time is known, exactly or by an estimate.
        placed: its time was never known exactly since the last loss of it, but found beside others.
        firm: it has moved since it was first heard, so that the next step can be told.
        lost_before: bytes of lost messages in the direction when it was heard last.
    """

    known: bool = False
    placed: bool = False
    firm: bool = False
    lost_before: int = 0
    _first: float | None = None

    def note(self, stamps: Floats, exact: NDArray[np.bool_], lost_before: int) -> None:
        """The next timestamps of the chunk stream, as its deltas tell them."""
        self.placed = not exact.any() and (self.placed or not self.known)
        self.known, self.lost_before = True, lost_before
        if self._first is None:
            self._first = float(stamps[0])
        self.firm = self.firm or bool((stamps != self._first).any())


@slotted
class KindClock:
    """The messages of one kind: ``firm`` once their timestamps have moved, ``heard`` is how many there were."""

    firm: bool = False
    heard: int = 0
    _first: float | None = None

    def note(self, stamps: Floats) -> None:
        """The next timestamps of the kind, as deltas tell them."""
        if self._first is None:
            self._first = float(stamps[0])
        self.firm = self.firm or bool((stamps != self._first).any())
        self.heard += len(stamps)
