"""Several captures as one, packet by packet in order of time.

The packets of each file keep their order; of the packets that are next in their files, the earliest comes first.
Of files that do not overlap in time, such as a rotated set, blocks are handed on as they were read. A file is open
only while its turn is.

The packets are numbered from 1 on in the order in which they come; what number a packet has in its own file is
remembered (origins.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rtmpscope.capture.batch import Ints, Octets, PacketBatch
from rtmpscope.capture.blocks import BLOCK_BYTES
from rtmpscope.capture.origins import Origins
from rtmpscope.capture.reader import Capture, Checkpoint
from rtmpscope.frozen import frozen

#: What files that are open together read at a time, at least.
_LEAST_BLOCK = 1 << 20
#: Bytes behind the packets, so that header views may reach past the last one.
_SLACK = 64


@frozen
class MemberPoint:
    """A place in a file: before row ``row`` of the batch that begins at ``point``; None before its first packet."""

    file: int
    point: Checkpoint | None
    row: int


@frozen
class MergedPoint:
    """A place in a merged capture where reading can begin again.

    Attributes:
        first_frame: number of the next packet.
        open: the files that are being read, and where.
        latest: time of the latest packet so far in each of them, in ns.
        begun: how many files have been begun.
    """

    first_frame: int
    open: tuple[MemberPoint, ...]
    latest: tuple[int, ...]
    begun: int


class MergedCapture:
    """Captures that are read as one; used as a :class:`~rtmpscope.capture.reader.Capture` is.

    Args:
        captures: the files; each has its place among them as ``file``.
        times: when the first packet of each came, in ns; None for files that hold none.

    Attributes:
        checkpoints: one per batch; filled by the first reading.
        origins: which packet of which file each packet is; filled by the first reading.
    """

    def __init__(self, captures: Sequence[Capture], times: Sequence[int | None]) -> None:
        self.checkpoints: list[MergedPoint] = []
        self.origins = Origins()
        self._captures = captures
        begins = [(time, capture.file) for capture, time in zip(captures, times, strict=True) if time is not None]
        self._begins = sorted(begins)

    def batches(self, start: MergedPoint | None = None) -> Iterator[PacketBatch]:
        """The packets, batch by batch, from ``start`` or the first on; as ``Capture.batches`` has it otherwise."""
        point = start or MergedPoint(1, (), (), 0)
        members = [_Member.at(self._captures, *one) for one in zip(point.open, point.latest, strict=True)]
        begun, frame = point.begun, point.first_frame
        while True:
            members = [one for one in members if one.fill()]
            while begun < len(self._begins) and self._begins[begun][0] <= _known_until(members):
                member = _Member(self._captures[self._begins[begun][1]], block_bytes=BLOCK_BYTES // (len(members) + 1))
                members += [member] if member.fill() else []
                begun += 1
            if not members:
                return
            here = MergedPoint(frame, tuple(m.point for m in members), tuple(m.before for m in members), begun)
            batch = self._next(members, frame)
            if not self.checkpoints or frame > self.checkpoints[-1].first_frame:
                self.checkpoints.append(here)
            yield batch
            frame += len(batch)

    def batches_from(self, block: int) -> Iterator[PacketBatch]:
        """The packets from one of ``checkpoints`` on, given by its place among them."""
        return self.batches(self.checkpoints[block])

    def _next(self, members: list[_Member], frame: int) -> PacketBatch:
        """The packets up to where all open files are known; their origins are noted."""
        until = _known_until(members)
        parts = [member.take(until) for member in members]
        merged = _Merge([part for part in parts if len(part.batch)])
        self.origins.note(frame, len(merged.batch), merged.files, merged.first_frames)
        return replace(merged.batch, file=0, first_frame=frame)


def _known_until(members: Sequence[_Member]) -> int:
    """The time up to which every packet of the open files is at hand; no bound without any."""
    return min((int(member.keys[-1]) for member in members), default=1 << 63)


@frozen
class _Part:
    """The next packets of one file, and the times by which they are ordered among those of others."""

    batch: PacketBatch
    keys: Ints


class _Member:
    """One of the files, with the batch that is at hand.

    Attributes:
        keys: for each packet at hand, the latest time in the file up to it: so packets keep their order.
        before: the same before the next packet.
    """

    def __init__(self, capture: Capture, *, block_bytes: int = 0, start: MemberPoint | None = None) -> None:
        if block_bytes:
            capture.limit_blocks(max(block_bytes, _LEAST_BLOCK))
        self._capture = capture
        self._batches = capture.batches(None if start is None else start.point)
        self._batch: PacketBatch | None = None
        self._row = 0
        self._skip = 0 if start is None else start.row
        self.before = -(1 << 63)
        self.keys = np.empty(0, np.int64)

    @classmethod
    def at(cls, captures: Sequence[Capture], point: MemberPoint, latest: int) -> _Member:
        """A file from a place on."""
        member = cls(captures[point.file], start=point)
        member.before = latest
        return member

    @property
    def point(self) -> MemberPoint:
        """The place before the next packet."""
        assert self._batch is not None
        return MemberPoint(self._capture.file, self._capture.checkpoint_of(self._batch.first_frame), self._row)

    def fill(self) -> bool:
        """Have packets at hand; False where there are no more."""
        while self._batch is None or self._row == len(self._batch):
            batch = next(self._batches, None)
            if batch is None:
                return False
            self._batch = replace(batch, file=self._capture.file)
            self._row, self._skip = min(self._skip, len(self._batch)), 0
            keys = np.maximum.accumulate(self._batch.time_ns[self._row :])
            self.keys = np.maximum(keys, self.before)
        return True

    def take(self, until: int) -> _Part:
        """The packets at hand up to a time."""
        assert self._batch is not None
        count = int(np.searchsorted(self.keys, until, side="right"))
        part = _Part(_rows(self._batch, self._row, self._row + count), self.keys[:count])
        if count:
            self.before = int(self.keys[count - 1])
        self._row, self.keys = self._row + count, self.keys[count:]
        return part


def _rows(batch: PacketBatch, begin: int, end: int) -> PacketBatch:
    """Some packets of a batch."""
    if begin == 0 and end == len(batch):
        return batch
    return replace(batch.take(slice(begin, end)), first_frame=batch.first_frame + begin)


class _Merge:
    """Packets of several files as one batch.

    Attributes:
        batch: the packets in order; the buffer is their own unless they are of one file.
        files: index of the file of each packet; one number where all are of one file.
        first_frames: file → number, within it, of its first packet here.
    """

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.first_frames = {part.batch.file: part.batch.first_frame for part in parts}
        batches = [part.batch for part in parts]
        if len(parts) == 1:
            self.batch = batches[0]
            self.files: Ints = np.full(1, self.batch.file)
            return
        order = np.argsort(np.concatenate([part.keys for part in parts]), kind="stable")
        self.files = np.concatenate([np.full(len(one), one.file) for one in batches])[order]
        buffer, starts = _gathered(batches)
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(one, name) for one in batches])[order]
            for name in ("captured", "wire", "time_ns", "linktype")
        }
        self.batch = replace(batches[0], buffer=buffer, start=starts[order], **columns)


def _gathered(batches: Sequence[PacketBatch]) -> tuple[Octets, Ints]:
    """The bytes of all batches in one buffer, and where their packets begin in it."""
    spans = [(int(one.start[0]), int(one.start[-1] + one.captured[-1])) for one in batches]
    buffer = np.zeros(sum(stop - begin for begin, stop in spans) + _SLACK, np.uint8)
    place, starts = 0, []
    for batch, (begin, stop) in zip(batches, spans, strict=True):
        buffer[place : place + stop - begin] = batch.buffer[begin:stop]
        starts.append(batch.start + (place - begin))
        place += stop - begin
    return buffer, np.concatenate(starts)
