"""CHK: the chunk layer."""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.findings.model import Evidence, Finding


def lost_sync(evidence: Evidence) -> Iterator[Finding]:
    """CHK10: bytes that are not chunks."""
    for lost in evidence.capture.lost_sync:
        title = f"synchronisation lost at {lost.place.direction} offset {lost.offset}"
        seen = f"{lost.reason}; {lost.skipped} bytes were not decoded"
        yield Finding("CHK10", "error", title, lost.place, seen)


RULES = (lost_sync,)
