"""Output files: whole under their final name or not there at all, and nothing overwritten unasked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rtmpscope.errors import RtmpscopeError


@contextmanager
def written_whole(path: Path, *, force: bool) -> Iterator[Path]:
    """A path beside ``path`` to write to; renamed into place at the end, removed if anything fails.

    Raises:
        RtmpscopeError: ``path`` is there and ``force`` is not given, or its folder is missing.
    """
    if path.exists() and not force:
        raise RtmpscopeError(f"{path}: is there already; --force overwrites it")
    if not path.parent.is_dir():
        raise RtmpscopeError(f"{path}: the folder {path.parent} does not exist; create it first")
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
