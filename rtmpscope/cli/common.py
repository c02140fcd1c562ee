"""Options that all commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from rtmpscope.options import DEFAULT_PORTS, DEFAULT_ROW_LIMIT, OptionError, Options

Captures = Annotated[
    list[str] | None,
    typer.Argument(metavar="CAPTURE", help="pcap or pcapng files, plain or compressed; - is standard input."),
]
ClientStream = Annotated[
    str | None, typer.Option("--c2s", metavar="FILE", help="Instead of a capture: the client's bytes, without TCP.")
]
ServerStream = Annotated[
    str | None, typer.Option("--s2c", metavar="FILE", help="Instead of a capture: the server's bytes, without TCP.")
]
Ports = Annotated[
    str,
    typer.Option(metavar="N,...", help="Ports RTMP is expected on; on others it is recognised by its content."),
]
ShowSecrets = Annotated[
    bool,
    typer.Option("--show-secrets", help="Print stream keys, tokens and credentials instead of masking them."),
]
Dissector = Annotated[
    str,
    typer.Option(
        "--dissector", metavar="fast|scapy", help="scapy: send every packet through Scapy; slow, for checking."
    ),
]
RowLimit = Annotated[
    int,
    typer.Option("--row-limit", metavar="N", min=0, help="With more messages than this, keep their columns on disk."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks on standard error.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what is there.")]

PORTS = ",".join(str(port) for port in DEFAULT_PORTS)


def options_of(
    ports: str, show_secrets: bool, dissector: str = "fast", row_limit: int | None = DEFAULT_ROW_LIMIT
) -> Options:
    """The options that the common switches stand for."""
    try:
        numbers = tuple(int(part) for part in ports.split(",") if part.strip())
    except ValueError:
        raise OptionError(f"--ports: {ports!r} is not a list of numbers; write --ports 1935,1940") from None
    return Options(ports=numbers, show_secrets=show_secrets, dissector=dissector, row_limit=row_limit)
