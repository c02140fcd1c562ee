"""IP datagrams put together from fragments (RFC 791 section 3.2, RFC 8200 section 4.5), in any order.

Of bytes that come twice, the first copy counts. A fragment that the capture stores in part ends what can be
read of its datagram; the length is still known. Datagrams that are never completed are given up after 30
seconds of capture time, and when too many bytes wait. For as long, a datagram that was completed is
remembered: a copy of one of its fragments that comes late begins no other datagram with the same number.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from dataclasses import field

from rtmpscope.frozen import frozen, slotted

_TIMEOUT_NS = 30_000_000_000
_MOST_WAITING = 16 << 20
_LARGEST_DATAGRAM = 0xFFFF
#: What the bookkeeping of one fragment is taken to cost, so that empty ones are bounded too.
_OVERHEAD = 200
#: As many as a datagram can have, for each but the last holds at least eight bytes.
_MOST_FRAGMENTS = 8192
#: Fragments of completed datagrams that are remembered.
_MOST_REMEMBERED = 1 << 16

#: File and frame of a packet.
Place = tuple[int, int]


@frozen
class Fragment:
    """One fragment of a datagram.

    Attributes:
        key: what the fragments of one datagram have in common.
        offset: of its first byte in the datagram's payload.
        length: bytes that it had on the wire.
        last: whether the datagram ends with it.
        header: the IP header in front of it.
        data: its captured bytes.
    """

    key: Hashable
    offset: int
    length: int
    last: bool
    header: bytes
    data: bytes


@frozen
class Datagram:
    """A datagram of which every fragment has come.

    Attributes:
        header: the IP header of its first fragment.
        data: its payload up to the first byte that was not captured.
        length: of its payload on the wire.
        first: the earliest packet that brought a fragment of it.
    """

    header: bytes
    data: bytes
    length: int
    first: Place


@slotted
class _Waiting:
    """A datagram that is not complete: its fragments, and the stretches of it that they cover, ascending."""

    first: Place
    time_ns: int
    fragments: list[Fragment] = field(default_factory=list)
    bytes: int = 0
    length: int | None = None
    begins: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, fragment: Fragment) -> int:
        """Take a fragment if it brings anything new; return what it costs to keep."""
        begin, end = fragment.offset, fragment.offset + fragment.length
        from_, to = bisect_left(self.ends, begin), bisect_right(self.begins, end)
        covered = to - from_ == 1 and self.begins[from_] <= begin and end <= self.ends[from_]
        ends_it = fragment.last and self.length is None
        if len(self.fragments) == _MOST_FRAGMENTS or (covered and not ends_it):
            return 0
        if ends_it:
            self.length = end
        begins, ends = [begin, *self.begins[from_:to]], [end, *self.ends[from_:to]]
        self.begins[from_:to], self.ends[from_:to] = [min(begins)], [max(ends)]
        self.fragments.append(fragment)
        size = len(fragment.data) + _OVERHEAD
        self.bytes += size
        return size

    def joined(self) -> Datagram | None:
        """The datagram, if its fragments leave no gap."""
        if self.length is None or self.begins[0] or self.ends[0] < self.length:
            return None
        parts = sorted(self.fragments, key=lambda one: one.offset)
        data = bytearray()
        for part in parts:
            if part.offset > len(data):
                break  # the fragment before was not captured to its end
            data += part.data[len(data) - part.offset :]
        return Datagram(parts[0].header, bytes(data[: self.length]), self.length, self.first)


class _Completed:
    """What the datagrams completed of late consisted of, in order of their completion."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, tuple[int, frozenset[int]]] = {}
        self._count = 0

    def add(self, waiting: _Waiting, time_ns: int) -> None:
        """Remember a datagram, and no longer an earlier one with its key."""
        key = waiting.fragments[0].key
        self._forget(key)
        parts = frozenset(map(_content, waiting.fragments))
        self._parts[key] = (time_ns, parts)
        self._count += len(parts)
        while self._count > _MOST_REMEMBERED:
            self._forget(next(iter(self._parts)))

    def has(self, fragment: Fragment, time_ns: int) -> bool:
        """Whether a fragment is a copy of one that a datagram was completed with."""
        then, parts = self._parts.get(fragment.key, (0, frozenset()))
        return time_ns - then <= _TIMEOUT_NS and _content(fragment) in parts

    def _forget(self, key: Hashable) -> None:
        self._count -= len(self._parts.pop(key, (0, frozenset()))[1])


def _content(fragment: Fragment) -> int:
    return hash((fragment.offset, fragment.length, fragment.last, fragment.data))


class Fragments:
    """The fragments of datagrams that are not complete yet."""

    def __init__(self) -> None:
        self._given_up = 0
        self._waiting: dict[Hashable, _Waiting] = {}  # in order of their first fragment
        self._completed = _Completed()
        self._bytes = 0

    def add(self, fragment: Fragment, place: Place, time_ns: int) -> Datagram | None:
        """Take a fragment; return its datagram if that is complete now."""
        if fragment.offset + fragment.length > _LARGEST_DATAGRAM:
            return None
        self._give_up(time_ns)
        if fragment.key not in self._waiting and self._completed.has(fragment, time_ns):
            return None
        waiting = self._waiting.setdefault(fragment.key, _Waiting(place, time_ns))
        self._bytes += waiting.add(fragment)
        datagram = waiting.joined()
        if datagram is not None:
            self._completed.add(waiting, time_ns)
            self._forget(fragment.key)
        return datagram

    def _give_up(self, now_ns: int) -> None:
        while self._waiting:
            key, oldest = next(iter(self._waiting.items()))
            if now_ns - oldest.time_ns <= _TIMEOUT_NS and self._bytes <= _MOST_WAITING:
                return
            self._forget(key)
            self._given_up += 1

    @property
    def incomplete(self) -> int:
        """How many datagrams lack fragments, as far as has been read."""
        return self._given_up + len(self._waiting)

    def _forget(self, key: Hashable) -> None:
        self._bytes -= self._waiting.pop(key).bytes
