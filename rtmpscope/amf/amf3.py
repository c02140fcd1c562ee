"""AMF3: markers 0 to 17; :mod:`rtmpscope.amf.amf3_tables` has what references point into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from rtmpscope.amf.amf3_tables import Tables, Traits
from rtmpscope.amf.reader import Reader, shown
from rtmpscope.amf.values import UNDEFINED, Date, Dictionary, EcmaArray, Reference, TypedObject, Vector, Xml
from rtmpscope.frozen import slotted
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


@slotted
class Amf3Decoder:
    """Decodes AMF3 values that share reference tables."""

    reader: Reader
    tables: Tables = field(init=False)

    def __post_init__(self) -> None:
        self.tables = Tables(self.reader)

    def value(self, name: str, depth: int = 0) -> object:
        """The next value; ``name`` is what its field is called.

        A structure that turns out to be malformed is returned as far as it could be read.

        Raises:
            DecodeError: the bytes are no AMF3 value.
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
        marker = self.reader.marker(MARKERS)
        return _READERS[marker](self, depth), MARKERS[marker]

    def _member(self, into: dict[str, object], name: str | None, depth: int) -> bool:
        """One member as one field, its name first unless it is known; an empty name ends the members."""
        self.reader.open()
        label, value, kind = name or "member", None, "malformed"
        try:
            if name is None:
                name = label = self.tables.text("name")
                if not name:
                    label, kind = "end of members", ""
                    return False
            into[name], kind = self._value(depth)
            value = shown(into[name])
            return True
        finally:
            self.reader.close(label, value, kind)

    def _string(self, _depth: int) -> str:
        return self.tables.text("string")

    def _integer(self, _depth: int) -> int:
        value = self.reader.u29("integer")
        return value - (1 << 29) if value & 1 << 28 else value

    def _double(self, _depth: int) -> float:
        return self.reader.double("double")

    def _xml(self, _depth: int) -> object:
        size = self.tables.own_size("xml length")
        return size if isinstance(size, Reference) else Xml(self.reader.text(size, "xml"))

    def _date(self, _depth: int) -> object:
        head = self.tables.own_size("date head")
        return head if isinstance(head, Reference) else Date(self.reader.double("date"))

    def _byte_array(self, _depth: int) -> object:
        size = self.tables.own_size("byte array length")
        return size if isinstance(size, Reference) else self.reader.binary(size, "byte array")

    def _array(self, depth: int) -> object:
        """Named values, then dense ones; where there are named ones, all are members of one array."""
        count = self.tables.own_size("array length")
        if isinstance(count, Reference):
            return count
        named = EcmaArray()
        dense: list[object] = []
        with self.reader.partial():
            while self._member(named, None, depth + 1):
                pass
            self._items(dense, count, depth)
        if not named:
            return dense
        named.update((str(index), item) for index, item in enumerate(dense))
        return named

    def _object(self, depth: int) -> object:
        head = self.tables.own_size("object head")
        if isinstance(head, Reference):
            return head
        traits = self.tables.traits_of(head)
        members: dict[str, object] = TypedObject(traits.class_name) if traits.class_name else {}
        with self.reader.partial():
            if traits.externalizable:
                self._externalized(traits, members, depth)
            for name in traits.members:
                self._member(members, name, depth + 1)
            while traits.dynamic and self._member(members, None, depth + 1):
                pass
        return members

    def _externalized(self, traits: Traits, members: dict[str, object], depth: int) -> None:
        if traits.class_name not in _WRAPPERS:
            reason = f"only the class {traits.class_name!r} knows how it is written"
            raise DecodeError(self.reader.position, "externalizable object", reason)
        members["source"] = self.value("source", depth + 1)

    def _vector_int(self, _depth: int) -> object:
        return self._numbers("int", lambda: self.reader.sint(4, "int"))

    def _vector_uint(self, _depth: int) -> object:
        return self._numbers("uint", lambda: self.reader.uint(4, "uint"))

    def _vector_double(self, _depth: int) -> object:
        return self._numbers("double", lambda: self.reader.double("double"))

    def _numbers(self, kind: str, read: Callable[[], float]) -> object:
        count = self.tables.own_size("vector length")
        if isinstance(count, Reference):
            return count
        items: list[object] = []
        with self.reader.partial():
            self.reader.uint(1, "fixed length")
            for _ in range(count):
                items.append(read())
        return Vector(kind, tuple(items))

    def _vector_object(self, depth: int) -> object:
        count = self.tables.own_size("vector length")
        if isinstance(count, Reference):
            return count
        kind = "*"
        items: list[object] = []
        with self.reader.partial():
            self.reader.uint(1, "fixed length")
            kind = self.tables.text("class name") or "*"
            self._items(items, count, depth)
        return Vector(kind, tuple(items))

    def _dictionary(self, depth: int) -> object:
        count = self.tables.own_size("dictionary length")
        if isinstance(count, Reference):
            return count
        pairs: list[tuple[object, object]] = []
        with self.reader.partial():
            self.reader.uint(1, "weak keys")
            for _ in range(count):
                key = self.value("key", depth + 1)
                pairs.append((key, self.value("value", depth + 1)))
        return Dictionary(tuple(pairs))

    def _items(self, into: list[object], count: int, depth: int) -> None:
        for index in range(count):
            into.append(self.value(str(index), depth + 1))


def _constant(value: object) -> Callable[[Amf3Decoder, int], object]:
    return lambda _decoder, _depth: value


_READERS: tuple[Callable[[Amf3Decoder, int], object], ...] = (
    _constant(UNDEFINED),
    _constant(None),
    _constant(False),
    _constant(True),
    Amf3Decoder._integer,
    Amf3Decoder._double,
    Amf3Decoder._string,
    Amf3Decoder._xml,
    Amf3Decoder._date,
    Amf3Decoder._array,
    Amf3Decoder._object,
    Amf3Decoder._xml,
    Amf3Decoder._byte_array,
    Amf3Decoder._vector_int,
    Amf3Decoder._vector_uint,
    Amf3Decoder._vector_double,
    Amf3Decoder._vector_object,
    Amf3Decoder._dictionary,
)
