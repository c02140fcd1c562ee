"""Segments of one direction as rows that can be sorted, trimmed and cut into runs.

One row is one stretch of stream bytes that a packet brought: its offsets, where its bytes lie (in the
batch's buffer or in a copy kept from earlier batches), and the packet. A packet that was stored in part
gives two rows: the bytes that are there, and a stretch known to be missing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen

Ints = NDArray[np.int64]

OFFSET, STOP, AT, VIEW, FRAME, TIME, SNAPPED = range(7)
WIDTH = 7

#: So many bytes are joined at a time: they are decoded while they are in the processor's cache, and the next ones
#: take their memory.
BYTES_AT_ONCE = 4 << 20


@frozen
class Runs:
    """Where ordered rows fall into contiguous runs, and what waits from each run on.

    Attributes:
        bounds: first row and row after the last, of each run.
        offset: stream offset of each run.
        bytes_from, segments_from, earliest_from: length, number, and earliest time in ns of all rows from the
            run's first on.
    """

    bounds: list[tuple[int, int]]
    offset: list[int]
    bytes_from: list[int]
    segments_from: list[int]
    earliest_from: list[int]

    @classmethod
    def of(cls, rows: Ints) -> Runs:
        """The runs of ``rows``; stretches that are missing and bytes that are there are never in one run."""
        count = rows.shape[1]
        if not count:
            return cls([], [], [], [], [])
        breaks = (rows[OFFSET, 1:] != rows[STOP, :-1]) | (rows[SNAPPED, 1:] != rows[SNAPPED, :-1])
        begins = np.concatenate([[0], np.flatnonzero(breaks) + 1])
        sizes = (rows[STOP] - rows[OFFSET])[::-1].cumsum()[::-1]
        earliest = np.minimum.accumulate(rows[TIME, ::-1])[::-1]
        starts = begins.tolist()
        return cls(
            bounds=list(pairwise([*starts, count])),
            offset=rows[OFFSET, begins].tolist(),
            bytes_from=sizes[begins].tolist(),
            segments_from=(count - begins).tolist(),
            earliest_from=earliest[begins].tolist(),
        )


def portions(begins: Ints, end: int) -> Iterator[tuple[int, int]]:
    """First place, and place after the last, of neighbouring segments that are joined together.

    ``begins`` is where each of them begins, ``end`` where the last one ends.
    """
    cuts = np.searchsorted(begins, np.arange(int(begins[0]) + BYTES_AT_ONCE, end, BYTES_AT_ONCE))
    return pairwise(dict.fromkeys([0, *cuts.tolist(), len(begins)]))


def no_rows() -> Ints:
    """No segments."""
    return np.empty((WIDTH, 0), np.int64)


def trimmed(rows: Ints, begin: int) -> Ints:
    """The rows without anything before ``begin``."""
    begun = rows[STOP] > begin
    if not begun.all():
        rows = rows[:, begun]
    cut = np.maximum(begin - rows[OFFSET], 0)
    if cut.any():
        rows = rows.copy()
        rows[OFFSET] += cut
        rows[AT] += cut
    return rows


def ordered(rows: Ints) -> Ints:
    """Rows by offset, without overlap: of bytes that came more than once, those that came first.

    ``rows`` are in order of arrival. Stretches known to be missing give way to bytes that are there.
    """
    order = np.lexsort((rows[SNAPPED], rows[OFFSET]))
    rows = rows.take(order, axis=1)
    repeated = np.zeros(rows.shape[1], np.bool_)
    repeated[1:] = (rows[OFFSET, 1:] == rows[OFFSET, :-1]) & (rows[STOP, 1:] == rows[STOP, :-1])
    if repeated.any():
        rows, order = rows[:, ~repeated], order[~repeated]
    if bool((rows[OFFSET, 1:] >= rows[STOP, :-1]).all()):
        return rows
    return _resolved(rows[:, np.lexsort((order, rows[SNAPPED]))])


def _resolved(rows: Ints) -> Ints:
    """Place rows one by one, by arrival, into what is still free."""
    taken: list[list[int]] = []
    starts: list[int] = []
    for row in rows.T.tolist():
        for part in _free_parts(taken, starts, row):
            place = bisect_left(starts, part[OFFSET])
            taken.insert(place, part)
            starts.insert(place, part[OFFSET])
    return np.array(taken, np.int64).T.reshape(WIDTH, -1)


def _free_parts(taken: list[list[int]], starts: list[int], row: list[int]) -> list[list[int]]:
    """The parts of ``row`` that nothing in ``taken`` covers."""
    parts: list[list[int]] = []
    begin, stop = row[OFFSET], row[STOP]
    place = max(bisect_right(starts, begin) - 1, 0)
    while begin < stop:
        while place < len(taken) and taken[place][STOP] <= begin:
            place += 1
        free_to = min(taken[place][OFFSET], stop) if place < len(taken) else stop
        if free_to > begin:
            part = list(row)
            part[OFFSET], part[STOP], part[AT] = begin, free_to, row[AT] + begin - row[OFFSET]
            parts.append(part)
        begin = max(taken[place][STOP], free_to) if place < len(taken) else stop
    return parts
