"""The opening bytes of a direction, held back until it is known what they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from rtmpscope.frozen import slotted
from rtmpscope.transport import OPENING_LENGTH


@slotted
class Held:
    """Bytes, and the lengths of holes between them, in stream order.

    Attributes:
        head: the bytes up to the first hole, at most the opening.
        total: bytes in all, holes included.
    """

    head: bytearray = field(default_factory=bytearray)
    total: int = 0
    _parts: list[bytes | int] = field(default_factory=list)

    def add(self, part: bytes | int) -> None:
        """The next bytes, or a hole of this length."""
        size = part if isinstance(part, int) else len(part)
        if len(self.head) == self.total and not isinstance(part, int):
            self.head += part[: OPENING_LENGTH - self.total]
        self.total += size
        self._parts.append(part)

    def __iter__(self) -> Iterator[bytes | int]:
        return iter(self._parts)

    def bytes_at(self, start: int, stop: int) -> bytes | None:
        """Bytes ``start … stop - 1``; None unless all of them were captured."""
        found = bytearray()
        place = 0
        for part in self._parts:
            size = part if isinstance(part, int) else len(part)
            if place < stop and place + size > start:
                if isinstance(part, int):
                    return None
                found += part[max(start - place, 0) : stop - place]
            place += size
        return bytes(found) if len(found) == stop - start else None
