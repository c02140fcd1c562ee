from __future__ import annotations

import pytest

from rtmpscope.media import audio_fields, video_fields
from rtmpscope.media.content import MOST_UNITS
from rtmpscope.wire import Field
from tests.media.cases import AAC_RECORDS, AUDIO, AVC1, AVC_RECORDS, HEVC_RECORDS, HVC1, OPUS, VIDEO, AudioRecord, Case


def names(fields: tuple[Field, ...]) -> list[str]:
    return [field.name for field in fields]


def by_name(fields: tuple[Field, ...], name: str) -> Field:
    return next(field for top in fields for _, field in top.walk() if field.name == name)


def assert_tiles(fields: tuple[Field, ...], body: bytes) -> None:
    """Top fields cover every bit of the body once, in order."""
    assert [field.start for field in fields] == [0, *(field.end for field in fields[:-1])]
    assert fields[-1].end == 8 * len(body)


@pytest.mark.parametrize("case", VIDEO, ids=lambda case: case.name)
def test_fields_tile_a_video_body(case: Case) -> None:
    body = bytes.fromhex(case.body)
    assert_tiles(video_fields(body), body)


@pytest.mark.parametrize("case", [case for case in AUDIO if case.body], ids=lambda case: case.name)
def test_fields_tile_an_audio_body(case: Case) -> None:
    body = bytes.fromhex(case.body)
    assert_tiles(audio_fields(body), body)


@pytest.mark.parametrize("case", (*VIDEO, *AUDIO), ids=lambda case: case.name)
def test_fields_tile_a_body_cut_anywhere(case: Case) -> None:
    body = bytes.fromhex(case.body)
    for size in range(1, len(body)):
        assert_tiles((video_fields if case in VIDEO else audio_fields)(body[:size]), body[:size])


def test_silence_has_no_fields() -> None:
    assert audio_fields(b"") == () == video_fields(b"")


def test_a_key_frame_lists_its_nal_units() -> None:
    fields = video_fields(bytes.fromhex("1701000021 00000002 0910 00000003 658880"))
    assert names(fields) == [
        *("frame type", "codec id", "AVC packet type", "composition time", "access unit delimiter", "IDR slice"),
    ]
    assert fields[3].value == 33
    assert by_name(fields[-1:], "length").value == 3


def test_hevc_nal_units_have_their_own_names() -> None:
    assert names(video_fields(bytes.fromhex("93" + HVC1 + "00000003 2601af")))[-1] == "IDR slice"


def test_what_is_no_nal_unit_is_data() -> None:
    assert names(video_fields(bytes.fromhex("2701000000 00000002 4101 000000ff 41")))[-2:] == ["slice", "data"]


def test_a_body_of_countless_nal_units_is_listed_in_part() -> None:
    fields = video_fields(bytes.fromhex("2701000000") + bytes.fromhex("0000000141") * 10_000)
    assert len(fields) == 4 + MOST_UNITS + 1
    assert fields[-1].name == "data"


def test_a_record_shows_the_bits_of_its_parameter_set() -> None:
    fields = video_fields(bytes.fromhex("1700000000" + AVC_RECORDS[0].record))
    assert by_name(fields, "sequence parameter set").meaning == "1920×1080, 30 fps"
    assert by_name(fields, "pic_width_in_mbs_minus1").value == 119
    assert by_name(fields, "AVCProfileIndication").meaning == "High"
    assert by_name(fields, "extensions").end == 8 * (5 + len(AVC_RECORDS[0].record) // 2)


def test_bits_stand_where_they_are_despite_emulation_prevention() -> None:
    body = bytes.fromhex("1700000000" + AVC_RECORDS[0].record)
    scale = by_name(video_fields(body), "time_scale")
    bits = "".join(f"{byte:08b}" for byte in body)
    assert scale.value == 60
    assert bits[scale.end - 8 : scale.end] == f"{60:08b}"


def test_a_record_keeps_what_stands_before_its_damage() -> None:
    fields = video_fields(bytes.fromhex("1700000000" + AVC_RECORDS[0].record[:30]))
    children = fields[-1].children
    assert names(children)[-2:] == ["numOfSequenceParameterSets", "malformed"]
    assert by_name(fields, "AVCLevelIndication").value == 40


def test_hevc_records_list_their_arrays() -> None:
    fields = video_fields(bytes.fromhex("90" + HVC1 + HEVC_RECORDS[0].record))
    children = fields[-1].children
    assert [field.meaning for field in children if field.name == "NAL_unit_type"] == [
        *("video parameter set", "sequence parameter set", "picture parameter set"),
    ]
    assert children[-1].end == fields[-1].end


@pytest.mark.parametrize("case", AAC_RECORDS, ids=lambda case: case.name)
def test_an_audio_configuration_shows_its_bits(case: AudioRecord) -> None:
    fields = audio_fields(bytes.fromhex("af00" + case.record))
    assert fields[-1].name == "AudioSpecificConfig"
    assert fields[-1].children[0].start == 16


def test_an_audio_configuration_is_in_words() -> None:
    fields = audio_fields(bytes.fromhex("af00" + "eb098800"))
    assert [field.meaning for field in fields[-1].children] == ["PS", "24000 Hz", "channels: 1", "48000 Hz", "LC"]


def test_the_rate_bits_are_said_to_mean_nothing_for_aac() -> None:
    assert "means nothing" in by_name(audio_fields(bytes.fromhex("af0121")), "sound rate").meaning
    assert by_name(audio_fields(bytes.fromhex("2ffffb9264")), "sound rate").meaning == "44 kHz"


def test_a_nanosecond_offset_is_shown() -> None:
    fields = video_fields(bytes.fromhex("97 02000102 01" + AVC1 + "000005"))
    assert by_name(fields, "ModEx data").meaning == "258 ns later"
    assert by_name(fields, "composition time").value == 5


def test_each_track_is_a_structure() -> None:
    fields = video_fields(bytes.fromhex("a621" + AVC1 + "00 000004 000007 aa" + HVC1 + "05 000003 000000"))
    tracks = [field for field in fields if field.children]
    assert [field.name for field in tracks] == ["track 0", "track 5"]
    assert names(tracks[0].children) == ["FourCC", "track id", "size of track", "composition time", "data"]


def test_a_seek_command_is_in_words() -> None:
    assert by_name(video_fields(bytes.fromhex("5700")), "video command").meaning == "start of client-side seeking"
    assert by_name(video_fields(bytes.fromhex("d101")), "video command").meaning == "end of client-side seeking"


def test_an_unknown_codec_leaves_data() -> None:
    assert names(video_fields(b"\x1fabc")) == ["frame type", "codec id", "data"]
    assert names(audio_fields(bytes.fromhex("91" + OPUS + "fc")))[-1] == "data"
