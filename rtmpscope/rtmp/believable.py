"""Whether bytes read like the header of a message: one header by itself.

Where synchronisation is in doubt, a header is believed only if everything in it that can be seen fits: chunk
stream, type, length, clock, and the first bytes of the body, which name a codec. For audio and video that is
some forty bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import NamedTuple

from rtmpscope.frozen import frozen
from rtmpscope.rtmp.chunk_header import EXTENDED, MESSAGE_HEADER_BYTES, Channel, ChunkHeader, basic_header, signed32
from rtmpscope.rtmp.dialect import UNDECIDED, Dialect
from rtmpscope.rtmp.message_types import (
    AUDIO,
    COMMAND_AMF0,
    COMMAND_AMF3,
    DATA_AMF0,
    DATA_AMF3,
    SET_PEER_BANDWIDTH,
    TYPE_NAMES,
    USER_CONTROL,
    VIDEO,
)

#: As many bytes are needed to judge a header: the longest one, and the beginning of the body.
LOOK_AHEAD = 18 + 9
#: No message after a hole is believed to be as long.
LARGEST_LENGTH = 1 << 20
_LONGEST_DELTA_MS = 0x0800
_NEAR_MS = 600_000
#: Some senders cut their timestamps to so many bits.
_CUT_BITS = 24
_LARGEST_STREAM_ID = 16
MEDIA = (AUDIO, VIDEO)
_CONTROL_CSID = 2
_MP3, _AAC, _EXTENDED_AUDIO = 2, 10, 9
#: PCM, ADPCM, Nellymoser, G.711, Speex, MP3 at 8 kHz; Screen video, VP6: their data may begin with anything.
_PLAIN_AUDIO, _PLAIN_VIDEO = (0, 1, 3, 4, 5, 6, 7, 8, 11, 14), (3, 4, 5, 6)
_AVC, _HEVC = 7, 12
_DISPOSABLE = 3
_FLV1 = 2
_VIDEO_CODECS = (_FLV1, *_PLAIN_VIDEO, _AVC, _HEVC)
_FOURCCS = (b"avc1", b"hvc1", b"vvc1", b"av01", b"vp08", b"vp09", b"Opus", b"mp4a", b"fLaC", b"ac-3", b"ec-3", b".mp3")
_MULTITRACK, _MODEX = (5, 6), 7


@frozen
class Known:
    """What is known of a direction.

    Attributes:
        channels: its chunk streams.
        chunk_size: in force when synchronisation was lost.
        starts: how bodies have begun: ``type << 16 | first byte << 8 | second byte``.
        shapes: (type, length) of the latest messages of each chunk stream, each once, the newest first.
        dialect: of the sender.
        joined: the capture began in mid-stream: there may be chunk streams that have not been heard of.
        sure_length: of messages up to this length the chunk size is certain.
        sized: it was announced, or messages were seen to be split by it.
    """

    channels: Mapping[int, Channel]
    chunk_size: int
    starts: frozenset[int]
    shapes: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    dialect: Dialect = UNDECIDED
    joined: bool = False
    sure_length: int = EXTENDED
    sized: bool = True

    @property
    def extension_starts(self) -> bool:
        """Whether type-3 headers that begin messages are taken to repeat extended timestamps."""
        return (self.dialect.starting or self.dialect.continuing) != "omitted"

    def shapes_of(self, csid: int) -> tuple[tuple[int, int], ...]:
        """(type, length) of messages that a chunk stream had, the latest first."""
        channel, seen = self.channels.get(csid), self.shapes.get(csid, ())
        return seen if channel is None else ((channel.type_id, channel.length), *seen)


class Believed(NamedTuple):
    """A header that may be one.

    Attributes:
        fmt, csid, type_id: as in the header, or as the channel had it.
        length: likewise. Of type-2 and type-3 headers both are those of an earlier message of the channel.
        body: place of the first body byte; ``basic`` bytes of the basic header.
        extended: under an extended timestamp.
        strong: the body begins as one of its kind.
    """

    fmt: int
    csid: int
    type_id: int
    length: int
    body: int
    basic: int
    extended: bool
    strong: bool


#: The header is not all there.
CUT_OFF = Believed(0, 0, 0, 0, 0, 0, False, False)


def believed(data: bytes | bytearray, at: int, known: Known, *, expected: bool = False) -> Believed | None:
    """The header at ``data[at]``; None if it is not believable, ``CUT_OFF`` if the bytes end within it.

    Where one is ``expected``, types 0 and 1 tell enough without the body.
    """
    basic = basic_header(data, at)  # type: ignore[arg-type]
    if basic is None:
        return CUT_OFF if at >= len(data) or data[at] & 0x3F < 2 else None
    fmt, csid, size = basic
    channel = known.channels.get(csid)
    if channel is None and (fmt > 1 or (size > 1 and not expected)):
        return None  # of a chunk stream not heard of; such high ones are rare
    body = at + size + MESSAGE_HEADER_BYTES[fmt]
    if body > len(data):
        return CUT_OFF
    fields = data[at + size : body]
    time = int.from_bytes(fields[:3], "big") if fmt < 3 else 0
    extended = time == EXTENDED if fmt < 3 else _repeats_extension(data[body : body + 4], channel, known)
    if extended:
        time, body = int.from_bytes(data[body : body + 4], "big"), body + 4
        if body > len(data):
            return CUT_OFF
    if fmt < 2:
        length, type_id = int.from_bytes(fields[3:6], "big"), fields[6]
    else:
        length, type_id = _likely_shape(known, csid, data[body : body + 9])
    if not _clock_fits(fmt, time, extended, channel, known.dialect):
        return None
    if fmt == 0 and not _stream_fits(int.from_bytes(fields[7:11], "little"), type_id, channel):
        return None
    if not (0 if expected else 1) <= length < LARGEST_LENGTH or not _type_fits(type_id, csid, channel):
        return None
    head = data[body : body + 9]
    begins = begins_like(type_id, head, length, known)
    unheard = fmt <= known.joined and tells_no_more(type_id, head)  # what follows will have to confirm it
    if not (expected and fmt < 2) and (begins is False or (begins is None and channel is None and not unheard)):
        return None
    strong = begins is True and (fmt < 2 or type_id > SET_PEER_BANDWIDTH)
    return Believed(fmt, csid, type_id, length, body, size, extended, strong)


def plausible(header: ChunkHeader) -> bool:
    """Whether there are messages of such a type and length, be it on any chunk stream."""
    return header.type_id in TYPE_NAMES and header.length < LARGEST_LENGTH


def _repeats_extension(there: bytes | bytearray, channel: Channel | None, known: Known) -> bool:
    """Whether a type-3 header is followed by an extended timestamp; a shorter one may have come meanwhile."""
    if channel is None or not (channel.extended and known.extension_starts):
        return False
    value = int.from_bytes(there, "big")
    near = min(_apart(value, channel.time, 32), _apart(value, channel.timestamp, 32)) <= _NEAR_MS
    return len(there) < 4 or (near and value >= EXTENDED)


def _likely_shape(known: Known, csid: int, head: bytes | bytearray) -> tuple[int, int]:
    """(length, type) of the latest message of a chunk stream whose type is that of a body with this beginning."""
    shapes = known.shapes_of(csid)
    fitting = (shape for shape in shapes if begins_like(shape[0], head, shape[1], known))
    type_id, length = next(fitting, shapes[0])
    return length, type_id


def _clock_fits(fmt: int, time: int, extended: bool, channel: Channel | None, dialect: Dialect) -> bool:
    if channel is None or fmt == 3:
        return fmt != 1 or time < _LONGEST_DELTA_MS
    beside = _apart(time, channel.timestamp, 32) <= _NEAR_MS
    if fmt == 0:
        return beside or (not extended and _may_be_cut(time, channel.timestamp, dialect))
    if time < _LONGEST_DELTA_MS:
        return True
    # An extended delta: a negative one, or the absolute timestamp of some senders.
    if not extended:
        return False
    negative = abs(signed32(time)) <= _NEAR_MS
    return beside if dialect.extended_delta == "absolute" else negative or (beside and dialect.extended_delta is None)


def _may_be_cut(time: int, timestamp: int, dialect: Dialect) -> bool:
    """Whether a timestamp is beside the clock on a clock of 24 bits: known to be one, or just wrapped perhaps."""
    wraps = timestamp >= EXTENDED - _NEAR_MS and time <= _NEAR_MS
    return (dialect.timestamp_bits == _CUT_BITS or wraps) and _apart(time, timestamp, _CUT_BITS) <= _NEAR_MS


def _apart(time: int, timestamp: int, bits: int) -> int:
    """How far two timestamps are apart on a clock of so many bits: ms."""
    apart = (time - timestamp) % (1 << bits)
    return min(apart, (1 << bits) - apart)


def _stream_fits(stream_id: int, type_id: int, channel: Channel | None) -> bool:
    if channel is not None and stream_id == channel.stream_id:
        return True
    return stream_id == 0 or (type_id > SET_PEER_BANDWIDTH and stream_id <= _LARGEST_STREAM_ID)


def _type_fits(type_id: int, csid: int, channel: Channel | None) -> bool:
    if type_id not in TYPE_NAMES:
        return False
    if type_id <= SET_PEER_BANDWIDTH:
        return csid == _CONTROL_CSID
    return csid != _CONTROL_CSID and (channel is None or channel.type_id not in MEDIA or type_id > USER_CONTROL)


def begins_like(type_id: int, head: bytes | bytearray, length: int, known: Known) -> bool | None:
    """Whether a body begins as one of its type does; None if too little of it is there to tell."""
    head = head[:length]
    if type_id in MEDIA:
        return _media_begins(type_id, head, length, known)
    if type_id <= SET_PEER_BANDWIDTH:
        return length == (5 if type_id == SET_PEER_BANDWIDTH else 4) or (type_id == USER_CONTROL and 6 <= length <= 10)
    if type_id in (DATA_AMF0, COMMAND_AMF0, DATA_AMF3, COMMAND_AMF3):
        if type_id in (DATA_AMF3, COMMAND_AMF3):
            head = head[1:]
        if len(head) < 5:
            return None
        return head[0] == 2 and head[1] == 0 and 0 < head[2] < 64 and all(32 <= byte < 127 for byte in head[3:5])
    return None


@lru_cache(maxsize=2)
def _first_bytes(starts: frozenset[int]) -> frozenset[int]:
    """Type ids and first bytes of the bodies that have begun so, as one number each."""
    return frozenset(start >> 8 for start in starts)


def _media_begins(type_id: int, head: bytes | bytearray, length: int, known: Known) -> bool | None:
    """FLV 10.1, annex E.4.3.1; Enhanced RTMP v2."""
    if len(head) < 2:
        return None
    first, second = head[0], head[1]
    if type_id == AUDIO:
        return _audio_begins(head, known)
    if first & 0x80:
        return _names_a_codec(head, first & 15)
    frame, codec = first >> 4, first & 15
    if not 1 <= frame <= 5 or codec not in _VIDEO_CODECS:
        return False
    if codec == _FLV1:  # a picture start code: 16 zero bits and a one
        return second == 0 and (len(head) < 4 or (head[2] == 0 and head[3] & 0x80 == 0x80))
    if codec not in (_AVC, _HEVC):
        return (first << 8 | second | VIDEO << 16) in known.starts or (None if perhaps(VIDEO, head, known) else False)
    if second > 2 or length < 5 or (len(head) > 2 and head[2] not in (0, 0xFF)):
        return False
    within = second != 1 or len(head) < 9 or int.from_bytes(head[5:9], "big") <= length - 9
    return True if within else None


def _audio_begins(head: bytes | bytearray, known: Known) -> bool | None:
    """FLV 10.1, annex E.4.2.1; Enhanced RTMP v2."""
    first, second = head[0], head[1]
    if first >> 4 == _EXTENDED_AUDIO:
        return _names_a_codec(head, first & 15)
    if first >> 4 == _AAC:
        return second <= 1
    if first >> 4 == _MP3 and second == 0xFF and len(head) > 2 and head[2] >= 0xE0:
        return True
    return AUDIO << 8 | first in _first_bytes(known.starts) or (None if perhaps(AUDIO, head, known) else False)


def perhaps(type_id: int, head: bytes | bytearray, known: Known) -> bool:
    """Whether a media body may begin so that tells no more than a codec, as long as none of its type is known."""
    return tells_no_more(type_id, head) and type_id not in _types(known.starts)


def tells_no_more(type_id: int, head: bytes | bytearray) -> bool:
    """Whether a body names a codec whose data may begin with anything."""
    if len(head) < 2:
        return False
    if type_id == AUDIO:
        return head[0] >> 4 in _PLAIN_AUDIO
    return type_id == VIDEO and 1 <= head[0] >> 4 <= _DISPOSABLE and head[0] & 15 in _PLAIN_VIDEO


@lru_cache(maxsize=2)
def _types(starts: frozenset[int]) -> frozenset[int]:
    """Type ids of which it is known how bodies have begun."""
    return frozenset(start >> 16 for start in starts)


def _names_a_codec(head: bytes | bytearray, packet_type: int) -> bool | None:
    if packet_type in _MULTITRACK or packet_type == _MODEX:
        return None
    return None if len(head) < 5 else bytes(head[1:5]) in _FOURCCS
