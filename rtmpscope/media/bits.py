"""Reading bits: fixed widths, Exp-Golomb codes, and RBSP without its emulation prevention bytes."""

from __future__ import annotations

from rtmpscope.wire import Truncated


class BitReader:
    """A cursor over the bits of some bytes, most significant first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._size = 8 * len(data)
        self.position = 0

    @property
    def left(self) -> int:
        """Bits not read yet."""
        return self._size - self.position

    def u(self, count: int, name: str) -> int:
        """An unsigned number of ``count`` bits.

        Raises:
            Truncated: there are fewer.
        """
        if count > self.left:
            raise Truncated(self.position // 8, name, (count + 7) // 8, self.left // 8)
        self.position += count
        return self._value >> (self._size - self.position) & ((1 << count) - 1)

    def flag(self, name: str) -> bool:
        """One bit."""
        return self.u(1, name) == 1

    def ue(self, name: str) -> int:
        """An unsigned Exp-Golomb code (H.264, section 9.1), of at most 32 leading zeros."""
        zeros = 0
        while not self.u(1, name):
            zeros += 1
            if zeros > 32:
                raise Truncated(self.position // 8, name, 1, 0)
        return (1 << zeros) - 1 + self.u(zeros, name)

    def se(self, name: str) -> int:
        """A signed Exp-Golomb code (H.264, section 9.1.1)."""
        code = self.ue(name)
        return (code + 1) // 2 if code & 1 else -(code // 2)


def without_emulation_prevention(nal: bytes) -> bytes:
    """The RBSP of a NAL unit: each 00 00 03 gives 00 00 (H.264, section 7.4.1)."""
    if b"\0\0\3" not in nal:
        return nal
    out = bytearray()
    zeros = 0
    for byte in nal:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)
