"""Audio and video messages of one direction, with what was lost before each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.estimates.steady import Steady, as_it_is
from rtmpscope.pipeline.growing import Columns

Ints = NDArray[np.int64]

MEDIA_TYPES = (8, 9)
#: Bytes of the smallest message.
SMALLEST = 9


@frozen
class MediaRows:
    """Messages in the order of their offsets; arrays of one length.

    Attributes:
        row: their place among all messages.
        offset, fmt, timestamp (ms), exact: as in the messages.
        clock: when the first byte arrived, on a steady clock, ms.
        channel: a dense number of the chunk stream.
        kind: a dense number of the message type on its chunk stream.
        gap: gaps in the direction so far; messages with the same number have no lost ones between them.
        lost: bytes of lost messages so far.
        size: bytes with the header.
    """

    row: Ints
    offset: Ints
    fmt: Ints
    timestamp: Ints
    exact: NDArray[np.bool_]
    clock: Ints
    channel: Ints
    kind: Ints
    gap: Ints
    lost: Ints
    size: Ints

    def __len__(self) -> int:
        return len(self.row)

    def starts(self) -> Ints:
        """Where stretches begin: after a gap, and where a chunk stream's timestamps begin to be exact.

        Where they cease to be, deltas go on from what was exact.
        """
        begins = np.diff(self.gap, prepend=-1) != 0
        for channel in range(int(self.channel.max()) + 1):
            own = np.flatnonzero(self.channel == channel)
            turns = self.exact[own][1:] & ~self.exact[own][:-1] & (np.diff(self.gap[own]) == 0)
            begins[own[1:][turns]] = True
        return np.flatnonzero(begins)


def media_rows(messages: Columns, rows: Ints, steady: Steady = as_it_is) -> MediaRows:
    """Audio and video of the ``rows`` of one direction, which are in order of offset."""
    offset, end = _ints(messages, "offset", rows), _ints(messages, "end", rows)
    length, header = _ints(messages, "length", rows), _ints(messages, "header_bytes", rows)
    type_id = _ints(messages, "type_id", rows)
    uncovered = _uncovered(offset, end)
    # The rest of a message that ends in a hole is no lost message, nor are the headers of its chunks.
    rest = np.maximum(length - (end - offset - header), 0)
    whole = end + rest + rest * (_ints(messages, "chunk_count", rows) - 1) // np.maximum(end - offset, 1)
    lost = np.where(uncovered > 0, np.maximum(_uncovered(offset, whole), 0), 0)
    gaps = lost >= SMALLEST
    media = np.flatnonzero(np.isin(type_id, MEDIA_TYPES))
    rows = rows[media]
    channel = np.unique(messages["csid"][rows], return_inverse=True)[1]
    return MediaRows(
        row=rows,
        offset=offset[media],
        fmt=_ints(messages, "fmt", rows),
        timestamp=_ints(messages, "timestamp", rows),
        exact=messages["timestamp_exact"][rows],
        clock=steady(_ints(messages, "frame_start", rows), _ints(messages, "time_start", rows)) // 1_000_000,
        channel=channel,
        kind=np.unique(2 * channel + type_id[media] % 2, return_inverse=True)[1],
        gap=np.cumsum(gaps.astype(np.int64))[media],
        lost=np.cumsum(lost)[media],
        size=(length + header)[media],
    )


def _ints(messages: Columns, name: str, rows: Ints) -> Ints:
    return messages[name][rows].astype(np.int64)


def _uncovered(offset: Ints, end: Ints) -> Ints:
    """Bytes before each message that no earlier one reaches."""
    before = np.maximum.accumulate(end)[:-1]
    return np.concatenate([np.zeros(min(len(offset), 1), np.int64), offset[1:] - before])
