"""Running the rules: all of them, over one analysis, gravest first."""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.findings import capture, chunks, session, tcp
from rtmpscope.findings.catalogue import CATALOGUE
from rtmpscope.findings.model import SEVERITIES, Evidence, Finding

RULES = (*capture.RULES, *tcp.RULES, *chunks.RULES, *session.RULES)


def find(evidence: Evidence) -> list[Finding]:
    """All findings: by severity, then in the order of the catalogue, then by time."""
    found = [finding for rule in RULES for finding in rule(evidence)]
    codes = list(CATALOGUE)
    return sorted(
        found,
        key=lambda one: (SEVERITIES.index(one.severity), codes.index(one.code), one.place.time or 0),
    )


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
