"""H.264: the configuration record (ISO/IEC 14496-15, 5.3.3.1) and its sequence parameter set (H.264, 7.3.2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from rtmpscope.media.bits import BitReader, without_emulation_prevention
from rtmpscope.media.configs import VideoConfig
from rtmpscope.wire import DecodeError, Truncated

_PROFILES = {
    44: "CAVLC 4:4:4 Intra",
    66: "Baseline",
    77: "Main",
    88: "Extended",
    100: "High",
    110: "High 10",
    122: "High 4:2:2",
    144: "High 4:4:4",
    244: "High 4:4:4 Predictive",
}
#: Profiles whose parameter sets tell the chroma format.
_WITH_CHROMA = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
_SPS = 7
_CONSTRAINED = 0x40
_EXTENDED_SAR = 255
_LARGEST = 1 << 16

NAL_NAMES = {
    1: "slice",
    2: "data partition A",
    5: "IDR slice",
    6: "SEI",
    7: "sequence parameter set",
    8: "picture parameter set",
    9: "access unit delimiter",
    10: "end of sequence",
    11: "end of stream",
    12: "filler data",
}


@dataclass(frozen=True, slots=True)
class AvcRecord:
    """An AVCDecoderConfigurationRecord.

    Attributes:
        profile_idc, compatibility, level_idc: as in the sequence parameter set.
        length_size: bytes of the length before each NAL unit.
        sps, pps: the parameter sets, with their places: (offset, bytes).
    """

    profile_idc: int
    compatibility: int
    level_idc: int
    length_size: int
    sps: tuple[tuple[int, bytes], ...]
    pps: tuple[tuple[int, bytes], ...]


def decode_avc_record(data: bytes) -> AvcRecord:
    """Decode a configuration record.

    Raises:
        DecodeError: it is cut short, or is none.
    """
    if len(data) < 6:
        raise Truncated(0, "AVCDecoderConfigurationRecord", 6, len(data))
    if data[0] != 1:
        raise DecodeError(0, "configuration version", f"{data[0]} instead of 1")
    sps, position = _parameter_sets(data, 6, data[5] & 0x1F, "sequence parameter set")
    if position >= len(data):
        raise Truncated(position, "number of picture parameter sets", 1, 0)
    pps, _ = _parameter_sets(data, position + 1, data[position], "picture parameter set")
    return AvcRecord(data[1], data[2], data[3], (data[4] & 3) + 1, sps, pps)


def avc_config(data: bytes) -> VideoConfig:
    """Profile, level, size and frame rate of a configuration record.

    Raises:
        DecodeError: it is malformed.
    """
    record = decode_avc_record(data)
    profile = profile_name(record.profile_idc, record.compatibility)
    level = level_name(record.level_idc, record.compatibility)
    if not record.sps:
        return VideoConfig("h264", profile, level)
    try:
        sps = decode_sps(record.sps[0][1])
    except DecodeError as error:
        raise DecodeError(record.sps[0][0] + error.offset, error.field, error.reason) from None
    return VideoConfig("h264", profile, level, sps.width, sps.height, sps.fps)


def profile_name(profile_idc: int, compatibility: int) -> str:
    """A profile in words."""
    if profile_idc == 66 and compatibility & _CONSTRAINED:
        return "Constrained Baseline"
    return _PROFILES.get(profile_idc, f"profile {profile_idc}")


def level_name(level_idc: int, compatibility: int) -> str:
    """A level in words: ``3.1``, ``1b``."""
    if level_idc == 9 or (level_idc == 11 and compatibility & 0x10):
        return "1b"
    return f"{level_idc // 10}.{level_idc % 10}"


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says of the picture; ``fps`` is None without timing."""

    profile_idc: int
    level_idc: int
    width: int
    height: int
    fps: float | None


