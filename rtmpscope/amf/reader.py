"""A cursor over a message body, and the fields it notes on the way if asked to."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from rtmpscope.wire import DecodeError, Field, Truncated, byte_field

#: Values nested deeper than this are refused.
DEEPEST = 64
#: A message never has more values than this, whatever its counts say.
MOST_VALUES = 1 << 18


@dataclass(slots=True)
class Reader:
    """Bytes being decoded.

    Attributes:
        data: the message body.
        position: next byte.
        values: values read so far.
        stack: fields of the structures being read, innermost last; None when fields are not wanted.
    """

    data: bytes
    position: int = 0
    values: int = 0
    stack: list[list[Field]] | None = field(default=None)

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.position

    def take(self, size: int, name: str) -> bytes:
        """The next ``size`` bytes.

        Raises:
            Truncated: there are fewer.
        """
        if size > self.left:
            raise Truncated(self.position, name, size, self.left)
        start = self.position
        self.position += size
        return self.data[start : self.position]

    def u8(self, name: str) -> int:
        """An unsigned byte."""
        return self.take(1, name)[0]

    def u16(self, name: str) -> int:
        """An unsigned 16-bit number."""
        return int.from_bytes(self.take(2, name), "big")

    def u32(self, name: str) -> int:
        """An unsigned 32-bit number."""
        return int.from_bytes(self.take(4, name), "big")

    def double(self, name: str) -> float:
        """A 64-bit float."""
        value: float = struct.unpack(">d", self.take(8, name))[0]
        return value

    def text(self, size: int, name: str) -> str:
        """UTF-8 of ``size`` bytes; what is not UTF-8 appears as escapes."""
        return self.take(size, name).decode("utf-8", "backslashreplace")

    def count_value(self, depth: int) -> None:
        """Note that a value begins.

        Raises:
            DecodeError: values are nested too deep, or there are too many.
        """
        self.values += 1
        if depth > DEEPEST:
            raise DecodeError(self.position, "value", f"nested more than {DEEPEST} deep")
        if self.values > MOST_VALUES:
            raise DecodeError(self.position, "value", f"more than {MOST_VALUES} values in one message")

    def note(self, name: str, start: int, value: object, meaning: str = "") -> None:
        """Note a field from ``start`` to the current position."""
        if self.stack is not None and self.position > start:
            self.stack[-1].append(byte_field(name, start, self.position - start, value, meaning))

    def open(self) -> None:
        """A structure begins: fields noted from now on are its own."""
        if self.stack is not None:
            self.stack.append([])

    def close(self, name: str, start: int, value: object = None, meaning: str = "") -> None:
        """The structure ends; it becomes a field of the one around it."""
        if self.stack is not None:
            children = tuple(self.stack.pop())
            self.stack[-1].append(byte_field(name, start, self.position - start, value, meaning, children))
