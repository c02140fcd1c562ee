"""What was captured from some point on: runs of bytes with holes between them, at their stream offsets."""

from __future__ import annotations

from bisect import bisect_right


class Runs:
    """Runs of bytes in order of offset; the first may be shortened from its beginning.

    Attributes:
        end: stream offset behind everything added, holes included.
        size: bytes that are kept.
    """

    def __init__(self, offset: int) -> None:
        self.end, self.size = offset, 0
        self._starts: list[int] = []
        self._runs: list[bytearray] = []

    def __bool__(self) -> bool:
        return bool(self._runs)

    @property
    def first(self) -> tuple[int, bytearray]:
        """The first run and its offset."""
        return self._starts[0], self._runs[0]

    def add(self, data: bytes) -> None:
        """The next bytes of the direction."""
        if not data:
            return
        if self._runs and self._starts[-1] + len(self._runs[-1]) == self.end:
            self._runs[-1] += data
        else:
            self._starts.append(self.end)
            self._runs.append(bytearray(data))
        self.end += len(data)
        self.size += len(data)

    def hole(self, length: int) -> None:
        """The next bytes were not captured."""
        self.end += length

    def at(self, place: int) -> tuple[bytearray, int]:
        """The run that ``place`` is in, or behind, and the index of ``place`` in it."""
        number = max(bisect_right(self._starts, place) - 1, 0)
        return self._runs[number], place - self._starts[number]

    def may_grow(self, run: bytearray) -> bool:
        """Whether the next bytes added go on with this run."""
        return run is self._runs[-1] and self._starts[-1] + len(run) == self.end

    def bytes_at(self, place: int, count: int) -> bytes:
        """Up to ``count`` bytes at ``place``, as far as they are there."""
        run, at = self.at(place)
        return bytes(run[at : at + count]) if at >= 0 else b""

    def drop_first(self) -> None:
        """Forget the first run."""
        self.size -= len(self._runs[0])
        del self._starts[0], self._runs[0]

    def shorten_first(self, count: int) -> None:
        """Forget the first bytes of the first run."""
        del self._runs[0][:count]
        self._starts[0] += count
        self.size -= count

    def since(self, offset: int) -> list[bytes | int]:
        """What was added from ``offset`` on, holes as their lengths."""
        parts: list[bytes | int] = []
        place = offset
        for start, run in zip(self._starts, self._runs, strict=True):
            stop = start + len(run)
            if stop <= offset:
                continue
            if start > place:
                parts.append(start - place)
            parts.append(bytes(run[max(place - start, 0) :]))
            place = stop
        if self.end > place:
            parts.append(self.end - place)
        return parts
