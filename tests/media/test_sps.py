from __future__ import annotations

import pytest

from rtmpscope.media.avc import avc_config, decode_avc_record, level_name
from rtmpscope.media.configs import VideoConfig
from rtmpscope.media.sps import decode_sps, sps_fields
from rtmpscope.wire import DecodeError, Truncated
from tests.media.cases import AVC_RECORDS, VideoRecord
from tests.media.test_bits import as_bytes, exp_golomb, protect


def sps(*parts: str | int, profile: int = 100) -> bytes:
    """A parameter set: bits as text, Exp-Golomb codes as numbers, after profile and level."""
    bits = "".join(exp_golomb(part) if isinstance(part, int) else part for part in parts)
    return b"\x67" + protect(bytes((profile, 0, 31)) + as_bytes(bits + "1"))


#: frame number, picture order, reference frames, gaps; 40 by 30 macroblocks, frames only, 8x8, no cropping, no VUI.
TAIL: tuple[str | int, ...] = (0, 0, 0, 1, "0", 39, 29, "1", "1", "0", "0")


@pytest.mark.parametrize("case", AVC_RECORDS, ids=lambda case: case.name)
def test_a_record_says_what_the_encoder_was_told(case: VideoRecord) -> None:
    config = avc_config(bytes.fromhex(case.record))
    assert (config.profile, config.level, config.width, config.height) == case[2:6]
    assert config.fps == pytest.approx(case.fps)
    assert config.length_size == 4


def test_scaling_lists_are_stepped_over() -> None:
    flat = (0,) * 16
    stops = ("1", 16)  # one code of -8: the next scale is 0, the list ends
    nal = sps(0, 1, 0, 0, "0", "1", "1", *flat, *stops, "000000", *TAIL)
    assert (decode_sps(nal).width, decode_sps(nal).height) == (640, 480)


def test_4_4_4_has_twelve_scaling_lists() -> None:
    nal = sps(0, 3, "0", 0, 0, "0", "1", "0" * 12, *TAIL, profile=244)
    assert (decode_sps(nal).width, decode_sps(nal).height) == (640, 480)


def test_picture_order_type_1_is_stepped_over() -> None:
    nal = sps(0, 0, 1, "0", 4, 5, 3, 1, 2, 3, 1, "0", 39, 29, "1", "1", "0", "0", profile=66)
    assert (decode_sps(nal).width, decode_sps(nal).height) == (640, 480)


def test_fields_of_a_frame_double_height_and_cropping() -> None:
    nal = sps(0, 0, 2, 1, "0", 44, 17, "0", "1", "1", "1", 0, 1, 1, 1, "0", profile=77)
    assert (decode_sps(nal).width, decode_sps(nal).height) == (720 - 2, 576 - 8)


def test_timing_of_zero_gives_no_frame_rate() -> None:
    nal = sps(0, *TAIL[:-1], "1", "0000", "1", "0" * 32, f"{50:032b}", "1", profile=66)
    assert decode_sps(nal).fps is None


def test_a_cut_vui_costs_the_frame_rate_only() -> None:
    nal = sps(0, *TAIL[:-1], "1", "0000", "1", profile=66)
    assert (decode_sps(nal).width, decode_sps(nal).fps) == (640, None)


@pytest.mark.parametrize(
    ("nal", "field"),
    [
        (b"", "sequence parameter set"),
        (b"\x68\x42", "nal_unit_type"),
        (sps(0, 4, 0, 0), "chroma_format_idc"),
        (sps(0, 0, 3, profile=66), "pic_order_cnt_type"),
        (sps(0, 0, 1, "0", 0, 0, 256, profile=66), "num_ref_frames_in_pic_order_cnt_cycle"),
        (sps(0, 0, 0, 0, 1, "0", 1 << 20, 0, "1", "1", "0", "0", profile=66), "picture size"),
        (sps(0, 0, 0, 0, 1, "0", 0, 0, "1", "1", "1", 4, 4, 0, 0, "0", profile=66), "picture size"),
    ],
)
def test_an_absurd_parameter_set_names_the_field(nal: bytes, field: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_sps(nal)
    assert caught.value.field == field


def test_fields_end_with_what_is_malformed() -> None:
    nal = bytes.fromhex("67640028acd9407802")
    fields = sps_fields(nal)
    assert [field.name for field in fields[3:6]] == ["profile_idc", "constraint_set_flags", "level_idc"]
    assert fields[-1].name == "malformed"
    assert fields[-1].end == 8 * len(nal)


def test_a_record_cut_anywhere_before_its_extensions_is_truncated() -> None:
    record = bytes.fromhex(AVC_RECORDS[0].record)
    end = decode_avc_record(record).end
    for size in range(end):
        with pytest.raises(Truncated):
            decode_avc_record(record[:size])
    assert decode_avc_record(record[:end]).pps == decode_avc_record(record).pps


def test_a_record_without_parameter_sets_tells_profile_and_level() -> None:
    assert avc_config(bytes.fromhex("014d401ffce000")) == VideoConfig("h264", "Main", "3.1", length_size=1)


def test_an_error_within_the_parameter_set_is_placed_in_the_record() -> None:
    with pytest.raises(DecodeError) as caught:
        avc_config(bytes.fromhex("014d401fffe1000368000000"))
    assert caught.value.offset == 8


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((66, 0x10, 11), "1b"), ((100, 0, 9), "1b"), ((110, 0x10, 11), "1.1"), ((100, 0, 52), "5.2")],
)
def test_level_1b_is_written_in_two_ways(arguments: tuple[int, int, int], name: str) -> None:
    assert level_name(*arguments) == name
