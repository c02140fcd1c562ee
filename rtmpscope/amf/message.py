"""AMF message bodies: the values of commands, data and shared object messages.

Types 18, 19 and 20 are AMF0. Types 15, 16 and 17 begin with a format byte 0 and are AMF0 after it; marker
17 switches one value to AMF3.
"""

from __future__ import annotations

from rtmpscope.amf.amf0 import read_values
from rtmpscope.amf.reader import Reader
from rtmpscope.amf.shared_objects import read_shared_object
from rtmpscope.frozen import frozen
from rtmpscope.wire import DecodeError, Field

_WITH_FORMAT_BYTE = (15, 16, 17)
_SHARED_OBJECTS = (16, 19)


@frozen
class Decoded:
    """What a body holds.

    Attributes:
        values: the values in order; the last may be incomplete, and none follow a malformed one.
        problems: what was malformed, in order.
        end: offset of the first byte that was not decoded.
    """

    values: tuple[object, ...]
    problems: tuple[DecodeError, ...]
    end: int


def decode_message(type_id: int, body: bytes) -> Decoded:
    """Decode the body of a message of type 15 to 20; never raises.

    A shared object message (16, 19) is one value, the dictionary that
    :meth:`~rtmpscope.amf.shared_objects.SharedObjectMessage.as_value` describes.
    """
    return _decode_message(type_id, Reader(body))


def decode_values(data: bytes, offset: int = 0) -> Decoded:
    """Decode AMF0 values from ``offset`` to the end of ``data``; never raises."""
    return _decode_values(Reader(data, offset))


def fields(type_id: int, body: bytes) -> tuple[Field, ...]:
    """The body of a message of type 15 to 20 as a tree of fields whose leaves tile the bytes; never raises.

    What cannot be decoded is one last field named ``malformed``, its meaning being the reason.
    """
    top: list[Field] = []
    reader = Reader(body, stack=[top])
    _decode_message(type_id, reader)
    reader.rest()
    return tuple(top)


def _decode_message(type_id: int, reader: Reader) -> Decoded:
    if type_id in _WITH_FORMAT_BYTE and reader.left:
        _format_byte(reader)
    if type_id not in _SHARED_OBJECTS:
        return _decode_values(reader)
    message = read_shared_object(reader)
    return Decoded((message.as_value(),), tuple(reader.problems), reader.position)


def _format_byte(reader: Reader) -> None:
    """Some peers forget the format byte; what they send instead is the first value's marker, never 0."""
    first = reader.data[reader.position]
    if first == 0:
        reader.uint(1, "format", "AMF0")
    else:
        reader.report(reader.position, "format", f"{first} instead of 0; read as if it was left out")


def _decode_values(reader: Reader) -> Decoded:
    values = read_values(reader)
    return Decoded(tuple(values), tuple(reader.problems), reader.position)
