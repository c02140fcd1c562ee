"""What is known so far of the clocks of one direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import slotted
from rtmpscope.pipeline.estimates.rows import Ints

#: A message is taken for sent only so many steps after the time that it is expected at.
_MARGIN = 0.25


@slotted
class ChannelClock:
    """The clock of one chunk stream.

    Attributes:
        shift: what its timestamps lack.
        known: its time is known, exactly or by an estimate.
        placed: its time was never known exactly since the last loss of it, but found beside others.
        lost_before: bytes of lost messages in the direction when it was heard last.
        firm: it has moved since it is known, so that the next step can be told.
    """

    shift: int = 0
    known: bool = False
    placed: bool = False
    firm: bool = False
    lost_before: int = 0
    _first: int | None = None

    def set(self, shift: int) -> None:
        """An estimate of what is lacking."""
        self.placed |= not self.known
        self.shift, self.known = shift, True

    def note(self, stamps: Ints, exact: NDArray[np.bool_]) -> None:
        """The next timestamps of the chunk stream, as its deltas tell them."""
        if exact.any():
            self.shift, self.known, self.placed = 0, True, False
        if self._first is None:
            self._first = int(stamps[0])
        self.firm = self.firm or (self.known and bool((stamps != self._first).any()))


@slotted
class KindClock:
    """When the last message of a kind was sent; ``inferred`` where it was lost."""

    last: int | None = None
    inferred: bool = False

    def note(self, told: Ints, latest: int, step: float) -> None:
        """Its messages in a stretch whose latest timestamp is ``latest``."""
        if len(told):
            self.last, self.inferred = int(told.max()), False
        elif self.last is not None:
            passed = int((latest - self.last) / step - _MARGIN)
            if passed > 0:
                self.last, self.inferred = self.last + round(passed * step), True
