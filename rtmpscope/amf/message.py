"""AMF message bodies: the values of commands, data and shared object messages.

Types 18, 19 and 20 are AMF0. Types 15, 16 and 17 begin with a format byte 0 and are AMF0 after it; marker
17 switches one value to AMF3.
"""

from __future__ import annotations

from dataclasses import dataclass

from rtmpscope.amf.amf0 import Amf0Decoder
from rtmpscope.amf.reader import Reader
from rtmpscope.wire import DecodeError, Field, byte_field

_WITH_FORMAT_BYTE = (15, 16, 17)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a body holds.

    Attributes:
        values: the values up to the first that cannot be decoded.
        problems: what was malformed, in order.
        end: offset just after the last decoded value.
    """

    values: tuple[object, ...]
    problems: tuple[DecodeError, ...]
    end: int


def decode_message(type_id: int, body: bytes) -> Decoded:
    """Decode the body of a message of type 15, 17, 18 or 20; never raises."""
    return _decode(Reader(body, _first(type_id, body)))


def decode_values(data: bytes) -> Decoded:
    """Decode AMF0 values to the end of ``data``; never raises."""
    return _decode(Reader(data))


def fields(type_id: int, body: bytes) -> tuple[Field, ...]:
    """The values of a body as a tree of fields; what cannot be decoded is one field at the end."""
    start = _first(type_id, body)
    top: list[Field] = [byte_field("format", 0, 1, 0, "AMF0")] if start else []
    reader = Reader(body, start, stack=[top])
    decoded = _decode(reader)
    used = max((field.end // 8 for field in top), default=start)
    if used < len(body):
        reason = str(decoded.problems[-1]) if decoded.problems else "not decoded"
        top.append(byte_field("malformed", used, len(body) - used, body[used:], reason))
    return tuple(top)


def _first(type_id: int, body: bytes) -> int:
    """Where the values begin. Some peers forget the format byte of types 15 to 17."""
    return 1 if type_id in _WITH_FORMAT_BYTE and body[:1] == b"\0" else 0


def _decode(reader: Reader) -> Decoded:
    decoder = Amf0Decoder(reader)
    values: list[object] = []
    end = reader.position
    try:
        while reader.left:
            values.append(decoder.value(f"value {len(values)}"))
            end = reader.position
    except DecodeError as error:
        decoder.problems.append(error)
    return Decoded(tuple(values), tuple(decoder.problems), end)
