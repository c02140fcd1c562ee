"""How far each side of a connection had come, and was allowed to go, when a segment of the other one was sent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen

Ints = NDArray[np.int64]


@frozen
class Limits:
    """How far a sender may go: at each of the receiver's rows in the batch, where its window ends; -1 unknown."""

    rows: Ints
    limit: Ints
    initial: int

    def before(self, rows: Ints) -> Ints:
        """The limit in force when each of ``rows`` was sent."""
        place = np.searchsorted(self.rows, rows)
        return np.concatenate([[self.initial], self.limit])[place]


@frozen
class Progress:
    """How far a sender has come: the packets of its data in the batch, where each ends, and how far it was before."""

    frame: Ints
    end: Ints
    before: int

    def reached(self, frames: Ints) -> Ints:
        """How far it had come when each of these packets of the other side was sent."""
        reached = np.maximum.accumulate(np.concatenate([[self.before], self.end]))
        return reached[np.searchsorted(self.frame, frames)]


def bare_of(ack: NDArray[np.uint32], window: NDArray[np.uint16]) -> Ints:
    """What acknowledgements say, as one number each: they repeat one another where that is the same."""
    return (ack.astype(np.int64) << 16) | window
