"""A batch taken apart by connection and direction.

The columns are sorted once, so that each direction's segments are views of neighbouring rows: with hundreds of
connections interleaved, gathering scattered rows column by column would cost more than the work itself. What is
asked of every direction, such as which flags occur at all, is answered for all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.tcp.grouping import Assigned

Ints = NDArray[np.int64]

_COLUMNS = tuple(one.name for one in fields(SegmentBatch) if one.name not in ("file", "buffer"))


@dataclass(slots=True)
class Group:
    """The segments of one direction in a batch, in order of arrival.

    Attributes:
        number: twice the connection's number, plus the sending side.
        segments: their columns.
        place: their rows in the whole batch, which tell the order between directions.
        any_flags, all_flags: the flags that some, and that all of them have.
        has_payload: whether any of them has payload.
        reach: per segment, the offset in the other direction that it acknowledges; None where that direction's
            start is not known.
    """

    number: int
    segments: SegmentBatch
    place: Ints
    any_flags: int
    all_flags: int
    has_payload: bool
    reach: Ints | None = None

    def __len__(self) -> int:
        return len(self.place)


def groups_of(batch: SegmentBatch, assigned: Assigned) -> list[Group]:
    """The directions of a batch, by number."""
    key = assigned.connection * 2 + assigned.side
    order = np.argsort(key, kind="stable")
    keys = key[order]
    edges = np.flatnonzero(np.diff(keys, prepend=-1, append=-1))
    columns = [getattr(batch, name)[order] for name in _COLUMNS]
    flags, payload = batch.flags[order], batch.payload_length[order]
    starts = edges[:-1]
    summaries = zip(
        keys[starts].tolist(),
        np.bitwise_or.reduceat(flags, starts).tolist(),
        np.bitwise_and.reduceat(flags, starts).tolist(),
        np.maximum.reduceat(payload, starts).tolist(),
        strict=True,
    )
    parts = _parts(batch, columns, order, edges.tolist())
    return [
        Group(number, segments, place, some, every, most > 0)
        for (number, some, every, most), (segments, place) in zip(summaries, parts, strict=True)
    ]


def _parts(
    batch: SegmentBatch, columns: list[NDArray[np.generic]], order: Ints, edges: list[int]
) -> Iterator[tuple[SegmentBatch, Ints]]:
    for start, stop in pairwise(edges):
        values = {name: column[start:stop] for name, column in zip(_COLUMNS, columns, strict=True)}
        yield SegmentBatch(file=batch.file, buffer=batch.buffer, **values), order[start:stop]  # type: ignore[arg-type]
