"""Finding the next believable message header after synchronisation was lost.

A header is searched for that begins a message: type 1 on a chunk stream that is known to carry media, or
type 0 with a media or AMF type, with a length and a clock that fit, and a body that begins like one of its
kind. That is some forty bits or more that have to agree. What can be checked beyond it must agree too: the
type-3 headers inside the message, and the header after it. Where nothing is believable, nothing is taken:
precision goes before recall.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

from rtmpscope.rtmp.chunk_header import EXTENDED, Channel
from rtmpscope.rtmp.dialect import UNDECIDED, Dialect
from rtmpscope.rtmp.message_types import AUDIO, VIDEO

#: As many bytes are needed to judge a header: the longest one, and the beginning of the body.
LOOK_AHEAD = 16 + 5
_LARGEST_LENGTH = 1 << 20
_LONGEST_DELTA_MS = 0x0800
_NEAR_MS = 600_000
_MEDIA = (AUDIO, VIDEO)
_AVC = (7, 12)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a direction.

    Attributes:
        channels: its chunk streams.
        chunk_size: in force when synchronisation was lost.
        starts: how bodies have begun: ``type << 16 | first byte << 8 | second byte``.
        dialect: of the sender.
    """

    channels: Mapping[int, Channel]
    chunk_size: int
    starts: Set[int]
    dialect: Dialect = UNDECIDED


def find_message(data: bytes, start: int, known: Known) -> int | None:
    """The place of the first believable header of a message in ``data[start:]``; None if there is none.

    Headers within the last ``LOOK_AHEAD`` bytes are not judged; they are to be looked at with what follows.
    """
    pattern = _pattern(known)
    stop = len(data) - LOOK_AHEAD
    while start <= stop:
        found = pattern.search(data, start, len(data))
        if found is None or found.start() > stop:
            return None
        if _is_believable(data, found.start(), known):
            return found.start()
        start = found.start() + 1
    return None


def confirms(data: bytes, at: int, channel: Channel, known: Known) -> bool:
    """Whether the length that a channel had is still right for a type-2 or type-3 header at ``at``.

    It is if a believable type-0 or type-1 header stands right after the message.
    """
    body = at + (4 if data[at] >> 6 == 2 else 1)
    chunks = max(channel.length - 1, 0) // known.chunk_size
    end = body + channel.length + chunks
    if channel.extended or end + LOOK_AHEAD > len(data) or data[end] & 0x3F not in known.channels:
        return False
    within = all(
        data[body + known.chunk_size * number + number - 1] == 0xC0 | data[at] & 0x3F for number in range(1, chunks + 1)
    )
    return within and _pattern(known).match(data, end) is not None and _is_believable(data, end, known)


#: Type-0 headers that tell enough by themselves, on channels that may be new: commands and data, whose bodies
#: begin with a short AMF0 string, and media on a small message stream id.
_COMMAND_START = rb"[\x03-\x3f]\x00..\x00..[\x12\x14].\x00\x00\x00\x02\x00[\x01-\x3f][ -~]{2}"
_DELTA, _ABSOLUTE = rb"\x00[\x00-\x07].", rb"(?:\x00[\x00-\x07].|\xff\xff\xff)"
_MEDIA_START = rb"[\x03-\x3f]\x00..[\x00-\x0f]..[\x08\x09][\x01-\x10]\x00\x00\x00"


def _pattern(known: Known) -> re.Pattern[bytes]:
    """A coarse pattern of the headers that may begin a message: the search runs in the regex engine."""
    parts = [_COMMAND_START, _MEDIA_START]
    time = _ABSOLUTE if known.dialect.extended_delta == "absolute" else _DELTA
    for csid, channel in known.channels.items():
        if csid > 63 or channel.type_id not in _MEDIA:
            continue
        kind = rb"[\x08\x09]"
        length = rb"[\x00-\x0f].."
        parts.append(re.escape(bytes([0x40 | csid])) + time + length + kind)
        if channel.stream_id >= 0:
            stream = re.escape(channel.stream_id.to_bytes(4, "little"))
            parts.append(re.escape(bytes([csid])) + rb"..." + length + kind + stream)
    return re.compile(b"|".join(parts), re.DOTALL)


def _is_believable(data: bytes, at: int, known: Known) -> bool:
    fmt, csid = data[at] >> 6, data[at] & 0x3F
    channel = known.channels.get(csid)
    time = int.from_bytes(data[at + 1 : at + 4], "big")
    length = int.from_bytes(data[at + 4 : at + 7], "big")
    body = at + (12 if fmt == 0 else 8)
    bits, extension = known.dialect.timestamp_bits, b""
    if time == EXTENDED:
        bits, extension = 32, data[body : body + 4]
        time = int.from_bytes(extension, "big")
        body += 4
    is_delta = fmt == 1 and not (extension and known.dialect.extended_delta == "absolute")
    if is_delta and time >= _LONGEST_DELTA_MS:
        return False
    if not is_delta and channel is not None and _apart(time, channel.timestamp, bits) > _NEAR_MS:
        return False
    if not 0 < length < _LARGEST_LENGTH or not _begins_like(data[at + 7], data[body : body + 5], length, known):
        return False
    repeated = b"" if known.dialect.continuing == "omitted" else extension
    return _goes_on(data, bytes((0xC0 | csid,)) + repeated, body, length, known)


def _apart(time: int, timestamp: int, bits: int) -> int:
    """How far two timestamps are apart on a clock of so many bits: ms."""
    apart = (time - timestamp) % (1 << bits)
    return min(apart, (1 << bits) - apart)


def _begins_like(type_id: int, head: bytes, length: int, known: Known) -> bool:
    """Whether a body begins as others of its type have, or else as audio or video does (FLV 10.1, annex E.4)."""
    if type_id not in _MEDIA:
        return head[:2] == b"\x02\x00"
    if any(start >> 16 == type_id for start in known.starts):
        return type_id << 16 | head[0] << 8 | head[1] in known.starts
    if type_id == AUDIO:
        return head[0] >> 4 == 10 and length >= 2 and head[1] <= 1
    frame, codec = head[0] >> 4, head[0] & 15
    return 1 <= frame <= 2 and codec in _AVC and length >= 5 and head[1] <= 1 and head[2] in (0, 0xFF)


def _goes_on(data: bytes, type_3: bytes, body: int, length: int, known: Known) -> bool:
    """Whether the headers ``type_3`` inside the message and the header after it stand where they should."""
    chunk_size = known.chunk_size
    place, left = body + chunk_size, length - chunk_size
    while left > 0 and place < len(data):
        there = data[place : place + len(type_3)]
        if there != type_3[: len(there)]:
            return False
        place += len(type_3) + min(chunk_size, left)
        left -= chunk_size
    end = place if length > chunk_size else body + length
    return left > 0 or end + 8 > len(data) or _may_follow(data, end, known.channels)


def _may_follow(data: bytes, at: int, channels: Mapping[int, Channel]) -> bool:
    """Whether a header of a known chunk stream stands at ``at``; a type 0 may begin a new one."""
    fmt, csid = data[at] >> 6, data[at] & 0x3F
    channel = channels.get(csid)
    if fmt == 0:
        return data[at + 7] in (1, 2, 3, 4, 5, 6, 8, 9, 15, 16, 17, 18, 19, 20, 22)
    if channel is None:
        return csid < 2
    return fmt > 1 or data[at + 7] == channel.type_id or (channel.type_id in _MEDIA and data[at + 7] in _MEDIA)
