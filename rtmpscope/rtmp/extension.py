"""Whether a type-3 header repeats the extended timestamp of its chunk stream, told from the bytes.

The four bytes after the basic header are compared with the extended timestamp. The first time, and where they
contradict what was found before, the chunk is also read to its end both ways: the next header must stand where
one of them puts it. That needs bytes which may still have to come.
"""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from rtmpscope.rtmp.chunk_header import basic_header
from rtmpscope.rtmp.dialect import Extension
from rtmpscope.rtmp.message_types import TYPE_NAMES

#: Longer chunks are not waited for: the four bytes decide alone.
MOST_AHEAD = 1 << 16

_LARGEST_HEADER = 3 + 11
_TYPE_PLACE = 6  # of the message type id, after the basic header

#: What speaks for a header to stand at a place, from bytes that are not there to the header expected.
_UNKNOWN, _NOTHING, _A_HEADER, _THE_NEXT_CHUNK = range(4)


class TypeThree(NamedTuple):
    """A type-3 header on a chunk stream under an extended timestamp.

    Attributes:
        data, at: the place just after its basic header.
        csid, basic: the chunk stream, and the basic header's bytes.
        payload: bytes of payload in its chunk; ``more`` of the message follow.
        values: what would be repeated: the last extended timestamp, or the message's timestamp for senders
            that repeat that one after a delta.
        known: chunk stream ids in use.
        patient: bytes may still come.
    """

    data: bytes
    at: int
    csid: int
    basic: bytes
    payload: int
    more: bool
    values: tuple[int, int]
    known: Container[int]
    patient: bool

    @property
    def repeats(self) -> bool | None:
        """Whether the four bytes are the extended timestamp; None if more are needed to tell."""
        there = self.data[self.at : self.at + 4]
        if all(there != value.to_bytes(4, "big")[: len(there)] for value in self.values):
            return False
        return True if len(there) == 4 else None


def read_extension(header: TypeThree, found: Extension | None) -> Extension | None:
    """How this header is to be read, given what was ``found`` before; None to wait for more bytes.

    "omitted" is final: it was told by four bytes that are something else.
    """
    if found == "omitted":
        return found
    repeats = header.repeats
    if repeats is None or (repeats and found):
        return found if repeats else None
    compared: Extension = "repeated" if repeats else "omitted"
    if header.payload > MOST_AHEAD:
        return compared
    if header.patient and header.at + 8 + header.payload + _LARGEST_HEADER > len(header.data):
        return None
    omitted, repeated = (_next_stands(header, header.at + extension + header.payload) for extension in (0, 4))
    if repeats:
        return "omitted" if omitted > repeated >= _NOTHING else "repeated"
    told = repeated > omitted if found else _repeats_another(header)
    return "repeated" if told and omitted == _NOTHING else compared


def _next_stands(header: TypeThree, place: int) -> int:
    """How much speaks for the next header to stand at ``place``."""
    data, basic = header.data, header.basic
    if header.more and data[place : place + len(basic)] == basic:
        return _THE_NEXT_CHUNK
    if place + _LARGEST_HEADER > len(data):
        return _UNKNOWN
    read = basic_header(data, place)
    assert read is not None
    fmt, csid, size = read
    if header.more and csid == header.csid:
        return _NOTHING
    if fmt < 2 and data[place + size + _TYPE_PLACE] not in TYPE_NAMES:
        return _NOTHING
    return _A_HEADER if fmt == 0 or csid in header.known else _NOTHING


def _repeats_another(header: TypeThree) -> bool:
    """Whether the chunk and the one after it both have the same four bytes, though not those expected."""
    data, at = header.data, header.at
    after = at + 4 + header.payload
    place = after + len(header.basic)
    there = data[at : at + 4]
    return header.more and data[after:place] == header.basic and there == data[place : place + 4]
