"""A window that slides over a file: one buffer, reused for every block.

The unread tail of a block (a record that the block cuts in two) is moved to the front and the rest of the
buffer is read anew. A record larger than the buffer makes it grow, up to ``MAX_RECORD``.
"""

from __future__ import annotations

import mmap
import sys
from contextlib import suppress
from typing import Protocol

import numpy as np

#: Bytes read at a time.
BLOCK_BYTES = 16 << 20
#: No record of a capture is believed to be larger.
MAX_RECORD = 32 << 20
# Unread bytes behind the window, so that header views may reach past the last packet.
_SLACK = 64
_HUGE_PAGE = 2 << 20


#: Memory for a block; read and searched alike.
Room = bytearray | mmap.mmap


class Readable(Protocol):
    """A binary file object, as far as reading a capture needs one."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Up to ``size`` bytes; empty at the end."""


class Window:
    """The bytes of a file from ``position`` on, as far as they are in memory.

    Attributes:
        data: the buffer; bytes 0 … ``end - 1`` are valid.
        array: the same bytes as a numpy array.
        position: file offset of ``data[0]``.
        cursor: first byte that has not been used yet.
        end: number of valid bytes.
        size: how many the buffer takes; grows only for a record that is larger.
    """

    def __init__(self, handle: Readable, position: int, size: int = BLOCK_BYTES) -> None:
        self._handle = handle
        self.size = max(size, 1)
        self.position = position
        self.data = _room(self.size + _SLACK)
        self.array = np.frombuffer(self.data, np.uint8)
        self.cursor = 0
        self.end = 0

    def advance(self) -> bool:
        """Drop what has been used, fill up with new bytes; False when no more came."""
        tail = self.end - self.cursor
        data = self.data
        if tail == self.size:
            self.size *= 2
            data = _room(self.size + _SLACK)
        data[:tail] = memoryview(self.data)[self.cursor : self.end]
        if data is not self.data:
            self.data, self.array = data, np.frombuffer(data, np.uint8)
        self.position += self.cursor
        self.cursor, self.end = 0, tail
        return self._fill()

    def _fill(self) -> bool:
        view = memoryview(self.data)
        before = self.end
        while self.end < self.size:
            count = _read_into(self._handle, view[self.end : self.size])
            if not count:
                break
            self.end += count
        return self.end > before


def _room(size: int) -> Room:
    """Zeroed memory, in huge pages where the system has them: jumping about in it is twice as fast."""
    if sys.platform != "linux" or size < _HUGE_PAGE:
        return bytearray(size)
    room = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without them
        room.madvise(mmap.MADV_HUGEPAGE)
    return room


def _read_into(handle: Readable, view: memoryview) -> int:
    readinto = getattr(handle, "readinto", None)
    if readinto is not None:
        return int(readinto(view) or 0)
    piece = handle.read(len(view)) or b""
    view[: len(piece)] = piece
    return len(piece)
