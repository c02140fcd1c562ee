"""Short ways to declare columns; the schemas read like the documentation that is made from them."""

from __future__ import annotations

from rtmpscope.tables.schema import Column, Kind


def integer(name: str, meaning: str, unit: str = "") -> Column:
    """A column of whole numbers that are always known."""
    return Column(name, Kind.INT, meaning, unit)


def maybe_integer(name: str, meaning: str, unit: str = "") -> Column:
    """A column of whole numbers that may be unknown."""
    return Column(name, Kind.INT, meaning, unit, nullable=True)


def maybe_float(name: str, meaning: str, unit: str = "") -> Column:
    """A column of floats that may be unknown."""
    return Column(name, Kind.FLOAT, meaning, unit, nullable=True)


def boolean(name: str, meaning: str) -> Column:
    """A column of truth values that are always known."""
    return Column(name, Kind.BOOL, meaning)


def maybe_boolean(name: str, meaning: str) -> Column:
    """A column of truth values that may be unknown."""
    return Column(name, Kind.BOOL, meaning, nullable=True)


def time(name: str, meaning: str) -> Column:
    """A column of times that are always known."""
    return Column(name, Kind.TIME, meaning, "UTC")


def maybe_time(name: str, meaning: str) -> Column:
    """A column of times that may be unknown."""
    return Column(name, Kind.TIME, meaning, "UTC", nullable=True)


def category(name: str, meaning: str, names: tuple[str, ...] = ()) -> Column:
    """A column of names out of a small set; null where unknown. The codes of ``names`` are their places."""
    return Column(name, Kind.CATEGORY, meaning, nullable=True, names=names)


def text(name: str, meaning: str) -> Column:
    """A column of texts; null where there is none."""
    return Column(name, Kind.TEXT, meaning, nullable=True)


def json(name: str, meaning: str) -> Column:
    """A column of AMF values as canonical JSON text; null where there is none."""
    return Column(name, Kind.JSON, meaning, nullable=True)


MESSAGE = integer("message", "number of the message, as in the messages table")
CONNECTION = integer("connection", "number of the connection, as in the connections table")
#: Names of directions and of kinds of media; their places are their codes in every table.
DIRECTION_NAMES = ("c2s", "s2c")
KIND_NAMES = ("audio", "video")
DIRECTION = category("direction", "c2s: from the client; s2c: from the server", DIRECTION_NAMES)
MEDIA_KIND = category("kind", "audio or video", KIND_NAMES)
STREAM = integer("stream", "number of the stream, as in the streams table")
MAYBE_STREAM = maybe_integer("stream", "number of the stream, as in the streams table; null outside of any")
TIME = time("time", "arrival of the message's last-arriving byte")
