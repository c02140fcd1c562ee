"""Audio and video bodies as trees of fields."""

from __future__ import annotations

from rtmpscope.media.aac import decode_audio_specific_config
from rtmpscope.media.avc import NAL_NAMES, decode_avc_record, decode_sps, level_name, profile_name
from rtmpscope.media.headers import TagHeader, decode_audio, decode_video
from rtmpscope.media.names import (
    AAC_FORMAT,
    AUDIO_FORMATS,
    CODED_FRAMES,
    ENHANCED_FORMAT,
    FRAME_TYPES,
    PACKET_TYPES,
    SEQUENCE_START,
    VIDEO_CODEC_IDS,
    WITH_PACKET_TYPE,
)
from rtmpscope.wire import DecodeError, Field, byte_field

_RATES = ("5.5 kHz", "11 kHz", "22 kHz", "44 kHz")


def video_fields(body: bytes) -> tuple[Field, ...]:
    """The fields of a video body; what is malformed is one field at the end."""
    if not body:
        return ()
    try:
        header = decode_video(body)
    except DecodeError as error:
        return (byte_field("malformed", 0, len(body), body, str(error)),)
    return _header_and_rest(body, header, _video_header(body, header))


def audio_fields(body: bytes) -> tuple[Field, ...]:
    """The fields of an audio body; what is malformed is one field at the end."""
    if not body:
        return ()
    try:
        header = decode_audio(body)
    except DecodeError as error:
        return (byte_field("malformed", 0, len(body), body, str(error)),)
    return _header_and_rest(body, header, _audio_header(body, header))


def _header_and_rest(body: bytes, header: TagHeader, fields: list[Field]) -> tuple[Field, ...]:
    rest = body[header.size :]
    try:
        inner = _content(header, rest)
    except DecodeError as error:
        inner = (byte_field("malformed", 0, len(rest), rest, str(error)),)
    return (*fields, *(field.shifted(header.size) for field in inner))


def _video_header(body: bytes, header: TagHeader) -> list[Field]:
    first = body[0]
    frame = FRAME_TYPES[header.frame_type - 1] if header.frame_type else "reserved"
    if first & 0x80:
        fields = [
            Field("is extended header", 0, 1, 1),
            Field("frame type", 1, 4, first >> 4 & 7, frame),
            Field("packet type", 4, 8, first & 15, PACKET_TYPES[header.packet_type]),
        ]
        return fields + _enhanced_rest(body, header)
    codec_id = first & 15
    fields = [
        Field("frame type", 0, 4, first >> 4, frame),
        Field("codec id", 4, 8, codec_id, VIDEO_CODEC_IDS.get(codec_id, "unknown")),
    ]
    if header.size > 1 and codec_id in WITH_PACKET_TYPE:
        fields.append(byte_field("AVC packet type", 1, 1, body[1], PACKET_TYPES[header.packet_type]))
        fields.append(byte_field("composition time", 2, 3, header.cts, "ms"))
    return fields


def _audio_header(body: bytes, header: TagHeader) -> list[Field]:
    if not header.size:
        return []
    first = body[0]
    form = first >> 4
    if form == ENHANCED_FORMAT:
        fields = [
            Field("sound format", 0, 4, form, "extended header"),
            Field("packet type", 4, 8, first & 15, PACKET_TYPES[header.packet_type]),
        ]
        return fields + _enhanced_rest(body, header)
    means_nothing = " (means nothing for AAC)" if form == AAC_FORMAT else ""
    fields = [
        Field("sound format", 0, 4, form, AUDIO_FORMATS.get(form, "reserved")),
        Field("sound rate", 4, 6, first >> 2 & 3, _RATES[first >> 2 & 3] + means_nothing),
        Field("sound size", 6, 7, first >> 1 & 1, "16 bits" if first & 2 else "8 bits"),
        Field("sound type", 7, 8, first & 1, "stereo" if first & 1 else "mono"),
    ]
    if form == AAC_FORMAT:
        fields.append(byte_field("AAC packet type", 1, 1, body[1], PACKET_TYPES[header.packet_type]))
    return fields


