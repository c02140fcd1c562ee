"""Writes docs/findings.md from the catalogue of findings and the limits that its rules judge by."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rtmpscope.findings import CATALOGUE, Entry, Limits

TARGET = Path(__file__).with_name("findings.md")
GROUPS = {"CAP": "the capture", "TCP": "the connection", "CHK": "the chunk layer", "SES": "session and commands"}
#: A line on a limit in the docstring of ``Limits``: names, codes, meaning.
_LIMIT = re.compile(r"^ {8}([a-z_, ]+): ([A-Z0-9, ]+): (.+)$", re.MULTILINE)


def lines() -> Iterator[str]:
    """The page, line by line."""
    yield "# Findings"
    yield ""
    yield "Made from the catalogue in `rtmpscope/findings/` by `make docs`; `rtmpscope explain CODE` prints an entry."
    yield "What is called a limit is a field of `Limits`, and can be set: `Options(limits=Limits(silence_s=10))`."
    yield ""
    yield "| code | severity | finding |"
    yield "|---|---|---|"
    for entry in in_order():
        yield f"| [{entry.code}](#{entry.code.lower()}) | {', '.join(entry.severities)} | {entry.name} |"
    for group, entries in groupby(in_order(), key=lambda entry: entry.code[:3]):
        yield ""
        yield f"## {group}: {GROUPS[group]}"
        for entry in entries:
            yield ""
            yield from entry_lines(entry)


def in_order() -> list[Entry]:
    """The catalogue from the capture upwards."""
    groups = list(GROUPS)
    return sorted(CATALOGUE.values(), key=lambda entry: (groups.index(entry.code[:3]), entry.code))


def entry_lines(entry: Entry) -> Iterator[str]:
    """One finding's part of the page."""
    yield f"### {entry.code}"
    yield ""
    yield f"**{entry.name}** ({', '.join(entry.severities)})"
    yield ""
    yield entry.meaning
    yield ""
    yield f"- Told by: {entry.told_by}"
    for name, value, meaning in limits_of(entry.code):
        yield f"- Limit `{name}` = {value}: {meaning}"
    yield f"- What to do: {entry.advice}"
    if entry.section:
        yield f"- Specification: {entry.section}."


def limits_of(code: str) -> Iterator[tuple[str, object, str]]:
    """Name, value if nothing is set, and meaning of the limits that a rule judges by."""
    limits = Limits()
    for names, codes, meaning in _LIMIT.findall(Limits.__doc__ or ""):
        if code in codes.split(", "):
            for name in names.split(", "):
                yield name, getattr(limits, name), meaning


def main() -> int:
    """Write the page."""
    TARGET.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
