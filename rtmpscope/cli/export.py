"""``rtmpscope export``: a stream as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rtmpscope.cli.analyzing import analyzed_input
from rtmpscope.cli.common import PORTS, Captures, ClientStream, Dissector, Force, Ports, Quiet, ServerStream, options_of
from rtmpscope.cli.files import spare_inputs, written_whole
from rtmpscope.options import OptionError

FORMATS = ("flv",)


def export(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")],
    captures: Captures = None,
    stream: Annotated[
        int, typer.Option("--stream", metavar="N", help="Number of the stream, as in `table streams`.")
    ] = 0,
    format: Annotated[str, typer.Option("--format", help="flv")] = "flv",
    force: Force = False,
    ports: Ports = PORTS,
    dissector: Dissector = "fast",
    quiet: Quiet = False,
    c2s: ClientStream = None,
    s2c: ServerStream = None,
) -> None:
    """Write a published or played stream as a file.

    \b
    Example:
      rtmpscope export capture.pcap --stream 0 -o stream.flv
    """
    if format not in FORMATS:
        raise OptionError(f"--format: {format!r} is not one of {', '.join(FORMATS)}")
    spare_inputs(output, (*(captures or ()), c2s, s2c))
    analysis = analyzed_input(captures, c2s, s2c, options_of(ports, False, dissector), quiet)
    with written_whole(output, force=force) as part, part.open("wb") as file:
        exported = analysis.export_flv(stream, file)
    if not quiet:
        typer.echo(f"{output}: {exported.tags} tags", err=True)
        if exported.left_out:
            typer.echo(f"left out: {exported.left_out} messages that were not wholly captured", err=True)
        if exported.unreadable:
            typer.echo(f"left out: {exported.unreadable} messages that read otherwise than before", err=True)
        if exported.undecodable:
            codecs = " and ".join(exported.undecodable)
            typer.echo(f"no sequence header of {codecs} in the capture: players will not decode it", err=True)
