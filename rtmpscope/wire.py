"""What every decoder shares: a field with its place in the bytes, and the one error that decoders raise.

Three outcomes are never mixed (each has its own shape here):

* more bytes are needed: a decoder of a growing stream returns ``None``; a decoder of a finished body
  raises :class:`Truncated`, because no more bytes will come;
* the bytes are malformed: :class:`DecodeError`, with offset, field and reason;
* the bytes were not captured: a hole, which callers pass as such and never as zero bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.frozen import frozen


class DecodeError(ValueError):
    """Bytes that do not follow their specification.

    Attributes:
        offset: position of the first offending byte, counted from the start of the decoded buffer.
        field: the specification's name of the field being read.
        reason: what is wrong, in one clause without a full stop.
    """

    def __init__(self, offset: int, field: str, reason: str) -> None:
        super().__init__(f"{field} at byte {offset}: {reason}")
        self.offset = offset
        self.field = field
        self.reason = reason


class Truncated(DecodeError):
    """The buffer ends inside a field."""

    def __init__(self, offset: int, field: str, needed: int, available: int) -> None:
        super().__init__(offset, field, f"needs {needed} bytes, {available} are left")
        self.needed = needed
        self.available = available


@frozen
class Field:
    """One decoded field and where it stands.

    Attributes:
        name: the specification's name.
        start: first bit, counted from the start of the decoded buffer (bit 0 is the top bit of byte 0).
        end: first bit after the field.
        value: the raw value: number, text, bytes, or ``None`` for a structure.
        meaning: what the value says, in words; empty where the value speaks for itself.
        children: the fields that make up a structure, in wire order.
    """

    name: str
    start: int
    end: int
    value: object = None
    meaning: str = ""
    children: tuple[Field, ...] = ()

    def shifted(self, byte_count: int) -> Field:
        """The same field, ``byte_count`` bytes further on, children included."""
        bits = 8 * byte_count
        return Field(
            self.name,
            self.start + bits,
            self.end + bits,
            self.value,
            self.meaning,
            tuple(child.shifted(byte_count) for child in self.children),
        )

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Field]]:
        """Yield ``(depth, field)`` for this field and everything below it, in wire order."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def byte_field(
    name: str,
    start: int,
    length: int,
    value: object = None,
    meaning: str = "",
    children: tuple[Field, ...] = (),
) -> Field:
    """A :class:`Field` that starts and ends on byte boundaries; ``start`` and ``length`` are in bytes."""
    return Field(name, 8 * start, 8 * (start + length), value, meaning, children)
