"""FLV files (Adobe FLV specification 10.1, annex E) from the messages of a stream.

An RTMP audio, video or data message is the body of an FLV tag, so a stream becomes a file by writing tag
headers. Timestamps stay as they were sent. ``@setDataFrame`` is an order to the server and is not written.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import BinaryIO

from rtmpscope.frozen import frozen

AUDIO, VIDEO, SCRIPT = 8, 9, 18

_HEADER = struct.Struct(">3sBBI")
_HAS_AUDIO, _HAS_VIDEO = 4, 1
_TAG_HEADER = 11
_SET_DATA_FRAME = b"\x02\x00\x0d@setDataFrame"


@frozen
class Tag:
    """One FLV tag: type 8, 9 or 18, timestamp in ms, and body."""

    type_id: int
    timestamp: int
    body: bytes


def write_flv(tags: Iterable[Tag], stream: BinaryIO, *, audio: bool, video: bool) -> int:
    """Write an FLV file; return the number of tags written.

    Args:
        tags: audio, video and script tags in order.
        stream: binary file to write to.
        audio, video: what the file header is to announce.
    """
    flags = _HAS_AUDIO * audio | _HAS_VIDEO * video
    stream.write(_HEADER.pack(b"FLV", 1, flags, _HEADER.size))
    stream.write(bytes(4))  # PreviousTagSize0
    count = 0
    for tag in tags:
        stream.write(_tag_bytes(tag))
        count += 1
    return count


def script_body(type_id: int, body: bytes) -> bytes:
    """The body of a data message as that of a script tag; ``type_id`` is 18 (AMF0) or 15 (AMF3)."""
    if type_id == 15 and body[:1] == b"\0":
        body = body[1:]
    return body.removeprefix(_SET_DATA_FRAME)


def _tag_bytes(tag: Tag) -> bytes:
    timestamp = tag.timestamp & 0xFFFFFFFF
    header = bytes([tag.type_id]) + len(tag.body).to_bytes(3, "big")
    header += (timestamp & 0xFFFFFF).to_bytes(3, "big") + bytes([timestamp >> 24]) + bytes(3)
    return header + tag.body + (_TAG_HEADER + len(tag.body)).to_bytes(4, "big")
