"""Reading bits: fixed widths, Exp-Golomb codes, and NAL units without their emulation prevention bytes.

One reader serves both uses of a bit syntax: :class:`BitReader` just reads, :class:`FieldReader` keeps a
:class:`~rtmpscope.wire.Field` of everything read. So each syntax is written down once.
"""

from __future__ import annotations

from bisect import bisect_right

from rtmpscope.wire import DecodeError, Field, Truncated, byte_field

_LONGEST_PREFIX = 32


class BitReader:
    """A cursor over the bits of some bytes, most significant first.

    Attributes:
        position: next bit.
    """

    def __init__(self, data: bytes, start: int = 0, dropped: tuple[int, ...] = ()) -> None:
        """Read ``data``; ``start`` and ``dropped`` say where its bytes stand in the buffer they come from.

        Args:
            data: the bytes to read.
            start: place of the first of them.
            dropped: indexes into ``data`` before which a byte of the buffer was left out, ascending.
        """
        self._data = data
        self._start = start
        self._dropped = dropped
        self.position = 0

    @property
    def left(self) -> int:
        """Bits not read yet."""
        return 8 * len(self._data) - self.position

    def u(self, count: int, name: str) -> int:
        """An unsigned number of ``count`` bits.

        Raises:
            Truncated: there are fewer.
        """
        start = self.position
        value = self._bits(count, name)
        self._note(name, start, value)
        return value

    def flag(self, name: str) -> bool:
        """One bit."""
        return self.u(1, name) == 1

    def ue(self, name: str) -> int:
        """An unsigned Exp-Golomb code (H.264, section 9.1), of at most 32 leading zeros."""
        start = self.position
        value = self._exp_golomb(name)
        self._note(name, start, value)
        return value

    def se(self, name: str) -> int:
        """A signed Exp-Golomb code (H.264, section 9.1.1)."""
        start = self.position
        code = self._exp_golomb(name)
        value = (code + 1) // 2 if code & 1 else -(code // 2)
        self._note(name, start, value)
        return value

    def peek(self, count: int) -> int:
        """The next bits without stepping over them; -1 where there are fewer."""
        return self._window(count) if count <= self.left else -1

    def align(self) -> None:
        """Go on to the next byte boundary."""
        self.position = (self.position + 7) // 8 * 8

    def malformed(self, name: str, reason: str) -> DecodeError:
        """An error at the bit before the cursor."""
        return DecodeError(self._place(max(self.position - 1, 0)) // 8, name, reason)

    def _exp_golomb(self, name: str) -> int:
        zeros = 0
        while not self._bits(1, name):
            zeros += 1
            if zeros > _LONGEST_PREFIX:
                raise self.malformed(name, f"an Exp-Golomb code of more than {_LONGEST_PREFIX} leading zeros")
        return (1 << zeros) - 1 + self._bits(zeros, name)

    def _bits(self, count: int, name: str) -> int:
        if count > self.left:
            raise Truncated(self._place(self.position) // 8, name, (count + 7) // 8, self.left // 8)
        value = self._window(count)
        self.position += count
        return value

    def _window(self, count: int) -> int:
        end = self.position + count
        window = self._data[self.position // 8 : (end + 7) // 8]
        return int.from_bytes(window, "big") >> (-end % 8) & ((1 << count) - 1)

    def _place(self, bit: int) -> int:
        """Where a bit stands in the buffer that the data come from."""
        return bit + 8 * (self._start + bisect_right(self._dropped, bit // 8))

    def _note(self, name: str, start: int, value: int) -> None:
        pass


class FieldReader(BitReader):
    """A reader that keeps a field of everything read.

    Attributes:
        fields: in order of reading, placed in the buffer that the data come from.
    """

    def __init__(self, data: bytes, start: int = 0, dropped: tuple[int, ...] = ()) -> None:
        super().__init__(data, start, dropped)
        self.fields: list[Field] = []

    def note_rest(self, error: DecodeError) -> None:
        """Close the tree after an error: everything not read is one malformed field."""
        first = self._place(self.position)
        end = 8 * (self._start + len(self._data) + len(self._dropped))
        self.fields.append(Field("malformed", min(first, end), end, None, str(error)))

    def _note(self, name: str, start: int, value: int) -> None:
        end = self._place(self.position - 1) + 1 if self.position > start else self._place(start)
        self.fields.append(Field(name, self._place(start), end, value))


def rbsp(nal: bytes) -> tuple[bytes, tuple[int, ...]]:
    """The bytes of a NAL unit without emulation prevention: each 00 00 03 gives 00 00 (H.264, section 7.4.1).

    Returns:
        The bytes, and the indexes into them before which a byte was left out.
    """
    parts: list[bytes] = []
    dropped: list[int] = []
    size = position = 0
    found = nal.find(b"\0\0\3")
    while found >= 0:
        parts.append(nal[position : found + 2])
        size += found + 2 - position
        dropped.append(size)
        position = found + 3
        found = nal.find(b"\0\0\3", position)
    parts.append(nal[position:])
    return b"".join(parts), tuple(dropped)


def malformed_field(error: DecodeError, start: int, end: int) -> Field:
    """What was not decoded, from byte ``start`` to byte ``end``, with the reason."""
    return byte_field("malformed", start, max(end - start, 0), None, str(error))
