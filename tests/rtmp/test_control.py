from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from rtmpscope.rtmp.control import Control, control_fields, decode_control
from rtmpscope.wire import Truncated


def event(number: int, *values: int) -> bytes:
    return struct.pack(f">H{len(values)}I", number, *values)


CASES = [
    (1, b"\x00\x00\x10\x00", Control("set_chunk_size", 4096)),
    (2, b"\x00\x00\x00\x06", Control("abort", 6)),
    (3, b"\xff\xff\xff\xff", Control("acknowledgement", 4294967295)),
    (5, b"\x00\x26\x25\xa0", Control("window_ack_size", 2500000)),
    (6, b"\x00\x26\x25\xa0\x00", Control("set_peer_bandwidth", 2500000, "hard")),
    (6, b"\x00\x26\x25\xa0\x01", Control("set_peer_bandwidth", 2500000, "soft")),
    (6, b"\x00\x26\x25\xa0\x02", Control("set_peer_bandwidth", 2500000, "dynamic")),
    (6, b"\x00\x26\x25\xa0\x09", Control("set_peer_bandwidth", 2500000, "limit type 9")),
    (4, event(0, 1), Control("stream_begin", 1)),
    (4, event(1, 1), Control("stream_eof", 1)),
    (4, event(2, 1), Control("stream_dry", 1)),
    (4, event(3, 1, 3000), Control("set_buffer_length", 1, "buffer 3000 ms")),
    (4, event(4, 1), Control("stream_is_recorded", 1)),
    (4, event(6, 12345), Control("ping_request", 12345)),
    (4, event(7, 12345), Control("ping_response", 12345)),
    (4, event(26), Control("swf_verification_request", None)),
    (4, event(27) + bytes(42), Control("swf_verification_response", None, "42 bytes")),
    (4, event(31, 1), Control("buffer_empty", 1)),
    (4, event(32, 1), Control("buffer_ready", 1)),
    (4, event(5, 1), Control("user_control_5", 1)),
    (4, event(77), Control("user_control_77", None)),
    (4, event(77) + b"ab", Control("user_control_77", None, "2 bytes")),
]
IDS = [control.kind + control.detail for _, _, control in CASES]


@pytest.mark.parametrize(("type_id", "body", "control"), CASES, ids=IDS)
def test_bodies_decode(type_id: int, body: bytes, control: Control) -> None:
    assert decode_control(type_id, body) == control


@pytest.mark.parametrize(("type_id", "body", "control"), CASES, ids=IDS)
def test_fields_tile_the_body_and_more_bytes_are_a_field_too(type_id: int, body: bytes, control: Control) -> None:
    for data in (body, body + b"more"):
        places = [(field.start, field.end) for field in control_fields(type_id, data)]
        assert places[0][0] == 0
        assert places[-1][1] == 8 * len(data)
        assert all(end == start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize(("type_id", "body", "control"), CASES, ids=IDS)
def test_a_cut_body_is_decoded_whole_or_reported_as_truncated(type_id: int, body: bytes, control: Control) -> None:
    for size in range(len(body)):
        for read in (decode_control, control_fields):
            try:
                read(type_id, body[:size])
            except Truncated as error:
                assert error.offset + error.available == size


@pytest.mark.parametrize(
    ("type_id", "body", "offset", "field"),
    [
        (1, b"\x00\x00\x10", 0, "chunk size"),
        (6, b"\x00\x00\x10\x00", 4, "limit type"),
        (4, b"\x00", 0, "event type"),
        (4, event(0), 2, "event data"),
        (4, event(3, 1), 6, "buffer length"),
    ],
)
def test_a_short_body_says_which_field_is_missing(type_id: int, body: bytes, offset: int, field: str) -> None:
    with pytest.raises(Truncated) as caught:
        decode_control(type_id, body)
    assert (caught.value.offset, caught.value.field) == (offset, field)


def test_user_control_fields_name_what_the_number_is() -> None:
    names = [field.name for field in control_fields(4, event(3, 1, 3000))]
    assert names == ["event type", "stream id", "buffer length"]
    assert [field.name for field in control_fields(4, event(6, 9))] == ["event type", "timestamp"]
