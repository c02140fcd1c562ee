"""The tag header of an audio or video body: legacy (FLV 10.1) or Enhanced (Enhanced RTMP v2).

One body at a time; this is the reference for the decoding in columns.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    WITH_COMPOSITION_TIME,
    WITH_PACKET_TYPE,
)
from rtmpscope.wire import DecodeError, Truncated

_COMMAND = 5
_LEGACY_PACKET_TYPES = (SEQUENCE_START, CODED_FRAMES, SEQUENCE_END)
_LARGE_MODEX = 256


@dataclass(frozen=True, slots=True)
class TagHeader:
    """What stands before the codec's own bytes.

    Attributes:
        kind: ``audio`` or ``video``.
        codec: name as ffprobe prints it; None where the header names none or an unknown one.
        frame_type: 1 to 5 for video, 0 for audio and reserved values.
        packet_type: code into ``PACKET_TYPES``.
        cts: composition time offset in ms, signed.
        size: bytes of the header.
    """

    kind: str
    codec: str | None
    frame_type: int
    packet_type: int
    cts: int
    size: int

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
    first = _byte(body, 0, "video tag header")
    if first & 0x80:
        return _enhanced_video(body, first)
    frame_type = (first >> 4) if 1 <= first >> 4 <= _COMMAND else 0
    codec_id = first & 15
    codec = VIDEO_CODEC_IDS.get(codec_id)
    if codec_id not in WITH_PACKET_TYPE or frame_type == _COMMAND:
        return TagHeader("video", codec, frame_type, CODED_FRAMES, 0, 1)
    packet_type = _byte(body, 1, "AVC packet type")
    if packet_type > 2:
        raise DecodeError(1, "AVC packet type", f"{packet_type} is reserved")
    cts = _signed24(body, 2)
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
    packet_type = _byte(body, 1, "AAC packet type")
    if packet_type > 1:
        raise DecodeError(1, "AAC packet type", f"{packet_type} is reserved")
    return TagHeader("audio", codec, 0, _LEGACY_PACKET_TYPES[packet_type], 0, 2)


def _enhanced_video(body: bytes, first: int) -> TagHeader:
    frame_type = first >> 4 & 7
    frame_type = frame_type if 1 <= frame_type <= _COMMAND else 0
    number, position = _skip_modex(body, first & 15, 1)
    packet_type = _packet_type(ENHANCED_VIDEO, number)
    if frame_type == _COMMAND and packet_type != METADATA:
        return TagHeader("video", None, frame_type, packet_type, 0, position)
    if packet_type == MULTITRACK:
        return TagHeader("video", None, frame_type, packet_type, 0, position)
    codec = _fourcc(body, position, VIDEO_FOURCCS)
    position += 4
    if number == 1 and codec in WITH_COMPOSITION_TIME:
        return TagHeader("video", codec, frame_type, packet_type, _signed24(body, position), position + 3)
    return TagHeader("video", codec, frame_type, packet_type, 0, position)


def _enhanced_audio(body: bytes) -> TagHeader:
    number, position = _skip_modex(body, body[0] & 15, 1)
    packet_type = _packet_type(ENHANCED_AUDIO, number)
    if packet_type == MULTITRACK:
        return TagHeader("audio", None, 0, packet_type, 0, position)
    codec = _fourcc(body, position, AUDIO_FOURCCS)
    return TagHeader("audio", codec, 0, packet_type, 0, position + 4)


def _skip_modex(body: bytes, number: int, position: int) -> tuple[int, int]:
    """Step over ModEx extensions; the packet type that follows them, and where."""
    while number == 7:
        size = _byte(body, position, "ModEx size") + 1
        position += 1
        if size == _LARGE_MODEX:
            size = int.from_bytes(_take(body, position, 2, "ModEx size"), "big") + 1
            position += 2
        position += size
        number = _byte(body, position, "ModEx type") & 15
        position += 1
    return number, position


def _packet_type(types: dict[int, int], number: int) -> int:
    if number not in types or types[number] == MODEX:
        raise DecodeError(0, "packet type", f"{number} is reserved")
    return types[number]


def _fourcc(body: bytes, position: int, names: dict[bytes, str]) -> str | None:
    return names.get(_take(body, position, 4, "FourCC"))


def _signed24(body: bytes, position: int) -> int:
    return int.from_bytes(_take(body, position, 3, "composition time"), "big", signed=True)


def _byte(body: bytes, position: int, name: str) -> int:
    return _take(body, position, 1, name)[0]


def _take(body: bytes, position: int, size: int, name: str) -> bytes:
    if position + size > len(body):
        raise Truncated(position, name, size, max(len(body) - position, 0))
    return body[position : position + size]
