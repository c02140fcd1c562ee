"""A coarse pattern of message headers, so that a search for one runs in the regex engine."""

from __future__ import annotations

import re
from collections.abc import Set

from rtmpscope.rtmp.believable import MEDIA, Known

#: Beginnings of bodies that are searched for behind type-2 and type-3 headers.
_MOST_STARTS = 16
#: Type-0 headers that tell enough by themselves, on channels that may be new: control messages, commands and data,
#: whose bodies begin with a short AMF0 string, and media on a small message stream id.
_CONTROL = rb"\x02...\x00\x00[\x04-\x0a][\x01-\x06]\x00\x00\x00\x00"
_COMMAND = rb"[\x03-\x3f]...\x00..[\x12\x14].\x00\x00\x00(?:....)?\x02\x00[\x01-\x3f][ -~]{2}"
_MEDIA_0 = rb"[\x03-\x3f]...[\x00-\x0f]..[\x08\x09][\x01-\x10]\x00\x00\x00"
_MEDIA_1 = rb"[\x43-\x7f]\x00[\x00-\x07].[\x00-\x0f]..[\x08\x09]"


def header_pattern(known: Known) -> re.Pattern[bytes]:
    """A coarse pattern of the headers that may begin a message."""
    parts = [_CONTROL, _COMMAND, _MEDIA_0, _MEDIA_1]
    for csid in range(2, 64):
        channel = known.channels.get(csid)
        if channel is None or channel.type_id not in MEDIA:
            continue
        length_and_type = rb"[\x00-\x0f]..[\x08\x09]"
        parts.append(_byte(0x40 | csid) + rb"\xff\xff\xff" + length_and_type)
        if channel.stream_id >= 0:
            stream = re.escape((channel.stream_id & 0xFFFFFFFF).to_bytes(4, "little"))
            parts.append(_byte(csid) + rb"..." + length_and_type + stream)
        begins = _beginnings(known, {type_id for type_id, _ in known.shapes_of(csid)})
        if begins:
            parts.append(_byte(0x80 | csid) + rb"(?:\x00[\x00-\x07].|\xff\xff\xff....)" + begins)
            extension = b"(?:....)?" if channel.extended else b""
            parts.append(_byte(0xC0 | csid) + extension + begins)
    return re.compile(b"|".join(parts), re.DOTALL)


def _beginnings(known: Known, types: Set[int]) -> bytes:
    """A pattern of the first two bytes that bodies of some types have had."""
    starts = sorted(start for start in known.starts if start >> 16 in types)[:_MOST_STARTS]
    pairs = (_byte(start >> 8 & 0xFF) + _byte(start & 0xFF) for start in starts)
    return b"(?:" + b"|".join(pairs) + b")" if starts else b""


def _byte(value: int) -> bytes:
    return re.escape(bytes((value,)))
