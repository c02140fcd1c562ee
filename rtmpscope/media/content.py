"""What stands behind the tag header, as fields: configuration records, NAL units, plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rtmpscope.media import avc, hevc
from rtmpscope.media.aac import audio_specific_config_fields, in_words
from rtmpscope.media.bits import malformed_field
from rtmpscope.media.headers import TagHeader
from rtmpscope.media.names import CODED_FRAMES, SEQUENCE_START
from rtmpscope.media.sps import decode_sps, sps_fields
from rtmpscope.wire import DecodeError, Field, Truncated, byte_field

#: NAL units listed one by one; a frame has a few dozen, a hostile body could have a million.
MOST_UNITS = 256

_NAL_KINDS: dict[str, Callable[[int], str]] = {
    "h264": lambda first: avc.NAL_NAMES.get(first & 0x1F, f"NAL unit type {first & 0x1F}"),
    "hevc": lambda first: hevc.NAL_NAMES.get(first >> 1 & 0x3F, f"NAL unit type {first >> 1 & 0x3F}"),
}


def content_fields(header: TagHeader, data: bytes, start: int) -> tuple[Field, ...]:
    """The fields of the codec's bytes ``data``, which begin at ``start`` of the body."""
    return tuple(field.shifted(start) for field in _content(header, data))


def _content(header: TagHeader, data: bytes) -> tuple[Field, ...]:
    if not data:
        return ()
    if header.packet_type == SEQUENCE_START:
        if header.codec == "h264":
            return (byte_field("AVCDecoderConfigurationRecord", 0, len(data), None, "", _record(data, _read_avc)),)
        if header.codec == "hevc":
            return (byte_field("HEVCDecoderConfigurationRecord", 0, len(data), None, "", _record(data, _read_hevc)),)
        if header.codec == "aac":
            children = tuple(_in_words(field) for field in audio_specific_config_fields(data))
            return (byte_field("AudioSpecificConfig", 0, len(data), None, "", children),)
        return (byte_field("configuration", 0, len(data), data),)
    if header.codec in _NAL_KINDS and header.packet_type == CODED_FRAMES:
        return _nal_units(data, _NAL_KINDS[header.codec])
    return (byte_field("data", 0, len(data), data),)


def _nal_units(data: bytes, kind: Callable[[int], str]) -> tuple[Field, ...]:
    """NAL units, each behind a length of four bytes; shorter lengths are told by the configuration only."""
    fields: list[Field] = []
    position = 0
    while position + 4 < len(data) and len(fields) < MOST_UNITS:
        length = int.from_bytes(data[position : position + 4], "big")
        start = position + 4
        if length == 0 or start + length > len(data):
            break
        children = (
            byte_field("length", position, 4, length),
            byte_field("NAL unit", start, length, data[start : start + length]),
        )
        name = kind(data[start])
        fields.append(byte_field(name, position, 4 + length, None, f"{length} bytes", children))
        position = start + length
    if position < len(data):
        fields.append(byte_field("data", position, len(data) - position, data[position:]))
    return tuple(fields)


