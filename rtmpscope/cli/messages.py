"""``rtmpscope messages``: the packet list of RTMP."""

from __future__ import annotations

from dataclasses import replace

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
from rtmpscope.options import DEFAULT_ROW_LIMIT

_LIST = "message,time,frame,connection,direction,csid,stream_id,type,timestamp,length,info"
#: The same of several files, in each of which frames are numbered from 1 on.
_LIST_OF_FILES = _LIST.replace("frame", "file,frame")


def messages(
    captures: Captures = None,
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
    """List the messages, one line each.

    \b
    Example:
      rtmpscope messages capture.pcap --where "direction == 's2c' and type != 'audio'" --limit 20
    """
    selection = Selection(where, columns, sort, limit, format, output, force)
    selection.check()
    spare_inputs(output, (*(captures or ()), c2s, s2c))
    analysis = analyzed_input(captures, c2s, s2c, options_of(ports, show_secrets, dissector, row_limit), quiet)
    if not columns:
        selection = replace(selection, columns=_LIST_OF_FILES if len(analysis.facts.names) > 1 else _LIST)
    print_table(chosen_rows(analysis.table("messages"), selection), selection)
