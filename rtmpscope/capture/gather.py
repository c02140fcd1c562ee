"""Headers at arbitrary places of a buffer, fetched for all packets at once.

A structured view with a stride of one byte lays the header over every byte of the buffer without copying
anything; indexing it with the header positions copies just those headers. That is some ten nanoseconds
per packet, whatever the header's width up to a cache line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints, Octets


def headers_at(buffer: Octets, start: Ints, layout: np.dtype[Any]) -> NDArray[Any]:
    """One ``layout`` record per entry of ``start``; a contiguous structured array.

    Positions must lie inside the buffer. What a record shows beyond its packet's end is unspecified, so
    callers look at a field only where the captured length covers it.
    """
    width = layout.itemsize
    if len(start) and int(start.max()) + width > len(buffer):
        buffer = np.concatenate([buffer, np.zeros(width, np.uint8)])
    places = max(len(buffer) - width + 1, 0)
    overlay: NDArray[Any] = np.ndarray((places,), dtype=f"V{width}", buffer=buffer.data, strides=(1,))
    return overlay[start].view(layout)


def u16_at(buffer: Octets, start: Ints) -> NDArray[np.uint16]:
    """The big-endian 16-bit numbers at ``start``."""
    return headers_at(buffer, start, np.dtype(">u2")).astype(np.uint16)


def u32_at(buffer: Octets, start: Ints) -> NDArray[np.uint32]:
    """The big-endian 32-bit numbers at ``start``."""
    return headers_at(buffer, start, np.dtype(">u4")).astype(np.uint32)


def is_any(values: NDArray[Any], choices: tuple[int, ...]) -> NDArray[np.bool_]:
    """What ``np.isin`` says, for so few choices in a tenth of its time, and without importing ``numpy.ma``."""
    found: NDArray[np.bool_] = values == choices[0]
    for choice in choices[1:]:
        found |= values == choice
    return found
