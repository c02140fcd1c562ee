"""``rtmpscope messages``: the packet list of RTMP."""

from __future__ import annotations

from rtmpscope.cli.analyzing import analyzed
from rtmpscope.cli.common import PORTS, Capture, Dissector, Force, Ports, Quiet, ShowSecrets, options_of
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

_LIST = "message,time,frame,connection,direction,csid,stream_id,type,timestamp,length,info"


def messages(
    capture: Capture,
    where: Where = "",
    columns: Columns = _LIST,
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
    """List the messages, one line each.

    \b
    Example:
      rtmpscope messages capture.pcap --where "direction == 's2c' and type != 'audio'" --limit 20
    """
    selection = Selection(where, columns, sort, limit, format, output, force)
    selection.check()
    analysis = analyzed([capture], options_of(ports, show_secrets, dissector), quiet)
    print_table(chosen_rows(analysis.table("messages"), selection), selection)
