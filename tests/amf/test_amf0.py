from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.amf import EcmaArray, Reference, decode_message, decode_values, to_json
from rtmpscope.amf.reader import DEEPEST, MOST_VALUES
from rtmpscope.wire import Truncated
from tests.amf.cases import AMF0, AMF0_VARIANTS, Case
from tests.amf.encode import amf0
from tests.amf.strategies import amf0_values


@pytest.mark.parametrize("case", (*AMF0, *AMF0_VARIANTS), ids=lambda case: case.name)
def test_bytes_decode_to_the_value(case: Case) -> None:
    decoded = decode_values(case.data)
    assert decoded.problems == ()
    assert decoded.values == (case.value,)
    assert type(decoded.values[0]) is type(case.value)
    assert decoded.end == len(case.data)


@pytest.mark.parametrize("case", AMF0, ids=lambda case: case.name)
def test_the_test_encoder_writes_what_the_specification_says(case: Case) -> None:
    assert amf0(case.value) == case.data


@settings(deadline=None, max_examples=60)
@given(st.lists(amf0_values(), max_size=4))
def test_values_survive_a_round_trip(values: list[object]) -> None:
    decoded = decode_values(b"".join(map(amf0, values)))
    assert decoded.problems == ()
    assert to_json(list(decoded.values)) == to_json(values)


def test_nan_and_infinities_are_numbers() -> None:
    data = b"".join(amf0(value) for value in (math.nan, math.inf, -math.inf))
    values = decode_values(data).values
    assert isinstance(values[0], float)
    assert math.isnan(values[0])
    assert values[1:] == (math.inf, -math.inf)


def test_decoding_begins_at_the_offset() -> None:
    assert decode_values(b"\xff\xff\x05", 2).values == (None,)


def test_a_missing_end_marker_keeps_the_members_and_is_reported() -> None:
    data = b"\x05" + amf0({"a": 1.0, "b": "x"})[:-3]
    decoded = decode_values(data)
    assert decoded.values == (None, {"a": 1.0, "b": "x"})
    assert [(one.field, one.offset) for one in decoded.problems] == [("object end", len(data))]


def test_a_cut_member_costs_only_itself() -> None:
    data = amf0({"a": EcmaArray(b=1.0, c=2.0)})
    decoded = decode_values(data[:-8])
    assert decoded.values == ({"a": {"b": 1.0}},)
    assert len(decoded.problems) == 1
    assert isinstance(decoded.problems[0], Truncated)


@pytest.mark.parametrize("marker", [4, 9, 14, 18, 255])
def test_a_marker_that_begins_no_value_ends_the_values(marker: int) -> None:
    decoded = decode_values(b"\x05" + bytes([marker]) + b"\x05")
    assert decoded.values == (None,)
    assert [(one.field, one.offset) for one in decoded.problems] == [("marker", 1)]


def test_references_stay_references() -> None:
    """A thousand references to one array must not become a thousand arrays."""
    big = ["x" * 100] * 10
    decoded = decode_values(amf0([big] + [Reference(1)] * 1000))
    assert decoded.problems == ()
    assert decoded.values == ([big] + [Reference(1)] * 1000,)


def test_a_reference_to_nothing_is_reported_and_stepped_over() -> None:
    decoded = decode_values(amf0([Reference(1), None]))
    assert decoded.values == ([Reference(1), None],)
    assert [one.field for one in decoded.problems] == ["reference"]


def test_an_array_of_four_billion_values_is_what_is_there() -> None:
    decoded = decode_values(b"\x0a\xff\xff\xff\xff\x05\x05")
    assert decoded.values == ([None, None],)
    assert [(one.field, one.offset) for one in decoded.problems] == [("count", 1)]
    assert "4294967295" in decoded.problems[0].reason


@pytest.mark.parametrize("opening", [b"\x03\x00\x01a", b"\x0a\x00\x00\x00\x01", b"\x08\x00\x00\x00\x00\x00\x01a"])
def test_nesting_ten_thousand_deep_is_refused(opening: bytes) -> None:
    decoded = decode_values(opening * 10_000)
    assert len(decoded.values) == 1
    assert [one.field for one in decoded.problems] == ["value"]
    assert str(DEEPEST) in decoded.problems[0].reason
    assert to_json(decoded.values[0])


def test_the_number_of_values_is_bounded() -> None:
    decoded = decode_values(b"\x05" * (MOST_VALUES + 10))
    assert len(decoded.values) == MOST_VALUES
    assert len(decoded.problems) == 1


class TestMessages:
    def test_command_types_are_amf0_from_the_first_byte(self) -> None:
        for type_id in (18, 20):
            assert decode_message(type_id, amf0("onBWDone") + amf0(0.0)).values == ("onBWDone", 0.0)

    def test_amf3_types_begin_with_a_format_byte(self) -> None:
        for type_id in (15, 17):
            decoded = decode_message(type_id, b"\x00" + amf0("connect"))
            assert (decoded.values, decoded.problems) == (("connect",), ())

    def test_a_forgotten_format_byte_is_reported_and_the_values_are_read(self) -> None:
        decoded = decode_message(17, amf0("connect") + amf0(1.0))
        assert decoded.values == ("connect", 1.0)
        assert [(one.field, one.offset) for one in decoded.problems] == [("format", 0)]

    def test_an_empty_body_has_no_values(self) -> None:
        for type_id in (15, 17, 18, 20):
            assert decode_message(type_id, b"") == decode_values(b"")

    def test_problem_offsets_count_from_the_body_start(self) -> None:
        decoded = decode_message(17, b"\x00" + amf0("a") + struct.pack(">B", 4))
        assert decoded.problems[0].offset == 5
