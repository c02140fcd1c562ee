"""Which packet of which file a packet of a merged capture is: a byte or two for each, where files overlap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints
from rtmpscope.frozen import frozen


@frozen
class _Batch:
    """A batch of packets: the file of each, or the one file of all, and where each file stood."""

    first: int
    count: int
    files: NDArray[Any]
    first_frames: Mapping[int, int]

    def origins(self) -> tuple[Ints, Ints]:
        """File, and number within it, of each packet."""
        files = np.broadcast_to(self.files, self.count).astype(np.int64)
        frames = np.empty(self.count, np.int64)
        for file, frame in self.first_frames.items():
            mine = np.flatnonzero(files == file)
            frames[mine] = np.arange(frame, frame + len(mine))
        return files, frames


class Origins:
    """The origins of a merged capture's packets, which are numbered from 1 on."""

    def __init__(self) -> None:
        self._batches: list[_Batch] = []
        self._firsts: list[int] = []

    def note(self, first: int, count: int, files: Ints, first_frames: Mapping[int, int]) -> None:
        """Take in a batch of ``count`` packets that begins with packet ``first``, unless it is known.

        Args:
            files: index of the file of each packet; one number where all are of one file.
            first_frames: file → number, within it, of its first packet in the batch.
        """
        if not self._firsts or first > self._firsts[-1]:
            few = files.astype(np.min_scalar_type(int(files.max())))
            self._batches.append(_Batch(first, count, few, first_frames))
            self._firsts.append(first)

    def of(self, packets: NDArray[Any]) -> tuple[Ints, Ints]:
        """Index of the file, and number within it, of packets."""
        packets = packets.astype(np.int64)
        files, frames = np.zeros_like(packets), np.zeros_like(packets)
        if not len(packets):
            return files, frames
        which = np.searchsorted(self._firsts, packets, side="right") - 1
        order = np.argsort(which, kind="stable")
        numbers, begins = np.unique(which[order], return_index=True)
        for number, rows in zip(numbers.tolist(), np.split(order, begins[1:]), strict=True):
            batch = self._batches[number]
            file, frame = batch.origins()
            inside = packets[rows] - batch.first
            files[rows], frames[rows] = file[inside], frame[inside]
        return files, frames

    def count(self, file: int) -> int:
        """How many packets are of a file."""
        last = next((one for one in reversed(self._batches) if file in one.first_frames), None)
        if last is None:
            return 0
        return last.first_frames[file] - 1 + int((last.origins()[0] == file).sum())

    def packet(self, file: int, frame: int) -> int | None:
        """The number of packet ``frame`` of a file; None if the file holds none of that number."""
        known = (one for one in reversed(self._batches) if one.first_frames.get(file, frame + 1) <= frame)
        batch = next(known, None)
        if batch is None:
            return None
        files, frames = batch.origins()
        found = np.flatnonzero((files == file) & (frames == frame))
        return batch.first + int(found[0]) if len(found) else None
