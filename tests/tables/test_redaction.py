"""Secrets are ordinals in every text; equal secrets have equal ordinals; nothing else is touched."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.amf import Dictionary, EcmaArray, TypedObject, Vector, Xml
from rtmpscope.tables import MaskedOnce, Redactor
from rtmpscope.tables.search import SecretIndex

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
        ("?reason=needauth&authmod=adobe&opaque=x1", "?reason=needauth&authmod=adobe&opaque=token#1"),
        ("rtmp://user:p@ss@host/app", "rtmp://token@host/app"),
        ("", ""),
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


def test_a_short_query_value_is_masked_where_it_stands_and_nowhere_else() -> None:
    mask = redactor()
    assert mask.url("rtmp://h/a?t=1&v=100&type=publish") == "rtmp://h/a?t=token#1&v=token#2&type=token#3"
    assert mask.text("publish to 10.1.1.1, code 100") == "publish to 10.1.1.1, code 100"


def test_user_and_password_of_an_address_are_masked_elsewhere_too() -> None:
    mask = redactor()
    assert mask.url("rtmp://operator7:hunter22@host:1935/app/x") == "rtmp://token@host:1935/app/x"
    assert "hunter22" not in mask.text("rejected hunter22")


@pytest.mark.parametrize(
    "encode",
    [
        quote,
        quote_plus,
        lambda key: quote(key, safe=""),
        lambda key: quote(key, safe="").lower(),
        lambda key: key.encode().hex(),
        lambda key: key.encode().hex().upper(),
        lambda key: base64.b64encode(key.encode()).decode(),
        lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    ],
)
def test_a_name_is_known_however_it_is_encoded(encode: Callable[[str], str]) -> None:
    key = "a key/with+some~~~>\u00fc"
    assert redactor(key).text(f"[{encode(key)}]").replace("=", "") == "[key#1]"


@pytest.mark.parametrize("key", ["key", "token", "1", "a-b"])
def test_a_name_that_looks_like_a_mask_is_masked_once(key: str) -> None:
    mask = redactor(key)
    assert mask.text(mask.text(f"play {key}")) == "play key#1"


def test_a_name_published_percent_encoded_is_known_decoded() -> None:
    assert redactor("caf%C3%A9-7x").text("play café-7x") == "play key#1"


def test_a_name_with_a_lone_surrogate_is_masked() -> None:
    assert redactor("abc\udc80secret").text("play abc\udc80secret") == "play key#1"


keys = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="?#"), min_size=6, max_size=12), max_size=6)


@settings(deadline=None, max_examples=150)
@given(keys, st.lists(st.text(max_size=4), min_size=7, max_size=7))
def test_no_published_name_is_left_in_any_text_and_masking_twice_changes_nothing(
    names: list[str], between: list[str]
) -> None:
    mask = Redactor()
    for name in names:
        mask.register_key(name)
    text = "".join(part for pair in zip(between, [*names, ""], strict=False) for part in pair)
    masked = mask.text(text)
    assert not [name for name in names if name in masked]
    assert mask.text(masked) == masked


def test_thousands_of_names_take_no_longer_per_text_than_one() -> None:
    index = SecretIndex()
    for number in range(5000):
        index.add(f"{number:05}-name", f"key#{number}", whole=False)
    assert index.masked("x 04999-name y") == "x key#4999 y"
    assert max(len(lengths) for lengths in index._lengths.values()) == 1


def test_a_secret_found_on_the_way_is_masked_from_then_on_in_texts_seen_before() -> None:
    mask = redactor()
    assert mask.text("at Zx81-secret") == "at Zx81-secret"
    assert mask.text("Zx81-secret?token=Zx81-secret") == "Zx81-secret?token=token#1"
    assert mask.text("at Zx81-secret") == "at token#1"
    assert mask.text("Zx81-secret?token=Zx81-secret") == "token#1?token=token#1"


def test_a_record_is_masked_once_until_a_secret_is_found() -> None:
    mask, seen = redactor(), []
    once = MaskedOnce(mask, lambda record: seen.append(record) or mask.value(record))
    first, other = ["Zx81-secret"], ["?token=Zx81-secret"]
    assert [once.of(first), once.of(first)] == [["Zx81-secret"]] * 2
    assert once.of(other) == ["?token=token#1"]
    assert [once.of(first), once.of(first)] == [["token#1"]] * 2
    assert seen == [first, other, first]


def test_what_was_worked_out_before_a_secret_was_declared_is_worked_out_again() -> None:
    mask = redactor("another key")
    once, text = MaskedOnce(mask, mask.text), "played secretkey99"
    assert once.of(text) == text
    mask.register_key("secretkey99")
    assert once.of(text) == "played key#2"


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
