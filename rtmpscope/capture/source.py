"""Where the bytes of a capture come from: a file that is opened anew for each reading, or a stream."""

from __future__ import annotations

import errno
import io
import os
import stat
import weakref
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from rtmpscope.capture.blocks import Readable
from rtmpscope.capture.errors import CaptureError
from rtmpscope.capture.unpack import is_compressed, unpacked

#: As many bytes as any format needs to be recognised and its file header to be read.
HEAD_BYTES = 512


class Source(Protocol):
    """One capture's bytes.

    Attributes:
        name: what to call it in messages.
        head: its first bytes, up to ``HEAD_BYTES``.
        size: number of bytes, ``None`` where only reading tells.
    """

    name: str
    head: bytes
    size: int | None

    @property
    def trouble(self) -> str | None:
        """What broke the bytes off before their end, as far as was read; None if nothing did."""

    def open_at(self, position: int) -> AbstractContextManager[Readable]:
        """The bytes from ``position`` on, for the length of a ``with`` block."""


class FileSource:
    """A regular file, opened anew for each reading."""

    trouble = None

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self.size: int | None = path.stat().st_size
        with path.open("rb") as handle:
            self.head = handle.read(HEAD_BYTES)

    @contextmanager
    def open_at(self, position: int) -> Iterator[Readable]:
        """The file's bytes from ``position`` on."""
        with self._path.open("rb", buffering=0) as handle:
            handle.seek(position)
            yield handle


class SeekableSource:
    """A binary file object that can seek; position 0 is where it stands when handed over."""

    trouble = None

    def __init__(self, handle: Any, name: str) -> None:
        self.name = name
        self._handle = handle
        self._base = handle.tell()
        self.head = _read_head(handle, name)
        end = handle.seek(0, io.SEEK_END)
        self.size: int | None = end - self._base if isinstance(end, int) else None
        handle.seek(self._base)

    @contextmanager
    def open_at(self, position: int) -> Iterator[Readable]:
        """The object itself, moved to ``position``."""
        if getattr(self._handle, "closed", False):
            raise CaptureError(self.name, None, "has been closed", "keep the file object open")
        self._handle.seek(self._base + position)
        yield self._handle


class PipeSource:
    """A binary stream that gives its bytes once; they are spilled to a temporary file for later readings.

    Attributes:
        trouble: what broke the stream off, None if nothing did.
    """

    def __init__(self, handle: Any, name: str, *, owned: bool = False) -> None:
        self.name = name
        self.size: int | None = None
        self._spill: IO[bytes] | None = None
        if owned:
            weakref.finalize(self, handle.close)
        first = _read_head(handle, name)
        inside = unpacked(first, _Replay(first, handle))
        self._inside = inside
        self.head = first if inside is None else _read_head(inside, name)
        if inside is not None and not self.head:
            reason = inside.trouble or "is compressed, and nothing is inside"
            raise CaptureError(name, 0, reason, "compress the capture again")
        self._rest = _Replay(self.head, handle if inside is None else inside)

    @property
    def trouble(self) -> str | None:
        """What is wrong with the compressed data, if it is compressed and anything is."""
        return None if self._inside is None else self._inside.trouble

    @contextmanager
    def open_at(self, position: int) -> Iterator[Readable]:
        """The bytes from ``position`` on: the stream's own the first time, then those of the temporary file."""
        if self._spill is not None:
            self._spill.seek(position)
            yield self._spill
            return
        import tempfile

        self._spill = tempfile.TemporaryFile(prefix="rtmpscope-")  # noqa: SIM115  (lives as long as the source)
        weakref.finalize(self, self._spill.close)
        spilling = _Spilling(self._rest, self._spill)
        spilling.read(position)
        yield spilling


class _Replay:
    """A stream whose first bytes have been read already."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1, /) -> bytes | None:
        """Up to ``size`` bytes."""
        if not self._head:
            return self._rest.read(size)
        piece, self._head = self._head[:size], self._head[size:]
        return piece


class _Spilling:
    """A stream that writes what is read of it to a file."""

    def __init__(self, stream: Readable, spill: IO[bytes]) -> None:
        self._stream = stream
        self._spill = spill

    def read(self, size: int = -1, /) -> bytes | None:
        """Up to ``size`` bytes."""
        piece = self._stream.read(size)
        if piece:
            self._spill.write(piece)
        return piece


def open_source(source: str | os.PathLike[str] | Readable) -> Source:
    """The bytes of ``source``: a path, or a binary file object.

    Raises:
        CaptureError: the path is missing, a directory or unreadable, or the object is closed or not binary.
    """
    is_path = isinstance(source, str | os.PathLike)
    name = str(source) if is_path else _stream_name(source)
    try:
        return _open_path(source, name) if is_path else _open_stream(source, name)
    except (OSError, ValueError) as error:
        raise CaptureError(name, None, _os_reason(error), _os_remedy(error)) from error


def _open_path(source: Any, name: str) -> Source:
    path = Path(source)
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise CaptureError(name, None, "is a directory", "name the capture files in it")
    if stat.S_ISREG(mode):
        plain = FileSource(path)
        return PipeSource(path.open("rb"), name, owned=True) if is_compressed(plain.head) else plain
    return PipeSource(path.open("rb"), name, owned=True)


def _open_stream(handle: Any, name: str) -> Source:
    if not hasattr(handle, "read"):
        several = "; give several captures as several arguments" if isinstance(handle, Iterable) else ""
        raise TypeError(f"a path or a binary file object is needed, not {type(handle).__name__}{several}")
    if hasattr(handle, "seekable") and handle.seekable():
        plain = SeekableSource(handle, name)
        return PipeSource(handle, name) if is_compressed(plain.head) else plain
    return PipeSource(handle, name)


def _stream_name(stream: object) -> str:
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) else "<stream>"


def _read_head(handle: Any, name: str) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES:
        piece = handle.read(HEAD_BYTES - len(head))
        if isinstance(piece, str):
            raise CaptureError(name, None, "is open as text", "open it in binary mode")
        if not piece:
            break
        head += piece
    return head


def _os_reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def _os_remedy(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "check the name"
    if isinstance(error, OSError) and error.errno == errno.EMFILE:
        return "allow more (ulimit -n 4096), or decompress the files first"
    return "check who may read it" if isinstance(error, PermissionError) else ""
