"""The sequence parameter set of H.264 (section 7.3.2.1), with the frame rate of its VUI parameters (annex E)."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.media.bits import BitReader, FieldReader, rbsp
from rtmpscope.wire import DecodeError, Field, Truncated

#: Profiles whose parameter sets tell the chroma format.
_WITH_CHROMA = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
_SPS = 7
_EXTENDED_SAR = 255
_LARGEST = 1 << 16
_LONGEST_CYCLE = 255


@frozen
class Sps:
    """What a sequence parameter set says.

    Attributes:
        profile_idc, constraints, level_idc: as on the wire; ``constraints`` is the byte of the flags.
        width, height: in pixels, after cropping.
        fps: frames per second; None without timing.
    """

    profile_idc: int
    constraints: int
    level_idc: int
    width: int
    height: int
    fps: float | None


def decode_sps(nal: bytes) -> Sps:
    """Decode a sequence parameter set, NAL header included.

    Raises:
        DecodeError: it is cut short or absurd.
    """
    _check_kind(nal)
    data, dropped = rbsp(nal)
    return _read(BitReader(data, 0, dropped))


def sps_fields(nal: bytes) -> tuple[Field, ...]:
    """The fields of a sequence parameter set; where it is malformed, those before it."""
    data, dropped = rbsp(nal)
    reader = FieldReader(data, 0, dropped)
    try:
        _check_kind(nal)
        _read(reader)
    except DecodeError as error:
        reader.note_rest(error)
    return tuple(reader.fields)


def _check_kind(nal: bytes) -> None:
    if not nal:
        raise Truncated(0, "sequence parameter set", 1, 0)
    if nal[0] & 0x1F != _SPS:
        raise DecodeError(0, "nal_unit_type", f"{nal[0] & 0x1F} instead of {_SPS}")


def _read(bits: BitReader) -> Sps:
    bits.u(1, "forbidden_zero_bit")
    bits.u(2, "nal_ref_idc")
    bits.u(5, "nal_unit_type")
    profile_idc = bits.u(8, "profile_idc")
    constraints = bits.u(8, "constraint_set_flags")
    level_idc = bits.u(8, "level_idc")
    bits.ue("seq_parameter_set_id")
    chroma = _read_chroma_format(bits) if profile_idc in _WITH_CHROMA else 1
    _read_picture_order(bits)
    bits.ue("max_num_ref_frames")
    bits.flag("gaps_in_frame_num_value_allowed_flag")
    width, height = _read_size(bits, chroma)
    return Sps(profile_idc, constraints, level_idc, width, height, _frame_rate(bits))


def _read_size(bits: BitReader, chroma: int) -> tuple[int, int]:
    width = 16 * (bits.ue("pic_width_in_mbs_minus1") + 1)
    map_units = bits.ue("pic_height_in_map_units_minus1") + 1
    frame_only = bits.flag("frame_mbs_only_flag")
    if not frame_only:
        bits.flag("mb_adaptive_frame_field_flag")
    bits.flag("direct_8x8_inference_flag")
    fields = 1 if frame_only else 2
    height = 16 * map_units * fields
    if bits.flag("frame_cropping_flag"):
        left, right, top, bottom = (bits.ue(f"frame_crop_{side}_offset") for side in ("left", "right", "top", "bottom"))
        width -= (2 if chroma in (1, 2) else 1) * (left + right)
        height -= (2 if chroma == 1 else 1) * fields * (top + bottom)
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        raise bits.malformed("picture size", f"{width} by {height}")
    return width, height


def _read_chroma_format(bits: BitReader) -> int:
    chroma = bits.ue("chroma_format_idc")
    if chroma > 3:
        raise bits.malformed("chroma_format_idc", f"{chroma} is reserved")
    separate = chroma == 3 and bits.flag("separate_colour_plane_flag")
    bits.ue("bit_depth_luma_minus8")
    bits.ue("bit_depth_chroma_minus8")
    bits.flag("qpprime_y_zero_transform_bypass_flag")
    if bits.flag("seq_scaling_matrix_present_flag"):
        for number in range(12 if chroma == 3 else 8):
            if bits.flag("seq_scaling_list_present_flag"):
                _read_scaling_list(bits, 16 if number < 6 else 64)
    return 0 if separate else chroma


def _read_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se("delta_scale") + 256) % 256
        last = following or last


def _read_picture_order(bits: BitReader) -> None:
    bits.ue("log2_max_frame_num_minus4")
    kind = bits.ue("pic_order_cnt_type")
    if kind == 0:
        bits.ue("log2_max_pic_order_cnt_lsb_minus4")
    elif kind == 1:
        bits.flag("delta_pic_order_always_zero_flag")
        bits.se("offset_for_non_ref_pic")
        bits.se("offset_for_top_to_bottom_field")
        cycle = bits.ue("num_ref_frames_in_pic_order_cnt_cycle")
        if cycle > _LONGEST_CYCLE:
            raise bits.malformed("num_ref_frames_in_pic_order_cnt_cycle", f"{cycle} is more than {_LONGEST_CYCLE}")
        for _ in range(cycle):
            bits.se("offset_for_ref_frame")
    elif kind > 2:
        raise bits.malformed("pic_order_cnt_type", f"{kind} is reserved")


def _frame_rate(bits: BitReader) -> float | None:
    """The frame rate of the VUI parameters; None without timing, or where they are cut."""
    try:
        timing = _read_vui(bits)
    except Truncated:
        return None  # encoders have been seen to cut here, and all that matters stands before
    return timing[1] / (2 * timing[0]) if timing and all(timing) else None


def _read_vui(bits: BitReader) -> tuple[int, int] | None:
    """``num_units_in_tick`` and ``time_scale``; one tick is a field, two are a frame."""
    if not bits.flag("vui_parameters_present_flag"):
        return None
    if bits.flag("aspect_ratio_info_present_flag") and bits.u(8, "aspect_ratio_idc") == _EXTENDED_SAR:
        bits.u(16, "sar_width")
        bits.u(16, "sar_height")
    if bits.flag("overscan_info_present_flag"):
        bits.flag("overscan_appropriate_flag")
    if bits.flag("video_signal_type_present_flag"):
        bits.u(3, "video_format")
        bits.flag("video_full_range_flag")
        if bits.flag("colour_description_present_flag"):
            bits.u(8, "colour_primaries")
            bits.u(8, "transfer_characteristics")
            bits.u(8, "matrix_coefficients")
    if bits.flag("chroma_loc_info_present_flag"):
        bits.ue("chroma_sample_loc_type_top_field")
        bits.ue("chroma_sample_loc_type_bottom_field")
    if not bits.flag("timing_info_present_flag"):
        return None
    return bits.u(32, "num_units_in_tick"), bits.u(32, "time_scale")
