"""Running the rules: all of them, over one analysis, gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rtmpscope.findings import capture, chunks, delivery, dialect, opening, session, silence, tcp
from rtmpscope.findings.catalogue import CATALOGUE
from rtmpscope.findings.causes import without_symptoms
from rtmpscope.findings.model import SEVERITIES, Evidence, Finding, Place

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


#: The finding of a file that is damaged or cut.
_DAMAGED = "CAP05"


def find(evidence: Evidence) -> list[Finding]:
    """All findings: by severity, then in the order of the catalogue, then by time."""
    found = without_symptoms(_folded(finding for rule in RULES for finding in rule(evidence)))
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


def needs_packets(code: str) -> bool:
    """Whether a rule looks at packets and their times, which byte streams that were saved without them do not have."""
    return code.startswith("TCP") or (code.startswith("CAP") and code != _DAMAGED)


def finding_rows(found: list[Finding], evidence: Evidence) -> Iterator[dict[str, object]]:
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
            "file": None if place.frame is None else _file(place, evidence),
            "frame": place.frame,
            "message": place.message,
            "occurrences": one.occurrences,
            "evidence": one.evidence,
            "advice": one.advice or CATALOGUE[one.code].advice,
        }


def _file(place: Place, evidence: Evidence) -> str | None:
    """The file that a place's frame is in: as the rule says, as its message has it, or its connection's first."""
    if place.file is not None:
        return place.file
    if place.message is not None:
        return evidence.tables["messages"].at("file", [place.message]).text_at(0)
    row = evidence.by("connections", "connection").get(place.connection, {})
    file = row.get("start_file")
    return file if isinstance(file, str) else None
