"""CHK01 to CHK03: timestamps that implementations read differently."""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.findings.model import Evidence, Finding, Severity


def extension_omitted(evidence: Evidence) -> Iterator[Finding]:
    """CHK01: type-3 chunks without the extended timestamp."""
    yield from _told(evidence, "extension_omitted", "CHK01", "warning", "type-3 chunks lack the extended timestamp")


def timestamps_cut(evidence: Evidence) -> Iterator[Finding]:
    """CHK02: timestamps cut to 24 bits."""
    yield from _told(evidence, "timestamp_cut", "CHK02", "warning", "timestamps are cut to 24 bits")


def ambiguous(evidence: Evidence) -> Iterator[Finding]:
    """CHK03: an ambiguous timestamp whose readings are far apart."""
    yield from _told(evidence, "ambiguous_timestamp", "CHK03", "note", "timestamps can be read in two ways")


def _told(evidence: Evidence, kind: str, code: str, severity: Severity, what: str) -> Iterator[Finding]:
    """What a decoder told of its direction; it tells each reading once, at the first place."""
    for one in evidence.capture.problems:
        if one.kind == kind:
            yield Finding(code, severity, f"{one.place.direction} {what}", one.place, one.reason)


RULES = (extension_omitted, timestamps_cut, ambiguous)
