"""Round trips of all quiet directions of a batch at once.

What ``round_trips.waits`` tells of one direction with whatever is in it. Nothing was sent again in quiet directions,
so that it is enough to find, of each acknowledgement that goes beyond all before it, the segment that ends there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.tcp.grouping import ACK, RST, SYN
from rtmpscope.tcp.groups import SortedBatch
from rtmpscope.tcp.round_trips import CLASSES, LEAST_ACKS, LEAST_SEGMENTS, classes_of
from rtmpscope.tcp.survey import Acknowledged, Places, Quiet

Ints = NDArray[np.int64]


def answers(batch: SortedBatch, own: Places, found: Quiet, acks: Acknowledged) -> dict[int, Ints]:
    """How many round trips of each class were measured, by the place of the direction in the batch.

    Where a direction or its answers are few, that is left.
    """
    segments, places = batch.segments, np.arange(len(batch.number))
    peer = np.minimum(np.searchsorted(batch.number, batch.number ^ 1), len(places) - 1)
    in_turn = batch.number[peer] == batch.number ^ 1
    sent = np.array(found.stop, np.int64) - np.array(found.first, np.int64)
    answered = in_turn & (sent >= LEAST_SEGMENTS) & (np.diff(batch.edges)[peer] >= LEAST_ACKS)
    measured = np.flatnonzero(answered)
    if not len(measured):
        return {}
    answering = in_turn & answered[peer]
    rows = np.flatnonzero(((segments.flags & (ACK | SYN | RST)) == ACK) & batch.spread(answering))
    sender = batch.spread(peer)[rows]  # whose data is acknowledged
    ahead = acks.reach[rows] - own.next[sender]
    advance = np.ones(len(rows), np.bool_)
    reached = np.maximum.accumulate(_keys(batch.spread(places)[rows], ahead))
    advance[1:] = reached[1:] > reached[:-1]
    rows, sender, ahead = rows[advance], sender[advance], ahead[advance]
    ends = _keys(places.repeat(sent), found.reached - own.next.repeat(sent))
    wanted = _keys(sender, ahead)
    entry = np.minimum(np.searchsorted(ends, wanted), len(ends) - 1)
    wait = segments.time_ns[rows] - found.time[entry]
    fits = (ends[entry] == wanted) & (found.frame[entry] < segments.frame[rows]) & (wait >= 0)
    of_class = np.searchsorted(measured, sender[fits]) * CLASSES + classes_of(wait[fits])
    classes = np.bincount(of_class, minlength=len(measured) * CLASSES).reshape(-1, CLASSES)
    return dict(zip(measured.tolist(), classes, strict=True))


def _keys(place: Ints, ahead: Ints) -> Ints:
    """Offsets of several directions as numbers that ascend from one direction to the next."""
    return (place << 32) + ahead
