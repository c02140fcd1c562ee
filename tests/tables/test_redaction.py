"""Secrets are ordinals in every text; equal secrets have equal ordinals; nothing else is touched."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from rtmpscope.amf import Dictionary, EcmaArray, TypedObject, Vector, Xml
from rtmpscope.tables import Redactor

KEY = "live_2468_Qx9zTopSecret"


def redactor(*keys: str) -> Redactor:
    made = Redactor()
    for key in keys or (KEY,):
        made.register_key(key)
    return made


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (KEY, "key#1"),
        (f"publish {KEY} live", "publish key#1 live"),
        (quote(KEY + "/x", safe=""), "key#1%2Fx"),
        (KEY.encode().hex(), "key#1"),
        (base64.b64encode(KEY.encode()).decode().rstrip("="), "key#1"),
        ("nothing of that", "nothing of that"),
        ("rtmp://host/app?token=abc123", "rtmp://host/app?token=token#1"),
        ("rtmp://user:pw@host/app", "rtmp://token@host/app"),
        (f"{KEY}?sign=xyz&t=1", "key#1?sign=token#1&t=token#2"),
        ("authmod=adobe&user=joe&response=abc", "authmod=adobe&user=token#1&response=token#2"),
    ],
)
def test_text(text: str, masked: str) -> None:
    assert redactor().text(text) == masked


def test_equal_secrets_have_equal_ordinals_and_others_another() -> None:
    mask = redactor("first-key-1", "second-key-2")
    assert mask.text("second-key-2 first-key-1 second-key-2") == "key#2 key#1 key#2"


def test_a_short_name_is_masked_as_a_word_and_not_inside_others() -> None:
    mask = redactor("live")
    assert mask.stream_name("live") == "key#1"
    assert mask.text("play live, olive lively") == "play key#1, olive lively"


def test_a_longer_secret_goes_before_one_that_it_contains() -> None:
    assert redactor("abcdef", "abcdefgh").text("abcdefgh abcdef") == "key#2 key#1"


def test_the_query_of_a_published_name_is_masked_wherever_it_stands() -> None:
    mask = redactor("stream?auth=s3cr3t-value")
    assert "s3cr3t-value" not in mask.text("call with s3cr3t-value")


def test_masking_twice_changes_nothing() -> None:
    mask = redactor()
    once = mask.text(f"rtmp://h/a/{KEY}?x=y")
    assert mask.text(once) == once


@pytest.mark.parametrize(
    "value",
    [
        {"name": KEY},
        [KEY],
        EcmaArray(a={"b": [KEY]}),
        TypedObject("Class", {"x": KEY}),
        {KEY: 1},
        Xml(f"<a>{KEY}</a>"),
        Vector("*", (KEY,)),
        Dictionary(((KEY, KEY),)),
        KEY.encode(),
    ],
)
def test_values_are_masked_at_any_depth(value: object) -> None:
    assert KEY not in repr(redactor().value(value))


def test_credentials_are_known_by_their_names() -> None:
    assert redactor().value({"password": "hunter22", "app": "live"}) == {"password": "token#1", "app": "live"}


def test_bodies_tell_which_bytes_to_hide() -> None:
    body = b"\x02\x00\x07publish\x02\x00\x17" + KEY.encode() + b"\x02"
    assert redactor().body(body) == [(13, 13 + len(KEY))]


def test_everything_is_shown_when_asked_for() -> None:
    mask = Redactor(show=True)
    mask.register_key(KEY)
    assert mask.text(f"{KEY}?a=b") == f"{KEY}?a=b"
    assert mask.value({"password": "x"}) == {"password": "x"}
    assert mask.body(KEY.encode()) == []
