"""A defect of the program is told apart from what it found, and from what it was given."""

from __future__ import annotations

import pytest

from tests.cli.runs import run


def broken_by(error: str) -> str:
    """A program whose ``explain`` raises ``error``."""
    catalogue = f"type('Broken', (), {{'values': lambda self: (_ for _ in ()).throw({error})}})()"
    return f"import rtmpscope.cli.explain as it; it.CATALOGUE = {catalogue}; from rtmpscope.cli import main; main()"


@pytest.mark.parametrize("error", ["IndexError('key-of-the-stream')", "EOFError('key-of-the-stream')"])
def test_a_defect_asks_to_be_reported_in_one_line_without_what_it_read(error: str) -> None:
    ran = run("explain", code=broken_by(error))
    assert (ran.code, ran.out) == (70, "")
    assert "please report it" in ran.err
    assert ".py, line" in ran.err
    assert "key-of-the-stream" not in ran.err
    assert ran.err.count("\n") == 1


def test_the_traceback_of_a_defect_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTMPSCOPE_TRACEBACK", "1")
    ran = run("explain", code=broken_by("IndexError('out of range')"))
    assert ran.code == 70
    assert "Traceback" in ran.err
    assert "IndexError: out of range" in ran.err


def test_exhausted_memory_is_no_defect() -> None:
    ran = run("explain", code=broken_by("MemoryError()"))
    assert ran.code == 2
    assert "memory is exhausted" in ran.err
