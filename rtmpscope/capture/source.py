"""Where the bytes of a capture come from: a file that is opened anew for each reading, or a stream."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from rtmpscope.capture.blocks import Readable
from rtmpscope.capture.errors import CaptureError

#: As many bytes as any format needs to be recognised and its file header to be read.
HEAD_BYTES = 64


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

    def open_at(self, position: int) -> AbstractContextManager[Readable]:
        """The bytes from ``position`` on, for the length of a ``with`` block."""


class FileSource:
    """A regular file, opened anew for each reading."""

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


class StreamSource:
    """A binary file object that the caller opened; position 0 is where it stands when handed over."""

    def __init__(self, handle: Any, name: str) -> None:
        self.name = name
        self.size: int | None = None
        self._handle = handle
        self._seekable = bool(getattr(handle, "seekable", bool)())
        self._base = handle.tell() if self._seekable else 0
        self.head = _read_head(handle, name)
        self._replayed = False

    @contextmanager
    def open_at(self, position: int) -> Iterator[Readable]:
        """The stream's bytes from ``position`` on; a pipe gives them once, from the start."""
        if self._seekable:
            self._handle.seek(self._base + position)
            yield self._handle
            return
        if self._replayed:
            raise CaptureError(
                self.name, None, "a pipe can be read only once", "save the capture to a file first"
            )
        self._replayed = True
        replay = _Replay(self.head, self._handle)
        _skip(replay, position)
        yield replay


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


def open_source(source: str | os.PathLike[str] | Readable) -> Source:
    """The bytes of ``source``: a path, or a binary file object.

    Raises:
        CaptureError: the path is missing, a directory or unreadable, or the object is not binary.
    """
    if not isinstance(source, str | os.PathLike):
        return StreamSource(source, _stream_name(source))
    path = Path(source)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise CaptureError(str(path), None, "is a directory", "name the capture files in it")
        if stat.S_ISREG(mode):
            return FileSource(path)
        return StreamSource(path.open("rb"), str(path))
    except (OSError, ValueError) as error:
        raise CaptureError(str(path), None, _os_reason(error), _os_remedy(error)) from error


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


def _skip(stream: Readable, count: int) -> None:
    while count > 0:
        piece = stream.read(min(count, 1 << 16))
        if not piece:
            return
        count -= len(piece)


def _os_reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def _os_remedy(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "check the name"
    return "check who may read it" if isinstance(error, PermissionError) else ""
