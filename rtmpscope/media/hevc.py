"""H.265: the configuration record (ISO/IEC 14496-15, 8.3.3.1) and the size in its parameter set (H.265, 7.3.2.2)."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.media.avc import parameter_sets
from rtmpscope.media.bits import BitReader, rbsp
from rtmpscope.media.configs import VideoConfig
from rtmpscope.wire import DecodeError, Truncated

_PROFILES = {1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext", 9: "Scc"}
_SPS = 33
_FIXED_BYTES = 23
_LARGEST = 1 << 16

NAL_NAMES = {
    **dict.fromkeys(range(10), "slice"),
    **dict.fromkeys((16, 17, 18), "BLA slice"),
    **dict.fromkeys((19, 20), "IDR slice"),
    21: "CRA slice",
    32: "video parameter set",
    33: "sequence parameter set",
    34: "picture parameter set",
    35: "access unit delimiter",
    36: "end of sequence",
    37: "end of bitstream",
    38: "filler data",
    39: "SEI",
    40: "SEI",
}


@frozen
class HevcRecord:
    """An HEVCDecoderConfigurationRecord.

    Attributes:
        profile_idc, level_idc: general profile, and level times 30.
        length_size: bytes of the length before each NAL unit.
        units: (NAL unit type, offset, bytes) of each parameter set.
    """

    profile_idc: int
    level_idc: int
    length_size: int
    units: tuple[tuple[int, int, bytes], ...]


def decode_hevc_record(data: bytes) -> HevcRecord:
    """Decode a configuration record.

    Raises:
        DecodeError: it is cut short, or is none.
    """
    if len(data) < _FIXED_BYTES:
        raise Truncated(len(data), "HEVCDecoderConfigurationRecord", _FIXED_BYTES - len(data), 0)
    if data[0] > 1:  # 0 was written before the specification was final
        raise DecodeError(0, "configurationVersion", f"{data[0]} instead of 1")
    units: list[tuple[int, int, bytes]] = []
    position = _FIXED_BYTES
    for _ in range(data[_FIXED_BYTES - 1]):
        if position + 3 > len(data):
            raise Truncated(position, "array of NAL units", 3, len(data) - position)
        kind, count = data[position] & 0x3F, int.from_bytes(data[position + 1 : position + 3], "big")
        found, position = parameter_sets(data, position + 3, count, NAL_NAMES.get(kind, "NAL unit"))
        units += [(kind, place, nal) for place, nal in found]
    return HevcRecord(data[1] & 0x1F, data[12], (data[21] & 3) + 1, tuple(units))


def hevc_config(data: bytes) -> VideoConfig:
    """Profile, level and size of a configuration record.

    Raises:
        DecodeError: it is malformed.
    """
    record = decode_hevc_record(data)
    profile = _PROFILES.get(record.profile_idc, f"profile {record.profile_idc}")
    level = f"{record.level_idc // 30}.{record.level_idc % 30 // 3}"
    for kind, place, nal in record.units:
        if kind != _SPS:
            continue
        try:
            width, height = decode_size(nal)
        except DecodeError as error:
            raise DecodeError(place + error.offset, error.field, error.reason) from None
        return VideoConfig("hevc", profile, level, width, height, None, record.length_size)
    return VideoConfig("hevc", profile, level, length_size=record.length_size)


def decode_size(nal: bytes) -> tuple[int, int]:
    """Width and height that a sequence parameter set, NAL header included, gives after cropping.

    Raises:
        DecodeError: it is cut short or absurd.
    """
    data, dropped = rbsp(nal)
    bits = BitReader(data, 0, dropped)
    bits.u(16, "nal_unit_header")
    bits.u(4, "sps_video_parameter_set_id")
    sub_layers = bits.u(3, "sps_max_sub_layers_minus1")
    bits.flag("sps_temporal_id_nesting_flag")
    _read_profile_tier_level(bits, sub_layers)
    bits.ue("sps_seq_parameter_set_id")
    chroma = bits.ue("chroma_format_idc")
    if chroma > 3:
        raise bits.malformed("chroma_format_idc", f"{chroma} is reserved")
    if chroma == 3 and bits.flag("separate_colour_plane_flag"):
        chroma = 0
    width, height = bits.ue("pic_width_in_luma_samples"), bits.ue("pic_height_in_luma_samples")
    if bits.flag("conformance_window_flag"):
        left, right, top, bottom = (bits.ue(f"conf_win_{side}_offset") for side in ("left", "right", "top", "bottom"))
        width -= (2 if chroma in (1, 2) else 1) * (left + right)
        height -= (2 if chroma == 1 else 1) * (top + bottom)
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        raise bits.malformed("picture size", f"{width} by {height}")
    return width, height


def _read_profile_tier_level(bits: BitReader, sub_layers: int) -> None:
    bits.u(88, "general_profile")
    bits.u(8, "general_level_idc")
    present = [
        (bits.flag("sub_layer_profile_present_flag"), bits.flag("sub_layer_level_present_flag"))
        for _ in range(sub_layers)
    ]
    if sub_layers:
        bits.u(2 * (8 - sub_layers), "reserved_zero_2bits")
    for profile, level in present:
        if profile:
            bits.u(88, "sub_layer_profile")
        if level:
            bits.u(8, "sub_layer_level_idc")
