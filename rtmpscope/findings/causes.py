"""Causes suppress their symptoms: what an error explains is no finding of its own."""

from __future__ import annotations

from collections.abc import Sequence

from rtmpscope.findings.model import Finding
from rtmpscope.frozen import frozen


@frozen
class Cause:
    """An error, and what follows from it on the same connection.

    Attributes:
        code: of the error.
        symptoms: codes that it explains.
        one_direction: whether it explains them in its own direction only.
    """

    code: str
    symptoms: frozenset[str]
    one_direction: bool = False


CAUSES = (
    Cause("TCP08", frozenset(("TCP01", "TCP04", "TCP05", "SES02"))),
    # What the sender's chunks are cut by is not known any more.
    Cause("CHK05", frozenset(("CHK06", "CHK10")), one_direction=True),
    # What was taken for headers after it may have been none.
    Cause("CHK10", frozenset(("CHK06", "CHK07", "CHK08", "CHK09", "CHK11")), one_direction=True),
)


def without_symptoms(found: Sequence[Finding]) -> list[Finding]:
    """The findings that no other one explains."""
    errors = {(one.code, one.place.connection) for one in found if one.severity == "error"}
    sided = {(one.code, one.place.connection, one.place.direction) for one in found if one.severity == "error"}

    def is_explained(one: Finding) -> bool:
        for cause in CAUSES:
            if one.code in cause.symptoms and (cause.code, one.place.connection) in errors:
                side = cause.code, one.place.connection, one.place.direction
                if not cause.one_direction or side in sided:
                    return True
        return False

    return [one for one in found if not is_explained(one)]
