"""One direction of a connection: bytes in order, and what is done about those that do not come.

In order is the rule, and costs one comparison per batch. Otherwise the segments of the batch and the ones
kept from before are sorted and cut into contiguous runs. Between two runs something is missing. It is
waited for as long as it may still come; a hole is declared when the receiver has acknowledged the bytes and
enough came after them, or when too much is waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.frozen import frozen, slotted
from rtmpscope.tcp.joining import Joiner
from rtmpscope.tcp.records import ConnectionRecord
from rtmpscope.tcp.runs import (
    AT,
    FRAME,
    OFFSET,
    SNAPPED,
    STOP,
    TIME,
    VIEW,
    WIDTH,
    Runs,
    no_rows,
    ordered,
    portions,
    trimmed,
)
from rtmpscope.tcp.types import Hole, Piece

Ints = NDArray[np.int64]

#: Patience with bytes that the receiver has acknowledged: the capture missed them, or they come very late.
ACKED_WAIT_NS = 1_000_000_000
ACKED_WAIT_SEGMENTS = 256
ACKED_WAIT_BYTES = 2 << 20
#: The same where no acknowledgement was ever seen: one direction only.
BLIND_WAIT_SEGMENTS = 1024
BLIND_WAIT_BYTES = 4 << 20
#: Nothing is waited for beyond this.
MOST_PENDING_BYTES = 16 << 20
MOST_PENDING_SEGMENTS = 16384
#: Farther ahead or back than this no segment can be meant.
FARTHEST = 1 << 30
_NOTHING = memoryview(b"")


@frozen
class Waiting:
    """Segments that wait for others to come before them, in order of arrival: offset, packet and time of each."""

    offset: Ints
    frame: Ints
    time_ns: Ints


@slotted
class Direction:
    """State of one direction.

    Attributes:
        record: the connection; ``side`` is the sender.
        joiner: puts segments together; directions share one, and its memory.
        next: offset of the next byte in order.
        acked: offset up to which the receiver acknowledged; -1 before it ever did.
        highest: end of the farthest segment seen.
        window_end: offset at which the receiver's window ends, as far as was seen; -1 where that is unknown.
        fin_offset: offset of the sender's FIN.
    """

    record: ConnectionRecord
    side: int
    joiner: Joiner = field(default_factory=Joiner)
    next: int = 0
    acked: int = -1
    highest: int = 0
    window_end: int = -1
    fin_offset: int | None = None
    _pending: Ints = field(default_factory=no_rows)
    _kept: bytes = b""

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait for others to come before them."""
        return len(self._kept)

    def has(self, offset: Ints) -> NDArray[np.bool_]:
        """Which bytes came before, and were handed on or wait for others to come before them."""
        found: NDArray[np.bool_] = offset < self.next
        if self._pending.shape[1]:
            place = np.searchsorted(self._pending[OFFSET], offset, side="right") - 1
            found |= (place >= 0) & (self._pending[STOP, place] > offset)
        return found

    def waiting(self) -> Waiting:
        """What waits for others to come before it."""
        rows = self._pending[:, np.argsort(self._pending[FRAME], kind="stable")]
        return Waiting(rows[OFFSET], rows[FRAME], rows[TIME])

    def offsets(self, seq: NDArray[np.uint32]) -> Ints:
        """Stream offsets of sequence numbers near the next byte."""
        base = self.record.base[self.side] or 0
        ahead = (seq - np.uint32((base + self.next) & 0xFFFFFFFF)).view(np.int32)
        return ahead + np.int64(self.next)

    def is_near(self, offset: Ints) -> NDArray[np.bool_]:
        """Which offsets can be meant: segments far outside any window are strays."""
        return np.abs(offset - self.next) < FARTHEST

    @property
    def is_level(self) -> bool:
        """Whether nothing waits, and nothing was seen beyond the next byte."""
        return not self._pending.shape[1] and self.highest <= self.next

    def note_fin(self, batch: SegmentBatch, row: int) -> None:
        """The sender's stream ends with this segment, if its sequence number can be meant."""
        base = self.record.base[self.side] or 0
        ahead = (int(batch.seq[row]) - base - self.next + (1 << 31)) % (1 << 32) - (1 << 31)
        ahead += int(batch.payload_length[row])
        if abs(ahead) < FARTHEST:
            self.fin_offset = self.next + ahead

    def in_order(self, data: bytes, segments: tuple[Ints, Ints, Ints], stop: int) -> Piece:
        """Take the next bytes; ``segments`` are the offset, frame and time of each that brought them."""
        piece = Piece(self.record.id, self.side, self.next, data, *segments)
        self._advance(stop)
        return piece

    def add(self, rows: Ints, buffer: memoryview) -> Iterator[Piece | Hole]:
        """Take new segments, in order of arrival; yield what is in order now."""
        if self._pending.shape[1] == 0 and self._is_in_order(rows):
            yield from self._pieces(rows, buffer)
            return
        # A keep-alive repeats the byte before the next one (RFC 1122, 4.2.3.6).
        before = self._pending[STOP].max(initial=self.next)
        reached = np.maximum.accumulate(np.concatenate([[before], rows[STOP]]))[:-1]
        keep_alive = (rows[STOP] - rows[OFFSET] <= 1) & (rows[STOP] == reached) & (rows[SNAPPED] == 0)
        # What lies before the stream's first byte arrived too late to be part of it.
        rows = trimmed(rows[:, ~keep_alive] if keep_alive.any() else rows, 0)
        sent = int((rows[STOP] - rows[OFFSET]).sum())
        now = int(rows[TIME].max()) if rows.shape[1] else 0
        covered = int((self._pending[STOP] - self._pending[OFFSET]).sum())
        waiting = ordered(np.concatenate([self._pending, trimmed(rows, self.next)], axis=1))
        fresh = int((waiting[STOP] - waiting[OFFSET]).sum()) - covered
        self.record.retransmitted_bytes[self.side] += max(sent - fresh, 0)
        yield from self._release(waiting, buffer, now)

    def flush(self) -> Iterator[Piece | Hole]:
        """Nothing more comes: declare what is missing, and yield what waited for it."""
        waiting, kept = self._pending, memoryview(self._kept)
        self._pending = no_rows()
        runs = Runs.of(waiting)
        for begin, end in runs.bounds:
            yield from self._run(waiting[:, begin:end], _NOTHING, kept)
        self._kept = b""
        end = self._end()
        if end > self.next:
            mark = self.record.fin[self.side] or self.record.last
            tail = np.zeros(WIDTH, np.int64)
            tail[FRAME], tail[TIME] = mark.frame, mark.time_ns
            yield self._hole(end, "lost", tail)

    def _end(self) -> int:
        """Where the stream ends: at FIN, or else as far as the receiver acknowledged it."""
        if self.fin_offset is not None:
            return self.fin_offset
        # One number more may be a FIN that was not captured.
        return self.acked if self.acked > self.next + 1 else self.next

    def _is_in_order(self, rows: Ints) -> bool:
        return bool(
            rows.shape[1]
            and rows[OFFSET, 0] == self.next
            and not rows[SNAPPED].any()
            and (rows[OFFSET, 1:] == rows[STOP, :-1]).all()
        )

    def _release(self, waiting: Ints, buffer: memoryview, now: int) -> Iterator[Piece | Hole]:
        """Yield contiguous runs; over holes that are given up on; keep the rest."""
        kept = memoryview(self._kept)
        runs = Runs.of(waiting)
        done = 0
        for place, (begin, end) in enumerate(runs.bounds):
            if waiting[OFFSET, begin] > self.next and not self._gives_up(runs, place, now):
                break
            yield from self._run(waiting[:, begin:end], buffer, kept)
            done = end
        self._keep(waiting[:, done:], buffer, kept)

    def _run(self, run: Ints, buffer: memoryview, kept: memoryview) -> Iterator[Piece | Hole]:
        """Yield a contiguous run, and the hole before it."""
        if run[OFFSET, 0] > self.next:
            yield self._hole(int(run[OFFSET, 0]), "lost", run[:, 0])
        if run[SNAPPED, 0]:
            yield self._hole(int(run[STOP, -1]), "snapped", run[:, 0])
        else:
            yield from self._pieces(run, buffer, kept)

    def _gives_up(self, runs: Runs, place: int, now: int) -> bool:
        """Whether the bytes before a run are believed to be missing for good."""
        size, count = runs.bytes_from[place], runs.segments_from[place]
        if size > MOST_PENDING_BYTES or count > MOST_PENDING_SEGMENTS:
            return True
        if self.acked < 0:
            return count >= BLIND_WAIT_SEGMENTS or size >= BLIND_WAIT_BYTES
        if self.acked < runs.offset[place]:
            return False
        waited = now - runs.earliest_from[place]
        return waited >= ACKED_WAIT_NS or count >= ACKED_WAIT_SEGMENTS or size >= ACKED_WAIT_BYTES

    def _pieces(self, run: Ints, buffer: memoryview, kept: memoryview = _NOTHING) -> Iterator[Piece]:
        for first, stop in portions(run[OFFSET], int(run[STOP, -1])):
            part = run[:, first:stop]
            data = self.joiner.join(part, (buffer, kept))
            yield self.in_order(data, (part[OFFSET], part[FRAME], part[TIME]), int(part[STOP, -1]))

    def _hole(self, stop: int, reason: Literal["lost", "snapped"], after: Ints) -> Hole:
        length = stop - self.next
        acked = self.acked >= stop
        packet = int(after[FRAME]), int(after[TIME])
        hole = Hole(self.record.id, self.side, self.next, length, reason, acked, *packet)
        self.record.missing_bytes[self.side] += length
        self._advance(stop)
        return hole

    def _advance(self, offset: int) -> None:
        self.next = offset
        self.record.bytes[self.side] = offset

    def _keep(self, waiting: Ints, buffer: memoryview, kept: memoryview) -> None:
        """Copy what has to wait: the batch's buffer is about to be reused."""
        if not waiting.shape[1]:
            self._pending, self._kept = no_rows(), b""
            return
        views = (buffer, kept)
        sizes = np.where(waiting[SNAPPED] != 0, 0, waiting[STOP] - waiting[OFFSET])
        parts = zip(waiting[VIEW].tolist(), waiting[AT].tolist(), sizes.tolist(), strict=True)
        self._kept = b"".join([views[view][at : at + size] for view, at, size in parts])
        self._pending = waiting.copy()
        self._pending[VIEW] = 1
        self._pending[AT] = np.cumsum(sizes) - sizes
