"""Messages under type-2 and type-3 headers on a chunk stream whose lengths were told before the capture began.

Such headers are common where audio frames are equally long. The body's first bytes tell the kind; the length is
tried: a header that begins the same way, or any other believable one, has to stand behind the body, and behind
that message the next, and the next.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from rtmpscope.rtmp.believable import CUT_OFF, MEDIA, Known, begins_like, believed, perhaps
from rtmpscope.rtmp.chunk_header import Channel
from rtmpscope.rtmp.message_types import DATA_AMF0

#: The longest such message, how many ends are tried, and how many bytes are looked at.
_LONGEST, _MOST_ENDS, ENOUGH = 8192, 16, 1 << 15
#: Names of data messages, with their lengths.
_DATA_NAMES = (b"\x00\x0aonMetaData", b"\x00\x0d@setDataFr")
#: Headers that have to follow one another, and those looked at for one of the same chunk stream.
_LINKS, _MOST_LINKS = 3, 16


class Shape(NamedTuple):
    """Type and length that the messages of a chunk stream have."""

    type_id: int
    length: int


#: More bytes have to come.
UNSURE = Shape(0, 0)


def shape_of(run: bytearray, at: int, known: Known, pattern: re.Pattern[bytes], *, open_ended: bool) -> Shape | None:
    """Type and length of the message at ``run[at]``, by what follows it; None if it does not tell.

    ``pattern`` finds other headers; an ``open_ended`` run has more to come, which may have to be waited for.
    """
    fmt, csid = run[at] >> 6, run[at] & 0x3F
    if fmt < 2 or csid < 3 or csid in known.channels:
        return None
    body = at + (4 if fmt == 2 else 1)
    if open_ended and len(run) < at + ENOUGH:
        return UNSURE
    kinds = _kinds(run[body : body + 16], known)
    if len(kinds) != 1:
        return None
    run = run[: at + ENOUGH]  # so that it makes no difference how much more has come
    start = kinds[0] << 16 | int.from_bytes(run[body : body + 2], "big")
    vague = perhaps(kinds[0], run[body : body + 2], known)
    again = re.compile(_same_channel(csid, bytes(run[body : body + (1 if vague else 2)])), re.DOTALL)
    for end in islice(_places(run, (again, pattern), body + 1, body + _LONGEST), _MOST_ENDS):
        # Until the chunk size is known, a message may seem to end later than it does: the first header decides.
        length = _length(run, body, end, csid, known.chunk_size)
        shape = Shape(kinds[0], length or end - body)
        channel = Channel(type_id=shape.type_id, length=shape.length)
        channels = ChainMap({csid: channel}, known.channels)  # type: ignore[arg-type]
        with_it = replace(known, channels=channels, starts=known.starts | {start})
        header = believed(run, end, with_it)
        if header is not None and header.strong:
            if vague and not known.sized and length and (length - 1) // known.chunk_size == 1:
                return None  # one type-3 header in its place may be chance
            return shape if length and _links(run, end, with_it, csid if vague else None) else None
    return None


def _kinds(head: bytearray, known: Known) -> list[int]:
    """Message types whose bodies begin so; commands begin as data does, but for the name."""
    data = [DATA_AMF0] if head[1:].startswith(_DATA_NAMES) and head[0] == 2 else []
    told = [kind for kind in MEDIA if begins_like(kind, head[:9], _LONGEST, known)]
    return data + (told or [kind for kind in MEDIA if perhaps(kind, head, known)])


def _length(run: bytearray, body: int, end: int, csid: int, chunk_size: int) -> int | None:
    """Length of a message from one place to another; None if type-3 headers do not stand in it where they should."""
    headers = run[body + chunk_size : end : chunk_size + 1]
    length = end - body - len(headers)
    fits = (length - 1) // chunk_size == len(headers) and headers == bytes((0xC0 | csid,)) * len(headers)
    return length if fits else None


def _places(run: bytearray, patterns: Sequence[re.Pattern[bytes]], at: int, stop: int) -> Iterator[int]:
    """Where one of some patterns is found, in order. One made of all would have to be compiled for each message."""
    nearest = [at - 1] * len(patterns)
    while at < stop:
        for number, pattern in enumerate(patterns):
            if nearest[number] < at:
                match = pattern.search(run, at, stop)
                nearest[number] = match.start() if match else stop
        at = min(nearest)
        if at < stop:
            yield at
        at += 1


def _same_channel(csid: int, begins: bytes) -> bytes:
    continuing = re.escape(bytes((0xC0 | csid,))) + b"|" + re.escape(bytes((0x80 | csid,))) + b"..."
    return b"(?:" + continuing + b")" + re.escape(begins)


def _links(run: bytearray, at: int, known: Known, again: int | None) -> bool:
    """Whether believable headers follow one another from ``at`` on, as far as the bytes go; one of them at least.

    If a chunk stream ``again`` is given, one has to follow a message of that, and one to tell its message's length.
    """
    wanted = set() if again is None else {"after it", "full"}
    before = None
    for number in range(_MOST_LINKS):
        if number >= _LINKS and not wanted:
            break
        header = believed(run, at, known)
        if header is CUT_OFF:
            return number > 0 and not wanted
        if header is None or not header.strong:
            return False
        wanted -= {"after it" if before == again else "", "full" if header.fmt < 2 else ""}
        before = header.csid
        at = header.body + header.length + (header.length - 1) // known.chunk_size * header.basic
        if at >= len(run):
            break
    return not wanted
