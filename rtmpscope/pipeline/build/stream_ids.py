"""The message stream of each message, also where its header does not tell it.

After a hole, and where a direction is joined in mid-stream, headers of type 1 to 3 come before any of type 0 that
tells the message stream. A chunk stream carries one message stream, so a later header on it tells; and where the
whole connection speaks of one message stream only, that is it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.growing import Columns

Ints = NDArray[np.int64]

_CSID_BITS = 17
#: Messages that belong to a message stream: audio, video, aggregates, data and commands.
_OF_STREAMS = (8, 9, 15, 17, 18, 20, 22)


def stream_ids(messages: Columns) -> Ints:
    """Message stream of each message by ordinal, -1 where the capture does not tell."""
    told: Ints = messages["stream_id"]
    if not (told < 0).any():
        return told
    ids = told.astype(np.int64)
    _by_chunk_stream(messages, ids)
    _by_connection(messages, ids)
    return ids


def _by_chunk_stream(messages: Columns, ids: Ints) -> None:
    """What the first header that tells says, holds for those before it on the same chunk stream."""
    channel = (messages["flow"].astype(np.int64) << _CSID_BITS) | messages["csid"]
    rows = np.flatnonzero(ids < 0)
    known = np.flatnonzero((ids >= 0) & np.isin(channel, np.unique(channel[rows])))
    keys, first = np.unique(channel[known], return_index=True)
    _fill(ids, rows, channel, keys, ids[known[first]])


def _by_connection(messages: Columns, ids: Ints) -> None:
    """The only message stream that a connection speaks of, apart from its control stream 0."""
    connection = messages["flow"].astype(np.int64) >> 1
    rows = np.flatnonzero((ids < 0) & np.isin(messages["type_id"], _OF_STREAMS))
    known = np.flatnonzero((ids > 0) & np.isin(connection, np.unique(connection[rows])))
    pairs = np.unique(np.stack([connection[known], ids[known]]), axis=1)
    keys, first, count = np.unique(pairs[0], return_index=True, return_counts=True)
    _fill(ids, rows, connection, keys[count == 1], pairs[1][first[count == 1]])


def _fill(ids: Ints, rows: Ints, key: Ints, keys: Ints, values: Ints) -> None:
    """Give rows the value of their key, where it has one."""
    if len(keys) and len(rows):
        place = np.minimum(np.searchsorted(keys, key[rows]), len(keys) - 1)
        found = keys[place] == key[rows]
        ids[rows[found]] = values[place[found]]
