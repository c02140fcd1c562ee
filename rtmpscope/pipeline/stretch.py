"""A stretch of one direction decoded again, chunk by chunk: what a message's bytes are found in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.blocks import StreamBytes
from rtmpscope.rtmp import ChunkDecoder

_FIELDS = ("offset", "csid", "fmt", "header_bytes", "payload_bytes")


@frozen
class RawChunk:
    """One chunk as it stood on the wire.

    Attributes:
        offset: place of its header in the direction's stream.
        header, payload: its bytes; those that were not captured are zero.
        present: for each byte of the payload, whether it was captured.
    """

    offset: int
    csid: int
    fmt: int
    header: bytes
    payload: bytes
    present: NDArray[np.bool_]


class Stretch:
    """The messages of a stretch, and their chunks.

    Args:
        stream: its bytes.
        decoder: lists chunks, and is in the state that the direction's own had at the beginning.
    """

    def __init__(self, stream: StreamBytes, decoder: ChunkDecoder) -> None:
        self._stream = stream
        _feed(decoder, stream)
        decoder.finish()
        batch = decoder.take()
        self._rows = {offset: row for row, offset in enumerate(batch.offset.tolist())}
        self._chunks = batch.chunks
        if batch.chunks is not None:
            self._order = np.argsort(batch.chunks.row, kind="stable")
            self._edges = np.searchsorted(batch.chunks.row[self._order], np.arange(len(batch.offset) + 1))

    def chunks_at(self, offset: int) -> list[RawChunk]:
        """The chunks of the message that begins at a stream offset; none where no message does."""
        row = self._rows.get(offset)
        if row is None or self._chunks is None:
            return []
        mine = self._order[self._edges[row] : self._edges[row + 1]]
        values = zip(*(getattr(self._chunks, name)[mine].tolist() for name in _FIELDS), strict=True)
        return [_raw_chunk(self._stream, *fields) for fields in values]


def _feed(decoder: ChunkDecoder, stream: StreamBytes) -> None:
    """Feed a stretch of the stream, holes as holes."""
    if stream.complete:
        decoder.feed(stream.data)
        return
    edges = np.flatnonzero(np.diff(stream.present.astype(np.int8), prepend=2, append=2)).tolist()
    for start, stop in pairwise(edges):
        if stream.present[start]:
            decoder.feed(stream.data[start:stop])
        else:
            decoder.hole(stop - start)


def _raw_chunk(
    stream: StreamBytes, offset: int, csid: int, fmt: int, header_bytes: int, payload_bytes: int
) -> RawChunk:
    begin = offset - stream.start
    body = begin + header_bytes
    end = body + payload_bytes
    return RawChunk(offset, csid, fmt, stream.data[begin:body], stream.data[body:end], stream.present[body:end])
