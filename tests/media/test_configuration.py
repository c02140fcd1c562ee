from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.media import (
    AudioConfig,
    VideoConfig,
    audio_configuration,
    audio_fields,
    audio_frame,
    decode_tracks,
    video_configuration,
    video_fields,
    video_picture,
)
from rtmpscope.wire import DecodeError
from tests.media.cases import AAC_RECORDS, AUDIO, AV1_RECORDS, AVC_RECORDS, HEVC_RECORDS, VIDEO, VideoRecord

OPUS_HEAD = "4f707573486561640102380180bb0000000000"
STREAMINFO = "120012000004a30005080ac442f0000022745d105ceb212ad5d36e4f5608def3d8b7"

VIDEO_BODIES = (
    *(bytes.fromhex("1700000000" + case.record) for case in AVC_RECORDS),
    *(bytes.fromhex("90" + "68766331" + case.record) for case in HEVC_RECORDS),
    *(bytes.fromhex("90" + "61763031" + case.record) for case in AV1_RECORDS),
    bytes.fromhex("90" + "76703039" + "011f820202020000"),
)
AUDIO_BODIES = (
    *(bytes.fromhex("af00" + case.record) for case in AAC_RECORDS),
    bytes.fromhex("90" + "4f707573" + OPUS_HEAD),
    bytes.fromhex("90" + "664c6143" + "664c614300000022" + STREAMINFO),
)
CONFIGURATIONS = (*((9, body) for body in VIDEO_BODIES), *((8, body) for body in AUDIO_BODIES))
OTHERS = (*((9, bytes.fromhex(case.body)) for case in VIDEO), *((8, bytes.fromhex(case.body)) for case in AUDIO))


@pytest.mark.parametrize("case", (*HEVC_RECORDS, *AV1_RECORDS), ids=lambda case: case.name)
def test_an_enhanced_record_says_what_the_encoder_was_told(case: VideoRecord) -> None:
    fourcc = "68766331" if case in HEVC_RECORDS else "61763031"
    config = video_configuration(bytes.fromhex("90" + fourcc + case.record))
    assert config is not None
    assert (config.profile, config.level, config.width, config.height, config.fps) == case[2:]


def test_hevc_is_read_under_its_legacy_number_too() -> None:
    config = video_configuration(bytes.fromhex("1c00000000" + HEVC_RECORDS[0].record))
    assert config is not None
    assert (config.codec, config.width) == ("hevc", 1278)


@pytest.mark.parametrize("record", ["011f820202020000", "01000000" + "011f820202020000"])
def test_vp9_tells_profile_and_level_with_or_without_its_box_header(record: str) -> None:
    assert video_configuration(bytes.fromhex("9076703039" + record)) == VideoConfig("vp9", "Profile 1", "3.1")


def test_opus_and_flac_tell_rate_and_channels() -> None:
    opus, flac = (audio_configuration(body) for body in AUDIO_BODIES[-2:])
    assert opus is not None and flac is not None
    assert (opus.codec, opus.sample_rate, opus.channels) == ("opus", 48000, 2)
    assert (flac.codec, flac.sample_rate, flac.channels) == ("flac", 44100, 2)


def test_a_record_that_is_not_read_still_tells_the_codec() -> None:
    assert video_configuration(bytes.fromhex("9076766331" + "00")) == VideoConfig("vvc")


@pytest.mark.parametrize("body", ["1701000000" + "00000001", "22", "92" + "61766331", "a311"])
def test_other_video_bodies_are_no_configuration(body: str) -> None:
    assert video_configuration(bytes.fromhex(body.ljust(20, "0"))) is None


@pytest.mark.parametrize("body", ["", "af0121", "2ffffb"])
def test_other_audio_bodies_are_no_configuration(body: str) -> None:
    assert audio_configuration(bytes.fromhex(body)) is None


def test_errors_are_placed_in_the_whole_body() -> None:
    with pytest.raises(DecodeError) as caught:
        video_configuration(bytes.fromhex("1700000000" + "02"))
    assert caught.value.offset == 5
    with pytest.raises(DecodeError) as caught:
        audio_configuration(bytes.fromhex("af00" + "1690"))
    assert caught.value.offset in (2, 3)


def everything(type_id: int, body: bytes) -> None:
    """Every decoder of a body; only decode errors may come out, and only from those that raise."""
    video = type_id == 9
    for read in (
        video_configuration if video else audio_configuration,
        lambda b: decode_tracks("video" if video else "audio", b),
    ):
        try:
            read(body)
        except DecodeError as error:
            assert 0 <= error.offset <= len(body)
    for field in (video_fields if video else audio_fields)(body):
        for _, inner in field.walk():
            assert 0 <= inner.start <= inner.end <= 8 * len(body), inner
    for codec in ("flv1", "vp6f", "vp6a", "flashsv"):
        video_picture(codec, body[:32])
    for codec in ("mp3", "ac3", "eac3", "opus", "speex", "aac"):
        audio_frame(codec, body[:32])


@pytest.mark.parametrize(("type_id", "body"), (*CONFIGURATIONS, *OTHERS))
def test_cut_anywhere_nothing_but_decode_errors_come_out(type_id: int, body: bytes) -> None:
    for size in range(len(body) + 1):
        everything(type_id, body[:size])


@settings(deadline=None, max_examples=150)
@given(st.sampled_from((*CONFIGURATIONS, *OTHERS)), st.data())
def test_mutated_anywhere_nothing_but_decode_errors_come_out(sound: tuple[int, bytes], data: st.DataObject) -> None:
    type_id, body = sound[0], bytearray(sound[1])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        body[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    everything(type_id, bytes(body))


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from((8, 9)),
    st.sampled_from((b"", b"\x17\0\0\0\0\1", b"\xaf\0", b"\x90hvc1\1", b"\x96\x21")),
    st.binary(max_size=90),
)
def test_any_bytes_give_nothing_but_decode_errors(type_id: int, start: bytes, rest: bytes) -> None:
    everything(type_id, start + rest)


def test_audio_configuration_is_a_frozen_value() -> None:
    assert audio_configuration(b"\xaf\0\x12\x10") == AudioConfig("aac", "LC", 44100, 2, core_sample_rate=44100)
