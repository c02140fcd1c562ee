"""AMF values that Python has no type for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from rtmpscope.frozen import frozen


class Undefined(Enum):
    """AMF's undefined; there is one, ``UNDEFINED``."""

    UNDEFINED = "undefined"

    def __repr__(self) -> str:
        return "UNDEFINED"


class Unsupported(Enum):
    """AMF0's marker for a value that could not be written; there is one, ``UNSUPPORTED``."""

    UNSUPPORTED = "unsupported"

    def __repr__(self) -> str:
        return "UNSUPPORTED"


UNDEFINED: Final = Undefined.UNDEFINED
UNSUPPORTED: Final = Unsupported.UNSUPPORTED


class EcmaArray(dict[str, object]):
    """An AMF0 ECMA array, or an AMF3 array with named values: an object in all but name."""


class TypedObject(dict[str, object]):
    """An object of a named class.

    Attributes:
        class_name: the class's name or alias.
    """

    def __init__(self, class_name: str, members: Mapping[str, object] | None = None) -> None:
        super().__init__(members or {})
        self.class_name = class_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypedObject) and self.class_name == other.class_name and super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # a dictionary is not hashable

    def __repr__(self) -> str:
        return f"TypedObject({self.class_name!r}, {super().__repr__()})"


@frozen
class Date:
    """A point in time: ``milliseconds`` since 1970 UTC, and AMF0's time zone field, which says nothing."""

    milliseconds: float
    timezone: int = 0


@frozen
class Xml:
    """An XML document as text."""

    text: str


@frozen
class Reference:
    """A value that stands elsewhere in the same message: the ``index``-th complex value."""

    index: int


@frozen
class Vector:
    """An AMF3 vector: ``kind`` is ``int`` ``uint`` ``double`` or the name of a class, ``*`` for any."""

    kind: str
    items: tuple[object, ...]


@frozen
class Dictionary:
    """An AMF3 dictionary, whose keys may be any values."""

    items: tuple[tuple[object, object], ...]
