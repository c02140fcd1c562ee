from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.amf import Decoded, decode_message, fields, to_json
from rtmpscope.wire import Field
from tests.amf.cases import AMF0, AMF0_VARIANTS, AMF3, AMF3_VARIANTS
from tests.amf.encode import amf0, avmplus
from tests.amf.shared_object_bodies import BODY as SHARED_OBJECT
from tests.amf.strategies import amf0_values

BODIES = [
    *((18, case.data) for case in (*AMF0, *AMF0_VARIANTS)),
    *((17, b"\x00\x11" + case.data) for case in (*AMF3, *AMF3_VARIANTS)),
    (20, amf0("connect") + amf0(1.0) + amf0({"app": "live", "tcUrl": "rtmp://h/live"})),
    (17, b"\x00" + amf0("send") + avmplus({"a": [1, 2.5, "x"], "b": b"\x00"})),
    (19, SHARED_OBJECT),
    (16, b"\x00" + SHARED_OBJECT),
]


def leaves(tree: tuple[Field, ...]) -> list[Field]:
    return [field for top in tree for _, field in top.walk() if not field.children]


def check(type_id: int, body: bytes) -> Decoded:
    """Whatever the bytes: no exception, leaves tile the body, children lie in their parents, JSON works."""
    tree = fields(type_id, body)
    bits = [(leaf.start, leaf.end) for leaf in leaves(tree)]
    assert all(end == start for (_, end), (start, _) in pairwise(bits))
    assert (bits[0][0], bits[-1][1]) == (0, 8 * len(body)) if body else not bits
    for top in tree:
        for _, field in top.walk():
            if field.children:
                assert (field.start, field.end) == (field.children[0].start, field.children[-1].end)
    decoded = decode_message(type_id, body)
    assert to_json(list(decoded.values))
    assert 0 <= decoded.end <= len(body)
    return decoded


@pytest.mark.parametrize(("type_id", "body"), BODIES)
def test_the_leaves_of_a_good_body_tile_it(type_id: int, body: bytes) -> None:
    assert check(type_id, body).problems == ()
    assert not [field for field in leaves(fields(type_id, body)) if field.name == "malformed"]


@pytest.mark.parametrize(("type_id", "body"), BODIES)
def test_a_body_cut_anywhere_is_read_up_to_the_cut(type_id: int, body: bytes) -> None:
    for size in range(len(body)):
        check(type_id, body[:size])


@pytest.mark.parametrize(("type_id", "body"), BODIES)
def test_a_damaged_body_never_raises(type_id: int, body: bytes) -> None:
    rng = random.Random(len(body))
    for _ in range(30):
        damaged = bytearray(body)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(len(damaged))] = rng.choice((0, 1, 3, 9, 10, 17, 127, 128, 255))
        check(type_id, bytes(damaged))


@settings(deadline=None, max_examples=100)
@given(st.sampled_from((15, 16, 17, 18, 19, 20)), st.binary(max_size=60))
def test_arbitrary_bytes_never_raise(type_id: int, body: bytes) -> None:
    check(type_id, body)


@settings(deadline=None, max_examples=40)
@given(amf0_values())
def test_the_leaves_of_any_value_tile_its_bytes(value: object) -> None:
    assert check(18, amf0(value)).problems == ()


def test_a_member_is_one_field_with_its_name_value_and_type() -> None:
    body = amf0("onMetaData") + amf0({"width": 1280.0})
    name, metadata = fields(18, body)
    assert (name.value, name.meaning) == ("onMetaData", "string")
    width = metadata.children[1]
    assert (width.name, width.value, width.meaning) == ("width", 1280.0, "number")
    assert [(child.name, child.value) for child in width.children] == [
        ("name length", 5),
        ("name", "width"),
        ("marker", 0),
        ("number", 1280.0),
    ]


def test_what_cannot_be_decoded_is_one_field_with_the_reason() -> None:
    tree = fields(20, amf0("close") + b"\x04\x01\x02")
    assert (tree[-1].name, tree[-1].value) == ("malformed", b"\x01\x02")
    assert "movieclip" in tree[-1].meaning
