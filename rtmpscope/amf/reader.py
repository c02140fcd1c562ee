"""A cursor over a message body that notes a field for every byte it reads, if asked to.

Reading and noting are one act, so the fields tile the bytes by construction, and values and fields cannot
disagree. Once something is malformed the reader stays failed: every further read raises the same error.
Structures being read catch it (:meth:`Reader.partial`) and keep the members they already have.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field, replace

from rtmpscope.frozen import slotted
from rtmpscope.wire import DecodeError, Field, Truncated, byte_field

#: Values nested deeper than this are refused.
DEEPEST = 64
#: A message never has more values than this, whatever its counts say.
MOST_VALUES = 1 << 18
#: Text that references may repeat, in characters per byte of the message and at least.
_REPEATED_PER_BYTE, _REPEATED_AT_LEAST = 32, 1 << 16


@slotted
class Reader:
    """Bytes being decoded.

    Attributes:
        data: the message body.
        position: the next byte; everything before it has been read, and noted.
        end: the first byte that is not to be read; -1 for the end of ``data``.
        stack: fields of the structures being read, innermost last; None when fields are not wanted.
        problems: what was malformed, in order.
        failure: the problem that ended the reading.
    """

    data: bytes
    position: int = 0
    end: int = -1
    stack: list[list[Field]] | None = None
    problems: list[DecodeError] = field(default_factory=list)
    failure: DecodeError | None = None
    _values: int = 0
    _repeated: int = 0

    def __post_init__(self) -> None:
        if self.end < 0:
            self.end = len(self.data)

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return self.end - self.position

    def uint(self, size: int, name: str, meaning: str = "") -> int:
        """An unsigned number of ``size`` bytes."""
        value = int.from_bytes(self._take(size, name), "big")
        self._note(name, size, value, meaning)
        return value

    def sint(self, size: int, name: str) -> int:
        """A signed number of ``size`` bytes."""
        value = int.from_bytes(self._take(size, name), "big", signed=True)
        self._note(name, size, value)
        return value

    def double(self, name: str) -> float:
        """A 64-bit float."""
        value: float = struct.unpack(">d", self._take(8, name))[0]
        self._note(name, 8, value)
        return value

    def text(self, size: int, name: str) -> str:
        """UTF-8 of ``size`` bytes; what is not UTF-8 appears as escapes."""
        value = self._take(size, name).decode("utf-8", "backslashreplace")
        self._note(name, size, value)
        return value

    def binary(self, size: int, name: str) -> bytes:
        """Bytes as they are."""
        value = self._take(size, name)
        self._note(name, size, value)
        return value

    def u29(self, name: str) -> int:
        """A number of 29 bits in one to four bytes (AMF3, section 1.3.1)."""
        value, size = 0, 0
        for byte in self.data[self.position : min(self.position + 4, self.end)]:
            size += 1
            value = value << 8 | byte if size == 4 else value << 7 | byte & 0x7F
            if byte < 0x80 or size == 4:
                self._take(size, name)
                self._note(name, size, value)
                return value
        self._take(size + 1, name)
        raise AssertionError("unreachable: the bytes end inside the number")

    def marker(self, names: Sequence[str]) -> int:
        """A type marker; ``names`` are the meanings of its values."""
        start = self.position
        value = self.uint(1, "marker")
        if value >= len(names):
            raise DecodeError(start, "marker", f"{value} begins no value")
        self.explain(names[value])
        return value

    def explain(self, meaning: str) -> None:
        """Say what the field noted last means."""
        if self.stack and self.stack[-1]:
            self.stack[-1][-1] = replace(self.stack[-1][-1], meaning=meaning)

    def begin_value(self, depth: int) -> None:
        """Note that a value begins.

        Raises:
            DecodeError: values are nested too deep, or there are too many.
        """
        self._values += 1
        if depth > DEEPEST:
            raise DecodeError(self.position, "value", f"nested more than {DEEPEST} deep")
        if self._values > MOST_VALUES:
            raise DecodeError(self.position, "value", f"more than {MOST_VALUES} values in one message")

    def repeat(self, *texts: str) -> None:
        """Note that references repeat these texts; a few bytes must not stand for gigabytes.

        Raises:
            DecodeError: they have been repeated too often.
        """
        self._repeated += sum(map(len, texts))
        if self._repeated > max(_REPEATED_AT_LEAST, _REPEATED_PER_BYTE * len(self.data)):
            raise DecodeError(self.position, "reference", "references repeat far more text than the message has")

    def open(self) -> None:
        """A structure begins: fields noted from now on are its own."""
        if self.stack is not None:
            self.stack.append([])

    def close(self, name: str, value: object = None, meaning: str = "") -> None:
        """The structure ends; it becomes a field of the one around it, unless it is empty."""
        if self.stack is None:
            return
        children = tuple(self.stack.pop())
        if children:
            start, end = children[0].start, children[-1].end
            self.stack[-1].append(Field(name, start, end, value, meaning, children))

    @contextmanager
    def partial(self) -> Iterator[None]:
        """Reads whose failure leaves a structure incomplete instead of losing it."""
        try:
            yield
        except DecodeError as error:
            self.fail(error)

    def fail(self, error: DecodeError) -> None:
        """Nothing can be read after this; the first failure counts."""
        if self.failure is None:
            self.failure = error
            self.problems.append(error)

    def report(self, offset: int, name: str, reason: str) -> None:
        """Something is wrong that reading can step over."""
        self.problems.append(DecodeError(offset, name, reason))

    def rest(self) -> None:
        """Note what was not read as one field, and skip it."""
        if self.left > 0 and self.stack is not None:
            reason = str(self.problems[-1]) if self.problems else "not decoded"
            raw = self.data[self.position : self.end]
            self.stack[-1].append(byte_field("malformed", self.position, self.left, raw, reason))
        self.position = max(self.position, self.end)

    def _take(self, size: int, name: str) -> bytes:
        if self.failure is not None:
            raise self.failure
        if size > self.left:
            raise Truncated(self.position, name, size, self.left)
        start = self.position
        self.position += size
        return self.data[start : self.position]

    def _note(self, name: str, size: int, value: object, meaning: str = "") -> None:
        if self.stack is not None and size:
            self.stack[-1].append(byte_field(name, self.position - size, size, value, meaning))


def shown(value: object) -> object:
    """The value that a field of its own shows: a structure shows its members instead."""
    return value if isinstance(value, (str, bytes, int, float)) else None
