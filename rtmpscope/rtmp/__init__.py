"""RTMP as bytes in, records out: no files, no clock, no network."""

from __future__ import annotations

from rtmpscope.rtmp.batches import BodyPolicy, ChunkColumns, MessageBatch, Problem, keep_nothing
from rtmpscope.rtmp.chunk_fields import chunk_header_fields
from rtmpscope.rtmp.chunk_header import ChannelState
from rtmpscope.rtmp.chunks import ReferenceDecoder
from rtmpscope.rtmp.commands import Command, command_of
from rtmpscope.rtmp.fast_chunks import ChunkDecoder
from rtmpscope.rtmp.sessions import CommandEvent, Session, StreamRequest, read_session

__all__ = [
    "BodyPolicy",
    "ChannelState",
    "ChunkColumns",
    "ChunkDecoder",
    "Command",
    "CommandEvent",
    "MessageBatch",
    "Problem",
    "ReferenceDecoder",
    "Session",
    "StreamRequest",
    "chunk_header_fields",
    "command_of",
    "keep_nothing",
    "read_session",
]
