"""Memory between the stages: what the GNU C library is told to do with it. Others are not told, and need not be."""

from __future__ import annotations

import sys
from collections.abc import Callable

#: With so many rows, what is freed between steps is worth being given back.
MANY_ROWS = 1 << 18

#: Parameters of mallopt(3): from which size on a block is mapped anew, and how much may be kept at the end of the heap.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_KEPT, _MOST_KEPT = 32 << 20, 64 << 20


def keep_freed() -> None:
    """Keep freed blocks of some megabytes for the next of that size.

    Otherwise they go back to the system, which zeroes each page of the next one anew; that would be a tenth of the
    time of decoding.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_TRIM_THRESHOLD, _MOST_KEPT)


def give_back() -> None:
    """Return freed memory to the system, so that what one stage needed does not add to what the next one needs.

    What was freed in small pieces would be kept, which for a large capture is as much as its tables.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    return getattr(ctypes.CDLL(None), name, None)
