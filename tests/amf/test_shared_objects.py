from __future__ import annotations

from rtmpscope.amf import SharedObjectEvent, decode_message, decode_shared_object
from tests.amf.encode import amf0, avmplus
from tests.amf.shared_object_bodies import BODY, event, message, text


def test_every_kind_of_event_is_read() -> None:
    decoded = decode_shared_object(BODY, 19)
    assert decoded.problems == ()
    assert (decoded.name, decoded.version, decoded.persistent) == ("room", 7, True)
    assert decoded.events == (
        SharedObjectEvent("use"),
        SharedObjectEvent("release"),
        SharedObjectEvent("request_change", "x", 1.0),
        SharedObjectEvent("change", None, {"x": 1.0, "y": {"z": None}}),
        SharedObjectEvent("success", "x"),
        SharedObjectEvent("send_message", "say", ["hi", 2.0]),
        SharedObjectEvent("status", "SharedObject.NoWriteAccess", "error"),
        SharedObjectEvent("clear"),
        SharedObjectEvent("remove", "x"),
        SharedObjectEvent("request_remove", "x"),
        SharedObjectEvent("use_success"),
        SharedObjectEvent("event_99"),
    )


def test_the_amf3_message_type_has_a_format_byte() -> None:
    body = b"\x00" + message(event(4, text("x") + avmplus(5)), persistence=0)
    decoded = decode_shared_object(body, 16)
    assert not decoded.persistent
    assert decoded.events == (SharedObjectEvent("change", None, {"x": 5}),)


def test_a_malformed_event_costs_only_itself() -> None:
    decoded = decode_shared_object(message(event(3, text("x") + b"\x04"), event(5, text("y"))))
    assert decoded.events == (SharedObjectEvent("request_change", "x"), SharedObjectEvent("success", "y"))
    assert [one.field for one in decoded.problems] == ["marker"]


def test_an_event_that_claims_too_much_is_read_as_far_as_it_goes() -> None:
    body = message(event(5, text("x")))
    at = body.index(b"\x05\x00\x00\x00\x03") + 1
    decoded = decode_shared_object(body[:at] + b"\xff\xff\xff\xff" + body[at + 4 :])
    assert decoded.events == (SharedObjectEvent("success", "x"),)
    assert [(one.field, one.offset) for one in decoded.problems] == [("event length", at)]


def test_a_body_without_a_name_is_reported() -> None:
    decoded = decode_shared_object(b"\x00")
    assert decoded.events == ()
    assert len(decoded.problems) == 1


def test_the_message_is_one_amf_value_too() -> None:
    body = message(event(6, amf0("say") + amf0("hi")))
    (value,) = decode_message(19, body).values
    assert value == {
        "name": "room",
        "version": 7,
        "persistent": True,
        "events": [{"event": "send_message", "name": "say", "data": ["hi"]}],
    }
