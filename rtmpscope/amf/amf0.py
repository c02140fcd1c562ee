"""AMF0 (Action Message Format, version 0): markers 0 to 17.

Counts are hints and never believed. A missing end marker, which some encoders forget on the last object of
a message, ends the object with the message and is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rtmpscope.amf.amf3 import Amf3Decoder
from rtmpscope.amf.reader import Reader, shown
from rtmpscope.amf.values import UNDEFINED, UNSUPPORTED, Date, EcmaArray, Reference, TypedObject, Xml
from rtmpscope.frozen import slotted
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
_Members = TypeVar("_Members", bound=dict[str, object])
_OBJECT_END = b"\0\0\x09"


@slotted
class Amf0Decoder:
    """Decodes the AMF0 values of one message."""

    reader: Reader
    _complex: int = 0
    _amf3: Amf3Decoder | None = None

    def value(self, name: str, depth: int = 0) -> object:
        """The next value; ``name`` is what its field is called.

        A structure that turns out to be malformed is returned as far as it could be read.

        Raises:
            DecodeError: the bytes are no AMF0 value.
        """
        self.reader.open()
        try:
            result, kind = self._value(depth)
        except DecodeError:
            self.reader.close(name, None, "malformed")
            raise
        self.reader.close(name, shown(result), kind)
        return result

    def _value(self, depth: int) -> tuple[object, str]:
        """A value, and what kind it is."""
        self.reader.begin_value(depth)
        start = self.reader.position
        marker = self.reader.marker(MARKERS)
        read = _READERS.get(marker)
        if read is None:
            raise DecodeError(start, "marker", f"{marker} ({MARKERS[marker]}) begins no value")
        return read(self, depth), MARKERS[marker]

    def _number(self, _depth: int) -> float:
        return self.reader.double("number")

    def _boolean(self, _depth: int) -> bool:
        return self.reader.uint(1, "boolean") != 0

    def _string(self, _depth: int) -> str:
        return self.reader.text(self.reader.uint(2, "length"), "string")

    def _long_string(self, _depth: int) -> str:
        return self.reader.text(self.reader.uint(4, "length"), "long string")

    def _xml(self, _depth: int) -> Xml:
        return Xml(self.reader.text(self.reader.uint(4, "length"), "xml document"))

    def _object(self, depth: int) -> dict[str, object]:
        return self._members({}, depth)

    def _ecma_array(self, depth: int) -> EcmaArray:
        self.reader.uint(4, "count", "a hint only")
        return self._members(EcmaArray(), depth)

    def _typed_object(self, depth: int) -> TypedObject:
        name = self.reader.text(self.reader.uint(2, "class name length"), "class name")
        return self._members(TypedObject(name), depth)

    def _strict_array(self, depth: int) -> list[object]:
        self._complex += 1
        start = self.reader.position
        count = self.reader.uint(4, "count")
        result: list[object] = []
        with self.reader.partial():
            while len(result) < count:
                if not self.reader.left:
                    raise DecodeError(start, "count", f"{count} values announced, {len(result)} are there")
                result.append(self.value(str(len(result)), depth + 1))
        return result

    def _date(self, _depth: int) -> Date:
        milliseconds = self.reader.double("date")
        self.reader.explain("ms since 1970 UTC")
        return Date(milliseconds, self.reader.sint(2, "time zone"))

    def _reference(self, _depth: int) -> Reference:
        start = self.reader.position
        index = self.reader.uint(2, "reference")
        if index >= self._complex:
            self.reader.report(start, "reference", f"{index} refers to a value that is not there")
        return Reference(index)

    def _avmplus(self, depth: int) -> object:
        """One value in AMF3; the values of a message share their reference tables."""
        if self._amf3 is None:
            self._amf3 = Amf3Decoder(self.reader)
        return self._amf3.value("AMF3 value", depth + 1)

    def _members(self, into: _Members, depth: int) -> _Members:
        """Members up to the end marker."""
        self._complex += 1
        reader = self.reader
        with reader.partial():
            while reader.data[reader.position : reader.position + 3] != _OBJECT_END:
                if not reader.left:
                    raise DecodeError(reader.position, "object end", "the end marker is missing")
                self.member(into, depth + 1)
            reader.binary(3, "object end")
        return into

    def member(self, into: dict[str, object], depth: int = 0) -> None:
        """One member: its name and its value make up one field."""
        reader = self.reader
        reader.open()
        name, value, kind = "member", None, "malformed"
        try:
            name = reader.text(reader.uint(2, "name length"), "name")
            into[name], kind = self._value(depth)
            value = shown(into[name])
        finally:
            reader.close(name, value, kind)


def read_values(reader: Reader) -> list[object]:
    """Values to the end of what ``reader`` may read, or to the first malformed one."""
    decoder = Amf0Decoder(reader)
    values: list[object] = []
    with reader.partial():
        while reader.left > 0:
            values.append(decoder.value(f"value {len(values)}"))
    return values


_READERS: dict[int, Callable[[Amf0Decoder, int], object]] = {
    0: Amf0Decoder._number,
    1: Amf0Decoder._boolean,
    2: Amf0Decoder._string,
    3: Amf0Decoder._object,
    5: lambda _decoder, _depth: None,
    6: lambda _decoder, _depth: UNDEFINED,
    7: Amf0Decoder._reference,
    8: Amf0Decoder._ecma_array,
    10: Amf0Decoder._strict_array,
    11: Amf0Decoder._date,
    12: Amf0Decoder._long_string,
    13: lambda _decoder, _depth: UNSUPPORTED,
    15: Amf0Decoder._xml,
    16: Amf0Decoder._typed_object,
    17: Amf0Decoder._avmplus,
}
