"""H.264 in RTMP: the configuration record (ISO/IEC 14496-15, 5.3.3.1), and profiles and levels in words."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.media.configs import VideoConfig
from rtmpscope.media.sps import decode_sps
from rtmpscope.wire import DecodeError, Truncated

_PROFILES = {
    44: "CAVLC 4:4:4",
    66: "Baseline",
    77: "Main",
    88: "Extended",
    100: "High",
    110: "High 10",
    118: "Multiview High",
    122: "High 4:2:2",
    128: "Stereo High",
    144: "High 4:4:4",
    244: "High 4:4:4 Predictive",
}
_INTRA = {110: "High 10 Intra", 122: "High 4:2:2 Intra", 244: "High 4:4:4 Intra"}
#: Profiles in which level 11 with constraint_set3_flag is level 1b; elsewhere that flag means intra only.
_WITH_1B = (66, 77, 88)
_CONSTRAINT_SET_1, _CONSTRAINT_SET_3 = 0x40, 0x10

NAL_NAMES = {
    1: "slice",
    2: "data partition A",
    3: "data partition B",
    4: "data partition C",
    5: "IDR slice",
    6: "SEI",
    7: "sequence parameter set",
    8: "picture parameter set",
    9: "access unit delimiter",
    10: "end of sequence",
    11: "end of stream",
    12: "filler data",
}


@frozen
class AvcRecord:
    """An AVCDecoderConfigurationRecord.

    Attributes:
        profile_idc, compatibility, level_idc: as in the sequence parameter set.
        length_size: bytes of the length before each NAL unit.
        sps, pps: the parameter sets, with their places: (offset, bytes).
        end: offset after the last of them; the extensions of the high profiles may follow.
    """

    profile_idc: int
    compatibility: int
    level_idc: int
    length_size: int
    sps: tuple[tuple[int, bytes], ...]
    pps: tuple[tuple[int, bytes], ...]
    end: int


def decode_avc_record(data: bytes) -> AvcRecord:
    """Decode a configuration record.

    Raises:
        DecodeError: it is cut short, or is none.
    """
    if not data:
        raise Truncated(0, "AVCDecoderConfigurationRecord", 6, 0)
    if data[0] != 1:
        raise DecodeError(0, "configurationVersion", f"{data[0]} instead of 1")
    if len(data) < 6:
        raise Truncated(len(data), "AVCDecoderConfigurationRecord", 6 - len(data), 0)
    sps, position = parameter_sets(data, 6, data[5] & 0x1F, "sequence parameter set")
    if position >= len(data):
        raise Truncated(position, "numOfPictureParameterSets", 1, 0)
    pps, end = parameter_sets(data, position + 1, data[position], "picture parameter set")
    return AvcRecord(data[1], data[2], data[3], (data[4] & 3) + 1, sps, pps, end)


def avc_config(data: bytes) -> VideoConfig:
    """Profile, level, size and frame rate of a configuration record.

    Raises:
        DecodeError: it is malformed.
    """
    record = decode_avc_record(data)
    if not record.sps:
        profile = profile_name(record.profile_idc, record.compatibility)
        level = level_name(record.profile_idc, record.compatibility, record.level_idc)
        return VideoConfig("h264", profile, level, length_size=record.length_size)
    place, nal = record.sps[0]
    try:
        sps = decode_sps(nal)
    except DecodeError as error:
        raise DecodeError(place + error.offset, error.field, error.reason) from None
    profile = profile_name(sps.profile_idc, sps.constraints)
    level = level_name(sps.profile_idc, sps.constraints, sps.level_idc)
    return VideoConfig("h264", profile, level, sps.width, sps.height, sps.fps, record.length_size)


def profile_name(profile_idc: int, constraints: int) -> str:
    """A profile in the words of ffprobe."""
    if profile_idc == 66 and constraints & _CONSTRAINT_SET_1:
        return "Constrained Baseline"
    if constraints & _CONSTRAINT_SET_3 and profile_idc in _INTRA:
        return _INTRA[profile_idc]
    return _PROFILES.get(profile_idc, f"profile {profile_idc}")


def level_name(profile_idc: int, constraints: int, level_idc: int) -> str:
    """A level in words: ``3.1``, ``1b``."""
    if level_idc == 9 or (level_idc == 11 and constraints & _CONSTRAINT_SET_3 and profile_idc in _WITH_1B):
        return "1b"
    return f"{level_idc // 10}.{level_idc % 10}"


def parameter_sets(data: bytes, position: int, count: int, name: str) -> tuple[tuple[tuple[int, bytes], ...], int]:
    """``count`` NAL units, each behind a length of two bytes: (offset, bytes) of each, and the offset after them.

    Raises:
        Truncated: the data end before.
    """
    found = []
    for _ in range(count):
        if position + 2 > len(data):
            raise Truncated(position, f"{name} length", 2, len(data) - position)
        length = int.from_bytes(data[position : position + 2], "big")
        position += 2
        if position + length > len(data):
            raise Truncated(position, name, length, len(data) - position)
        found.append((position, data[position : position + length]))
        position += length
    return tuple(found), position
