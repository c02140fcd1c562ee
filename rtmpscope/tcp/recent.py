"""The latest segments of all directions, kept when their batch goes, for the next ones to be compared with.

Where a capture is cut into batches is chance, and must not decide what is a copy, or what was sent again. Only what
came just before can matter, so that few are kept: a moment's, and of a crowded moment the latest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.tcp.grouping import RST
from rtmpscope.tcp.groups import SortedBatch
from rtmpscope.tcp.headers import ip_ids

Ints = NDArray[np.int64]

#: How long segments are kept, how many at most, and how many however old they are: packets that came late to the
#: capture may carry the time at which they were due.
KEPT_NS = 4_000_000
MOST_KEPT, LEAST_KEPT = 4096, 256


@frozen
class Recent:
    """Segments without RST, by direction and in order of arrival; columns of one length.

    Attributes:
        number: the direction: twice the connection's number, plus the sending side.
        frame, time_ns: their packets.
        seq, ack, length: sequence and acknowledgement number, and payload bytes.
        ident: IPv4 identification; -1 where there is none.
    """

    number: Ints
    frame: Ints
    time_ns: Ints
    seq: Ints
    ack: Ints
    length: Ints
    ident: Ints

    @classmethod
    def none(cls) -> Recent:
        """No segments."""
        return cls(*np.empty((7, 0), np.int64))

    def of(self, number: int) -> Recent:
        """Those of one direction."""
        first, stop = np.searchsorted(self.number, (number, number + 1))
        return Recent(*(column[first:stop] for column in self._columns()))

    def with_data(self) -> Recent:
        """Those with payload."""
        return self._take(np.flatnonzero(self.length))

    def followed_by(self, batch: SortedBatch) -> Recent:
        """The latest of these and of a batch's."""
        segments = batch.segments
        rows = np.flatnonzero(batch.place >= len(batch.place) - MOST_KEPT)  # fewer to look at, the others are too old
        rows = rows[_latest(segments.frame[rows], segments.time_ns[rows], segments.time_ns.max())]
        rows = rows[(segments.flags[rows] & RST) == 0]
        columns = (segments.frame, segments.time_ns, segments.seq, segments.ack, segments.payload_length)
        values = [column[rows].astype(np.int64) for column in columns]
        came = Recent(*[batch.spread(batch.number)[rows], *values, ip_ids(segments, rows)])
        pairs = zip(self._columns(), came._columns(), strict=True)
        both = Recent(*(np.concatenate(pair) for pair in pairs))
        if not len(both.frame):
            return both
        kept = _latest(both.frame, both.time_ns, both.time_ns.max())
        return both._take(kept[np.argsort(both.number[kept], kind="stable")])

    def _take(self, rows: Ints) -> Recent:
        return Recent(*(column[rows] for column in self._columns()))

    def _columns(self) -> tuple[Ints, ...]:
        return self.number, self.frame, self.time_ns, self.seq, self.ack, self.length, self.ident


def _latest(frame: Ints, time_ns: Ints, now: np.int64) -> Ints:
    """Which segments are kept, ascending, at a time ``now``."""
    places = len(frame) - min(LEAST_KEPT, len(frame)), len(frame) - min(MOST_KEPT, len(frame))
    least, most = np.partition(frame, places)[[*places]]
    return np.flatnonzero(((time_ns >= now - KEPT_NS) | (frame >= least)) & (frame >= most))
