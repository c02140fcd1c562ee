"""``rtmpscope show``: one message, field by field and byte by byte."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Annotated

import typer

from rtmpscope.analysis import Analysis
from rtmpscope.cli.analyzing import analyzed_input
from rtmpscope.cli.common import PORTS, ClientStream, Dissector, Ports, Quiet, ServerStream, ShowSecrets, options_of
from rtmpscope.errors import RtmpscopeError
from rtmpscope.options import OptionError


def show(
    given: Annotated[
        list[str] | None,
        typer.Argument(metavar="CAPTURE... [MESSAGE]", help="As for analyze; then the message's number."),
    ] = None,
    frame: Annotated[
        int | None, typer.Option("--frame", metavar="N", help="Messages with bytes in this packet.")
    ] = None,
    file: Annotated[
        str, typer.Option("--file", metavar="FILE", help="The one of several captures that --frame counts in.")
    ] = "",
    offset: Annotated[
        int | None, typer.Option("--offset", metavar="N", help="Stream offset of one of its bytes.")
    ] = None,
    direction: Annotated[str, typer.Option("--direction", help="c2s or s2c, with --offset.")] = "c2s",
    connection: Annotated[int, typer.Option("--connection", metavar="N", help="Connection, with --offset.")] = 0,
    ports: Ports = PORTS,
    dissector: Dissector = "fast",
    show_secrets: ShowSecrets = False,
    quiet: Quiet = False,
    c2s: ClientStream = None,
    s2c: ServerStream = None,
) -> None:
    """Show a message: where it stands, its fields with their byte ranges, its bytes with chunk headers marked.

    \b
    Examples:
      rtmpscope show capture.pcap 17
      rtmpscope show capture.pcap --frame 812
      rtmpscope show client.pcap server.pcap --frame 812 --file server.pcap
    """
    files, message = _split(given or [], frame, offset)
    if direction not in ("c2s", "s2c"):
        raise OptionError(f"--direction: {direction!r} is neither c2s nor s2c")
    analysis = analyzed_input(files, c2s, s2c, options_of(ports, show_secrets, dissector), quiet)
    from rtmpscope.report.message_view import print_message

    if message is not None:
        numbers = [message]
    elif frame is not None:
        numbers = _in_frame(analysis, frame, file)
    else:
        numbers = _at_offset(analysis, offset or 0, direction, connection)
    for number in numbers:
        print_message(analysis.report_source, number, sys.stdout)


def _split(given: list[str], frame: int | None, offset: int | None) -> tuple[list[str], int | None]:
    """The captures, and the number of the message if it is named so."""
    last = given[-1] if given and given[-1].isdecimal() and not Path(given[-1]).exists() else None
    if sum(value is not None for value in (last, frame, offset)) != 1:
        raise OptionError("name one message: its number, --frame N, or --offset N --direction c2s")
    return (given, None) if last is None else (given[:-1], int(last))


def _place_of(file: str, names: Sequence[str]) -> int:
    """The place of the file that frames are counted in among the captures."""
    if not file and len(names) == 1:
        return 0
    matching = [place for place, name in enumerate(names) if file in (name, PurePath(name).name)]
    if len(matching) == 1:
        return matching[0]
    there = ", ".join(names)
    if not file:
        raise OptionError(f"--frame counts in one file; name it with --file: {there}")
    raise OptionError(f"--file: {file!r} is {'several' if matching else 'none'} of the captures: {there}")


def _in_frame(analysis: Analysis, frame: int, file: str) -> list[int]:
    if not analysis.facts.has_packets:
        raise OptionError("--frame: byte streams have no packets; name a message, or --offset N --direction c2s")
    names = analysis.facts.names
    place = _place_of(file, names)
    found = analysis.messages_in_frame(frame, place)
    if not found:
        which = f" of {names[place]}" if len(names) > 1 else ""
        count = analysis.facts.packets_in(place)
        if not 0 < frame <= count:
            raise RtmpscopeError(f"there is no frame {frame} in {names[place]}; its packets are numbered 1 to {count}")
        raise RtmpscopeError(f"frame {frame}{which} holds no byte of an RTMP message")
    return found


def _at_offset(analysis: Analysis, offset: int, direction: str, connection: int) -> list[int]:
    table = analysis.table("messages")
    way = ("c2s", "s2c").index(direction)
    start, end = table["offset"].values, analysis.message_ends
    mask = (table["connection"].values == connection) & (table["direction"].values == way)
    found: list[int] = (mask & (start <= offset) & (offset < end)).nonzero()[0].tolist()
    if not found:
        raise RtmpscopeError(f"no message of connection {connection} {direction} holds offset {offset}")
    return found
