"""``rtmpscope explain``: what a finding means."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from rtmpscope.findings import CATALOGUE, Entry
from rtmpscope.options import OptionError


def explain(
    code: Annotated[
        str, typer.Argument(metavar="[CODE]", help="Code of a finding, such as SES01; all if left out.")
    ] = "",
) -> None:
    """Say what a finding means, how it is told, and what to do.

    \b
    Example:
      rtmpscope explain TCP05
    """
    if not code:
        for entry in CATALOGUE.values():
            typer.echo(f"{entry.code}  {entry.name}")
        return
    found = CATALOGUE.get(code.upper())
    if found is None:
        near = difflib.get_close_matches(code.upper(), CATALOGUE, 1)
        hint = f"; did you mean {near[0]}?" if near else "; rtmpscope explain lists them"
        raise OptionError(f"there is no finding {code!r}{hint}")
    _print_entry(found)


def _print_entry(entry: Entry) -> None:
    parts = [
        f"{entry.code}: {entry.name} ({', '.join(entry.severities)})",
        entry.meaning,
        f"Told by: {entry.told_by}",
        f"What to do: {entry.advice}",
    ]
    if entry.section:
        parts.append(f"Specification: {entry.section}")
    typer.echo("\n\n".join(parts))
