"""Compressed captures: gzip, Zstandard and LZ4, told by their first bytes and unpacked while they are read."""

from __future__ import annotations

from typing import Any

_GZIP, _ZSTD, _LZ4 = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18"


#: Read at a time, so that little is lost where the data breaks off.
_PIECE = 1 << 16


def is_compressed(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is compressed in a way that is read."""
    return head.startswith((_GZIP, _ZSTD, _LZ4))


class Unpacked:
    """The bytes inside a compressed stream.

    Attributes:
        trouble: what is wrong with the compressed data; the bytes before it were given out.
    """

    def __init__(self, handle: Any, errors: tuple[type[Exception], ...]) -> None:
        self._handle = handle
        self._errors = errors
        self.trouble: str | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; empty at the end and where the data is damaged."""
        if self.trouble is not None:
            return b""
        try:
            return self._handle.read1(_PIECE if size < 0 else min(size, _PIECE)) or b""
        except self._errors as error:
            self.trouble = f"the compressed data is damaged or cut: {error}"
            return b""


def unpacked(head: bytes, handle: Any) -> Unpacked | None:
    """The bytes inside ``handle``, which begins with ``head``; None if it is not compressed."""
    if head.startswith(_GZIP):
        import gzip
        import zlib

        return Unpacked(gzip.GzipFile(fileobj=handle), (OSError, EOFError, zlib.error))
    if head.startswith(_ZSTD):
        import zstandard

        reader = zstandard.ZstdDecompressor().stream_reader(handle, read_across_frames=True)
        return Unpacked(reader, (zstandard.ZstdError, OSError))
    if head.startswith(_LZ4):
        import lz4.frame

        return Unpacked(lz4.frame.LZ4FrameFile(handle), (RuntimeError, EOFError, OSError))
    return None
