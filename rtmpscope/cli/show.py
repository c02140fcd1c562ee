"""``rtmpscope show``: one message, field by field and byte by byte."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rtmpscope.analysis import Analysis
from rtmpscope.cli.analyzing import analyzed
from rtmpscope.cli.common import PORTS, Capture, Dissector, Ports, Quiet, ShowSecrets, options_of
from rtmpscope.errors import RtmpscopeError
from rtmpscope.options import OptionError


def show(
    capture: Capture,
    message: Annotated[int | None, typer.Argument(metavar="[MESSAGE]", help="Message number.")] = None,
    frame: Annotated[
        int | None, typer.Option("--frame", metavar="N", help="Messages with bytes in this packet.")
    ] = None,
    offset: Annotated[
        int | None, typer.Option("--offset", metavar="N", help="Stream offset of one of its bytes.")
    ] = None,
    direction: Annotated[str, typer.Option("--direction", help="c2s or s2c, with --offset.")] = "c2s",
    connection: Annotated[int, typer.Option("--connection", metavar="N", help="Connection, with --offset.")] = 0,
    ports: Ports = PORTS,
    dissector: Dissector = "fast",
    show_secrets: ShowSecrets = False,
    quiet: Quiet = False,
) -> None:
    """Show a message: where it stands, its fields with their byte ranges, its bytes with chunk headers marked.

    \b
    Examples:
      rtmpscope show capture.pcap 17
      rtmpscope show capture.pcap --frame 812
    """
    if sum(value is not None for value in (message, frame, offset)) != 1:
        raise OptionError("name one message: its number, --frame N, or --offset N --direction c2s")
    if direction not in ("c2s", "s2c"):
        raise OptionError(f"--direction: {direction!r} is neither c2s nor s2c")
    analysis = analyzed([capture], options_of(ports, show_secrets, dissector), quiet)
    from rtmpscope.report.message_view import print_message

    for number in _wanted(analysis, message, frame, offset, direction, connection):
        print_message(analysis.report_source, number, sys.stdout)


def _wanted(
    analysis: Analysis,
    message: int | None,
    frame: int | None,
    offset: int | None,
    direction: str,
    connection: int,
) -> list[int]:
    if message is not None:
        return [message]
    table = analysis.table("messages")
    if frame is not None:
        found = analysis.messages_in_frame(frame)
        missing = f"frame {frame} holds no byte of an RTMP message"
    elif offset is not None:
        way = ("c2s", "s2c").index(direction)
        start, end = table["offset"].values, analysis.message_ends
        mask = (table["connection"].values == connection) & (table["direction"].values == way)
        found = (mask & (start <= offset) & (offset < end)).nonzero()[0].tolist()
        missing = f"no message of connection {connection} {direction} holds offset {offset}"
    if not found:
        raise RtmpscopeError(missing)
    return found
