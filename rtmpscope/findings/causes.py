"""Causes suppress their symptoms: what an error explains is no finding of its own."""

from __future__ import annotations

from collections.abc import Sequence

from rtmpscope.findings.model import Finding, Severity
from rtmpscope.frozen import frozen


@frozen
class Cause:
    """A finding, and what follows from it on the same connection.

    Attributes:
        code: of the finding; ``severity`` is the one that it must have.
        symptoms: codes that it explains.
        one_direction: whether it explains them in its own direction only.
    """

    code: str
    symptoms: frozenset[str]
    one_direction: bool = False
    severity: Severity = "error"


CAUSES = (
    Cause("TCP08", frozenset(("TCP01", "TCP04", "TCP05", "SES02"))),
    # What the sender's chunks are cut by is not known any more.
    Cause("CHK05", frozenset(("CHK06", "CHK10")), one_direction=True),
    # What was taken for headers after it may have been none.
    Cause("CHK10", frozenset(("CHK06", "CHK07", "CHK08", "CHK09", "CHK11")), one_direction=True),
    # All of the direction is missing.
    Cause("CAP03", frozenset(("CAP01",)), one_direction=True, severity="note"),
)


def without_symptoms(found: Sequence[Finding]) -> list[Finding]:
    """The findings that no other one explains."""
    places = {(one.code, one.severity, one.place.connection, one.place.direction) for one in found}
    anywhere = {(code, severity, connection) for code, severity, connection, _ in places}

    def is_explained(one: Finding, cause: Cause) -> bool:
        by = cause.code, cause.severity, one.place.connection
        return one.code in cause.symptoms and (
            (*by, one.place.direction) in places if cause.one_direction else by in anywhere
        )

    return [one for one in found if not any(is_explained(one, cause) for cause in CAUSES)]
