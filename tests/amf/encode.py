"""AMF0 and AMF3 written from their specifications, for tests only; shares nothing with the decoder but the values."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from rtmpscope.amf import (
    UNDEFINED,
    UNSUPPORTED,
    Date,
    Dictionary,
    EcmaArray,
    Reference,
    TypedObject,
    Vector,
    Xml,
)

_AMF0_CONSTANTS = (
    (None, b"\x05"),
    (UNDEFINED, b"\x06"),
    (UNSUPPORTED, b"\x0d"),
    (True, b"\x01\x01"),
    (False, b"\x01\x00"),
)
_AMF3_CONSTANTS = ((UNDEFINED, b"\x00"), (None, b"\x01"), (False, b"\x02"), (True, b"\x03"))


def amf0(value: object) -> bytes:
    """One AMF0 value."""
    for known, written in _AMF0_CONSTANTS:
        if value is known:
            return written
    return _AMF0_WRITERS[type(value)](value)


def avmplus(value: object) -> bytes:
    """One AMF0 value that is written in AMF3, with tables of its own."""
    return b"\x11" + Amf3Encoder().value(value)


def u29(value: int) -> bytes:
    """Seven bits a byte, the high bit saying that another follows; a fourth byte has eight."""
    if value < 0x80:
        return bytes([value])
    if value < 0x4000:
        return bytes([value >> 7 | 0x80, value & 0x7F])
    if value < 0x200000:
        return bytes([value >> 14 | 0x80, value >> 7 & 0x7F | 0x80, value & 0x7F])
    return bytes([value >> 22 | 0x80, value >> 15 & 0x7F | 0x80, value >> 8 & 0x7F | 0x80, value & 0xFF])


class Amf3Encoder:
    """AMF3 with its string and traits tables; objects are never referred to."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self.traits: list[tuple[str, tuple[str, ...], bool]] = []

    def value(self, value: object) -> bytes:
        """One AMF3 value."""
        for known, written in _AMF3_CONSTANTS:
            if value is known:
                return written
        return self._writers()[type(value)](value)

    def _writers(self) -> dict[type, Callable[..., bytes]]:
        return {
            int: lambda value: b"\x04" + u29(value % (1 << 29)),
            float: lambda value: b"\x05" + struct.pack(">d", value),
            str: lambda value: b"\x06" + self.text(value),
            Xml: lambda value: b"\x0b" + _sized(value.text.encode()),
            Date: lambda value: b"\x08\x01" + struct.pack(">d", value.milliseconds),
            list: lambda value: b"\x09" + u29(len(value) << 1 | 1) + b"\x01" + self._all(value),
            EcmaArray: lambda value: b"\x09\x01" + self._named(value),
            dict: lambda value: b"\x0a" + self._traits("", (), dynamic=True) + self._named(value),
            TypedObject: self._typed,
            bytes: lambda value: b"\x0c" + _sized(value),
            Vector: self._vector,
            Dictionary: self._dictionary,
        }

    def text(self, text: str) -> bytes:
        """A string without its marker, by reference where it was written before."""
        if text in self.strings:
            return u29(self.strings.index(text) << 1)
        if text:
            self.strings.append(text)
        return _sized(text.encode())

    def _all(self, values: list[object] | tuple[object, ...]) -> bytes:
        return b"".join(map(self.value, values))

    def _named(self, members: Mapping[str, object]) -> bytes:
        return b"".join(self.text(name) + self.value(member) for name, member in members.items()) + b"\x01"

    def _typed(self, value: TypedObject) -> bytes:
        head = self._traits(value.class_name, tuple(value), dynamic=False)
        return b"\x0a" + head + self._all(tuple(value.values()))

    def _traits(self, class_name: str, members: tuple[str, ...], *, dynamic: bool) -> bytes:
        """The head of an object; its traits by reference where they were written before."""
        traits = (class_name, members, dynamic)
        if traits in self.traits:
            return u29(self.traits.index(traits) << 2 | 1)
        self.traits.append(traits)
        head = u29(len(members) << 4 | dynamic << 3 | 3)
        return head + self.text(class_name) + b"".join(map(self.text, members))

    def _vector(self, value: Vector) -> bytes:
        marker, form = {"int": (13, ">i"), "uint": (14, ">I"), "double": (15, ">d")}.get(value.kind, (16, ""))
        head = bytes([marker]) + u29(len(value.items) << 1 | 1) + b"\x00"
        if form:
            return head + b"".join(struct.pack(form, item) for item in value.items)
        return head + self.text("" if value.kind == "*" else value.kind) + self._all(value.items)

    def _dictionary(self, value: Dictionary) -> bytes:
        head = b"\x11" + u29(len(value.items) << 1 | 1) + b"\x00"
        return head + b"".join(self.value(key) + self.value(item) for key, item in value.items)


def _members(value: Mapping[str, object]) -> bytes:
    return b"".join(_short(name.encode()) + amf0(member) for name, member in value.items()) + b"\x00\x00\x09"


def _short(raw: bytes) -> bytes:
    return struct.pack(">H", len(raw)) + raw


def _long(raw: bytes) -> bytes:
    return struct.pack(">I", len(raw)) + raw


def _sized(raw: bytes) -> bytes:
    return u29(len(raw) << 1 | 1) + raw


def _string(text: str) -> bytes:
    raw = text.encode()
    return b"\x02" + _short(raw) if len(raw) < 65536 else b"\x0c" + _long(raw)


_AMF0_WRITERS: dict[type, Callable[..., bytes]] = {
    float: lambda value: b"\x00" + struct.pack(">d", value),
    str: _string,
    dict: lambda value: b"\x03" + _members(value),
    Reference: lambda value: b"\x07" + struct.pack(">H", value.index),
    EcmaArray: lambda value: b"\x08" + struct.pack(">I", len(value)) + _members(value),
    list: lambda value: b"\x0a" + struct.pack(">I", len(value)) + b"".join(map(amf0, value)),
    Date: lambda value: b"\x0b" + struct.pack(">dh", value.milliseconds, value.timezone),
    Xml: lambda value: b"\x0f" + _long(value.text.encode()),
    TypedObject: lambda value: b"\x10" + _short(value.class_name.encode()) + _members(value),
}
