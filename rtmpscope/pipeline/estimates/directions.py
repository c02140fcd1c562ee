"""The directions of a capture whose timestamps are to be mended."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.estimates.gaps import told
from rtmpscope.pipeline.estimates.rows import MEDIA_TYPES, Ints, media_rows
from rtmpscope.pipeline.estimates.steady import Steady
from rtmpscope.pipeline.growing import Columns, replace_column

#: A direction that has audio and video on more chunk streams is no sender's, and left alone.
MOST_CHANNELS = 16
#: So many stretches without a gap are told one by one, each direction has an equal share of them.
MOST_STRETCHES, LEAST_STRETCHES = 100_000, 100


def mend_directions(messages: Columns, media: Columns, steady: Steady) -> None:
    """Correct the timestamps of each direction that has estimates."""
    guessed = ~messages["timestamp_exact"] & np.isin(messages["type_id"], MEDIA_TYPES)
    if not guessed.any():
        return
    shift = np.zeros(len(guessed), np.int64)
    directions = list(_directions(messages, guessed))
    most = max(MOST_STRETCHES // len(directions), LEAST_STRETCHES)
    for members in directions:
        rows = media_rows(messages, members, steady)
        if rows.channel.max() < MOST_CHANNELS:
            shift[rows.row] = told(rows, most) - rows.timestamp
    if shift.any():
        replace_column(messages, "timestamp", messages["timestamp"] + shift)
        inside = shift[media["ordinal"].astype(np.int64)]
        replace_column(media, "timestamp", media["timestamp"] + inside)


def _directions(messages: Columns, guessed: NDArray[np.bool_]) -> Iterator[Ints]:
    """The rows of each direction that has estimates, in order of offset."""
    flow = messages["flow"]
    rows = np.flatnonzero(np.isin(flow, np.unique(flow[guessed])))
    rows = rows[np.lexsort((messages["offset"][rows], flow[rows]))]
    yield from np.split(rows, np.flatnonzero(np.diff(flow[rows])) + 1)
