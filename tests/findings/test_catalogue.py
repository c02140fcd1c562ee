"""The catalogue says all there is to say of each finding, and the page about it says the same."""

from __future__ import annotations

from dataclasses import fields

import pytest

from docs.make_findings import TARGET, limits_of, lines
from rtmpscope.findings import CATALOGUE, SEVERITIES, Limits
from tests.cli.runs import run


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_finding_is_explained(code: str) -> None:
    entry = CATALOGUE[code]
    assert entry.code == code
    assert all((entry.name, entry.meaning, entry.told_by, entry.advice))
    assert entry.severities
    assert sorted(entry.severities, key=SEVERITIES.index) == list(entry.severities)


def test_the_page_about_findings_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == "\n".join(lines()) + "\n", "run: make docs"


def test_every_limit_belongs_to_a_finding() -> None:
    shown = {name: value for code in CATALOGUE for name, value, _ in limits_of(code)}
    assert shown == {field.name: getattr(Limits(), field.name) for field in fields(Limits)}


@pytest.mark.parametrize("code", ["CAP03", "tcp05"])
def test_explain_prints_the_entry(code: str) -> None:
    entry = CATALOGUE[code.upper()]
    out = run("explain", code).out
    for part in (*entry.severities, entry.meaning, entry.told_by, entry.advice, entry.section):
        assert part in out
