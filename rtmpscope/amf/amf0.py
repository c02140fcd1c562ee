"""AMF0 (Action Message Format, version 0): markers 0 to 17.

Counts are hints and never believed. A missing end marker, which some encoders forget on the last object of
a message, ends the object with the message and is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rtmpscope.amf.amf3 import Amf3Decoder
from rtmpscope.amf.reader import Reader
from rtmpscope.amf.values import UNDEFINED, UNSUPPORTED, Date, EcmaArray, Reference, TypedObject, Xml
from rtmpscope.wire import DecodeError

#: Marker → name, as in section 2.1 of the specification.
MARKERS = (
    "number",
    "boolean",
    "string",
    "object",
    "movieclip",
    "null",
    "undefined",
    "reference",
    "ecma array",
    "object end",
    "strict array",
    "date",
    "long string",
    "unsupported",
    "recordset",
    "xml document",
    "typed object",
    "avmplus object",
)
_OBJECT_END = 9


@dataclass(slots=True)
class Amf0Decoder:
    """Decodes the AMF0 values of one message.

    Attributes:
        problems: what was malformed and could be stepped over.
    """

    reader: Reader
    problems: list[DecodeError] = field(default_factory=list)
    _complex: int = 0

    def value(self, name: str, depth: int = 0) -> object:
        """The next value; ``name`` is what its field is called.

        Raises:
            DecodeError: the bytes are no AMF0 value.
        """
        reader = self.reader
        reader.count_value(depth)
        start = reader.position
        reader.open()
        try:
            marker = reader.u8("marker")
            if marker >= len(MARKERS) or marker not in _READERS:
                raise DecodeError(start, "marker", f"{marker} begins no AMF0 value")
            reader.note("marker", start, marker, MARKERS[marker])
            result = _READERS[marker](self, depth)
        except DecodeError:
            reader.close(name, start, None, "malformed")
            raise
        shown = None if isinstance(result, (dict, list)) else result
        reader.close(name, start, shown, MARKERS[marker])
        return result

    def number(self, _depth: int) -> float:
        start = self.reader.position
        value = self.reader.double("number")
        self.reader.note("number", start, value)
        return value

    def boolean(self, _depth: int) -> bool:
        start = self.reader.position
        value = self.reader.u8("boolean") != 0
        self.reader.note("boolean", start, value)
        return value

    def string(self, _depth: int) -> str:
        return self._utf8(self.reader.u16, 2, "string")

    def long_string(self, _depth: int) -> str:
        return self._utf8(self.reader.u32, 4, "long string")

    def xml(self, _depth: int) -> Xml:
        return Xml(self._utf8(self.reader.u32, 4, "xml document"))

    def object(self, depth: int) -> dict[str, object]:
        self._complex += 1
        return self._members({}, depth)

    def ecma_array(self, depth: int) -> EcmaArray:
        self._complex += 1
        start = self.reader.position
        count = self.reader.u32("count")
        self.reader.note("count", start, count, "a hint only")
        result = EcmaArray()
        self._members(result, depth)
        return result

    def typed_object(self, depth: int) -> TypedObject:
        self._complex += 1
        result = TypedObject(self._utf8(self.reader.u16, 2, "class name"))
        self._members(result, depth)
        return result

    def strict_array(self, depth: int) -> list[object]:
        self._complex += 1
        start = self.reader.position
        count = self.reader.u32("count")
        self.reader.note("count", start, count)
        if count > self.reader.left:
            self._report(start, "count", f"{count} values announced, {self.reader.left} bytes left")
        result: list[object] = []
        while len(result) < count:
            if not self.reader.left:
                break
            result.append(self.value(str(len(result)), depth + 1))
        return result

    def date(self, _depth: int) -> Date:
        start = self.reader.position
        milliseconds = self.reader.double("date")
        zone = int.from_bytes(self.reader.take(2, "time zone"), "big", signed=True)
        self.reader.note("date", start, milliseconds, "ms since 1970 UTC")
        return Date(milliseconds, zone)

    def reference(self, _depth: int) -> Reference:
        start = self.reader.position
        index = self.reader.u16("reference")
        self.reader.note("reference", start, index)
        if index >= self._complex:
            self._report(start, "reference", f"{index} refers to a value that is not there")
        return Reference(index)

    def null(self, _depth: int) -> None:
        return None

    def undefined(self, _depth: int) -> object:
        return UNDEFINED

    def unsupported(self, _depth: int) -> object:
        return UNSUPPORTED

    def avmplus(self, depth: int) -> object:
        """One value in AMF3, with reference tables of its own."""
        return Amf3Decoder(self.reader).value("AMF3 value", depth + 1)

    def _members(self, into: dict[str, object], depth: int) -> dict[str, object]:
        reader = self.reader
        while True:
            start = reader.position
            if not reader.left:
                self._report(start, "object end", "the end marker is missing")
                return into
            size = reader.u16("member name length")
            if size == 0 and reader.left and reader.data[reader.position] == _OBJECT_END:
                reader.position += 1
                reader.note("object end", start, None)
                return into
            name = reader.text(size, "member name")
            reader.note("member name", start, name)
            into[name] = self.value(name, depth + 1)

    def _utf8(self, length: Callable[[str], int], size: int, name: str) -> str:
        start = self.reader.position
        count = length("length")
        self.reader.note("length", start, count)
        begin = self.reader.position
        text = self.reader.text(count, name)
        self.reader.note(name, begin, text)
        return text

    def _report(self, offset: int, name: str, reason: str) -> None:
        self.problems.append(DecodeError(offset, name, reason))


_READERS: dict[int, Callable[[Amf0Decoder, int], object]] = {
    0: Amf0Decoder.number,
    1: Amf0Decoder.boolean,
    2: Amf0Decoder.string,
    3: Amf0Decoder.object,
    5: Amf0Decoder.null,
    6: Amf0Decoder.undefined,
    7: Amf0Decoder.reference,
    8: Amf0Decoder.ecma_array,
    10: Amf0Decoder.strict_array,
    11: Amf0Decoder.date,
    12: Amf0Decoder.long_string,
    13: Amf0Decoder.unsupported,
    15: Amf0Decoder.xml,
    16: Amf0Decoder.typed_object,
    17: Amf0Decoder.avmplus,
}

