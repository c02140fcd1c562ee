"""Messages and media headers as compact columns, while the capture is being read.

Decoders hand over small batches; they are kept as they come until a block is full, then sealed: joined,
narrowed to the storage types, and their media headers decoded all at once. A row's place in the order of
arrival here is its ordinal; the dense message ids of the tables are made from ordinals at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.gather import is_any
from rtmpscope.frozen import frozen
from rtmpscope.media import MediaColumns, media_columns
from rtmpscope.pipeline.arrivals import MessageArrivals
from rtmpscope.pipeline.growing import Columns, GrowingColumns, Types
from rtmpscope.rtmp import MessageBatch

BLOCK_ROWS = 1 << 14

_FROM_DECODER: Types = {
    "offset": np.int64,
    "end": np.int64,
    "csid": np.int32,
    "fmt": np.uint8,
    "type_id": np.uint8,
    "stream_id": np.int64,
    "timestamp": np.int64,
    "timestamp_exact": np.bool_,
    "length": np.int32,
    "chunk_count": np.int32,
    "header_bytes": np.int32,
    "complete": np.bool_,
    "missing_bytes": np.int32,
    "contiguous": np.bool_,
}
_FROM_ARRIVALS: Types = {
    "frame": np.int32,
    "time": np.int64,
    "frame_start": np.int32,
    "time_start": np.int64,
    "first_frame": np.int32,
    "time_ready": np.int64,
}
_MESSAGE_TYPES: Types = {"flow": np.int32, "interleaved": np.int32, **_FROM_DECODER, **_FROM_ARRIVALS}
_MEDIA: Types = {
    "kind": np.uint8,
    "codec": np.int8,
    "frame_type": np.int8,
    "packet_type": np.int8,
    "keyframe": np.bool_,
    "cts": np.int32,
    "bytes": np.int32,
    "valid": np.bool_,
}
_MEDIA_STORED: Types = {**_MEDIA, "ordinal": np.int32, "timestamp": np.int64}
_MEDIA_TYPES = (8, 9)


@frozen
class MediaHeads:
    """The first bytes of audio and video bodies, from messages or from within aggregates.

    Attributes:
        ordinal: the message that holds the body.
        flow: the direction it came in.
        stream_id, type_id, timestamp, length: as in the (sub-)message header.
        head: first 32 bytes of each body, zero padded, ``uint8[n, 32]``.
        head_length: how many of them are there.
    """

    ordinal: NDArray[np.int64]
    flow: NDArray[np.int64]
    stream_id: NDArray[np.int64]
    type_id: NDArray[np.uint8]
    timestamp: NDArray[np.int64]
    length: NDArray[np.int64]
    head: NDArray[np.uint8]
    head_length: NDArray[np.uint8]


class MessageStore:
    """All messages so far, in order of completion.

    Attributes:
        rows: how many there are.
        first_heads: the first frame of each direction, message stream, type and codec: ordinal and first bytes.
    """

    def __init__(self, row_limit: int | None = None) -> None:
        self.rows = 0
        self.first_heads: dict[tuple[int, int, int, int], tuple[int, bytes]] = {}
        self._open: list[tuple[int, MessageBatch, MessageArrivals]] = []
        self._open_rows = 0
        self._messages = GrowingColumns(_MESSAGE_TYPES, row_limit)
        self._media = GrowingColumns(_MEDIA_STORED, row_limit)
        self._inner: list[MediaHeads] = []

    def add(self, flow: int, batch: MessageBatch, arrivals: MessageArrivals) -> int:
        """Take over a batch of the direction ``flow``; return the ordinal of its first row."""
        first = self.rows
        self._open.append((flow, batch, arrivals))
        self.rows += len(batch.offset)
        self._open_rows += len(batch.offset)
        if self._open_rows >= BLOCK_ROWS:
            self._seal()
        return first

    def add_inner(self, heads: MediaHeads) -> None:
        """Take over the media of an aggregate message."""
        self._inner.append(heads)

    def finish(self) -> tuple[Columns, Columns]:
        """All messages, and all media headers, as columns; the store is empty afterwards."""
        self._seal()
        self._seal_inner()
        return self._messages.finish(), self._media.finish()

    def _seal(self) -> None:
        if not self._open:
            return
        block: dict[str, NDArray[Any]] = {"flow": np.repeat(*self._flows())}
        for name, dtype in _FROM_DECODER.items():
            block[name] = np.concatenate([getattr(b, name) for _, b, _ in self._open], dtype=dtype, casting="unsafe")
        for name, dtype in _FROM_ARRIVALS.items():
            block[name] = np.concatenate([getattr(a, name) for _, _, a in self._open], dtype=dtype, casting="unsafe")
        block["interleaved"] = np.concatenate([_interleaved(b) for _, b, _ in self._open])
        self._seal_media(block)
        self._messages.append(block)
        self._open, self._open_rows = [], 0

    def _flows(self) -> tuple[list[int], list[int]]:
        return [flow for flow, _, _ in self._open], [len(batch.offset) for _, batch, _ in self._open]

    def _seal_media(self, block: Columns) -> None:
        rows = np.flatnonzero(is_any(block["type_id"], _MEDIA_TYPES))
        columns = {name: block[name] for name in ("flow", "stream_id", "type_id", "timestamp", "length")}
        for name in ("head", "head_length"):
            columns[name] = np.concatenate([getattr(batch, name) for _, batch, _ in self._open])
        if len(rows) < self._open_rows:  # mostly there is nothing but media
            columns = {name: column.take(rows, axis=0) for name, column in columns.items()}
        columns["length"] = columns["length"].astype(np.int64)
        self._decode_media(MediaHeads(ordinal=rows + (self.rows - self._open_rows), **columns))

    def _seal_inner(self) -> None:
        for heads in self._inner:
            self._decode_media(heads)
        self._inner = []

    def _decode_media(self, heads: MediaHeads) -> None:
        if not len(heads.ordinal):
            return
        columns = media_columns(heads.type_id, heads.head, heads.head_length, heads.length)
        block: dict[str, NDArray[Any]] = {name: getattr(columns, name) for name in _MEDIA}
        block |= {"ordinal": heads.ordinal, "timestamp": heads.timestamp}
        self._media.append(block)
        self._note_first_heads(heads, columns)

    def _note_first_heads(self, heads: MediaHeads, columns: MediaColumns) -> None:
        """Keep the first frame of each (direction, message stream, kind, codec), if the codec is known.

        Codecs without a configuration record tell their size and rate there. Video waits for a keyframe.
        """
        usable = columns.valid & ((heads.type_id == 8) | columns.keyframe) & (columns.bytes > 0) & (columns.codec >= 0)
        for type_id in _MEDIA_TYPES:  # apart, as audio and video alternate, but go on with the same codec each
            rows = np.flatnonzero(usable & (heads.type_id == type_id))
            packed = (((heads.flow[rows] << 33) | (heads.stream_id[rows] + 1)) << 7) | columns.codec[rows]
            begins = np.flatnonzero(np.diff(packed, prepend=-1))
            for row in rows[begins[np.unique(packed[begins], return_index=True)[1]]].tolist():
                key = (int(heads.flow[row]), int(heads.stream_id[row]), type_id, int(columns.codec[row]))
                head = heads.head[row, : heads.head_length[row]].tobytes()
                self.first_heads.setdefault(key, (int(heads.ordinal[row]), head))


def _interleaved(batch: MessageBatch) -> NDArray[np.int32]:
    """Chunks of each message that follow a chunk of another message."""
    if not len(batch.spans):
        return np.zeros(len(batch.offset), np.int32)
    extents = np.bincount(batch.spans[:, 0], minlength=len(batch.offset))
    return np.maximum(extents - 1, 0).astype(np.int32)
