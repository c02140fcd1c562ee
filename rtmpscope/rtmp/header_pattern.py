"""A coarse pattern of message headers, and where one is found first.

The regex engine tries all headers at each byte. So, unless one is near, the few bytes are picked out beforehand, all at
once, at which the second and third glance of it would not fail: where the high byte of a length and a message type
stand behind, or where a type-2 or type-3 header of a known chunk stream may begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set

import numpy as np
from numpy.typing import NDArray

from rtmpscope.rtmp.believable import MEDIA, Known
from rtmpscope.rtmp.chunk_header import Channel

#: Beginnings of bodies that are searched for behind type-2 and type-3 headers.
_MOST_STARTS = 16
#: Type-0 headers that tell enough by themselves, on channels that may be new: control messages, commands and data,
#: whose bodies begin with a short AMF0 string, and media on a small message stream id.
_CONTROL = rb"\x02...\x00\x00[\x04-\x0a][\x01-\x06]\x00\x00\x00\x00"
_COMMAND = rb"[\x03-\x3f]...\x00..[\x12\x14].\x00\x00\x00(?:....)?\x02\x00[\x01-\x3f][ -~]{2}"
_MEDIA_0 = rb"[\x03-\x3f]...[\x00-\x0f]..[\x08\x09][\x01-\x10]\x00\x00\x00"
_MEDIA_1 = rb"[\x43-\x7f]\x00[\x00-\x07].[\x00-\x0f]..[\x08\x09]"
#: Of the headers above, and of those of type 0 and 1 below: the largest high byte of a length, the message types, and
#: where both stand.
_HIGHEST, _TYPES = 0x0F, (1, 2, 3, 4, 5, 6, 8, 9, 0x12, 0x14)
_LENGTH_AT, _TYPE_AT = 4, 7
#: Headers of type 2 and 3 begin with this or more.
_TYPE_2 = 0x80
#: Where headers stand close together, the first is found at once within so many bytes; none is longer than this.
_NEAR, _LONGEST = 64, 32
#: Behind those, so many bytes at most are looked at together, and one in so many places at most by itself.
_AT_ONCE, _FEW = 1 << 13, 16


def _table(values: Iterable[int]) -> NDArray[np.bool_]:
    """Which bytes are among some."""
    table = np.zeros(256, np.bool_)
    table[list(values)] = True
    return table


_IS_TYPE = _table(_TYPES)


class HeaderPattern:
    """The headers that may begin a message.

    Attributes:
        exact: as the regex engine takes it.
    """

    def __init__(self, known: Known) -> None:
        channels = _of_media(known)
        self.exact = header_pattern(known, channels)
        self._short = _table(kind | csid for csid in channels for kind in (0x80, 0xC0))

    def find(self, run: bytearray, begin: int) -> int:
        """The first place from ``begin`` on where a header may stand; -1 if there is none."""
        found, count = self._among_all(run, begin, _NEAR), _NEAR
        begin += _NEAR
        while found < 0 and begin < len(run):
            count = min(4 * count, _AT_ONCE)
            places = self._places(run, begin, count)
            if len(places) * _FEW < count:
                found = next((place for place in places if self.exact.match(run, place)), -1)
            else:
                found = self._among_all(run, begin, count)
            begin += count
        return found

    def _among_all(self, run: bytearray, begin: int, count: int) -> int:
        """The same as the regex engine finds it, among so many places."""
        match = self.exact.search(run, begin, begin + count + _LONGEST)
        return match.start() if match and match.start() < begin + count else -1

    def _places(self, run: bytearray, begin: int, count: int) -> list[int]:
        """Those of so many places from ``begin`` on that are worth a look."""
        count = min(count, len(run) - begin)
        # Copied, for a run that is looked into cannot grow; no header is found in the zeros behind its end.
        octets = np.frombuffer(bytes(run[begin : begin + count + _TYPE_AT]) + bytes(_TYPE_AT), np.uint8)
        first = octets[:count]
        may_be = (first < _TYPE_2) & (octets[_LENGTH_AT:][:count] <= _HIGHEST)
        may_be &= _IS_TYPE.take(octets[_TYPE_AT:][:count])
        may_be |= self._short.take(first)
        places: list[int] = (np.flatnonzero(may_be) + begin).tolist()
        return places


def _of_media(known: Known) -> dict[int, Channel]:
    """The chunk streams of audio and video with one-byte ids, in their order."""
    known_of = ((csid, known.channels.get(csid)) for csid in range(2, 64))  # of all that there are, it may be thousands
    return {csid: one for csid, one in known_of if one is not None and one.type_id in MEDIA}


def header_pattern(known: Known, channels: Mapping[int, Channel]) -> re.Pattern[bytes]:
    """A coarse pattern of the headers that may begin a message; of types 2 and 3 those on ``channels``."""
    parts = [_CONTROL, _COMMAND, _MEDIA_0, _MEDIA_1]
    for csid, channel in channels.items():
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
