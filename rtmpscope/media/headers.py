"""The tag header of an audio or video body: legacy (FLV 10.1) or Enhanced (Enhanced RTMP v2).

One body at a time; this is the reference for the decoding in columns. The order of an Enhanced header:
first byte, ModEx extensions, multitrack byte, FourCC, track id, composition time. A multitrack message that
holds one track is read through to that track's own packet type; one that holds several stays a
``multitrack`` packet, and :func:`rtmpscope.media.decode_tracks` takes it apart.
"""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.media.names import (
    AAC_FORMAT,
    AUDIO_FORMATS,
    AUDIO_FOURCCS,
    CODED_FRAMES,
    ENHANCED_AUDIO,
    ENHANCED_FORMAT,
    ENHANCED_VIDEO,
    METADATA,
    MODEX,
    MULTITRACK,
    SEQUENCE_END,
    SEQUENCE_START,
    VIDEO_CODEC_IDS,
    VIDEO_FOURCCS,
    WITH_ADJUSTMENT,
    WITH_COMPOSITION_TIME,
    WITH_PACKET_TYPE,
)
from rtmpscope.wire import DecodeError, Truncated

COMMAND = 5
MODEX_NUMBER = 7
ONE_TRACK, MANY_TRACKS, MANY_CODECS = 0, 1, 2
_LEGACY_PACKET_TYPES = (SEQUENCE_START, CODED_FRAMES, SEQUENCE_END)
_LARGE_MODEX = 256


@frozen
class TagHeader:
    """What stands before the codec's own bytes.

    Attributes:
        kind: ``audio`` or ``video``.
        codec: name as ffprobe prints it; None where the header names none or an unknown one.
        frame_type: 1 to 5 for video, 0 for audio and reserved values.
        packet_type: code into ``PACKET_TYPES``.
        cts: composition time offset in ms, signed.
        size: bytes of the header.
        track: number of the track in multitrack messages of one track, else 0.
    """

    kind: str
    codec: str | None
    frame_type: int
    packet_type: int
    cts: int
    size: int
    track: int = 0

    @property
    def keyframe(self) -> bool:
        """Whether the header says keyframe (1), or keyframe made by the server (4)."""
        return self.frame_type in (1, 4)


def decode_video(body: bytes) -> TagHeader:
    """The header of a video body (FLV 10.1 E.4.3.1; Enhanced RTMP, ExVideoTagHeader).

    Raises:
        Truncated: the body ends inside the header.
        DecodeError: the packet type is reserved.
    """
    first = read_byte(body, 0, "video tag header")
    if first & 0x80:
        return _enhanced_video(body, first)
    frame_type = _frame_type(first >> 4)
    codec_id = first & 15
    codec = VIDEO_CODEC_IDS.get(codec_id)
    if frame_type == COMMAND:
        return TagHeader("video", codec, frame_type, CODED_FRAMES, 0, 1)
    if codec_id in WITH_ADJUSTMENT:
        read_byte(body, 1, "VP6 size adjustment")
        return TagHeader("video", codec, frame_type, CODED_FRAMES, 0, 2)
    if codec_id not in WITH_PACKET_TYPE:
        return TagHeader("video", codec, frame_type, CODED_FRAMES, 0, 1)
    packet_type = read_byte(body, 1, "AVC packet type")
    if packet_type > 2:
        raise DecodeError(1, "AVC packet type", f"{packet_type} is reserved")
    cts = read_signed24(body, 2)
    return TagHeader("video", codec, frame_type, _LEGACY_PACKET_TYPES[packet_type], cts, 5)


def decode_audio(body: bytes) -> TagHeader:
    """The header of an audio body (FLV 10.1 E.4.2.1; Enhanced RTMP, ExAudioTagHeader).

    An empty body is silence: a header of no bytes and no codec.

    Raises:
        Truncated: the body ends inside the header.
        DecodeError: the packet type is reserved.
    """
    if not body:
        return TagHeader("audio", None, 0, CODED_FRAMES, 0, 0)
    form = body[0] >> 4
    if form == ENHANCED_FORMAT:
        return _enhanced_audio(body)
    codec = AUDIO_FORMATS.get(form)
    if form in (0, 3):
        codec = "pcm_s16le" if body[0] & 2 else "pcm_u8"
    if form != AAC_FORMAT:
        return TagHeader("audio", codec, 0, CODED_FRAMES, 0, 1)
    packet_type = read_byte(body, 1, "AAC packet type")
    if packet_type > 1:
        raise DecodeError(1, "AAC packet type", f"{packet_type} is reserved")
    return TagHeader("audio", codec, 0, _LEGACY_PACKET_TYPES[packet_type], 0, 2)


@frozen
class MultitrackHeader:
    """The byte of a multitrack message that says how its tracks are laid out.

    Attributes:
        layout: 0 one track, 1 many tracks of one codec, 2 many tracks with a codec each.
        number: the packet type, as on the wire, of every track.
        position: offset of the byte after it.
    """

    layout: int
    number: int
    position: int


