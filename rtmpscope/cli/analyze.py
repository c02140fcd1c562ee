"""``rtmpscope analyze``: the main job."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rtmpscope.cli.common import PORTS, Captures, Ports, Quiet, ShowSecrets, analyzed, options_of


def analyze(
    captures: Captures,
    as_json: Annotated[bool, typer.Option("--json", help="Print the analysis as JSON, and nothing else.")] = False,
    ports: Ports = PORTS,
    show_secrets: ShowSecrets = False,
    quiet: Quiet = False,
) -> None:
    """Say what connected to what, what was asked, answered and sent.

    Example: rtmpscope analyze capture.pcap --json > analysis.json
    """
    analysis = analyzed(captures, options_of(ports, show_secrets), quiet)
    if as_json:
        from rtmpscope.report.json_report import write_json

        write_json(analysis.report_source, sys.stdout)
        return
    from rtmpscope.report.terminal import print_summary

    print_summary(analysis.report_source, sys.stdout)
