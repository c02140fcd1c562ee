"""The distinct values of a column, and which of them each row has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def distinct(values: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Distinct values in order, and the place of each row's among them.

    Values that are small numbers, as ids and codes are, are counted instead of sorted.
    """
    if not len(values) or values.min() < 0 or values.max() > 4 * len(values):
        found, place = np.unique(values, return_inverse=True)
        return found.astype(np.int64), place
    found = np.flatnonzero(np.bincount(values))
    lookup = np.zeros(int(found[-1]) + 1, np.int64)
    lookup[found] = np.arange(len(found))
    return found, lookup[values]