def read_multitrack(body: bytes, position: int) -> MultitrackHeader:
    """The multitrack byte at ``position``.

    Raises:
        DecodeError: it is missing, its layout is reserved, or it names a multitrack or ModEx packet again.
    """
    value = read_byte(body, position, "multitrack type")
    if value >> 4 > MANY_CODECS:
        raise DecodeError(position, "multitrack type", f"{value >> 4} is reserved")
    return MultitrackHeader(value >> 4, value & 15, position + 1)


def skip_modex(body: bytes, number: int, position: int) -> tuple[int, int]:
    """Step over ModEx extensions; the packet type that follows them, and where.

    Raises:
        Truncated: the body ends within them.
    """
    while number == MODEX_NUMBER:
        start, size = modex_data(body, position)
        position = start + size
        number = read_byte(body, position, "ModEx type") & 15
        position += 1
    return number, position


def modex_data(body: bytes, position: int) -> tuple[int, int]:
    """Start and size of the data of the ModEx extension whose size stands at ``position``.

    Raises:
        Truncated: the body ends within the size or the data.
    """
    size, start = read_byte(body, position, "ModEx size") + 1, position + 1
    if size == _LARGE_MODEX:
        size, start = int.from_bytes(take(body, start, 2, "ModEx size"), "big") + 1, start + 2
    take(body, start, size, "ModEx data")
    return start, size


def read_byte(body: bytes, position: int, name: str) -> int:
    """One byte; :class:`Truncated` where the body has ended."""
    return take(body, position, 1, name)[0]


def read_signed24(body: bytes, position: int) -> int:
    """A composition time: 24 bits, signed."""
    return int.from_bytes(take(body, position, 3, "composition time"), "big", signed=True)


def take(body: bytes, position: int, size: int, name: str) -> bytes:
    """``size`` bytes at ``position``; :class:`Truncated` where the body has fewer."""
    if position + size > len(body):
        raise Truncated(position, name, size, max(len(body) - position, 0))
    return body[position : position + size]


def enhanced_packet_type(types: dict[int, int], number: int, place: int) -> int:
    """The packet type of a number on the wire; ``place`` is where it stands.

    Raises:
        DecodeError: the number is reserved.
    """
    if number not in types or types[number] == MODEX:
        raise DecodeError(place, "packet type", f"{number} is reserved")
    return types[number]


def has_composition_time(codec: str | None, number: int) -> bool:
    """Whether an Enhanced video packet of this number carries a composition time."""
    return number == 1 and codec in WITH_COMPOSITION_TIME


def _enhanced_video(body: bytes, first: int) -> TagHeader:
    frame_type = _frame_type(first >> 4 & 7)
    number, position = skip_modex(body, first & 15, 1)
    packet_type = enhanced_packet_type(ENHANCED_VIDEO, number, position - 1)
    if frame_type == COMMAND and packet_type != METADATA:
        return TagHeader("video", None, frame_type, packet_type, 0, position)
    one_track = False
    if packet_type == MULTITRACK:
        header = read_multitrack(body, position)
        number, position = header.number, header.position
        inner = _track_packet_type(ENHANCED_VIDEO, number, position - 1)
        if header.layout != ONE_TRACK:
            return TagHeader("video", None, frame_type, MULTITRACK, 0, position)
        packet_type, one_track = inner, True
    codec = VIDEO_FOURCCS.get(take(body, position, 4, "FourCC"))
    position += 4
    track = read_byte(body, position, "track id") if one_track else 0
    position += one_track
    if has_composition_time(codec, number):
        cts = read_signed24(body, position)
        return TagHeader("video", codec, frame_type, packet_type, cts, position + 3, track)
    return TagHeader("video", codec, frame_type, packet_type, 0, position, track)


def _enhanced_audio(body: bytes) -> TagHeader:
    number, position = skip_modex(body, body[0] & 15, 1)
    packet_type = enhanced_packet_type(ENHANCED_AUDIO, number, position - 1)
    one_track = False
    if packet_type == MULTITRACK:
        header = read_multitrack(body, position)
        number, position = header.number, header.position
        inner = _track_packet_type(ENHANCED_AUDIO, number, position - 1)
        if header.layout != ONE_TRACK:
            return TagHeader("audio", None, 0, MULTITRACK, 0, position)
        packet_type, one_track = inner, True
    codec = AUDIO_FOURCCS.get(take(body, position, 4, "FourCC"))
    position += 4
    track = read_byte(body, position, "track id") if one_track else 0
    return TagHeader("audio", codec, 0, packet_type, 0, position + one_track, track)


def _track_packet_type(types: dict[int, int], number: int, place: int) -> int:
    packet_type = enhanced_packet_type(types, number, place)
    if packet_type == MULTITRACK:
        raise DecodeError(place, "packet type", "multitrack within multitrack")
    return packet_type


def _frame_type(number: int) -> int:
    return number if 1 <= number <= COMMAND else 0
