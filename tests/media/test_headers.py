from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.media import CODECS, PACKET_TYPES, TagHeader, decode_audio, decode_video
from rtmpscope.wire import DecodeError, Truncated
from tests.media.cases import AUDIO, BAD_AUDIO, BAD_VIDEO, VIDEO, Case


def expected(case: Case, kind: str) -> TagHeader:
    number = PACKET_TYPES.index(case.packet_type)
    return TagHeader(kind, case.codec, case.frame_type, number, case.cts, case.size, case.track)


@pytest.mark.parametrize("case", VIDEO, ids=lambda case: case.name)
def test_video_header_says_what_the_specification_says(case: Case) -> None:
    assert decode_video(bytes.fromhex(case.body)) == expected(case, "video")


@pytest.mark.parametrize("case", AUDIO, ids=lambda case: case.name)
def test_audio_header_says_what_the_specification_says(case: Case) -> None:
    assert decode_audio(bytes.fromhex(case.body)) == expected(case, "audio")


@pytest.mark.parametrize(("body", "field"), BAD_VIDEO)
def test_a_malformed_video_header_names_the_field(body: str, field: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_video(bytes.fromhex(body))
    assert caught.value.field == field
    assert 0 <= caught.value.offset <= len(body) // 2


@pytest.mark.parametrize(("body", "field"), BAD_AUDIO)
def test_a_malformed_audio_header_names_the_field(body: str, field: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_audio(bytes.fromhex(body))
    assert caught.value.field == field


@pytest.mark.parametrize("case", VIDEO, ids=lambda case: case.name)
def test_a_header_cut_anywhere_is_truncated(case: Case) -> None:
    body = bytes.fromhex(case.body)
    for size in range(case.size):
        with pytest.raises(Truncated):
            decode_video(body[:size])
    assert decode_video(body[: case.size]) == expected(case, "video")


@pytest.mark.parametrize("case", [case for case in AUDIO if case.size], ids=lambda case: case.name)
def test_an_audio_header_cut_anywhere_but_at_its_start_is_truncated(case: Case) -> None:
    body = bytes.fromhex(case.body)
    for size in range(1, case.size):
        with pytest.raises(Truncated):
            decode_audio(body[:size])


def test_keyframes_are_those_of_the_encoder_and_of_the_server() -> None:
    assert [decode_video(bytes([number << 4 | 2])).keyframe for number in range(1, 6)] == [
        True,
        False,
        False,
        True,
        False,
    ]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80))
def test_any_bytes_give_a_header_within_them_or_a_decode_error(body: bytes) -> None:
    for decode in (decode_video, decode_audio):
        try:
            header = decode(body)
        except DecodeError:
            continue
        assert header.size <= len(body)
        assert header.codec is None or header.codec in CODECS
        assert 0 <= header.packet_type < len(PACKET_TYPES)
