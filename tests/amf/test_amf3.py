from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.amf import Dictionary, Reference, TypedObject, Vector, decode_message, decode_values, to_json
from rtmpscope.amf.reader import DEEPEST
from tests.amf.cases import AMF3, AMF3_VARIANTS, Case
from tests.amf.encode import Amf3Encoder, amf0, avmplus, u29
from tests.amf.strategies import amf3_values


@pytest.mark.parametrize("case", (*AMF3, *AMF3_VARIANTS), ids=lambda case: case.name)
def test_bytes_decode_to_the_value(case: Case) -> None:
    decoded = decode_values(b"\x11" + case.data)
    assert decoded.problems == ()
    assert decoded.values == (case.value,)
    assert type(decoded.values[0]) is type(case.value)


@pytest.mark.parametrize("case", AMF3, ids=lambda case: case.name)
def test_the_test_encoder_writes_what_the_specification_says(case: Case) -> None:
    assert Amf3Encoder().value(case.value) == case.data


@settings(deadline=None, max_examples=60)
@given(amf3_values())
def test_values_survive_a_round_trip(value: object) -> None:
    decoded = decode_values(avmplus(value))
    assert decoded.problems == ()
    assert to_json(decoded.values[0]) == to_json(value)


@settings(deadline=None, max_examples=60)
@given(st.integers(-(1 << 28), (1 << 28) - 1))
def test_integers_are_signed_29_bits(value: int) -> None:
    assert decode_values(avmplus(value)).values == (value,)


def test_the_marker_switches_one_value_only() -> None:
    body = b"\x00" + amf0("send") + avmplus(5) + amf0(1.0) + avmplus({"a": True})
    decoded = decode_message(17, body)
    assert decoded.problems == ()
    assert decoded.values == ("send", 5, 1.0, {"a": True})


def test_the_values_of_a_message_share_their_tables() -> None:
    encoder = Amf3Encoder()
    values = ["key", {"key": 1}, TypedObject("C", {"key": 2}), TypedObject("C", {"key": 3})]
    decoded = decode_values(b"".join(b"\x11" + encoder.value(value) for value in values))
    assert decoded.problems == ()
    assert decoded.values == tuple(values)


def test_an_unknown_externalizable_class_is_reported_with_its_name() -> None:
    decoded = decode_values(b"\x05\x11\x0a\x07\x03X\x01\x02")
    assert decoded.values == (None, TypedObject("X"))
    assert [one.field for one in decoded.problems] == ["externalizable object"]
    assert "'X'" in decoded.problems[0].reason


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"\x06\x00", "string reference"),
        (b"\x09\x02", "object reference"),
        (b"\x0a\x01", "traits reference"),
        (b"\x08\x06", "object reference"),
        (b"\x12", "marker"),
        (b"\x04\xff\xff", "integer"),
        (b"\x06\x09li", "string"),
    ],
)
def test_malformed_values_are_reported_at_their_field(data: bytes, field: str) -> None:
    decoded = decode_values(b"\x05\x11" + data)
    assert decoded.values[:1] == (None,)
    assert [one.field for one in decoded.problems] == [field]


@pytest.mark.parametrize(
    ("head", "rest", "value"),
    [
        (b"\x09", b"\x01\x02", [False]),
        (b"\x0d", b"\x00\x00\x00\x00\x07\x00", Vector("int", (7,))),
        (b"\x0f", b"\x00", Vector("double", ())),
        (b"\x10", b"\x00\x01\x02", Vector("*", (False,))),
        (b"\x11", b"\x00\x02\x03\x02", Dictionary(((False, True),))),
    ],
)
def test_an_absurd_count_gives_what_is_there(head: bytes, rest: bytes, value: object) -> None:
    decoded = decode_values(b"\x11" + head + u29((1 << 29) - 1) + rest)
    assert decoded.values == (value,)
    assert len(decoded.problems) == 1


def test_traits_that_announce_too_many_members_are_reported() -> None:
    decoded = decode_values(b"\x11\x0a" + u29((1 << 29) - 13) + b"\x03C\x03a")
    assert len(decoded.problems) == 1


@pytest.mark.parametrize("opening", [b"\x09\x03\x01", b"\x0a\x0b\x01\x03a", b"\x11\x03\x00", b"\x10\x03\x00\x01"])
def test_nesting_ten_thousand_deep_is_refused(opening: bytes) -> None:
    decoded = decode_values(b"\x11" + opening * 10_000)
    assert [one.field for one in decoded.problems] == ["value"]
    assert str(DEEPEST) in decoded.problems[0].reason


def test_an_array_that_holds_itself_stays_finite() -> None:
    decoded = decode_values(b"\x11\x09\x05\x01\x09\x00\x09\x00")
    assert decoded.values == ([Reference(0), Reference(0)],)


def test_references_cannot_repeat_text_without_bound() -> None:
    """A string of 100 kB referred to 100 000 times would be 10 GB of JSON."""
    count = 100_000
    text = b"x" * count
    data = b"\x11\x09" + u29(count << 1 | 1) + b"\x01\x06" + u29(count << 1 | 1) + text + b"\x06\x00" * (count - 1)
    decoded = decode_values(data)
    assert [one.field for one in decoded.problems] == ["reference"]
    assert len(to_json(decoded.values[0])) < 40 * len(data)


def test_traits_cannot_repeat_names_without_bound() -> None:
    count = 100_000
    name = u29(count << 1 | 1) + b"n" * count
    first = b"\x0a\x13\x01" + name + b"\x01"
    data = b"\x11\x09" + u29(count << 1 | 1) + b"\x01" + first + b"\x0a\x01\x01" * (count - 1)
    decoded = decode_values(data)
    assert [one.field for one in decoded.problems] == ["reference"]
    assert len(to_json(decoded.values[0])) < 40 * len(data)
