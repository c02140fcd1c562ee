"""What a file format's parser hands to the reader: the packets of a block, or the damage it met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where a capture file does not follow its format.

    Attributes:
        offset: position in the file.
        reason: what is wrong there, in one clause.
    """

    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Records:
    """The packets of a block: columns as in :class:`~rtmpscope.capture.batch.PacketBatch`."""

    start: Ints
    captured: Ints
    wire: Ints
    time_ns: Ints
    linktype: NDArray[np.uint16]

    @classmethod
    def none(cls) -> Records:
        """No packets."""
        empty = np.empty(0, np.int64)
        return cls(empty, empty, empty, empty, np.empty(0, np.uint16))

    def first(self, count: int) -> Records:
        """The first ``count`` packets."""
        return Records(
            self.start[:count],
            self.captured[:count],
            self.wire[:count],
            self.time_ns[:count],
            self.linktype[:count],
        )
