"""The media frames of one track among all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.media import PACKET_TYPES
from rtmpscope.pipeline.build.context import Context

Ints = NDArray[np.int64]

_CODED = PACKET_TYPES.index("coded_frames")


def coded_frames(context: Context, stream: NDArray[np.int32]) -> Iterator[tuple[int, int, Ints]]:
    """Stream, kind and frames of each track: rows of the decoded media in the order of their messages.

    ``stream`` is the stream of each row of the decoded media. There are no configurations among the frames, no ends of
    sequence and no empty messages.
    """
    media = context.decoded.media
    rows = np.flatnonzero((stream >= 0) & (media["packet_type"] == _CODED) & (media["bytes"] > 0))
    key = stream[rows] * 2 + media["kind"][rows]
    order = np.argsort(key, kind="stable")  # takes little time: frames of one direction lie together
    rows, key = rows[order], key[order]
    del order  # as large as both
    for start, stop in pairwise(np.flatnonzero(np.diff(key, prepend=-1, append=-1)).tolist()):
        number, kind = divmod(int(key[start]), 2)
        yield number, kind, _in_message_order(context, rows[start:stop])


def _in_message_order(context: Context, rows: Ints) -> Ints:
    """The order of completion differs from it only where packets came in the wrong order."""
    message = context.message_of[context.decoded.media["ordinal"][rows]]
    return rows if bool((message[1:] >= message[:-1]).all()) else rows[np.argsort(message, kind="stable")]
