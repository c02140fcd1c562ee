"""How long data waits for its acknowledgement, measured from columns and kept as a histogram.

A sample is an acknowledgement that ends exactly where a segment did, so that this segment caused it. Segments
that were sent again, and acknowledgements after anything was, tell nothing (Karn's rule). What is seen includes the
receiver's delay of acknowledgements, and only the way beyond the point of capture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen, slotted

Ints = NDArray[np.int64]

#: Classes per doubling, from 1 us on: percentiles are right within 5 %.
_PER_DOUBLING = 8
CLASSES = 32 * _PER_DOUBLING
#: A batch with fewer segments or acknowledgements of a direction is not worth looking at.
LEAST_SEGMENTS, LEAST_ACKS = 16, 8


@slotted
class RoundTrips:
    """Times from data to acknowledgement in one direction.

    Attributes:
        count: samples so far.
    """

    count: int = 0
    _classes: Ints | None = None

    def add(self, waits_ns: Ints) -> None:
        """Count samples, in ns."""
        self.add_classes(np.bincount(classes_of(waits_ns), minlength=CLASSES))

    def add_classes(self, counted: Ints) -> None:
        """Count so many samples of each class."""
        if self._classes is None:
            self._classes = np.zeros(CLASSES, np.int64)
        self._classes += counted
        self.count += int(counted.sum())

    def percentile_ms(self, percent: float) -> float | None:
        """The time in ms that so many percent of the samples do not exceed; None without samples."""
        if self._classes is None or not self.count:
            return None
        # Multiplied first: 0.07 * 100 is more than 7, and would take the next sample.
        reached = np.searchsorted(np.cumsum(self._classes), percent * self.count / 100)
        return float(2 ** ((int(reached) + 0.5) / _PER_DOUBLING) / 1000)


def classes_of(waits_ns: Ints) -> Ints:
    """The class of each sample, in ns."""
    place = np.log2(np.maximum(waits_ns / 1000, 1)) * _PER_DOUBLING
    return np.minimum(place.astype(np.int64), CLASSES - 1)


@frozen
class Timed:
    """Offsets with the row of the batch and the time in ns at which each was seen, in order of arrival."""

    offset: Ints
    place: Ints
    time_ns: Ints


def waits(sent: Timed, acks: Timed, reached: int) -> Ints:
    """The times in ns from segments, whose ends are ``sent``, to the acknowledgements that end there.

    ``reached`` is the end of the farthest segment before these.
    """
    before = np.maximum.accumulate(np.concatenate([[reached], sent.offset]))[:-1]
    fresh = sent.offset > before
    late, ends, place, time = sent.place[:0], sent.offset, sent.place, sent.time_ns
    if not fresh.all():
        late, ends, place, time = place[~fresh], ends[fresh], place[fresh], time[fresh]
    advance = np.ones(len(acks.offset), np.bool_)
    advance[1:] = acks.offset[1:] > np.maximum.accumulate(acks.offset)[:-1]
    offset, ack_place, ack_time = acks.offset[advance], acks.place[advance], acks.time_ns[advance]
    if not len(ends):
        return np.empty(0, np.int64)
    index = np.minimum(ends.searchsorted(offset), len(ends) - 1)
    fits = (ends[index] == offset) & (place[index] < ack_place)
    if len(late):
        fits &= late.searchsorted(place[index]) == late.searchsorted(ack_place)
    result: Ints = (ack_time - time[index])[fits]
    return result[result >= 0]
