"""``rtmpscope plot``: one chart."""

from __future__ import annotations

from pathlib import Path
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
    ServerStream,
    ShowSecrets,
    options_of,
)
from rtmpscope.cli.files import spare_inputs, written_whole
from rtmpscope.options import OptionError

KINDS = ("timeline", "interleaving", "bitrate", "ladder")
FORMATS = ("png", "svg", "pdf")


def plot(
    given: Annotated[
        list[str],
        typer.Argument(metavar="CAPTURE... KIND", help=f"As for analyze; then the chart: {', '.join(KINDS)}."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .png, .svg or .pdf file.")],
    stream: Annotated[int, typer.Option("--stream", metavar="N", help="Stream, for bitrate.")] = 0,
    connection: Annotated[
        int | None, typer.Option("--connection", metavar="N", help="Default: the busiest one.")
    ] = None,
    begin: Annotated[float | None, typer.Option("--from", metavar="S", help="First second, for interleaving.")] = None,
    end: Annotated[float | None, typer.Option("--to", metavar="S", help="Last second, for interleaving.")] = None,
    force: Force = False,
    ports: Ports = PORTS,
    dissector: Dissector = "fast",
    show_secrets: ShowSecrets = False,
    quiet: Quiet = False,
    c2s: ClientStream = None,
    s2c: ServerStream = None,
) -> None:
    """Draw one chart: timeline, interleaving, bitrate or ladder; of byte streams without packets, the ladder only.

    \b
    Example:
      rtmpscope plot capture.pcap interleaving --from 1.5 --to 2 -o lanes.svg
    """
    *captures, kind = given
    form = output.suffix.removeprefix(".").lower()
    if kind not in KINDS:
        raise OptionError(f"there is no chart {kind!r}; name one of {', '.join(KINDS)} after the captures")
    if form not in FORMATS:
        raise OptionError(f"{output}: name a file that ends in {', '.join('.' + one for one in FORMATS)}")
    spare_inputs(output, (*captures, c2s, s2c))
    from rtmpscope.plots import TimeRange
    from rtmpscope.report.pictures import draw_one, rendered

    span = TimeRange(begin, end)
    analysis = analyzed_input(captures, c2s, s2c, options_of(ports, show_secrets, dissector), quiet)
    figure = draw_one(analysis.report_source, kind, stream, connection, span)
    with written_whole(output, force=force) as part:
        part.write_bytes(rendered(figure, form))
