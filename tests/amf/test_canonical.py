from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.amf import (
    UNDEFINED,
    UNSUPPORTED,
    Date,
    Dictionary,
    EcmaArray,
    Reference,
    TypedObject,
    Vector,
    Xml,
    to_json,
    to_plain,
)
from tests.amf.strategies import amf0_values, amf3_values

CASES = [
    (None, "null"),
    (True, "true"),
    (1.0, "1"),
    (-0.0, "0"),
    (1, "1"),
    (29.97, "29.97"),
    (1e300, "1e+300"),
    (math.nan, '{"$number":"NaN"}'),
    (math.inf, '{"$number":"Infinity"}'),
    (-math.inf, '{"$number":"-Infinity"}'),
    ("€\x1b\x00<b>", '"€\\u001b\\u0000<b>"'),
    ("\ud800", '"\\\\ud800"'),
    ({"b": 1.0, "a": None}, '{"b":1,"a":null}'),
    (EcmaArray(a=[1.0]), '{"a":[1]}'),
    (TypedObject("C", {"a": 1.0}), '{"$class":"C","a":1}'),
    (b"\x00\xff", '{"$bytes":"AP8="}'),
    (Date(0.0), '{"$date":"1970-01-01T00:00:00.000Z"}'),
    (Date(-1.0, 60), '{"$date":"1969-12-31T23:59:59.999Z","$timezone":60}'),
    (Date(951_782_400_000.0), '{"$date":"2000-02-29T00:00:00.000Z"}'),
    (Date(0.5), '{"$date":0.5}'),
    (Date(1e20), '{"$date":1e+20}'),
    (Date(math.nan), '{"$date":{"$number":"NaN"}}'),
    (Xml("<a/>"), '{"$xml":"<a/>"}'),
    (Reference(3), '{"$reference":3}'),
    (UNDEFINED, '{"$undefined":true}'),
    (UNSUPPORTED, '{"$unsupported":true}'),
    (Vector("int", (1, 2)), '{"$vector":"int","items":[1,2]}'),
    (Dictionary(((1, True),)), '{"$dictionary":[[1,true]]}'),
]


@pytest.mark.parametrize(("value", "text"), CASES, ids=[repr(value) for value, _ in CASES])
def test_values_have_one_text(value: object, text: str) -> None:
    assert to_json(value) == text


def test_a_member_name_cannot_forge_a_tag() -> None:
    assert to_json({"$bytes": "AP8="}) == '{"$$bytes":"AP8="}'
    assert to_json(TypedObject("C", {"$class": "D"})) == '{"$class":"C","$$class":"D"}'


def test_what_is_no_amf_value_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        to_json([set()])


@settings(deadline=None, max_examples=60)
@given(st.one_of(amf0_values(), amf3_values()))
def test_text_is_strict_json_of_the_plain_value(value: object) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = to_json(value)
    assert json.loads(text, parse_constant=refuse) == to_plain(value)
    assert text.encode()
