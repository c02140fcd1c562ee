"""Running the rules: all of them, over one analysis, gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rtmpscope.findings import capture, chunks, delivery, dialect, opening, session, silence, tcp
from rtmpscope.findings.catalogue import CATALOGUE
from rtmpscope.findings.model import SEVERITIES, Evidence, Finding

RULES = (
    *capture.RULES,
    *opening.RULES,
    *silence.RULES,
    *tcp.RULES,
    *delivery.RULES,
    *chunks.RULES,
    *dialect.RULES,
    *session.RULES,
)


def find(evidence: Evidence) -> list[Finding]:
    """All findings: by severity, then in the order of the catalogue, then by time."""
    found = _folded(finding for rule in RULES for finding in rule(evidence))
    codes = list(CATALOGUE)
    return sorted(
        found,
        key=lambda one: (SEVERITIES.index(one.severity), codes.index(one.code), one.place.time or 0),
    )


def _folded(findings: Iterable[Finding]) -> list[Finding]:
    """Repeated findings as one, at the first place, with their number."""
    first: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        key = one.code, one.severity, one.title, one.place.connection, one.place.direction
        before = first.get(key)
        first[key] = one if before is None else replace(before, occurrences=before.occurrences + one.occurrences)
    return list(first.values())


def finding_rows(found: list[Finding]) -> Iterator[dict[str, object]]:
    """Rows of the ``findings`` table."""
    for number, one in enumerate(found):
        place = one.place
        yield {
            "finding": number,
            "code": one.code,
            "severity": one.severity,
            "title": one.title,
            "connection": place.connection,
            "direction": place.direction,
            "stream": place.stream,
            "time": place.time,
            "frame": place.frame,
            "message": place.message,
            "occurrences": one.occurrences,
            "evidence": one.evidence,
            "advice": one.advice or CATALOGUE[one.code].advice,
        }
