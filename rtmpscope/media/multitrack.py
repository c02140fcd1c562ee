"""Messages that carry several tracks (Enhanced RTMP v2, Multitrack): one part per track."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.media.headers import (
    MANY_CODECS,
    MultitrackHeader,
    TagHeader,
    decode_audio,
    decode_video,
    enhanced_packet_type,
    has_composition_time,
    read_byte,
    read_multitrack,
    read_signed24,
    skip_modex,
    take,
)
from rtmpscope.media.names import AUDIO_FOURCCS, ENHANCED_AUDIO, ENHANCED_VIDEO, MULTITRACK, VIDEO_FOURCCS
from rtmpscope.wire import DecodeError, Truncated

#: A track id is one byte.
_MOST_TRACKS = 256


@frozen
class TrackPart:
    """One track's share of a body.

    Attributes:
        header: as if the track had a message to itself; ``size`` is the offset of its codec's bytes in the body.
        start: offset of the part: its FourCC or its track id.
        length: bytes of the codec.
    """

    header: TagHeader
    start: int
    length: int


@frozen
class TrackParts:
    """The parts of a body in wire order, and what is wrong behind the last of them, if anything."""

    parts: tuple[TrackPart, ...]
    problem: DecodeError | None = None


def decode_tracks(kind: str, body: bytes) -> TrackParts:
    """Take an audio or video body apart by tracks; a body of one track is one part.

    Args:
        kind: ``audio`` or ``video``.
        body: the whole message body.

    Raises:
        DecodeError: the header before the tracks is malformed.
    """
    whole = decode_video(body) if kind == "video" else decode_audio(body)
    if whole.packet_type != MULTITRACK:
        return TrackParts((TrackPart(whole, 0, len(body) - whole.size),))
    _, position = skip_modex(body, body[0] & 15, 1)
    layout = read_multitrack(body, position)
    parts: list[TrackPart] = []
    try:
        position, fourcc = layout.position, b""
        if layout.layout != MANY_CODECS:
            fourcc, position = take(body, position, 4, "FourCC"), position + 4
        while position < len(body):
            if len(parts) == _MOST_TRACKS:
                raise DecodeError(position, "track", f"more than {_MOST_TRACKS} tracks in one message")
            part = _part(whole, layout, body, position, fourcc)
            parts.append(part)
            position = part.header.size + part.length
    except DecodeError as error:
        return TrackParts(tuple(parts), error)
    return TrackParts(tuple(parts))


def _part(whole: TagHeader, layout: MultitrackHeader, body: bytes, start: int, fourcc: bytes) -> TrackPart:
    video = whole.kind == "video"
    position = start
    if layout.layout == MANY_CODECS:
        fourcc, position = take(body, position, 4, "FourCC"), position + 4
    track = read_byte(body, position, "track id")
    position += 1
    size = int.from_bytes(take(body, position, 3, "size of track"), "big")
    position += 3
    end = position + size
    if end > len(body):
        raise Truncated(position, "track", size, len(body) - position)
    codec = (VIDEO_FOURCCS if video else AUDIO_FOURCCS).get(fourcc)
    packet_type = enhanced_packet_type(ENHANCED_VIDEO if video else ENHANCED_AUDIO, layout.number, layout.position - 1)
    cts = 0
    if video and has_composition_time(codec, layout.number):
        if position + 3 > end:
            raise Truncated(position, "composition time", 3, end - position)
        cts, position = read_signed24(body, position), position + 3
    header = TagHeader(whole.kind, codec, whole.frame_type, packet_type, cts, position, track)
    return TrackPart(header, start, end - position)
