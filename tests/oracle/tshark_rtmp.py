"""tshark's own RTMP dissector, where it prints something: type, length and channel per message, by TCP stream."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

_FIELDS = ("tcp.stream", "tcp.srcport", "rtmpt.header.typeid", "rtmpt.header.bodysize", "rtmpt.header.csid")


class Seen(NamedTuple):
    """What tshark prints of a message."""

    type_id: int
    length: int
    csid: int


def messages_by_side(path: Path) -> dict[tuple[int, int], list[Seen]]:
    """Messages by (TCP stream, sender's port), in the order in which tshark finds them.

    A packet in which tshark lists another number of types than of sizes (it leaves fields out of messages
    that go on) is passed over.
    """
    command = ["tshark", "-r", str(path), "-Y", "rtmpt", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"]
    command += ["-o", "rtmpt.max_packet_size:16777215", "-o", "tcp.reassemble_out_of_order:TRUE"]
    for name in _FIELDS:
        command += ["-e", name]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[tuple[int, int], list[Seen]] = {}
    for line in said.stdout.splitlines():
        stream, port, types, sizes, channels = line.split("\t")
        lists = [[int(value, 0) for value in text.split(",") if value] for text in (types, sizes, channels)]
        if len({len(one) for one in lists}) == 1:
            found.setdefault((int(stream), int(port)), []).extend(Seen(*one) for one in zip(*lists, strict=True))
    return found
