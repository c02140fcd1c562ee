"""IP datagrams put together from fragments (RFC 791 section 3.2, RFC 8200 section 4.5), in any order.

Of bytes that come twice, the first copy counts. A fragment that the capture stores in part ends what can be
read of its datagram; the length is still known. Datagrams that are never completed are given up after 30
seconds of capture time, and when too many bytes wait.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from rtmpscope.frozen import frozen

_TIMEOUT_NS = 30_000_000_000
_MOST_WAITING = 16 << 20
_LARGEST_DATAGRAM = 0xFFFF
#: What the bookkeeping of one fragment is taken to cost, so that empty ones are bounded too.
_OVERHEAD = 200

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


@dataclass(slots=True)
class _Waiting:
    first: Place
    time_ns: int
    fragments: list[Fragment] = field(default_factory=list)
    bytes: int = 0


class Fragments:
    """The fragments of datagrams that are not complete yet."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, _Waiting] = {}  # in order of their first fragment
        self._bytes = 0

    def add(self, fragment: Fragment, place: Place, time_ns: int) -> Datagram | None:
        """Take a fragment; return its datagram if that is complete now."""
        if fragment.offset + fragment.length > _LARGEST_DATAGRAM:
            return None
        self._give_up(time_ns)
        waiting = self._waiting.setdefault(fragment.key, _Waiting(place, time_ns))
        waiting.fragments.append(fragment)
        size = len(fragment.data) + _OVERHEAD
        waiting.bytes += size
        self._bytes += size
        datagram = _joined(waiting)
        if datagram is not None:
            self._forget(fragment.key)
        return datagram

    def _give_up(self, now_ns: int) -> None:
        while self._waiting:
            key, oldest = next(iter(self._waiting.items()))
            if now_ns - oldest.time_ns <= _TIMEOUT_NS and self._bytes <= _MOST_WAITING:
                return
            self._forget(key)

    def _forget(self, key: Hashable) -> None:
        self._bytes -= self._waiting.pop(key).bytes


def _joined(waiting: _Waiting) -> Datagram | None:
    """The datagram, if its fragments leave no gap."""
    if not any(one.last for one in waiting.fragments):
        return None
    parts = sorted(waiting.fragments, key=lambda one: one.offset)
    if parts[0].offset:
        return None
    data, end, whole = bytearray(), 0, True
    for part in parts:
        if part.offset > end:
            return None
        if part.offset + part.length <= end:
            continue
        if whole:
            data += part.data[end - part.offset :]
        end = part.offset + part.length
        whole = len(data) == end
        if part.last:
            return Datagram(parts[0].header, bytes(data), end, waiting.first)
    return None
