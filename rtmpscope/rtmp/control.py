"""Protocol control messages (RTMP 1.0, section 5.4) and user control messages (section 7.1.7)."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.rtmp.message_types import SET_PEER_BANDWIDTH, USER_CONTROL, type_name
from rtmpscope.wire import Field, Truncated, byte_field

_LIMIT_TYPES = {0: "hard", 1: "soft", 2: "dynamic"}
_EVENTS = {
    0: "stream_begin",
    1: "stream_eof",
    2: "stream_dry",
    3: "set_buffer_length",
    4: "stream_is_recorded",
    6: "ping_request",
    7: "ping_response",
    26: "swf_verification_request",
    27: "swf_verification_response",
    31: "buffer_empty",
    32: "buffer_ready",
}
_SET_BUFFER_LENGTH = 3
#: Events that carry no number of their own: the body is a hash or empty.
_WITHOUT_NUMBER = (26, 27)
#: What the specification calls the number of a protocol control message, and of a user control event.
_VALUE_NAMES = {
    1: "chunk size",
    2: "chunk stream id",
    3: "sequence number",
    5: "acknowledgement window size",
    6: "acknowledgement window size",
}
_NUMBER_NAMES = {6: "timestamp", 7: "timestamp"}


@frozen
class Control:
    """One control message.

    Attributes:
        kind: its name, such as ``set_chunk_size`` or ``stream_begin``.
        value: its number: a size, a sequence number, a message stream id, a time; None without one.
        detail: what else it says, in words.
    """

    kind: str
    value: int | None
    detail: str = ""


def decode_control(type_id: int, body: bytes) -> Control:
    """Decode the body of a message of type 1 to 6.

    Raises:
        Truncated: the body is too short.
        KeyError: the type is no control message's.
    """
    if type_id == USER_CONTROL:
        return _user_control(body)
    value = _number(body, 0, _VALUE_NAMES[type_id], 4)
    if type_id == SET_PEER_BANDWIDTH:
        limit = _number(body, 4, "limit type", 1)
        return Control(type_name(type_id), value, _LIMIT_TYPES.get(limit, f"limit type {limit}"))
    return Control(type_name(type_id), value)


def control_fields(type_id: int, body: bytes) -> tuple[Field, ...]:
    """The fields of a control message, with their places in the body.

    Raises:
        Truncated: the body is too short.
    """
    if type_id == USER_CONTROL:
        return _user_control_fields(body)
    control = decode_control(type_id, body)
    fields = [byte_field(_VALUE_NAMES[type_id], 0, 4, control.value)]
    used = 4
    if type_id == SET_PEER_BANDWIDTH:
        fields.append(byte_field("limit type", 4, 1, body[4], control.detail))
        used = 5
    return (*fields, *_rest(body, used))


def _user_control(body: bytes) -> Control:
    event = _number(body, 0, "event type", 2)
    kind = _EVENTS.get(event, f"user_control_{event}")
    if event in _WITHOUT_NUMBER or (event not in _EVENTS and len(body) < 6):
        data = body[2:]
        return Control(kind, None, f"{len(data)} bytes" if data else "")
    value = _number(body, 2, "event data", 4)
    if event == _SET_BUFFER_LENGTH:
        return Control(kind, value, f"buffer {_number(body, 6, 'buffer length', 4)} ms")
    return Control(kind, value)


def _user_control_fields(body: bytes) -> tuple[Field, ...]:
    control = _user_control(body)
    event = int.from_bytes(body[:2], "big")
    fields = [byte_field("event type", 0, 2, event, control.kind)]
    used = 2
    if control.value is not None:
        fields.append(byte_field(_NUMBER_NAMES.get(event, "stream id"), 2, 4, control.value))
        used = 6
    if event == _SET_BUFFER_LENGTH:
        fields.append(byte_field("buffer length", 6, 4, int.from_bytes(body[6:10], "big"), "ms"))
        used = 10
    return (*fields, *_rest(body, used))


def _number(body: bytes, at: int, name: str, size: int) -> int:
    if at + size > len(body):
        raise Truncated(at, name, size, max(len(body) - at, 0))
    return int.from_bytes(body[at : at + size], "big")


def _rest(body: bytes, used: int) -> tuple[Field, ...]:
    return (byte_field("more data", used, len(body) - used, body[used:]),) if used < len(body) else ()
