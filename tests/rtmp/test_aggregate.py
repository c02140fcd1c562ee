from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp.aggregate import InnerMessage, aggregate_fields, decode_aggregate
from rtmpscope.wire import Truncated


def tag(type_id: int, timestamp: int, body: bytes, back: int | None = None) -> bytes:
    """An FLV tag with its back pointer."""
    head = struct.pack(">B", type_id) + len(body).to_bytes(3, "big")
    head += (timestamp & 0xFFFFFF).to_bytes(3, "big") + bytes([timestamp >> 24]) + bytes(3)
    return head + body + struct.pack(">I", 11 + len(body) if back is None else back)


BODY = tag(8, 1000, b"aa") + tag(9, 1040, b"vvv") + tag(18, 1040, b"")


def test_the_first_timestamp_becomes_the_messages_own() -> None:
    aggregate = decode_aggregate(BODY, 5000)
    assert aggregate.problem is None
    assert aggregate.messages == (
        InnerMessage(8, 5000, 11, 2),
        InnerMessage(9, 5040, 28, 3),
        InnerMessage(18, 5040, 46, 0),
    )


def test_the_eighth_timestamp_byte_is_the_highest() -> None:
    body = tag(8, 0x01FFFFFF, b"a") + tag(8, 0x02000009, b"a")
    assert [one.timestamp for one in decode_aggregate(body, 0).messages] == [0, 10]


def test_timestamps_wrap_and_may_run_backwards() -> None:
    body = tag(8, 0xFFFFFFF6, b"a") + tag(8, 10, b"a") + tag(8, 0xFFFFFFEC, b"a")
    assert [one.timestamp for one in decode_aggregate(body, 100).messages] == [100, 120, 90]


def test_a_missing_last_back_pointer_is_no_harm() -> None:
    assert decode_aggregate(BODY[:-4], 0) == decode_aggregate(BODY, 0)


@pytest.mark.parametrize(("size", "count", "offset"), [(5, 0, 0), (12, 0, 11), (20, 1, 17), (29, 1, 28)])
def test_a_cut_body_keeps_the_messages_before_the_cut(size: int, count: int, offset: int) -> None:
    aggregate = decode_aggregate(BODY[:size], 0)
    assert len(aggregate.messages) == count
    assert isinstance(aggregate.problem, Truncated)
    assert aggregate.problem.offset == offset


def test_a_length_of_16_mb_is_reported() -> None:
    aggregate = decode_aggregate(b"\x09\xff\xff\xff" + bytes(20), 0)
    assert aggregate.messages == ()
    assert aggregate.problem is not None
    assert aggregate.problem.field == "sub-message body"


def test_an_empty_body_has_no_messages() -> None:
    assert decode_aggregate(b"", 0).messages == ()
    assert aggregate_fields(b"") == ()


def test_a_wrong_back_pointer_is_said_so() -> None:
    (message,) = aggregate_fields(tag(8, 0, b"aa", back=99))
    assert (message.children[-1].value, message.children[-1].meaning) == (99, "the sub-message has 13 bytes")


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(BODY)), st.binary(max_size=30))
def test_fields_tile_any_body(size: int, rest: bytes) -> None:
    body = BODY[:size] + rest
    leaves = [field for top in aggregate_fields(body) for _, field in top.walk() if not field.children]
    places = [(leaf.start, leaf.end) for leaf in leaves if leaf.end > leaf.start]
    assert all(end == start for (_, end), (start, _) in pairwise(places))
    assert not body or (places[0][0], places[-1][1]) == (0, 8 * len(body))
