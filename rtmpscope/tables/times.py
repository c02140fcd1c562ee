"""Times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_text(time_ns: int) -> str:
    """ISO 8601 in UTC with nanoseconds: ``2026-01-31T12:00:00.123456789Z``."""
    seconds, fraction = divmod(time_ns, 1_000_000_000)
    return f"{_second_text(seconds)}.{fraction:09d}Z"


@lru_cache(maxsize=4096)  # many things happen within a second
def _second_text(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"
