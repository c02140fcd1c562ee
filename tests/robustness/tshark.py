"""What tshark makes of a damaged copy, counted to its advantage.

tshark names no offsets, so what it shows is compared by type and length alone: per direction, the longest
common subsequence of what it shows and what is wanted. It is told to accept messages of any size; it reads each
file twice, once told to put segments in order (swapped segments ask for that) and once not (missing ones do), and
the better run counts. Everything it prints as a message counts, those it prints without header fields too.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.robustness.damage import Damaged
from tests.robustness.recording import Flow
from tests.robustness.score import Score, Wanted

Shown = tuple[int, int]
_ANY_SIZE = "rtmpt.max_packet_size:16777215"
_PORTS = re.compile(r'<proto name="tcp" showname="[^"]*Src Port: (\d+), Dst Port: (\d+)')
_MESSAGE = re.compile(r'<proto name="rtmpt" showname="Real Time Messaging Protocol \(([^"]*)\)" size="(\d+)"')
_HEADER = re.compile(r'<field name="" show="RTMP Header" size="(\d+)"')
#: The names that tshark gives to types, as the beginning of what it prints.
_TYPES = {
    "Set Chunk Size": 1,
    "Abort Message": 2,
    "Acknowledgement": 3,
    "User Control Message": 4,
    "Window Acknowledgement Size": 5,
    "Set Peer Bandwidth": 6,
    "Audio Data": 8,
    "Video Data": 9,
    "AMF3 Data": 15,
    "AMF3 Shared Object": 16,
    "AMF3 Command": 17,
    "AMF0 Data": 18,
    "AMF0 Shared Object": 19,
    "AMF0 Command": 20,
    "Aggregate": 22,
}


def score_tshark(copy: Damaged, wanted: Wanted) -> Score:
    """Count what tshark shows of a copy in the better of two runs."""
    data = copy.file()
    runs = [_score(copy, wanted, shown_by_tshark(data, in_order)) for in_order in (True, False)]
    return max(runs, key=lambda run: (run.tshark, -run.tshark_invented))


def _score(copy: Damaged, wanted: Wanted, shown: dict[Flow, list[Shown]]) -> Score:
    seen = invented = 0
    for flow, messages in copy.whole.messages.items():
        everything = list(zip(messages.type_id.tolist(), messages.length.tolist(), strict=True))
        chosen = wanted(copy, flow, messages)
        own = shown.get(flow, [])
        seen += longest_common([everything[place] for place in np.flatnonzero(chosen)], own)
        invented += len(own) - longest_common(everything, own)
    return Score(tshark=seen, tshark_invented=invented)


def shown_by_tshark(data: bytes, in_order: bool) -> dict[Flow, list[Shown]]:
    """(type, length) of every message that tshark prints, by direction; handshakes are left out."""
    order = f"tcp.reassemble_out_of_order:{str(in_order).upper()}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.pcap"
        path.write_bytes(data)
        command = ["tshark", "-r", str(path), "-Y", "rtmpt", "-T", "pdml", "-j", "rtmpt", "-o", _ANY_SIZE, "-o", order]
        said = subprocess.run(command, capture_output=True, text=True, check=True, errors="replace").stdout
    return _messages(said)


def _messages(pdml: str) -> dict[Flow, list[Shown]]:
    found: dict[Flow, list[Shown]] = {}
    flow: Flow = (0, 0)
    waiting: Shown | None = None
    for line in pdml.splitlines():
        if ports := _PORTS.search(line):
            flow = (int(ports[1]), int(ports[2]))
        elif message := _MESSAGE.search(line):
            waiting = (_type(message[1]), int(message[2]))
        elif waiting is not None and (header := _HEADER.search(line)):
            found.setdefault(flow, []).append((waiting[0], waiting[1] - int(header[1])))
            waiting = None
    return found


def _type(label: str) -> int:
    return next((number for name, number in _TYPES.items() if label.startswith(name)), 0)


def longest_common(one: list[Shown], other: list[Shown]) -> int:
    """Length of the longest common subsequence, a row of the table at a time in the bits of a number."""
    places: dict[Shown, int] = {}
    for place, item in enumerate(one):
        places[item] = places.get(item, 0) | 1 << place
    row, full = (1 << len(one)) - 1, (1 << len(one)) - 1
    for item in other:
        matched = row & places.get(item, 0)
        row = ((row + matched) | (row - matched)) & full
    return len(one) - row.bit_count()
