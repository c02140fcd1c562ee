"""``rtmpscope table``: any table of the analysis."""

from __future__ import annotations

from typing import Annotated

import typer

from rtmpscope.cli.analyzing import analyzed
from rtmpscope.cli.common import PORTS, Dissector, Force, OneOrMore, Ports, Quiet, ShowSecrets, options_of
from rtmpscope.cli.tabular import (
    Columns,
    Format,
    Limit,
    Output,
    Selection,
    Sort,
    Where,
    chosen_rows,
    print_table,
)


def table(
    captures: OneOrMore,
    name: Annotated[str, typer.Argument(metavar="NAME", help="connections, streams, messages, media, commands, …")],
    where: Where = "",
    columns: Columns = "",
    sort: Sort = "",
    limit: Limit | None = None,
    format: Format = "table",
    output: Output = None,
    force: Force = False,
    ports: Ports = PORTS,
    dissector: Dissector = "fast",
    show_secrets: ShowSecrets = False,
    quiet: Quiet = False,
) -> None:
    """Print a table, or write it to a file.

    \b
    Example:
      rtmpscope table capture.pcap media --where "kind == 'video' and keyframe" --format csv -o keys.csv
    """
    selection = Selection(where, columns, sort, limit, format, output, force)
    selection.check()
    analysis = analyzed(captures, options_of(ports, show_secrets, dissector), quiet)
    print_table(chosen_rows(analysis.table(name), selection), selection)
