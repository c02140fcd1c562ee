"""AMF3's tables of strings, objects and traits, and the heads that add to them or refer to them.

References to strings and traits are resolved, because they abbreviate text. References to objects stay
:class:`~rtmpscope.amf.values.Reference`: they may be cyclic, and resolving them could grow without bound.
"""

from __future__ import annotations

from dataclasses import field

from rtmpscope.amf.reader import Reader
from rtmpscope.amf.values import Reference
from rtmpscope.frozen import frozen, slotted
from rtmpscope.wire import DecodeError


@frozen
class Traits:
    """What an object's class looks like: its name, whether more members may follow, its sealed members."""

    class_name: str
    dynamic: bool
    externalizable: bool
    members: tuple[str, ...]


@slotted
class Tables:
    """The tables of one message; every method reads from ``reader`` and raises DecodeError."""

    reader: Reader
    _strings: list[str] = field(default_factory=list)
    _objects: int = 0
    _traits: list[Traits] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A string without marker, or a reference to an earlier one; the empty string is never referred to."""
        start = self.reader.position
        head = self.reader.u29(f"{name} length")
        if head & 1:
            self.reader.explain(f"{head >> 1} bytes")
            text = self.reader.text(head >> 1, name)
            if text:
                self._strings.append(text)
            return text
        text = self._strings[self._checked(start, f"{name} reference", head >> 1, len(self._strings))]
        self.reader.explain(f"string {head >> 1} again")
        self.reader.repeat(text)
        return text

    def own_size(self, name: str) -> int | Reference:
        """The head of a value that stands here, without its lowest bit, or a reference to an earlier value."""
        start = self.reader.position
        head = self.reader.u29(name)
        if head & 1 == 0:
            self.reader.explain(f"object {head >> 1} again")
            return Reference(self._checked(start, "object reference", head >> 1, self._objects))
        self.reader.explain(str(head >> 1))
        self._objects += 1
        return head >> 1

    def traits_of(self, head: int) -> Traits:
        """The traits that an object's head, without its lowest bit, announces or refers to."""
        start = self.reader.position
        if head & 1 == 0:
            traits = self._traits[self._checked(start, "traits reference", head >> 1, len(self._traits))]
            self.reader.explain(f"traits {head >> 1} again")
            self.reader.repeat(traits.class_name, *traits.members)
            return traits
        self.reader.explain("traits follow")
        class_name = self.text("class name")
        members: tuple[str, ...] = ()
        if not head & 2:
            members = tuple(self.text("member name") for _ in range(head >> 3))
        traits = Traits(class_name, bool(head & 4), bool(head & 2), members)
        self._traits.append(traits)
        return traits

    def _checked(self, start: int, name: str, index: int, count: int) -> int:
        if index >= count:
            raise DecodeError(start, name, f"{index} refers to one of {count}")
        return index
