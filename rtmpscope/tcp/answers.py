"""Round trips of all quiet directions of a batch at once.

What ``round_trips.waits`` tells of one direction with whatever is in it. Nothing was sent again in quiet directions,
so that it is enough to find, of each acknowledgement that goes beyond all before it, the segment that ends there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.tcp.grouping import ACK, RST, SYN
from rtmpscope.tcp.groups import SortedBatch
from rtmpscope.tcp.round_trips import CLASSES, LEAST_ACKS, LEAST_SEGMENTS, classes_of
from rtmpscope.tcp.survey import Acknowledged, Places, Quiet

Ints = NDArray[np.int64]


@frozen
class Answers:
    """How many round trips were measured in each direction of a batch, and how many of each class."""

    count: list[int]
    classes: Ints


def answers(batch: SortedBatch, own: Places, found: Quiet, acks: Acknowledged) -> Answers:
    """Measure; where a direction or its answers are few, that is left."""
    segments, places = batch.segments, np.arange(len(batch.number))
    peer = np.minimum(np.searchsorted(batch.number, batch.number ^ 1), len(places) - 1)
    sizes = np.diff(batch.edges)
    sent = np.array(found.stop, np.int64) - np.array(found.first, np.int64)
    answered = (batch.number[peer] == batch.number ^ 1) & (sent >= LEAST_SEGMENTS) & (sizes[peer] >= LEAST_ACKS)
    rows = np.flatnonzero(((segments.flags & (ACK | SYN | RST)) == ACK) & batch.spread(answered[peer]))
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
    of_class = sender[fits] * CLASSES + classes_of(wait[fits])
    classes = np.bincount(of_class, minlength=len(places) * CLASSES).reshape(-1, CLASSES)
    return Answers(classes.sum(axis=1).tolist(), classes)


def _keys(place: Ints, ahead: Ints) -> Ints:
    """Offsets of several directions as numbers that ascend from one direction to the next."""
    return (place << 32) + ahead
