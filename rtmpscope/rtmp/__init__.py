"""RTMP as bytes in, records out: no files, no clock, no network."""

from __future__ import annotations

from rtmpscope.rtmp.aggregate import Aggregate, InnerMessage, aggregate_fields, decode_aggregate
from rtmpscope.rtmp.batches import LOSSES, LOST_SYNC, BodyPolicy, ChunkColumns, MessageBatch, Problem, keep_nothing
from rtmpscope.rtmp.chunk_fields import chunk_header_fields
from rtmpscope.rtmp.chunk_header import ChannelState
from rtmpscope.rtmp.chunks import ReferenceDecoder
from rtmpscope.rtmp.commands import Command, command_of
from rtmpscope.rtmp.control import Control, control_fields, decode_control
from rtmpscope.rtmp.dialect import Dialect
from rtmpscope.rtmp.fast_chunks import ChunkDecoder
from rtmpscope.rtmp.handshake import Handshake, handshake_fields, verify
from rtmpscope.rtmp.message_types import TYPE_NAMES, type_name
from rtmpscope.rtmp.requests import CommandEvent, StreamRequest, UnseenRequest
from rtmpscope.rtmp.sessions import Session, read_session

__all__ = [
    "LOSSES",
    "LOST_SYNC",
    "TYPE_NAMES",
    "Aggregate",
    "BodyPolicy",
    "ChannelState",
    "ChunkColumns",
    "ChunkDecoder",
    "Command",
    "CommandEvent",
    "Control",
    "Dialect",
    "Handshake",
    "InnerMessage",
    "MessageBatch",
    "Problem",
    "ReferenceDecoder",
    "Session",
    "StreamRequest",
    "UnseenRequest",
    "aggregate_fields",
    "chunk_header_fields",
    "command_of",
    "control_fields",
    "decode_aggregate",
    "decode_control",
    "handshake_fields",
    "keep_nothing",
    "read_session",
    "type_name",
    "verify",
]
