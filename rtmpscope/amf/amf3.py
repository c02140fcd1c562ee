"""AMF3: markers 0 to 17, with tables of strings, objects and traits that references point into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rtmpscope.amf.reader import Reader
from rtmpscope.amf.values import UNDEFINED, Date, Dictionary, Reference, TypedObject, Vector, Xml
from rtmpscope.wire import DecodeError

#: Marker → name, as in section 3.1 of the specification.
MARKERS = (
    "undefined",
    "null",
    "false",
    "true",
    "integer",
    "double",
    "string",
    "xml document",
    "date",
    "array",
    "object",
    "xml",
    "byte array",
    "vector of int",
    "vector of uint",
    "vector of double",
    "vector of object",
    "dictionary",
)
#: Externalizable classes whose content is one AMF3 value.
_WRAPPERS = frozenset(("flex.messaging.io.ArrayCollection", "flex.messaging.io.ObjectProxy"))


@dataclass(frozen=True, slots=True)
class Traits:
    """What an object's class looks like: its name, whether more members may follow, its sealed members."""

    class_name: str
    dynamic: bool
    externalizable: bool
    members: tuple[str, ...]


@dataclass(slots=True)
class Amf3Decoder:
    """Decodes AMF3 values that share reference tables."""

    reader: Reader
    _strings: list[str] = field(default_factory=list)
    _objects: int = 0
    _traits: list[Traits] = field(default_factory=list)

    def value(self, name: str, depth: int = 0) -> object:
        """The next value; ``name`` is what its field is called.

        Raises:
            DecodeError: the bytes are no AMF3 value.
        """
        reader = self.reader
        reader.count_value(depth)
        start = reader.position
        reader.open()
        try:
            marker = reader.u8("marker")
            if marker >= len(MARKERS):
                raise DecodeError(start, "marker", f"{marker} begins no AMF3 value")
            reader.note("marker", start, marker, MARKERS[marker])
            begin = reader.position
            result = _READERS[marker](self, depth)
        except DecodeError:
            reader.close(name, start, None, "malformed")
            raise
        shown = None if isinstance(result, (dict, list, Vector, Dictionary)) else result
        if reader.stack is not None and not reader.stack[-1][1:]:
            reader.note(MARKERS[marker], begin, shown)
        reader.close(name, start, shown, MARKERS[marker])
        return result

    def u29(self, name: str) -> int:
        """A number of 29 bits in one to four bytes (section 1.3.1)."""
        result = 0
        for _ in range(3):
            byte = self.reader.u8(name)
            result = result << 7 | byte & 0x7F
            if byte < 0x80:
                return result
        return result << 8 | self.reader.u8(name)

    def string(self, _depth: int = 0) -> str:
        """A string, or a reference to an earlier one; the empty string is never referred to."""
        start = self.reader.position
        head = self.u29("string length")
        if head & 1 == 0:
            return self._strings[self._checked(start, "string reference", head >> 1, len(self._strings))]
        text = self.reader.text(head >> 1, "string")
        if text:
            self._strings.append(text)
        return text

    def integer(self, _depth: int) -> int:
        value = self.u29("integer")
        return value - (1 << 29) if value & (1 << 28) else value

    def double(self, _depth: int) -> float:
        return self.reader.double("double")

    def xml(self, _depth: int) -> Xml | Reference:
        size = self._own_size("xml length")
        return size if isinstance(size, Reference) else Xml(self.reader.text(size, "xml"))

    def date(self, _depth: int) -> Date | Reference:
        head = self._own_size("date")
        return head if isinstance(head, Reference) else Date(self.reader.double("date"))

    def byte_array(self, _depth: int) -> bytes | Reference:
        size = self._own_size("byte array length")
        return size if isinstance(size, Reference) else self.reader.take(size, "byte array")

    def array(self, depth: int) -> object:
        """Dense values, and before them named ones; a dictionary where there are named ones."""
        count = self._own_size("array length")
        if isinstance(count, Reference):
            return count
        named: dict[str, object] = {}
        while name := self.string():
            named[name] = self.value(name, depth + 1)
        dense = [self.value(str(index), depth + 1) for index in range(self._announced(count, 1))]
        if not named:
            return dense
        return named | {str(index): item for index, item in enumerate(dense)}

    def object(self, depth: int) -> object:
        start = self.reader.position
        head = self.u29("object")
        if head & 1 == 0:
            return Reference(self._checked(start, "object reference", head >> 1, self._objects))
        self._objects += 1
        traits = self._traits_of(start, head)
        if traits.externalizable:
            return self._externalized(start, traits, depth)
        members = {name: self.value(name, depth + 1) for name in traits.members}
        if traits.dynamic:
            while name := self.string():
                members[name] = self.value(name, depth + 1)
        return TypedObject(traits.class_name, members) if traits.class_name else members

    def vector_int(self, _depth: int) -> object:
        return self._numbers("int", 4, lambda data: int.from_bytes(data, "big", signed=True))

    def vector_uint(self, _depth: int) -> object:
        return self._numbers("uint", 4, lambda data: int.from_bytes(data, "big"))

    def vector_double(self, _depth: int) -> object:
        return self._numbers("double", 8, lambda data: Reader(data).double("double"))

    def vector_object(self, depth: int) -> object:
        count = self._own_size("vector length")
        if isinstance(count, Reference):
            return count
        self.reader.u8("fixed")
        kind = self.string() or "*"
        items = [self.value(str(index), depth + 1) for index in range(self._announced(count, 1))]
        return Vector(kind, tuple(items))

    def dictionary(self, depth: int) -> object:
        count = self._own_size("dictionary length")
        if isinstance(count, Reference):
            return count
        self.reader.u8("weak keys")
        pairs = [
            (self.value("key", depth + 1), self.value("value", depth + 1)) for _ in range(self._announced(count, 2))
        ]
        return Dictionary(tuple(pairs))

    def _numbers(self, kind: str, size: int, read: Callable[[bytes], float]) -> object:
        count = self._own_size("vector length")
        if isinstance(count, Reference):
            return count
        self.reader.u8("fixed")
        count = self._announced(count, size)
        return Vector(kind, tuple(read(self.reader.take(size, kind)) for _ in range(count)))

    def _own_size(self, name: str) -> int | Reference:
        """The size of a value that stands here, or a reference to one that stood before."""
        start = self.reader.position
        head = self.u29(name)
        if head & 1 == 0:
            return Reference(self._checked(start, name, head >> 1, self._objects))
        self._objects += 1
        return head >> 1

    def _announced(self, count: int, least: int) -> int:
        """A count of values, if so many can be there at ``least`` bytes each."""
        if count * least > self.reader.left:
            raise DecodeError(self.reader.position, "count", f"{count} values announced, {self.reader.left} bytes left")
        return count

    def _traits_of(self, start: int, head: int) -> Traits:
        if head & 2 == 0:
            return self._traits[self._checked(start, "traits reference", head >> 2, len(self._traits))]
        class_name = self.string()
        if head & 4:
            traits = Traits(class_name, dynamic=False, externalizable=True, members=())
        else:
            count = self._announced(head >> 4, 1)
            members = tuple(self.string() for _ in range(count))
            traits = Traits(class_name, dynamic=bool(head & 8), externalizable=False, members=members)
        self._traits.append(traits)
        return traits

    def _externalized(self, start: int, traits: Traits, depth: int) -> object:
        if traits.class_name not in _WRAPPERS:
            raise DecodeError(start, "object", f"only {traits.class_name} itself knows how it is written")
        return TypedObject(traits.class_name, {"source": self.value("source", depth + 1)})

    def _checked(self, start: int, name: str, index: int, count: int) -> int:
        if index >= count:
            raise DecodeError(start, name, f"{index} refers to one of {count}")
        return index


def _constant(value: object) -> Callable[[Amf3Decoder, int], object]:
    return lambda _decoder, _depth: value


_READERS: tuple[Callable[[Amf3Decoder, int], object], ...] = (
    _constant(UNDEFINED),
    _constant(None),
    _constant(False),
    _constant(True),
    Amf3Decoder.integer,
    Amf3Decoder.double,
    Amf3Decoder.string,
    Amf3Decoder.xml,
    Amf3Decoder.date,
    Amf3Decoder.array,
    Amf3Decoder.object,
    Amf3Decoder.xml,
    Amf3Decoder.byte_array,
    Amf3Decoder.vector_int,
    Amf3Decoder.vector_uint,
    Amf3Decoder.vector_double,
    Amf3Decoder.vector_object,
    Amf3Decoder.dictionary,
)
