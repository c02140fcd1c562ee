"""tshark as the splitter of TCP, and of nothing else: its RTMP dissector is off.

It lists segments; joining them is a few lines of plain Python that keep the first copy of every byte.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_FIELDS = ("frame.number", "tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "tcp.seq_raw", "tcp.flags", "tcp.payload")


@dataclass
class Side:
    """One direction of one TCP stream: address and port of the sender, and its bytes by sequence number."""

    sender: tuple[str, int]
    syn: int | None = None
    segments: list[tuple[int, bytes]] = field(default_factory=list)

    def data(self) -> bytes:
        """All bytes in order; a gap ends them."""
        start = (self.syn + 1) if self.syn is not None else min(seq for seq, _ in self.segments)
        out = bytearray()
        for seq, payload in sorted(self.segments, key=lambda one: (one[0] - start) % (1 << 32)):
            place = (seq - start) % (1 << 32)
            if place > len(out) or place >= 1 << 31:
                break
            out += payload[len(out) - place :]
        return bytes(out)


def split(path: Path) -> dict[int, dict[tuple[str, int], Side]]:
    """TCP streams by tshark's number, each with its two sides by sender."""
    command = [
        "tshark",
        "-r",
        str(path),
        "--disable-protocol",
        "rtmpt",
        "-Y",
        "tcp && !icmp && !icmpv6",
        "-T",
        "fields",
        "-E",
        "separator=/t",
    ]
    for name in _FIELDS:
        command += ["-e", name]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    streams: dict[int, dict[tuple[str, int], Side]] = {}
    for line in said.stdout.splitlines():
        _, stream, v4, v6, port, seq, flags, payload = line.split("\t")
        sender = (v4 or v6, int(port))
        side = streams.setdefault(int(stream), {}).setdefault(sender, Side(sender))
        if int(flags, 16) & 2 and side.syn is None:
            side.syn = int(seq)
        if payload:
            side.segments.append((int(seq), bytes.fromhex(payload.replace(":", ""))))
    return streams
