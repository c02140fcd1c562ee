"""RTMP as bytes in, records out: no files, no clock, no network."""

from __future__ import annotations

from rtmpscope.rtmp.batches import BodyPolicy, ChunkColumns, MessageBatch, Problem, keep_nothing
from rtmpscope.rtmp.chunk_header import ChannelState
from rtmpscope.rtmp.chunks import ReferenceDecoder
from rtmpscope.rtmp.fast_chunks import ChunkDecoder

__all__ = [
    "BodyPolicy",
    "ChannelState",
    "ChunkColumns",
    "ChunkDecoder",
    "MessageBatch",
    "Problem",
    "ReferenceDecoder",
    "keep_nothing",
]
