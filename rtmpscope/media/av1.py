"""AV1 and VP8/VP9: configuration records (AV1-ISOBMFF 2.3.3, VP-ISOBMFF) and AV1's sequence header (AV1, 5.5)."""

from __future__ import annotations

from rtmpscope.media.bits import BitReader
from rtmpscope.media.configs import VideoConfig
from rtmpscope.wire import DecodeError, Truncated

_PROFILES = {0: "Main", 1: "High", 2: "Professional"}
_MARKER_AND_VERSION = 0x81
_SEQUENCE_HEADER = 1
_WITH_TIER = 7
_FULL_BOX = b"\1\0\0\0"
_VP_RECORD = 8


def av1_config(data: bytes) -> VideoConfig:
    """Profile, level and size of an AV1CodecConfigurationRecord.

    Raises:
        DecodeError: it is malformed.
    """
    if len(data) < 4:
        raise Truncated(len(data), "AV1CodecConfigurationRecord", 4 - len(data), 0)
    if data[0] != _MARKER_AND_VERSION:
        raise DecodeError(0, "marker and version", f"0x{data[0]:02x} instead of 0x81")
    index = data[1] & 0x1F
    profile = _PROFILES.get(data[1] >> 5, f"profile {data[1] >> 5}")
    level = None if index == 31 else f"{2 + index // 4}.{index % 4}"
    if len(data) == 4 or data[4] >> 3 & 15 != _SEQUENCE_HEADER:
        return VideoConfig("av1", profile, level)
    width, height = _sequence_size(BitReader(data[4:], 4))
    return VideoConfig("av1", profile, level, width, height)


def vp_config(codec: str, data: bytes) -> VideoConfig:
    """Profile and level of a VPCodecConfigurationRecord; the size stands in the frames only.

    Raises:
        Truncated: it is cut short.
    """
    if len(data) >= _VP_RECORD + 4 and data.startswith(_FULL_BOX):
        data = data[4:]  # some writers keep the version and flags of the MP4 box
    if len(data) < 2:
        raise Truncated(len(data), "VPCodecConfigurationRecord", _VP_RECORD - len(data), 0)
    level = f"{data[1] // 10}.{data[1] % 10}" if data[1] else None
    return VideoConfig(codec, f"Profile {data[0]}", level)


def _sequence_size(bits: BitReader) -> tuple[int, int]:
    """Largest width and height of a sequence header OBU."""
    bits.u(5, "obu_type")
    extended, sized = bits.flag("obu_extension_flag"), bits.flag("obu_has_size_field")
    bits.u(1, "obu_reserved_1bit")
    if extended:
        bits.u(8, "obu_extension_header")
    if sized:
        _skip_leb128(bits)
    bits.u(3, "seq_profile")
    bits.flag("still_picture")
    if bits.flag("reduced_still_picture_header"):
        bits.u(5, "seq_level_idx")
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.u(4, "frame_width_bits_minus_1") + 1, bits.u(4, "frame_height_bits_minus_1") + 1
    width = bits.u(width_bits, "max_frame_width_minus_1") + 1
    return width, bits.u(height_bits, "max_frame_height_minus_1") + 1


def _skip_operating_points(bits: BitReader) -> None:
    delay_bits = 0
    if bits.flag("timing_info_present_flag"):
        bits.u(64, "timing_info")
        if bits.flag("equal_picture_interval"):
            bits.ue("num_ticks_per_picture_minus_1")  # uvlc: the same code up to 32 leading zeros
        if bits.flag("decoder_model_info_present_flag"):
            delay_bits = bits.u(5, "buffer_delay_length_minus_1") + 1
            bits.u(42, "decoder_model_info")
    display_delay = bits.flag("initial_display_delay_present_flag")
    for _ in range(bits.u(5, "operating_points_cnt_minus_1") + 1):
        bits.u(12, "operating_point_idc")
        if bits.u(5, "seq_level_idx") > _WITH_TIER:
            bits.flag("seq_tier")
        if delay_bits and bits.flag("decoder_model_present_for_this_op"):
            bits.u(2 * delay_bits + 1, "operating_parameters_info")
        if display_delay and bits.flag("initial_display_delay_present_for_this_op"):
            bits.u(4, "initial_display_delay_minus_1")


def _skip_leb128(bits: BitReader) -> None:
    for _ in range(8):
        if not bits.u(8, "obu_size") & 0x80:
            return
    raise bits.malformed("obu_size", "longer than 8 bytes")
