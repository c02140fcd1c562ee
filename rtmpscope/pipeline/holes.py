"""The holes of all directions, in columns: in captures with packets stored in part there is one per packet."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import field

from rtmpscope.frozen import slotted
from rtmpscope.tcp import Hole

_COLUMNS = 8


@slotted
class Holes:
    """Takes in holes; yields them again as often as asked, in the order of coming."""

    _rows: array[int] = field(default_factory=lambda: array("q"))

    def append(self, hole: Hole) -> None:
        """Take in a hole."""
        named = hole.reason == "lost", hole.acked, hole.frame, hole.time
        self._rows.extend((hole.connection, hole.direction, hole.offset, hole.length, *named))

    def __len__(self) -> int:
        return len(self._rows) // _COLUMNS

    def __iter__(self) -> Iterator[Hole]:
        rows = iter(self._rows)
        for connection, direction, offset, length, lost, acked, frame, time in zip(*[rows] * _COLUMNS, strict=True):
            yield Hole(connection, direction, offset, length, "lost" if lost else "snapped", bool(acked), frame, time)
