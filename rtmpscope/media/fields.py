"""Audio and video bodies as trees of fields: the tag header bit by bit, then what the codec wrote.

Nothing is raised: where a body is malformed, the fields before stand, and the rest is one field ``malformed``.
"""

from __future__ import annotations

from collections.abc import Callable

from rtmpscope.media.bits import malformed_field
from rtmpscope.media.content import content_fields
from rtmpscope.media.headers import (
    COMMAND,
    MANY_CODECS,
    MODEX_NUMBER,
    MultitrackHeader,
    TagHeader,
    decode_audio,
    decode_video,
    modex_data,
    read_byte,
    read_multitrack,
    skip_modex,
)
from rtmpscope.media.multitrack import TrackPart, decode_tracks
from rtmpscope.media.names import (
    AAC_FORMAT,
    AUDIO_FORMATS,
    ENHANCED_AUDIO,
    ENHANCED_FORMAT,
    ENHANCED_VIDEO,
    FRAME_TYPES,
    METADATA,
    MULTITRACK,
    PACKET_TYPES,
    VIDEO_CODEC_IDS,
    WITH_ADJUSTMENT,
    WITH_PACKET_TYPE,
)
from rtmpscope.wire import DecodeError, Field, byte_field

_RATES = ("5.5 kHz", "11 kHz", "22 kHz", "44 kHz")
_LAYOUTS = ("one track", "many tracks", "many tracks, many codecs")
_COMMANDS = ("start of client-side seeking", "end of client-side seeking")
_NANOSECONDS = 0


def video_fields(body: bytes) -> tuple[Field, ...]:
    """The fields of a video body; what is malformed is one field at the end."""
    return _tree(body, _read_video)


def audio_fields(body: bytes) -> tuple[Field, ...]:
    """The fields of an audio body; what is malformed is one field at the end, silence has none."""
    return _tree(body, _read_audio)