def _enhanced_rest(body: bytes, header: TagHeader) -> list[Field]:
    """FourCC and composition time, or whatever else the header holds."""
    if header.size == 5:
        return [byte_field("FourCC", 1, 4, body[1:5].decode("latin-1"), header.codec or "unknown")]
    if header.size == 8 and body[0] & 15 == 1:
        fourcc = byte_field("FourCC", 1, 4, body[1:5].decode("latin-1"), header.codec or "unknown")
        return [fourcc, byte_field("composition time", 5, 3, header.cts, "ms")]
    return [byte_field("extensions", 1, header.size - 1, body[1 : header.size])] if header.size > 1 else []


def _content(header: TagHeader, rest: bytes) -> tuple[Field, ...]:
    if not rest:
        return ()
    if header.packet_type == SEQUENCE_START and header.codec == "h264":
        return (byte_field("AVCDecoderConfigurationRecord", 0, len(rest), None, "", _avc_record(rest)),)
    if header.packet_type == SEQUENCE_START and header.codec == "aac":
        return (_audio_specific_config(rest),)
    if header.packet_type == CODED_FRAMES and header.codec == "h264":
        return _nal_units(rest)
    return (byte_field("data", 0, len(rest), rest),)


def _avc_record(data: bytes) -> tuple[Field, ...]:
    record = decode_avc_record(data)
    fields = [
        byte_field("configuration version", 0, 1, data[0]),
        byte_field("profile", 1, 1, data[1], profile_name(record.profile_idc, record.compatibility)),
        byte_field("profile compatibility", 2, 1, data[2]),
        byte_field("level", 3, 1, data[3], level_name(record.level_idc, record.compatibility)),
        Field("reserved", 32, 38, data[4] >> 2),
        Field("length size minus one", 38, 40, data[4] & 3, f"lengths of {record.length_size} bytes"),
        Field("reserved", 40, 43, data[5] >> 5),
        Field("number of sequence parameter sets", 43, 48, data[5] & 31),
    ]
    for offset, nal in record.sps:
        fields.append(byte_field("sequence parameter set length", offset - 2, 2, len(nal)))
        fields.append(byte_field("sequence parameter set", offset, len(nal), nal, _sps_words(nal)))
    at = record.sps[-1][0] + len(record.sps[-1][1]) if record.sps else 6
    fields.append(byte_field("number of picture parameter sets", at, 1, data[at]))
    at += 1
    for offset, nal in record.pps:
        fields.append(byte_field("picture parameter set length", offset - 2, 2, len(nal)))
        fields.append(byte_field("picture parameter set", offset, len(nal), nal))
        at = offset + len(nal)
    if at < len(data):
        fields.append(byte_field("extensions", at, len(data) - at, data[at:]))
    return tuple(fields)


def _sps_words(nal: bytes) -> str:
    try:
        sps = decode_sps(nal)
    except DecodeError as error:
        return f"malformed: {error}"
    rate = "" if sps.fps is None else f", {sps.fps:g} fps"
    return f"{sps.width}×{sps.height}{rate}"


def _audio_specific_config(data: bytes) -> Field:
    config = decode_audio_specific_config(data)
    words = [
        f"object type {config.object_type}",
        f"{config.sample_rate} Hz",
        f"{config.channels or '?'} channels",
    ]
    words += ["SBR"] if config.sbr else []
    words += ["PS"] if config.ps else []
    return byte_field("AudioSpecificConfig", 0, len(data), data, ", ".join(words))


def _nal_units(data: bytes) -> tuple[Field, ...]:
    """NAL units, each behind a length of four bytes; shorter lengths are told by the configuration only."""
    fields: list[Field] = []
    position = 0
    while position + 4 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        start = position + 4
        if length == 0 or start + length > len(data):
            break
        kind = data[start] & 0x1F
        children = (
            byte_field("length", position, 4, length),
            byte_field("NAL unit", start, length, data[start : start + length]),
        )
        name = NAL_NAMES.get(kind, f"NAL unit type {kind}")
        fields.append(byte_field(name, position, 4 + length, None, "", children))
        position = start + length
    if position < len(data):
        fields.append(byte_field("data", position, len(data) - position, data[position:]))
    return tuple(fields)
