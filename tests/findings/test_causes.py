"""An error suppresses what follows from it, there and nowhere else."""

from __future__ import annotations

import pytest

from rtmpscope.findings import CATALOGUE, Finding, Place, Severity
from rtmpscope.findings.causes import CAUSES, without_symptoms


def finding(code: str, severity: Severity = "error", connection: int = 0, direction: str = "c2s") -> Finding:
    return Finding(code, severity, "", Place(connection, direction), "")


def left(*found: Finding) -> list[str]:
    return [one.code for one in without_symptoms(found)]


def test_all_codes_are_in_the_catalogue() -> None:
    assert {code for cause in CAUSES for code in (cause.code, *cause.symptoms)} <= CATALOGUE.keys()


def test_a_black_hole_explains_silence_and_loss_in_both_directions() -> None:
    assert left(finding("TCP01", "warning"), finding("TCP08"), finding("SES02", direction="s2c")) == ["TCP08"]


@pytest.mark.parametrize(
    ("cause", "kept"),
    [
        (finding("TCP08", connection=1), ["TCP08", "CHK07", "TCP01"]),
        (finding("CHK10"), ["CHK10", "TCP01"]),
        (finding("CHK10", direction="s2c"), ["CHK10", "CHK07", "TCP01"]),
        (finding("CHK05", "warning"), ["CHK05", "CHK07", "TCP01"]),
    ],
)
def test_what_stands_elsewhere_or_has_another_cause_is_kept(cause: Finding, kept: list[str]) -> None:
    assert left(cause, finding("CHK07", "warning"), finding("TCP01", "warning")) == kept


def test_a_chunk_size_that_cannot_be_explains_lost_synchronisation() -> None:
    assert left(finding("CHK05"), finding("CHK10")) == ["CHK05"]


def test_a_direction_that_is_not_in_the_capture_explains_what_is_missing_of_it() -> None:
    assert left(finding("CAP03", "note", direction="s2c"), finding("CAP01", "warning", direction="s2c")) == ["CAP03"]
    other = finding("CAP01", "warning", direction="c2s")
    assert left(finding("CAP03", "note", direction="s2c"), other) == ["CAP03", "CAP01"]
