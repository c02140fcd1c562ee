"""From the files that a caller names to the one capture that is read, and from its packets back to the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import Capture, MergedCapture, NoPacketsError, open_capture
from rtmpscope.frozen import frozen

Source = str | BinaryIO
Ints = NDArray[np.int64]

#: Bytes read of a file to see when it begins.
_GLANCE = 1 << 16


@frozen
class Inputs:
    """The files of a capture, and what is read: their packets by time.

    Attributes:
        files: the files in order of their first packets; their names differ.
        capture: the one file, or all of them as one; its packets are numbered from 1 on.
        empty: names of files that cannot be opened as captures because nothing is in them.
    """

    files: Sequence[Capture]
    capture: Capture | MergedCapture
    empty: Sequence[str] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files."""
        return tuple(file.name for file in self.files)

    @property
    def is_one(self) -> bool:
        """Whether there is but one file, so that the number of a packet says enough."""
        return len(self.files) == 1

    def short(self, name: str) -> str:
        """The name of a file without its folder, where it is the only one of that name."""
        last = PurePath(name).name
        return last if sum(PurePath(one).name == last for one in self.names) == 1 else name

    @property
    def without_packets(self) -> tuple[str, ...]:
        """Names of those that hold no packet, once all have been read."""
        return (*self.empty, *(file.name for file in self.files if not file.checkpoints))

    def packets(self, numbers: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Index of the file, and number within it, of packets of the capture."""
        if isinstance(self.capture, MergedCapture):
            return self.capture.origins.of(numbers)
        return np.zeros(len(numbers), np.int16), numbers

    def named(self, numbers: NDArray[Any] | Sequence[int]) -> list[tuple[str, int]]:
        """Name of the file, and number within it, of packets of the capture."""
        files, frames = self.packets(np.asarray(numbers, np.int64))
        return [(self.files[file].name, frame) for file, frame in zip(files.tolist(), frames.tolist(), strict=True)]

    def packet(self, number: int) -> tuple[str, int]:
        """The same of one packet."""
        return self.named([number])[0]

    def number(self, file: int, frame: int) -> int | None:
        """The number in the capture of packet ``frame`` of a file; None if it holds none of that number."""
        if isinstance(self.capture, MergedCapture):
            return self.capture.origins.packet(file, frame)
        return frame if file == 0 else None


def open_inputs(sources: Sequence[Source]) -> Inputs:
    """Open files as one capture; of several, those that nothing has been written to are left out.

    Raises:
        CaptureError: a file cannot be read as a capture, or all are empty.
    """
    if len(sources) == 1:
        capture = open_capture(sources[0])
        return Inputs([capture], capture)
    opened: list[tuple[Source, Capture]] = []
    empty: list[NoPacketsError] = []
    for source in sources:
        try:
            opened.append((source, open_capture(source)))
        except NoPacketsError as error:
            empty.append(error)
    if not opened:
        raise empty[0]
    begins = [_first_time(source, capture) for source, capture in opened]
    order = _by_time(begins)
    files = [opened[index][1] for index in order]
    _name_apart(files)
    for place, file in enumerate(files):
        file.file = place
    merged = MergedCapture(files, [begins[index] for index in order])
    return Inputs(files, merged, [error.path for error in empty])


def _first_time(source: Source, capture: Capture) -> int | None:
    """When the first packet came; a pipe is read once only, so its reading goes on from there."""
    if isinstance(source, str) and Path(source).is_file():
        return open_capture(source, block_bytes=_GLANCE).first_time()
    return capture.first_time()


def _by_time(times: Iterable[int | None]) -> list[int]:
    """The order by time; what has none keeps its place."""
    latest, keys = -(1 << 63), []
    for time in times:
        latest = latest if time is None else time
        keys.append(latest)
    return sorted(range(len(keys)), key=keys.__getitem__)


def _name_apart(files: Iterable[Capture]) -> None:
    """Number what has the same name as another."""
    seen: set[str] = set()
    for file in files:
        name, number = file.name, 1
        while name in seen:
            number += 1
            name = f"{file.name} ({number})"
        file.name = name
        seen.add(name)
