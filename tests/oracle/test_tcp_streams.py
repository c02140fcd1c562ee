"""TCP connections are numbered as tshark numbers them, whatever is reused, repeated or missing at their start."""

from __future__ import annotations

import io
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rtmpscope.capture import open_capture, segments
from rtmpscope.tcp.grouping import ConnectionTable
from tests.support.tools import require_tool

FIN, SYN, RST, ACK = 1, 2, 4, 16

#: One packet: the sender's port, the receiver's port, sequence number, acknowledgement (0: none), flags, payload.
Packet = tuple[int, int, int, int, int, bytes]


def _a(seq: int, flags: int, ack: int = 0, payload: bytes = b"") -> Packet:
    return 5000, 1935, seq, ack, flags | (ACK if ack else 0), payload


def _b(seq: int, flags: int, ack: int = 0, payload: bytes = b"") -> Packet:
    return 1935, 5000, seq, ack, flags | (ACK if ack else 0), payload


_OPENED = [_a(999, SYN), _b(8999, SYN, 1000)]

CASES: dict[str, list[Packet]] = {
    "syn after a bare acknowledgement": [_a(5000, 0, 777), _a(99, SYN)],
    "syn after data": [_a(5000, 0, 777, b"x"), _a(99, SYN), _b(1, SYN, 100)],
    "syn after data that it fits": [_a(100, 0, 777, b"x"), _a(99, SYN)],
    "syn after data of the other side": [_b(5000, 0, 777, b"x"), _a(99, SYN), _a(100, 0, 0, b"q")],
    "syn after a reset": [_a(50, RST), _a(999, SYN)],
    "the same syn after a reset": [*_OPENED, _a(1000, 0, 9000), _b(9000, RST), _a(999, SYN)],
    "the same syn after being refused": [_a(999, SYN), _b(0, RST, 1000), _a(999, SYN), _b(0, RST, 1000)],
    "the same syn after fin": [*_OPENED, _a(1000, FIN, 9000), _b(9000, FIN, 1001), _a(999, SYN)],
    "another answer": [*_OPENED, _b(7777, SYN, 1000), _a(1000, 0, 9000, b"x")],
    "a syn the other way": [*_OPENED, _b(5, SYN), _a(9, SYN, 6)],
    "late packets of the replaced connection": [*_OPENED, _a(5999, SYN), _a(1003, 0, 9000, b"d"), _b(9000, FIN, 1)],
    "both sides open at once": [_a(999, SYN), _b(8999, SYN), _a(999, SYN, 9000), _b(8999, SYN, 1000)],
    "a syn that the answer before does not fit": [_b(8999, SYN, 1000), _a(5, SYN)],
    "a syn that the answer before fits": [_b(8999, SYN, 1000), _a(999, SYN)],
    "ports used again and again": [_a(1, SYN), _a(2, SYN), _a(3, SYN), _a(2, SYN)],
    "another connection after ports used again": [
        *_OPENED,
        _a(5999, SYN),
        (6000, 1935, 1, 0, SYN, b""),
        _b(1, SYN, 6000),
        (1935, 6000, 1, 2, SYN | ACK, b""),
    ],
}


def _pcap(packets: Sequence[Packet]) -> bytes:
    """A capture of raw IPv4 packets, 10 ms apart; 10.0.0.1 has all ports but 1935, which 10.0.0.2 has."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for place, (source, target, seq, ack, flags, payload) in enumerate(packets):
        ends = bytes((10, 0, 0, 2 if source == 1935 else 1)) + bytes((10, 0, 0, 2 if target == 1935 else 1))
        tcp = struct.pack(">HHIIBBHHH", source, target, seq, ack, 0x50, flags, 65535, 0, 0) + payload
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), place, 0, 64, 6, 0) + ends + tcp
        out += struct.pack("<IIII", 1000, place * 10_000, len(ip), len(ip)) + ip
    return out


def _ours(capture: bytes) -> list[int]:
    table, numbers = ConnectionTable(), []
    for batch in open_capture(io.BytesIO(capture)).batches():
        numbers.append(table.assign(segments(batch).segments).connection)
    found: list[int] = np.concatenate(numbers).tolist()
    return found


@pytest.mark.parametrize("name", CASES)
def test_connections_are_numbered_as_tshark_numbers_them(name: str, tmp_path: Path) -> None:
    capture = _pcap(CASES[name])
    path = tmp_path / "case.pcap"
    path.write_bytes(capture)
    command = [require_tool("tshark"), "-r", str(path), "-T", "fields", "-e", "tcp.stream"]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert _ours(capture) == [int(number) for number in theirs]
