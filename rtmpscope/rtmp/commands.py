"""RTMP commands: the AMF values of a command message under their names (RTMP 1.0, section 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rtmpscope.frozen import frozen

#: Whatever an AMF decoder yields.
AmfValue: TypeAlias = object

#: Commands that carry an answer instead of asking for one.
ANSWERS = frozenset({"_result", "_error", "onStatus", "onFCPublish", "onFCUnpublish", "onBWDone"})


@frozen
class Command:
    """One AMF command.

    Attributes:
        name: the command name, such as ``connect`` or ``onStatus``.
        transaction_id: the number that pairs an answer with its request; None where it is not a number.
        object: the command object, the third value; None (AMF null) for most commands.
        arguments: the values that follow.
    """

    name: str
    transaction_id: float | None
    object: AmfValue
    arguments: tuple[AmfValue, ...]

    @property
    def information(self) -> Mapping[str, AmfValue]:
        """The information object of an answer: the first argument (or the object) that holds a ``code``."""
        for value in (*self.arguments, self.object):
            if isinstance(value, Mapping) and "code" in value:
                return value
        return {}

    @property
    def code(self) -> str | None:
        """The status code of an answer, such as ``NetStream.Publish.Start``."""
        return _text(self.information.get("code"))

    @property
    def level(self) -> str | None:
        """The level of an answer: ``status``, ``warning`` or ``error``."""
        return _text(self.information.get("level"))

    @property
    def description(self) -> str | None:
        """The description that an answer gives for people."""
        return _text(self.information.get("description"))

    def text_argument(self, index: int) -> str | None:
        """Argument ``index`` if it is there and is a string."""
        return _text(self.arguments[index]) if index < len(self.arguments) else None


def command_of(values: tuple[object, ...]) -> Command | None:
    """The command that a message's AMF values make, or None if they do not begin with a name."""
    if not values or not isinstance(values[0], str):
        return None
    transaction_id = values[1] if len(values) > 1 else None
    number = float(transaction_id) if isinstance(transaction_id, (int, float)) else None
    return Command(values[0], number, values[2] if len(values) > 2 else None, tuple(values[3:]))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
