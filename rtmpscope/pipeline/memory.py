"""Memory between the stages."""

from __future__ import annotations

import sys


def give_back() -> None:
    """Return freed memory to the system, so that what one stage needed does not add to what the next one needs.

    The GNU C library keeps what was freed in small pieces, which for a large capture is as much as its tables.
    Others have no such call, and need none.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
