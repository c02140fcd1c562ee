"""Output files: whole under their final name or not there at all, and nothing overwritten unasked."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rtmpscope.errors import RtmpscopeError


def spare_inputs(output: Path | None, inputs: Iterable[str | None]) -> None:
    """Refuse to write over what is read, ``--force`` or not; ``-`` is standard input, None is left out.

    Raises:
        RtmpscopeError: ``output`` is one of the inputs, or a folder with one of them in it.
    """
    if output is None or not output.exists():
        return
    for name in inputs:
        if name is not None and any(_holds(output, one) for one in _files_of(name)):
            raise RtmpscopeError(f"{output}: would overwrite {name}, which is read; name another output")


def _files_of(name: str) -> list[str | int]:
    if name == "-":
        return [0]  # a file may have been redirected to standard input
    return [name] if Path(name).exists() else [*glob.glob(name)]  # noqa: PTH207  (the pattern may be absolute)


def _holds(output: Path, file: str | int) -> bool:
    try:
        same = os.path.samestat(output.stat(), os.stat(file))  # noqa: PTH116  (it may be a descriptor)
    except OSError:
        return False  # what cannot be read is refused when it is opened
    return same or (isinstance(file, str) and output.resolve() in Path(file).resolve().parents)


@contextmanager
def written_whole(path: Path, *, force: bool) -> Iterator[Path]:
    """A path beside ``path`` to write to; renamed into place at the end, removed if anything fails.

    Raises:
        RtmpscopeError: ``path`` is there and ``force`` is not given, or is no file, or its folder is missing.
    """
    if path.exists() and not path.is_file():
        raise RtmpscopeError(f"{path}: is a folder or device; name a file")
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
