"""The fields of one chunk header, bit by bit (RTMP 1.0, section 5.3.1)."""

from __future__ import annotations

from rtmpscope.rtmp.chunk_header import EXTENDED, MESSAGE_HEADER_BYTES, basic_header
from rtmpscope.rtmp.message_types import type_name
from rtmpscope.wire import Field, Truncated

_FORMS = (
    "type 0: all fields, absolute timestamp",
    "type 1: same message stream, timestamp delta",
    "type 2: as the last header but for the timestamp delta",
    "type 3: no fields, as the chunk stream's last header",
)


def chunk_header_fields(header: bytes) -> tuple[Field, ...]:
    """The fields of a chunk header; ``header`` is all of it and nothing more.

    In a type-3 header, four bytes after the basic header are the repeated extended timestamp.

    Raises:
        Truncated: the bytes end inside the header.
    """
    basic = basic_header(header, 0)
    if basic is None:
        needed = 2 + (header[0] & 1) if header else 1
        raise Truncated(0, "basic header", needed, len(header))
    fmt, csid, size = basic
    parts = _basic_fields(header, fmt, csid, size)
    stop = size + MESSAGE_HEADER_BYTES[fmt]
    if stop > len(header):
        raise Truncated(size, "message header", stop - size, len(header) - size)
    if fmt < 3:
        parts += _message_fields(header, fmt, size)
    extended = header[size : size + 3] == b"\xff\xff\xff" if fmt < 3 else len(header) > stop
    if extended:
        parts += (_extended_field(header, fmt, stop),)
    return parts


def _basic_fields(header: bytes, fmt: int, csid: int, size: int) -> tuple[Field, ...]:
    form = Field("fmt", 0, 2, fmt, _FORMS[fmt])
    if size == 1:
        return form, Field("chunk stream id", 2, 8, csid, "protocol control" if csid == 2 else "")
    low = header[0] & 0x3F
    meaning = "64 + one byte" if size == 2 else "64 + two bytes, little-endian"
    return (
        form,
        Field("chunk stream id form", 2, 8, low, f"the id is in the next {size - 1} bytes"),
        Field("chunk stream id", 8, 8 * size, csid, meaning),
    )


def _message_fields(header: bytes, fmt: int, at: int) -> tuple[Field, ...]:
    time = int.from_bytes(header[at : at + 3], "big")
    name = "timestamp" if fmt == 0 else "timestamp delta"
    parts = [_field(name, at, 3, time, "an extended timestamp follows" if time == EXTENDED else "ms")]
    if fmt < 2:
        type_id = header[at + 6]
        parts.append(_field("message length", at + 3, 3, int.from_bytes(header[at + 3 : at + 6], "big"), "bytes"))
        parts.append(_field("message type id", at + 6, 1, type_id, type_name(type_id)))
    if fmt == 0:
        stream_id = int.from_bytes(header[at + 7 : at + 11], "little")
        parts.append(_field("message stream id", at + 7, 4, stream_id, "little-endian"))
    return tuple(parts)


def _extended_field(header: bytes, fmt: int, at: int) -> Field:
    if at + 4 > len(header):
        raise Truncated(at, "extended timestamp", 4, len(header) - at)
    meaning = ("ms", "ms, a delta", "ms, a delta", "ms, repeated")[fmt]
    return _field("extended timestamp", at, 4, int.from_bytes(header[at : at + 4], "big"), meaning)


def _field(name: str, at: int, size: int, value: int, meaning: str) -> Field:
    return Field(name, 8 * at, 8 * (at + size), value, meaning)
