"""The bytes of a run of segments, one after the other.

Full segments are of one length, so that what stands at their places can be fetched by one gather, in half the time
that it takes to name each place to ``bytes.join``. It is done some segments at a time: what lies between is then
small enough to stay in the processor's cache, and to be memory that the process has already.

Where ``_joining.pyx`` is compiled, that does it, by copying each segment to its place.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.tcp.runs import AT, OFFSET, STOP, VIEW

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]
Views = tuple[memoryview, memoryview]

#: From so many neighbours of one length on, a gather is quicker.
_LEAST_ALIKE = 16
_BYTES_AT_ONCE = 96 << 10


def _compiled() -> Callable[[Ints, Views], bytes] | None:
    try:
        from rtmpscope.tcp._joining import joined
    except ImportError:
        return None
    return joined


#: Joins as ``Joiner`` does; None where it is not compiled.
compiled_join = _compiled()


class Joiner:
    """Joins; what it needs for that is kept and used again."""

    def __init__(self) -> None:
        self._room: Octets = np.empty(0, np.uint8)

    def join(self, run: Ints, views: Views) -> bytes:
        """The bytes of contiguous rows (runs.py), which lie in ``views[row[VIEW]]``."""
        if compiled_join is not None:
            return compiled_join(run, views)
        at, size, view = run[AT], run[STOP] - run[OFFSET], run[VIEW]
        breaks = np.flatnonzero((size[1:] != size[:-1]) | (view[1:] != view[:-1])) + 1
        if (len(breaks) + 1) * _LEAST_ALIKE > len(size):
            return b"".join(_parts(at, size, view, views))
        begin = run[OFFSET] - run[OFFSET, 0]
        room = self._room_for(int(run[STOP, -1] - run[OFFSET, 0]))
        for first, stop in pairwise([0, *breaks.tolist(), len(size)]):
            width, source = int(size[first]), views[view[first]]
            if stop - first < _LEAST_ALIKE:
                for place, target in zip(at[first:stop].tolist(), begin[first:stop].tolist(), strict=True):
                    room.data[target : target + width] = source[place : place + width]
            else:
                _gather(at[first:stop], width, source, room[int(begin[first]) :])
        return room.tobytes()

    def _room_for(self, size: int) -> Octets:
        if len(self._room) < size:
            self._room = np.empty(size, np.uint8)
        return self._room[:size]


def _parts(at: Ints, size: Ints, view: Ints, views: Views) -> list[memoryview]:
    rows = zip(view.tolist(), at.tolist(), (at + size).tolist(), strict=True)
    return [views[source][begin:end] for source, begin, end in rows]


def _gather(at: Ints, width: int, source: memoryview, target: Octets) -> None:
    """Put the ``width`` bytes at each place one after the other into ``target``.

    An item of that width is laid over every byte of the source, without copying anything.
    """
    item = f"V{width}"
    overlay: NDArray[np.void] = np.ndarray((len(source) - width + 1,), item, source, strides=(1,))
    items = target[: len(at) * width].view(item)
    step = max(_BYTES_AT_ONCE // width, 1)
    for first in range(0, len(at), step):
        items[first : first + step] = overlay[at[first : first + step]]
