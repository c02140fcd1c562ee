from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.media import (
    CODECS,
    KINDS,
    PACKET_TYPES,
    MediaColumns,
    TagHeader,
    decode_audio,
    decode_video,
    media_columns,
)
from rtmpscope.wire import DecodeError
from tests.media.cases import AUDIO, BAD_AUDIO, BAD_VIDEO, VIDEO

AUDIO_TYPE, VIDEO_TYPE = 8, 9
NAMES = ("codec", "frame_type", "packet_type", "keyframe", "cts", "header_bytes", "bytes", "track", "valid")
Body = tuple[int, bytes]

BODIES: list[Body] = [(VIDEO_TYPE, bytes.fromhex(case.body)) for case in VIDEO]
BODIES += [(AUDIO_TYPE, bytes.fromhex(case.body)) for case in AUDIO]
BODIES += [(VIDEO_TYPE, bytes.fromhex(body)) for body, _ in BAD_VIDEO]
BODIES += [(AUDIO_TYPE, bytes.fromhex(body)) for body, _ in BAD_AUDIO]


def columns_of(bodies: list[Body]) -> MediaColumns:
    head = np.zeros((len(bodies), 32), np.uint8)
    for row, (_, body) in enumerate(bodies):
        head[row, : len(body[:32])] = np.frombuffer(body[:32], np.uint8)
    return media_columns(
        np.array([type_id for type_id, _ in bodies], np.uint8),
        head,
        np.array([len(body[:32]) for _, body in bodies], np.uint8),
        np.array([len(body) for _, body in bodies], np.int64),
    )


def reference(type_id: int, body: bytes) -> tuple[object, ...]:
    """The row that the decoder of single bodies gives, from the same 32 bytes."""
    try:
        header: TagHeader = (decode_video if type_id == VIDEO_TYPE else decode_audio)(body[:32])
    except DecodeError:
        return (-1, -1, PACKET_TYPES.index("coded_frames"), False, 0, 0, len(body), 0, False)
    codec = -1 if header.codec is None else CODECS.index(header.codec)
    size = header.size
    frame = header.frame_type - 1
    return (codec, frame, header.packet_type, header.keyframe, header.cts, size, len(body) - size, header.track, True)


def assert_equals_reference(bodies: list[Body]) -> None:
    columns = columns_of(bodies)
    assert columns.kind.tolist() == [
        KINDS.index("video" if type_id == VIDEO_TYPE else "audio") for type_id, _ in bodies
    ]
    got = list(zip(*(getattr(columns, name).tolist() for name in NAMES), strict=True))
    for row, (type_id, body) in enumerate(bodies):
        assert got[row] == reference(type_id, body), (type_id, body.hex())


def test_columns_equal_the_decoder_of_single_bodies_on_every_case() -> None:
    assert_equals_reference(BODIES)


def test_columns_equal_it_when_bodies_are_cut_anywhere() -> None:
    assert_equals_reference([(type_id, body[:size]) for type_id, body in BODIES for size in range(len(body))])


def test_columns_equal_it_for_every_pair_of_first_bytes() -> None:
    tail = b"avc1\1\xff\xff\xff\0"
    first = [bytes((a, b)) + tail[: a % 10] for a in range(256) for b in (0, 1, 2, 3, 6, 7, 0x11, 0x21, 0x61, 0xFF)]
    assert_equals_reference([(type_id, body) for body in first for type_id in (AUDIO_TYPE, VIDEO_TYPE)])


def test_no_rows_give_empty_columns() -> None:
    columns = columns_of([])
    assert all(len(getattr(columns, name)) == 0 for name in ("kind", *NAMES))


def test_extensions_that_leave_the_head_make_the_row_invalid() -> None:
    assert not columns_of([(VIDEO_TYPE, b"\x97\x1e" + bytes(31) + b"\x03avc1")]).valid[0]
    assert not columns_of([(VIDEO_TYPE, b"\x97" + b"\0\0\7" * 20)]).valid[0]


@st.composite
def enhanced(draw: st.DrawFn) -> bytes:
    """Headers that are mostly sound: extensions, multitrack, FourCC, rest."""
    body = bytes(
        [draw(st.sampled_from((0x80, 0x90, 0xA0, 0xD0))) | draw(st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7, 7, 8)))]
    )
    if body[0] & 15 == 7:
        for last in [*draw(st.lists(st.just(False), max_size=3)), True]:
            data = draw(st.binary(min_size=1, max_size=6))
            body += bytes([len(data) - 1]) + data + bytes([draw(st.sampled_from((1, 3, 5, 6, 0x11))) if last else 7])
    body += draw(st.sampled_from((b"", b"\x01", b"\x11", b"\x20", b"\x06", b"\x31")))
    body += draw(st.sampled_from((b"avc1", b"hvc1", b"av01", b"Opus", b"mp4a", b"ac-3", b"zzzz", b"av")))
    return body + draw(st.binary(max_size=12))


BODY = st.tuples(st.sampled_from((AUDIO_TYPE, VIDEO_TYPE)), st.one_of(enhanced(), st.binary(max_size=40)))


@settings(deadline=None, max_examples=150)
@given(st.lists(BODY, max_size=30))
def test_columns_equal_it_on_any_bytes(bodies: list[Body]) -> None:
    assert_equals_reference(bodies)
