"""The ways to do the same: in Python, and compiled where there was a compiler; without one, CI fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rtmpscope.capture import plain, stepping
from rtmpscope.rtmp import common_messages, fast_chunks
from rtmpscope.tcp import joining

IN_PYTHON, COMPILED = "in Python", "compiled"
WAYS = (IN_PYTHON, COMPILED)
_FOUND = fast_chunks.common_messages, joining.compiled_join, stepping.compiled_places, plain.compiled_plain


@contextmanager
def the_way(name: str) -> Iterator[None]:
    """Go this way for a while."""
    found = (common_messages.common_messages, None, None, None) if name == IN_PYTHON else _compiled()
    loop, join, places, packets = found
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_chunks, "common_messages", loop)
        patch.setattr(joining, "compiled_join", join)
        patch.setattr(stepping, "compiled_places", places)
        patch.setattr(plain, "compiled_plain", packets)
        yield


def _compiled() -> tuple[object, ...]:
    if _FOUND[0] is common_messages.common_messages or None in _FOUND:
        if os.environ.get("CI"):
            pytest.fail("nothing is compiled, and CI skips nothing")
        pytest.skip("nothing is compiled: there was no compiler when rtmpscope was installed")
    return _FOUND
