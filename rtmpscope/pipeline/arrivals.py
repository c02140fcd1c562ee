"""Which packet brought which byte: stream offsets of one direction back to frames and times.

The TCP layer hands over, for each piece of the stream, the segments that brought it, sorted by offset.
They are kept only as far back as an unfinished message reaches, so memory follows the messages in flight
and not the capture.

Order of arrival is that of packet numbers. Clocks may step back; numbers do not.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen, slotted
from rtmpscope.tcp import Piece

Ints = NDArray[np.int64]

#: So many pieces are put together into one block: arrays of one entry take many times what the entry does.
_BLOCK = 256


@frozen
class MessageArrivals:
    """When and in which packets messages arrived; arrays of one length, one entry per message.

    Attributes:
        frame: packet that brought the message's last-arriving byte; ``time`` is its time in ns.
        frame_start: packet of the message's first byte; ``time_start`` is its time in ns.
        first_frame: the earliest packet that holds any byte of the message.
        time_ready: time in ns at which all earlier bytes of the direction had arrived too.
    """

    frame: Ints
    time: Ints
    frame_start: Ints
    time_start: Ints
    first_frame: Ints
    time_ready: Ints


@slotted
class Arrivals:
    """The arrivals of one direction, as far back as they are still needed."""

    _pending: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)
    _blocks: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)
    _offset: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    _frame: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    _time: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    _ready_frame: int = -1
    _ready_time: int = 0

    def add(self, piece: Piece) -> None:
        """Remember the segments of the next piece of the stream."""
        self._pending.append((piece.seg_offset.copy(), piece.seg_frame.copy(), piece.seg_time.copy()))
        if len(self._pending) == _BLOCK:
            self._blocks.append(_joined(self._pending))
            self._pending = []

    @property
    def crowded(self) -> bool:
        """Whether more pieces have come since they were last looked at than are worth keeping unseen.

        At least as many as segments were kept then, so that looking at them costs the same per piece for ever.
        """
        return len(self._blocks) * _BLOCK > len(self._offset)

    def locate(self, start: Ints, end: Ints) -> MessageArrivals:
        """Arrivals of the messages whose bytes are ``start[i] … end[i] - 1`` (stream offsets)."""
        self._merge()
        first = np.maximum(np.searchsorted(self._offset, start, side="right") - 1, 0)
        last = np.maximum(np.searchsorted(self._offset, end, side="left") - 1, first)
        frame_start, time_start = self._frame[first], self._time[first]
        if (self._frame[1:] >= self._frame[:-1]).all():
            frame, time = self._frame[last], self._time[last]
            ready = np.where(frame > self._ready_frame, time, self._ready_time)
            return MessageArrivals(frame, time, frame_start, time_start, frame_start, ready)
        newest, oldest, ready = self._extremes(first, last)
        return MessageArrivals(
            frame=self._frame[newest],
            time=self._time[newest],
            frame_start=frame_start,
            time_start=time_start,
            first_frame=self._frame[oldest],
            time_ready=np.where(self._frame[ready] > self._ready_frame, self._time[ready], self._ready_time),
        )

    def forget(self, offset: int) -> None:
        """Drop what lies wholly before ``offset``: no unfinished message reaches back that far."""
        self._merge()
        keep = max(int(np.searchsorted(self._offset, offset, side="right")) - 1, 0)
        if keep == 0:
            return
        newest = int(self._frame[:keep].argmax())
        if self._frame[newest] > self._ready_frame:
            self._ready_frame, self._ready_time = int(self._frame[newest]), int(self._time[newest])
        self._offset, self._frame, self._time = self._offset[keep:], self._frame[keep:], self._time[keep:]

    def _merge(self) -> None:
        if not (self._pending or self._blocks):
            return
        kept = self._offset, self._frame, self._time
        self._offset, self._frame, self._time = _joined([kept, *self._blocks, *self._pending])
        self._blocks, self._pending = [], []

    def _extremes(self, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
        """Index of the newest and the oldest segment of each run ``first[i] … last[i]``, and of the newest up to it."""
        count = len(self._frame)
        shift = count.bit_length()
        ranked = (self._frame << shift) | np.arange(count)  # its index behind each frame, to be told with the extremes
        bounds = np.empty(2 * len(first), np.int64)
        bounds[::2], bounds[1::2] = first, last + 1
        runs = np.concatenate([ranked, ranked[-1:]])  # reduceat needs an index past the last run
        newest, oldest = np.maximum.reduceat(runs, bounds)[::2], np.minimum.reduceat(runs, bounds)[::2]
        ready = np.maximum.accumulate(ranked)[last]
        index = (1 << shift) - 1
        return newest & index, oldest & index, ready & index


def _joined(parts: list[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints]:
    """Offsets, frames and times of pieces, one after the other."""
    offset, frame, time = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return offset, frame, time
