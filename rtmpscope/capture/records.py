"""What a file format's parser hands to the reader: the packets of a block, or the damage it met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints
from rtmpscope.frozen import frozen


@frozen
class Damage:
    """A place where a capture file does not follow its format.

    Attributes:
        offset: position in the file.
        reason: what is wrong there, in one clause.
    """

    offset: int
    reason: str


@frozen
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

    @classmethod
    def joined(cls, parts: Sequence[Records]) -> Records:
        """The packets of all parts, one part after the other."""
        if len(parts) < 2:
            return parts[0] if parts else cls.none()
        columns = zip(*(part.columns() for part in parts), strict=True)
        return cls(*(np.concatenate(pieces) for pieces in columns))

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All columns, in the order of the attributes."""
        return self.start, self.captured, self.wire, self.time_ns, self.linktype

    def take(self, rows: Ints | slice) -> Records:
        """Only the named packets."""
        return Records(*(column[rows] for column in self.columns()))
