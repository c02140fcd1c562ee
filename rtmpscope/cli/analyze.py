"""``rtmpscope analyze``: the main job."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from rtmpscope.analysis import Analysis
from rtmpscope.cli.analyzing import analyzed_input
from rtmpscope.cli.common import (
    PORTS,
    Captures,
    ClientStream,
    Dissector,
    Force,
    Ports,
    Quiet,
    RowLimit,
    ServerStream,
    ShowSecrets,
    options_of,
)
from rtmpscope.cli.exits import FINDING
from rtmpscope.cli.files import spare_inputs
from rtmpscope.findings import SEVERITIES
from rtmpscope.options import DEFAULT_ROW_LIMIT, OptionError


def analyze(
    captures: Captures = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the analysis as JSON, and nothing else.")] = False,
    ports: Ports = PORTS,
    dissector: Dissector = "fast",
    show_secrets: ShowSecrets = False,
    row_limit: RowLimit = DEFAULT_ROW_LIMIT,
    quiet: Quiet = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Also write reports, charts, JSON and tables there."),
    ] = None,
    force: Force = False,
    c2s: ClientStream = None,
    s2c: ServerStream = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="SEVERITY", help="Exit with 1 if there is an error, warning or note.")
    ] = "",
) -> None:
    """Say what connected to what, what was asked, answered and sent.

    \b
    Examples:
      rtmpscope analyze capture.pcap --json > analysis.json
      rtmpscope analyze capture.pcap -o report
      tcpdump -w - port 1935 | rtmpscope analyze -
    """
    if fail_on and fail_on not in SEVERITIES:
        raise OptionError(f"--fail-on: {fail_on!r} is not one of {', '.join(SEVERITIES)}")
    if output is not None:
        _spare_inputs(output, (*(captures or ()), c2s, s2c))
    options = options_of(ports, show_secrets, dissector, row_limit)
    analysis = analyzed_input(captures, c2s, s2c, options, quiet)
    if output is not None:
        analysis.write_folder(output, force=force)
        if not quiet:
            typer.echo(f"{output}: report.html, report.md, analysis.json, charts, tables", err=True)
    _print(analysis, as_json)
    if fail_on and analysis.worst_severity in SEVERITIES[: SEVERITIES.index(fail_on) + 1]:
        raise typer.Exit(FINDING)


def _spare_inputs(folder: Path, inputs: Sequence[str | None]) -> None:
    from rtmpscope.report.folder import CONTENTS

    for name in CONTENTS:
        spare_inputs(folder / name, inputs)


def _print(analysis: Analysis, as_json: bool) -> None:
    if as_json:
        from rtmpscope.report.json_report import write_json

        write_json(analysis.report_source, sys.stdout)
        return
    from rtmpscope.report.terminal import print_summary

    print_summary(analysis.report_source, sys.stdout)