def _record(data: bytes, read: Callable[[bytes, list[Field]], None]) -> tuple[Field, ...]:
    """The fields of a record; where it is malformed, those before it."""
    fields: list[Field] = []
    try:
        read(data, fields)
    except DecodeError as error:
        fields.append(malformed_field(error, (fields[-1].end + 7) // 8 if fields else 0, len(data)))
    return tuple(fields)


def _read_avc(data: bytes, fields: list[Field]) -> None:
    if len(data) < 6:
        raise Truncated(0, "AVCDecoderConfigurationRecord", 6, len(data))
    fields += [
        byte_field("configurationVersion", 0, 1, data[0]),
        byte_field("AVCProfileIndication", 1, 1, data[1], avc.profile_name(data[1], data[2])),
        byte_field("profile_compatibility", 2, 1, data[2]),
        byte_field("AVCLevelIndication", 3, 1, data[3], avc.level_name(data[1], data[2], data[3])),
        Field("reserved", 32, 38, data[4] >> 2),
        Field("lengthSizeMinusOne", 38, 40, data[4] & 3, f"lengths of {(data[4] & 3) + 1} bytes"),
        Field("reserved", 40, 43, data[5] >> 5),
        Field("numOfSequenceParameterSets", 43, 48, data[5] & 31),
    ]
    if data[0] != 1:
        raise DecodeError(0, "configurationVersion", f"{data[0]} instead of 1")
    position = _parameter_sets(data, 6, data[5] & 31, "sequence parameter set", fields)
    if position >= len(data):
        raise Truncated(position, "numOfPictureParameterSets", 1, 0)
    fields.append(byte_field("numOfPictureParameterSets", position, 1, data[position]))
    position = _parameter_sets(data, position + 1, data[position], "picture parameter set", fields)
    if position < len(data):
        fields.append(byte_field("extensions", position, len(data) - position, data[position:]))


def _read_hevc(data: bytes, fields: list[Field]) -> None:
    if len(data) < 23:
        raise Truncated(0, "HEVCDecoderConfigurationRecord", 23, len(data))
    fields += [
        byte_field("configurationVersion", 0, 1, data[0]),
        Field("general_profile_space", 8, 10, data[1] >> 6),
        Field("general_tier_flag", 10, 11, data[1] >> 5 & 1, "high" if data[1] & 0x20 else "main"),
        Field("general_profile_idc", 11, 16, data[1] & 31),
        byte_field("general_profile_compatibility_flags", 2, 4, data[2:6]),
        byte_field("general_constraint_indicator_flags", 6, 6, data[6:12]),
        byte_field("general_level_idc", 12, 1, data[12], f"{data[12] / 30:.1f}"),
        byte_field("segmentation, parallelism, chroma format, bit depth, frame rate", 13, 8, data[13:21]),
        Field("constantFrameRate", 168, 170, data[21] >> 6),
        Field("numTemporalLayers", 170, 173, data[21] >> 3 & 7),
        Field("temporalIdNested", 173, 174, data[21] >> 2 & 1),
        Field("lengthSizeMinusOne", 174, 176, data[21] & 3, f"lengths of {(data[21] & 3) + 1} bytes"),
        byte_field("numOfArrays", 22, 1, data[22]),
    ]
    position = 23
    for _ in range(data[22]):
        if position + 3 > len(data):
            raise Truncated(position, "array of NAL units", 3, len(data) - position)
        name = _NAL_KINDS["hevc"]((data[position] & 0x3F) << 1)
        count = int.from_bytes(data[position + 1 : position + 3], "big")
        fields.append(byte_field("NAL_unit_type", position, 1, data[position] & 0x3F, name))
        fields.append(byte_field("numNalus", position + 1, 2, count))
        position = _parameter_sets(data, position + 3, count, name, fields)


def _parameter_sets(data: bytes, position: int, count: int, name: str, fields: list[Field]) -> int:
    """Append the fields of ``count`` NAL units with lengths of two bytes; the offset after them."""
    for _ in range(count):
        if len(fields) > 2 * MOST_UNITS:
            raise DecodeError(position, name, "more parameter sets than are listed here")
        found, end = avc.parameter_sets(data, position, 1, name)
        place, nal = found[0]
        children = tuple(field.shifted(place) for field in _sps_fields(nal)) if name == "sequence parameter set" else ()
        fields.append(byte_field(f"{name} length", position, 2, len(nal)))
        fields.append(byte_field(name, place, len(nal), nal, _size_words(nal) if children else "", children))
        position = end
    return position


def _sps_fields(nal: bytes) -> tuple[Field, ...]:
    """Bit fields of an H.264 parameter set; those of H.265 stay bytes."""
    return sps_fields(nal) if nal and nal[0] & 0x9F == 7 else ()


def _size_words(nal: bytes) -> str:
    try:
        sps = decode_sps(nal)
    except DecodeError as error:
        return f"malformed: {error}"
    rate = "" if sps.fps is None else f", {sps.fps:g} fps"
    return f"{sps.width}×{sps.height}{rate}"


def _in_words(field: Field) -> Field:
    """An AudioSpecificConfig field with its number explained."""
    return replace(field, meaning=in_words(field.name, field.value)) if isinstance(field.value, int) else field