def decode_sps(nal: bytes) -> Sps:
    """Decode a sequence parameter set, NAL header included.

    Raises:
        DecodeError: it is cut short or absurd.
    """
    if len(nal) < 4 or nal[0] & 0x1F != _SPS:
        raise DecodeError(0, "sequence parameter set", "another kind of NAL unit, or cut short")
    bits = BitReader(without_emulation_prevention(nal[1:]))
    profile_idc, _, level_idc = (
        bits.u(8, "profile_idc"),
        bits.u(8, "constraint flags"),
        bits.u(8, "level_idc"),
    )
    bits.ue("seq_parameter_set_id")
    chroma = _chroma_format(bits) if profile_idc in _WITH_CHROMA else 1
    _skip_picture_order(bits)
    bits.ue("max_num_ref_frames")
    bits.flag("gaps_in_frame_num_value_allowed_flag")
    width = 16 * (bits.ue("pic_width_in_mbs_minus1") + 1)
    map_units = bits.ue("pic_height_in_map_units_minus1") + 1
    frame_only = bits.flag("frame_mbs_only_flag")
    if not frame_only:
        bits.flag("mb_adaptive_frame_field_flag")
    bits.flag("direct_8x8_inference_flag")
    height = 16 * map_units * (1 if frame_only else 2)
    if bits.flag("frame_cropping_flag"):
        left, right, top, bottom = (bits.ue("frame_crop_offset") for _ in range(4))
        unit_x = 2 if chroma in (1, 2) else 1
        unit_y = (2 if chroma == 1 else 1) * (1 if frame_only else 2)
        width, height = width - unit_x * (left + right), height - unit_y * (top + bottom)
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        raise DecodeError(0, "sequence parameter set", f"a picture of {width} by {height}")
    return Sps(profile_idc, level_idc, width, height, _frame_rate(bits))


def _parameter_sets(data: bytes, position: int, count: int, name: str) -> tuple[tuple[tuple[int, bytes], ...], int]:
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


def _chroma_format(bits: BitReader) -> int:
    chroma = bits.ue("chroma_format_idc")
    separate = chroma == 3 and bits.flag("separate_colour_plane_flag")
    bits.ue("bit_depth_luma_minus8")
    bits.ue("bit_depth_chroma_minus8")
    bits.flag("qpprime_y_zero_transform_bypass_flag")
    if bits.flag("seq_scaling_matrix_present_flag"):
        for number in range(12 if chroma == 3 else 8):
            if bits.flag("seq_scaling_list_present_flag"):
                _skip_scaling_list(bits, 16 if number < 6 else 64)
    return 0 if separate else chroma


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se("delta_scale") + 256) % 256
        last = following or last


def _skip_picture_order(bits: BitReader) -> None:
    bits.ue("log2_max_frame_num_minus4")
    kind = bits.ue("pic_order_cnt_type")
    if kind == 0:
        bits.ue("log2_max_pic_order_cnt_lsb_minus4")
    elif kind == 1:
        bits.flag("delta_pic_order_always_zero_flag")
        bits.se("offset_for_non_ref_pic")
        bits.se("offset_for_top_to_bottom_field")
        for _ in range(min(bits.ue("num_ref_frames_in_pic_order_cnt_cycle"), 255)):
            bits.se("offset_for_ref_frame")


def _frame_rate(bits: BitReader) -> float | None:
    """The frame rate of the VUI parameters (H.264, annex E); None without timing, or where they are cut."""
    try:
        if not bits.flag("vui_parameters_present_flag"):
            return None
        if bits.flag("aspect_ratio_info_present_flag") and bits.u(8, "aspect_ratio_idc") == _EXTENDED_SAR:
            bits.u(32, "sar_width and sar_height")
        if bits.flag("overscan_info_present_flag"):
            bits.flag("overscan_appropriate_flag")
        if bits.flag("video_signal_type_present_flag"):
            bits.u(4, "video_format and video_full_range_flag")
            if bits.flag("colour_description_present_flag"):
                bits.u(24, "colour description")
        if bits.flag("chroma_loc_info_present_flag"):
            bits.ue("chroma_sample_loc_type_top_field")
            bits.ue("chroma_sample_loc_type_bottom_field")
        if not bits.flag("timing_info_present_flag"):
            return None
        units, scale = bits.u(32, "num_units_in_tick"), bits.u(32, "time_scale")
    except Truncated:
        return None
    return scale / (2 * units) if units and scale else None
