"""Options of one analysis; the common options of the command line are these fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from rtmpscope.errors import RtmpscopeError
from rtmpscope.findings.limits import Limits
from rtmpscope.frozen import frozen

#: Ports on which RTMP (1935) and RTMPS (1936, by custom) are expected.
DEFAULT_PORTS = (1935, 1936)
#: Messages whose columns are kept in memory.
DEFAULT_ROW_LIMIT = 20_000_000
#: Ways to take packets apart.
DISSECTORS = ("fast", "scapy")


class OptionError(RtmpscopeError, ValueError):
    """An option has a value that cannot be used."""


@frozen
class Options:
    """How a capture is to be analyzed.

    Attributes:
        ports: TCP ports that RTMP is expected on, or a single one. Connections to them are listed even when the attempt
            failed; RTMP on any other port is recognised by its content all the same.
        dissector: ``fast`` takes apart what it can all at once, and has Scapy do the rest; ``scapy`` has it do
            every packet, with the same result.
        show_secrets: print stream names, tokens and credentials as they are instead of ``key#1``.
        row_limit: with more messages than this, the columns of ``messages`` and ``media`` are kept in temporary
            Parquet files instead of memory, and read back when they are asked for; None for never.
        limits: the thresholds that findings are judged by.
    """

    ports: tuple[int, ...] = DEFAULT_PORTS
    dissector: str = "fast"
    show_secrets: bool = False
    row_limit: int | None = DEFAULT_ROW_LIMIT
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ports", _checked_ports(self.ports))
        if self.dissector not in DISSECTORS:
            raise OptionError(f"dissector: {self.dissector!r} is not one of {', '.join(DISSECTORS)}")
        if self.row_limit is not None and (not isinstance(self.row_limit, int) or self.row_limit < 0):
            raise OptionError(f"row_limit: {self.row_limit!r} is not a number of rows; give one from 0 up, or None")


def _checked_ports(ports: Iterable[int] | int) -> tuple[int, ...]:
    given = (ports,) if isinstance(ports, int) else ports
    if not isinstance(given, Iterable):
        raise OptionError(f"ports: {ports!r} is not a list of TCP ports; give numbers from 1 to 65535")
    checked = tuple(given)
    for port in checked:
        if not isinstance(port, int) or not 0 < port < 65536:
            raise OptionError(f"ports: {port!r} is not a TCP port; give numbers from 1 to 65535")
    return checked
