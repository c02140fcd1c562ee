"""A shared object message with every kind of event."""

from __future__ import annotations

import struct

from tests.amf.encode import amf0


def text(value: str) -> bytes:
    """A string without marker."""
    return struct.pack(">H", len(value)) + value.encode()


def event(number: int, data: bytes = b"") -> bytes:
    """One event: type, length, data."""
    return struct.pack(">BI", number, len(data)) + data


def message(*events: bytes, name: str = "room", version: int = 7, persistence: int = 2) -> bytes:
    """The body of a message of type 19."""
    return text(name) + struct.pack(">III", version, persistence, 0) + b"".join(events)


BODY = message(
    event(1),
    event(2),
    event(3, text("x") + amf0(1.0)),
    event(4, text("x") + amf0(1.0) + text("y") + amf0({"z": None})),
    event(5, text("x")),
    event(6, amf0("say") + amf0("hi") + amf0(2.0)),
    event(7, text("SharedObject.NoWriteAccess") + text("error")),
    event(8),
    event(9, text("x")),
    event(10, text("x")),
    event(11),
    event(99),
)
