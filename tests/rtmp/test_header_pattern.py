"""The first place where a header may stand is the one that the regex engine finds, only sooner."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtmpscope.rtmp import ChunkDecoder
from rtmpscope.rtmp import header_pattern as module
from rtmpscope.rtmp.header_pattern import HeaderPattern
from tests.rtmp.rows import keep_all
from tests.rtmp.streams import Sent, body, wire

PAST = 0x1000000
#: Headers of all types, and of control, command, data and media messages.
HEADERS = [
    wire(Sent(csid=2, type_id=1, stream_id=0, body=bytes(4)))[:12],
    wire(Sent(csid=3, type_id=20, stream_id=0, body=b"\2\0\7connect"))[:22],
    wire(Sent(csid=5, type_id=18, time=PAST, body=b"\2\0\x0aonMetaData"))[:30],
    wire(Sent(csid=4, type_id=8, body=b"\xaf\1" + body(90)))[:14],
    wire(Sent(csid=4, type_id=8, time=PAST, body=b"\xaf\1" + body(90)))[:18],
    wire(Sent(csid=6, fmt=1, time=40, body=b"\x27\1" + body(90)))[:10],
    wire(Sent(csid=6, fmt=2, time=40, body=b"\x27\1" + body(90)))[:6],
    wire(Sent(csid=6, fmt=2, time=PAST, body=b"\x27\1" + body(90)))[:10],
    wire(Sent(csid=4, fmt=3, body=b"\xaf\1" + body(90)))[:3],
    wire(Sent(csid=6, fmt=3, time=PAST, body=b"\x17\1" + body(90)))[:7],
]


def pattern(extended: bool) -> HeaderPattern:
    """What is sought after audio and video on chunk streams 4 and 6."""
    decoder = ChunkDecoder(keep=keep_all)
    time = PAST if extended else 40
    for begins in (b"\x17\0", b"\x17\1", b"\x27\1"):
        decoder.feed(wire(Sent(csid=6, time=time, body=begins + body(90))))
    decoder.feed(wire(Sent(csid=4, time=time, type_id=8, body=b"\xaf\1" + body(90)), Sent(csid=2, type_id=4)))
    decoder._shapes |= decoder._builder.recent_shapes()
    return HeaderPattern(decoder._known())


PATTERNS = [pattern(False), pattern(True)]


@pytest.fixture(params=[1, 16, 1 << 13])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", request.param)


def expected(sought: HeaderPattern, data: bytes, begin: int) -> int:
    match = sought.exact.search(data, begin)
    return match.start() if match else -1


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("sought", PATTERNS)
@pytest.mark.parametrize("header", HEADERS)
def test_headers_are_found_wherever_they_stand(header: bytes, sought: HeaderPattern) -> None:
    for before in (0, 1, 15, 16, 17, 60, 63, 64, 65, 100):
        data = bytes([0xAA]) * before + header
        assert sought.find(bytearray(data), 0) == expected(sought, data, 0)
    assert expected(PATTERNS[1], bytes([0xAA]) * 9 + header, 0) == 9


@given(
    st.lists(st.one_of(st.sampled_from([*HEADERS, bytes(70)]), st.binary(max_size=40)), max_size=20),
    st.integers(0, 200),
    st.integers(0, 40),
    st.sampled_from(PATTERNS),
)
def test_any_bytes_give_the_place_that_the_regex_engine_finds(
    parts: list[bytes], begin: int, cut: int, sought: HeaderPattern
) -> None:
    data = b"".join(parts)
    data = data[: len(data) - cut]
    assert sought.find(bytearray(data), begin) == expected(sought, data, begin)


def test_long_runs_of_media_give_the_places_that_the_regex_engine_finds() -> None:
    data = random.Random(3).randbytes(200_000)
    for sought in PATTERNS:
        begin = 0
        while begin >= 0:
            found = sought.find(bytearray(data), begin)
            assert found == expected(sought, data, begin)
            begin = found + 1 if found >= 0 else -1


def test_a_run_can_grow_after_it_was_searched() -> None:
    run = bytearray(1000)
    PATTERNS[0].find(run, 1)
    run += bytes(10)
