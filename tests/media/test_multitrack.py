from __future__ import annotations

from rtmpscope.media import PACKET_TYPES, TagHeader, decode_tracks
from rtmpscope.wire import Truncated
from tests.media.cases import AVC1, HVC1, OPUS

CODED = PACKET_TYPES.index("coded_frames")


def test_a_plain_body_is_one_part() -> None:
    (part,) = decode_tracks("video", bytes.fromhex("1701000021 00000001 65")).parts
    assert part.header == TagHeader("video", "h264", 1, CODED, 33, 5)
    assert (part.start, part.length) == (0, 5)


def test_one_track_is_one_part_with_its_number() -> None:
    (part,) = decode_tracks("audio", bytes.fromhex("9501" + OPUS + "03 fcaa")).parts
    assert part.header == TagHeader("audio", "opus", 0, CODED, 0, 7, 3)
    assert part.length == 2


def test_many_tracks_share_a_codec() -> None:
    body = bytes.fromhex("a611" + AVC1 + "00 000005 000007 aabb" + "01 000004 ffffff cc")
    first, second = decode_tracks("video", body).parts
    assert first.header == TagHeader("video", "h264", 2, CODED, 7, 13, 0)
    assert second.header == TagHeader("video", "h264", 2, CODED, -1, 22, 1)
    assert [body[part.header.size : part.header.size + part.length] for part in (first, second)] == [
        b"\xaa\xbb",
        b"\xcc",
    ]


def test_many_codecs_have_a_fourcc_each() -> None:
    body = bytes.fromhex("9623" + AVC1 + "00 000001 aa" + HVC1 + "05 000000")
    first, second = decode_tracks("video", body).parts
    assert (first.header.codec, first.header.track, first.length) == ("h264", 0, 1)
    assert (second.header.codec, second.header.track, second.length) == ("hevc", 5, 0)


def test_extensions_may_precede_the_tracks() -> None:
    body = bytes.fromhex("97 02000102 06 13" + AVC1 + "04 000001 aa")
    (part,) = decode_tracks("video", body).parts
    assert (part.header.track, part.header.size, part.length) == (4, 15, 1)


def test_tracks_before_a_cut_are_kept_and_the_cut_is_told() -> None:
    found = decode_tracks("video", bytes.fromhex("a611" + AVC1 + "00 000003 000007" + "01 000009 ffffff"))
    assert [part.header.track for part in found.parts] == [0]
    assert isinstance(found.problem, Truncated)
    assert found.problem.field == "track"


def test_a_track_too_short_for_its_composition_time_is_told() -> None:
    found = decode_tracks("video", bytes.fromhex("a611" + AVC1 + "00 000002 0000" + "01 000003 000000"))
    assert found.parts == ()
    assert found.problem is not None
    assert found.problem.field == "composition time"


def test_more_tracks_than_a_byte_numbers_are_not_listed() -> None:
    found = decode_tracks("audio", bytes.fromhex("9511" + OPUS) + b"\0\0\0\0" * 100_000)
    assert len(found.parts) == 256
    assert found.problem is not None
