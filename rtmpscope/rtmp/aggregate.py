"""Aggregate messages: several messages in one body, as FLV tags with back pointers (RTMP 1.0, section 7.1.6).

The timestamps inside are shifted so that the first equals the aggregate's own.
"""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.rtmp.message_types import type_name
from rtmpscope.wire import DecodeError, Field, Truncated, byte_field

_TAG_HEADER = 11
_BACK_POINTER = 4
_HALF_RANGE = 1 << 31


@frozen
class InnerMessage:
    """One message inside an aggregate; ``start`` is where its body begins in the aggregate's body."""

    type_id: int
    timestamp: int
    start: int
    length: int


@frozen
class Aggregate:
    """The messages of an aggregate in order, and what was malformed, if anything."""

    messages: tuple[InnerMessage, ...]
    problem: DecodeError | None = None


def decode_aggregate(body: bytes, timestamp: int) -> Aggregate:
    """Cut an aggregate's body into messages; what stands before a malformed one is kept.

    ``timestamp`` is the aggregate message's own, in ms.
    """
    messages: list[InnerMessage] = []
    position, first = 0, 0
    while position < len(body):
        start = position + _TAG_HEADER
        if start > len(body):
            missing = Truncated(position, "sub-message header", _TAG_HEADER, len(body) - position)
            return Aggregate(tuple(messages), missing)
        length = int.from_bytes(body[position + 1 : position + 4], "big")
        if start + length > len(body):
            missing = Truncated(start, "sub-message body", length, len(body) - start)
            return Aggregate(tuple(messages), missing)
        own = int.from_bytes(body[position + 4 : position + 7], "big") | body[position + 7] << 24
        if not messages:
            first = own
        messages.append(InnerMessage(body[position], timestamp + _signed(own - first), start, length))
        position = start + length + _BACK_POINTER
    return Aggregate(tuple(messages))


def _signed(difference: int) -> int:
    """A difference of 32-bit timestamps, which wrap."""
    return (difference + _HALF_RANGE) % (2 * _HALF_RANGE) - _HALF_RANGE


def aggregate_fields(body: bytes) -> tuple[Field, ...]:
    """One field per sub-message, with header, body and back pointer below it; then what does not fit."""
    aggregate = decode_aggregate(body, 0)
    fields = [_fields_of(body, message) for message in aggregate.messages]
    used = fields[-1].end // 8 if fields else 0
    if aggregate.problem is not None:
        fields.append(byte_field("malformed", used, len(body) - used, body[used:], str(aggregate.problem)))
    return tuple(fields)


def _fields_of(body: bytes, message: InnerMessage) -> Field:
    begin = message.start - _TAG_HEADER
    end = message.start + message.length
    timestamp = int.from_bytes(body[begin + 4 : begin + 7], "big")
    back = body[end : end + _BACK_POINTER]
    children = [
        byte_field("type", begin, 1, message.type_id, type_name(message.type_id)),
        byte_field("length", begin + 1, 3, message.length),
        byte_field("timestamp", begin + 4, 3, timestamp, "ms, lower 24 bits"),
        byte_field("timestamp extended", begin + 7, 1, body[begin + 7], "upper 8 bits"),
        byte_field("stream id", begin + 8, 3, int.from_bytes(body[begin + 8 : begin + 11], "big")),
        byte_field("body", message.start, message.length, body[message.start : end]),
    ]
    if back:
        size = int.from_bytes(back, "big")
        meaning = "" if size == end - begin else f"the sub-message has {end - begin} bytes"
        children.append(byte_field("back pointer", end, len(back), size, meaning))
    length = end + len(back) - begin
    return byte_field(type_name(message.type_id), begin, length, None, "", tuple(children))
