"""AMF values that Python has no type for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Undefined:
    """AMF's undefined; there is one, ``UNDEFINED``."""

    def __repr__(self) -> str:
        return "UNDEFINED"


class Unsupported:
    """AMF0's marker for a value that could not be written; there is one, ``UNSUPPORTED``."""

    def __repr__(self) -> str:
        return "UNSUPPORTED"


UNDEFINED: Final = Undefined()
UNSUPPORTED: Final = Unsupported()


class EcmaArray(dict[str, object]):
    """An AMF0 ECMA array: an object in all but name."""


class TypedObject(dict[str, object]):
    """An object of a named class.

    Attributes:
        class_name: the class's name or alias.
    """

    def __init__(self, class_name: str, members: Mapping[str, object] | None = None) -> None:
        super().__init__(members or {})
        self.class_name = class_name


@dataclass(frozen=True, slots=True)
class Date:
    """A point in time: ``milliseconds`` since 1970 UTC, and AMF0's time zone field, which says nothing."""

    milliseconds: float
    timezone: int = 0


@dataclass(frozen=True, slots=True)
class Xml:
    """An XML document as text."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that stands elsewhere in the same message: the ``index``-th complex value."""

    index: int


@dataclass(frozen=True, slots=True)
class Vector:
    """An AMF3 vector: ``kind`` is ``int`` ``uint`` ``double`` or the name of a class."""

    kind: str
    items: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """An AMF3 dictionary, whose keys may be any values."""

    items: tuple[tuple[object, object], ...]
