"""Shared object messages: the name of an object, and events that say what happened to it (RTMP 1.0, 7.1.3).

After the name stand the version and eight bytes of flags, whose first four say whether the object outlives
its users. Each event has a type byte and a length, so an event that cannot be read costs only itself.
"""

from __future__ import annotations

from rtmpscope.amf.amf0 import Amf0Decoder, read_values
from rtmpscope.amf.reader import Reader
from rtmpscope.frozen import frozen
from rtmpscope.wire import DecodeError

#: Number of an event → name.
EVENT_NAMES = {
    1: "use",
    2: "release",
    3: "request_change",
    4: "change",
    5: "success",
    6: "send_message",
    7: "status",
    8: "clear",
    9: "remove",
    10: "request_remove",
    11: "use_success",
}
_CHANGE, _SEND_MESSAGE, _STATUS = 4, 6, 7


@frozen
class SharedObjectEvent:
    """One event of a shared object message.

    Attributes:
        kind: its name, such as ``change``; ``event_N`` for numbers without one.
        name: the property it is about, the handler of ``send_message``, or the code of ``status``.
        data: the new value of the property; for ``change`` all properties as a dictionary; for
            ``send_message`` the list of arguments; for ``status`` its level; None without any.
    """

    kind: str
    name: str | None = None
    data: object = None


@frozen
class SharedObjectMessage:
    """A shared object message.

    Attributes:
        name: the shared object's name.
        version: its version as the sender knows it.
        persistent: whether it outlives its users.
        events: what happened to it, in order.
        problems: what was malformed.
    """

    name: str = ""
    version: int = 0
    persistent: bool = False
    events: tuple[SharedObjectEvent, ...] = ()
    problems: tuple[DecodeError, ...] = ()

    def as_value(self) -> dict[str, object]:
        """The message as a dictionary of AMF values: name, version, persistent, events (event, name, data)."""
        events = [{"event": event.kind, "name": event.name, "data": event.data} for event in self.events]
        head = {"name": self.name, "version": self.version, "persistent": self.persistent}
        return head | {"events": events}


def decode_shared_object(body: bytes, type_id: int = 19) -> SharedObjectMessage:
    """Decode the body of a message of type 16 or 19; what is malformed is in its ``problems``."""
    return read_shared_object(Reader(body, 1 if type_id == 16 and body[:1] == b"\0" else 0))


def read_shared_object(reader: Reader) -> SharedObjectMessage:
    """Read a shared object message from where ``reader`` stands."""
    name, version, flags = "", 0, 0
    events: list[SharedObjectEvent] = []
    with reader.partial():
        name = reader.text(reader.uint(2, "name length"), "name")
        version = reader.uint(4, "version")
        flags = reader.uint(4, "persistence")
        reader.uint(4, "flags")
        while reader.left:
            _event(reader, events)
    return SharedObjectMessage(name, version, flags == 2, tuple(events), tuple(reader.problems))


def _event(reader: Reader, events: list[SharedObjectEvent]) -> None:
    """Read one event; its data have a reader of their own, which ends where they end."""
    reader.open()
    kind = "event"
    try:
        number = reader.uint(1, "event type")
        kind = EVENT_NAMES.get(number, f"event_{number}")
        reader.explain(kind)
        start = reader.position
        length = reader.uint(4, "event length")
        inner = Reader(reader.data, reader.position, min(reader.position + length, reader.end), reader.stack)
        events.append(_read(inner, number, kind))
        inner.rest()
        reader.problems += inner.problems
        if length > reader.left:
            reader.report(start, "event length", f"{length} bytes announced, {reader.left} are there")
        reader.position = inner.end
    finally:
        reader.close(kind)


def _read(reader: Reader, number: int, kind: str) -> SharedObjectEvent:
    """The data of one event, as far as they can be read."""
    if number == _CHANGE:
        return SharedObjectEvent(kind, None, _properties(reader))
    if number == _SEND_MESSAGE:
        values = read_values(reader)
        return SharedObjectEvent(kind, str(values[0]) if values else None, values[1:])
    name: str | None = None
    data: object = None
    with reader.partial():
        if reader.left:
            name = reader.text(reader.uint(2, "name length"), "name")
        if reader.left and number == _STATUS:
            data = reader.text(reader.uint(2, "level length"), "level")
        elif reader.left:
            data = Amf0Decoder(reader).value("value")
    return SharedObjectEvent(kind, name, data)


def _properties(reader: Reader) -> dict[str, object]:
    properties: dict[str, object] = {}
    decoder = Amf0Decoder(reader)
    with reader.partial():
        while reader.left:
            decoder.member(properties)
    return properties
