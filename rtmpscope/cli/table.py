"""``rtmpscope table``: any table of the analysis."""

from __future__ import annotations

from typing import Annotated

import typer

from rtmpscope.cli.analyzing import analyzed_input
from rtmpscope.cli.common import (
    PORTS,
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
from rtmpscope.cli.files import spare_inputs
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
from rtmpscope.options import DEFAULT_ROW_LIMIT, OptionError
from rtmpscope.tables import SCHEMAS


def table(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="CAPTURE... NAME",
            help="As for analyze; then the table: connections, streams, messages, media, commands, …",
        ),
    ],
    where: Where = "",
    columns: Columns = "",
    sort: Sort = "",
    limit: Limit = None,
    format: Format = None,
    output: Output = None,
    force: Force = False,
    ports: Ports = PORTS,
    dissector: Dissector = "fast",
    show_secrets: ShowSecrets = False,
    row_limit: RowLimit = DEFAULT_ROW_LIMIT,
    quiet: Quiet = False,
    c2s: ClientStream = None,
    s2c: ServerStream = None,
) -> None:
    """Print a table, or write it to a file.

    \b
    Example:
      rtmpscope table capture.pcap media --where "kind == 'video' and keyframe" -o keys.csv
    """
    selection = Selection(where, columns, sort, limit, format, output, force)
    selection.check()
    *captures, name = given
    if name not in SCHEMAS:
        raise OptionError(f"there is no table {name!r}; name one of {', '.join(SCHEMAS)} after the captures")
    spare_inputs(output, (*captures, c2s, s2c))
    analysis = analyzed_input(captures, c2s, s2c, options_of(ports, show_secrets, dissector, row_limit), quiet)
    print_table(chosen_rows(analysis.table(name), selection), selection)