def _tree(body: bytes, read: Callable[[bytes, list[Field]], None]) -> tuple[Field, ...]:
    fields: list[Field] = []
    if not body:
        return ()
    try:
        read(body, fields)
    except DecodeError as error:
        fields.append(malformed_field(error, (fields[-1].end + 7) // 8 if fields else 0, len(body)))
    return tuple(fields)


def _read_video(body: bytes, fields: list[Field]) -> None:
    first = body[0]
    if first & 0x80:
        fields.append(Field("is extended header", 0, 1, 1))
        fields.append(Field("frame type", 1, 4, first >> 4 & 7, _frame_type(first >> 4 & 7)))
        _read_enhanced("video", body, fields)
        return
    codec_id = first & 15
    fields.append(Field("frame type", 0, 4, first >> 4, _frame_type(first >> 4)))
    fields.append(Field("codec id", 4, 8, codec_id, VIDEO_CODEC_IDS.get(codec_id, "unknown")))
    header = decode_video(body)
    if header.frame_type == COMMAND:
        _read_command(body, header.size, fields)
        return
    if codec_id in WITH_ADJUSTMENT:
        fields.append(Field("horizontal adjustment", 8, 12, body[1] >> 4, "pixels less in width"))
        fields.append(Field("vertical adjustment", 12, 16, body[1] & 15, "pixels less in height"))
    if codec_id in WITH_PACKET_TYPE:
        fields.append(byte_field("AVC packet type", 1, 1, body[1], PACKET_TYPES[header.packet_type]))
        fields.append(byte_field("composition time", 2, 3, header.cts, "ms"))
    fields += content_fields(header, body[header.size :], header.size)


def _read_audio(body: bytes, fields: list[Field]) -> None:
    first = body[0]
    form = first >> 4
    if form == ENHANCED_FORMAT:
        fields.append(Field("sound format", 0, 4, form, "extended header"))
        _read_enhanced("audio", body, fields)
        return
    nothing = " (means nothing for AAC)" if form == AAC_FORMAT else ""
    fields += [
        Field("sound format", 0, 4, form, AUDIO_FORMATS.get(form, "reserved")),
        Field("sound rate", 4, 6, first >> 2 & 3, _RATES[first >> 2 & 3] + nothing),
        Field("sound size", 6, 7, first >> 1 & 1, ("16 bits" if first & 2 else "8 bits") + nothing),
        Field("sound type", 7, 8, first & 1, ("stereo" if first & 1 else "mono") + nothing),
    ]
    header = decode_audio(body)
    if form == AAC_FORMAT:
        fields.append(byte_field("AAC packet type", 1, 1, body[1], PACKET_TYPES[header.packet_type]))
    fields += content_fields(header, body[header.size :], header.size)


def _read_enhanced(kind: str, body: bytes, fields: list[Field]) -> None:
    fields.append(Field("packet type", 4, 8, body[0] & 15, _packet_type(kind, body[0] & 15)))
    _read_modex(kind, body, fields)
    header = decode_video(body) if kind == "video" else decode_audio(body)
    number, position = skip_modex(body, body[0] & 15, 1)
    if header.frame_type == COMMAND and header.packet_type != METADATA:
        _read_command(body, position, fields)
        return
    if _packet_type(kind, number) == PACKET_TYPES[MULTITRACK]:
        layout = read_multitrack(body, position)
        fields += _layout_fields(kind, layout)
        if header.packet_type == MULTITRACK:
            _read_tracks(kind, body, layout, fields)
            return
        fields += _track_header(header, body, layout.position, ("FourCC", "track id"))
    else:
        fields += _track_header(header, body, position, ("FourCC",))
    fields += content_fields(header, body[header.size :], header.size)


def _read_modex(kind: str, body: bytes, fields: list[Field]) -> None:
    number, position = body[0] & 15, 1
    while number == MODEX_NUMBER:
        start, size = modex_data(body, position)
        data = body[start : start + size]
        last = start + size
        following = read_byte(body, last, "ModEx type")
        number = following & 15
        nanoseconds = following >> 4 == _NANOSECONDS and size >= 3
        meaning = f"{int.from_bytes(data[:3], 'big')} ns later" if nanoseconds else ""
        fields += [
            byte_field("ModEx size", position, start - position, size),
            byte_field("ModEx data", start, size, data, meaning),
            Field("ModEx type", 8 * last, 8 * last + 4, following >> 4, "timestamp offset" if nanoseconds else ""),
            Field("packet type", 8 * last + 4, 8 * last + 8, number, _packet_type(kind, number)),
        ]
        position = last + 1


def _layout_fields(kind: str, layout: MultitrackHeader) -> list[Field]:
    start = 8 * (layout.position - 1)
    return [
        Field("multitrack type", start, start + 4, layout.layout, _LAYOUTS[layout.layout]),
        Field("packet type", start + 4, start + 8, layout.number, _packet_type(kind, layout.number)),
    ]


def _read_tracks(kind: str, body: bytes, layout: MultitrackHeader, fields: list[Field]) -> None:
    tracks = decode_tracks(kind, body)
    if layout.layout != MANY_CODECS and layout.position + 4 <= len(body):
        fields.append(byte_field("FourCC", layout.position, 4, _text(body, layout.position)))
    fields += [_track_field(part, body, layout) for part in tracks.parts]
    if tracks.problem is not None:
        raise tracks.problem


def _track_field(part: TrackPart, body: bytes, layout: MultitrackHeader) -> Field:
    header, end = part.header, part.header.size + part.length
    parts = ("FourCC", "track id", "size of track") if layout.layout == MANY_CODECS else ("track id", "size of track")
    head = _track_header(header, body, part.start, parts)
    children = (*head, *content_fields(header, body[header.size : end], header.size))
    return byte_field(f"track {header.track}", part.start, end - part.start, None, header.codec or "unknown", children)


_SIZES = {"FourCC": 4, "track id": 1, "size of track": 3}


def _track_header(header: TagHeader, body: bytes, position: int, parts: tuple[str, ...]) -> list[Field]:
    """What stands between the packet type and the codec's bytes, of a header known to be whole."""
    fields = []
    for name in parts:
        size = _SIZES[name]
        value = _text(body, position) if name == "FourCC" else int.from_bytes(body[position : position + size], "big")
        fields.append(byte_field(name, position, size, value, (header.codec or "unknown") if name == "FourCC" else ""))
        position += size
    if position < header.size:
        fields.append(byte_field("composition time", position, 3, header.cts, "ms"))
    return fields


def _text(body: bytes, position: int) -> str:
    return body[position : position + 4].decode("latin-1")


def _read_command(body: bytes, position: int, fields: list[Field]) -> None:
    command = read_byte(body, position, "video command")
    words = _COMMANDS[command] if command < len(_COMMANDS) else "unknown"
    fields.append(byte_field("video command", position, 1, command, words))
    if position + 1 < len(body):
        fields.append(byte_field("data", position + 1, len(body) - position - 1, body[position + 1 :]))


def _frame_type(number: int) -> str:
    return FRAME_TYPES[number - 1] if 1 <= number <= len(FRAME_TYPES) else "reserved"


def _packet_type(kind: str, number: int) -> str:
    types = ENHANCED_VIDEO if kind == "video" else ENHANCED_AUDIO
    return PACKET_TYPES[types[number]] if number in types else "reserved"
