"""TCP headers: fields, options, and headers that contradict themselves."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.packet import Raw

from tests.capture.files import EPOCH, Packet, pcap, read
from tests.capture.packets import ethernet, expected, ip4, ip6, tcp

TIME = EPOCH * 10**9

FIELDS: list[dict[str, Any]] = [
    {"flags": "S", "seq": 0, "ack": 0, "window": 0xFFFF},
    {"flags": "SA", "seq": 0xFFFFFFFF, "ack": 0xFFFFFFFF, "window": 0},
    {"flags": "FSRPAUEC", "sport": 0, "dport": 0xFFFF},
    {"flags": "", "sport": 0xFFFF, "dport": 0},
    {"flags": "S", "options": [("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)]},
    {"flags": "SA", "options": [("WScale", 0)]},
    {"flags": "S", "options": [("WScale", 200)]},
    {"flags": "S", "options": [("MSS", 1460), ("Timestamp", (1, 2)), ("NOP", None), ("NOP", None)]},
    {"flags": "S", "options": [("NOP", None)] * 37 + [("WScale", 9)]},
    {"flags": "S", "options": [("NOP", None), ("EOL", None), ("NOP", None), ("NOP", None)]},
    {"flags": "A", "options": [("NOP", None), ("NOP", None), ("Timestamp", (3, 4))]},
]


@pytest.mark.parametrize("payload", [b"", b"x", bytes(1448)])
@pytest.mark.parametrize("make", [ip4, ip6])
def test_fields_are_those_that_scapy_reads(make: Any, payload: bytes) -> None:
    packets = [make() / tcp(**fields) / Raw(payload) for fields in FIELDS]
    rows = read(pcap([Packet(ethernet(packet)) for packet in packets])).rows
    assert rows == [expected(packet, number + 1, TIME) for number, packet in enumerate(packets)]


def test_a_window_scale_counts_on_syn_segments_only() -> None:
    packet = ip4() / tcp(flags="A", options=[("WScale", 7)])
    assert read(pcap([Packet(ethernet(packet))])).rows[0].window_scale == -1


BROKEN_OPTIONS = {
    "length_zero": b"\x05\x00\x03\x03\x07\x01\x01\x01",
    "length_one": b"\x05\x01\x03\x03\x07\x01\x01\x01",
    "beyond_the_header": b"\x01\x05\x28\x03\x03\x07\x01\x01",
    "cut_by_the_header": b"\x01\x01\x01\x01\x01\x01\x03\x03",
    "kind_without_length": b"\x01\x01\x01\x01\x01\x01\x01\x03",
    "other_length": b"\x03\x04\x07\x01\x01\x01\x01\x01",
    "after_the_end": b"\x00\x03\x03\x07\x01\x01\x01\x01",
}


@pytest.mark.parametrize("name", BROKEN_OPTIONS)
def test_broken_options_show_no_window_scale(name: str) -> None:
    segment = bytearray(bytes(ip4() / tcp(flags="S", options=[("NOP", None)] * 8)))
    segment[40:48] = BROKEN_OPTIONS[name]
    rows = read(pcap([Packet(ethernet(Raw(bytes(segment))))])).rows
    assert [row.window_scale for row in rows] == [-1]


def test_options_cut_by_the_snap_length_are_read_as_far_as_they_go() -> None:
    data = ethernet(ip4() / tcp(flags="S", options=[("WScale", 7), ("NOP", None), ("MSS", 1460)]))
    packets = [Packet(data[:size], wire=len(data)) for size in range(len(data) - 8, len(data) + 1)]
    rows = read(pcap(packets)).rows
    assert [row.window_scale for row in rows] == [-1, -1, -1, 7, 7, 7, 7, 7, 7]
    assert {(row.payload_length, row.payload) for row in rows} == {(0, b"")}


@pytest.mark.parametrize("offset", [0, 4, 6, 15])
def test_a_header_length_that_cannot_be_is_malformed(offset: int) -> None:
    packet = ip4() / tcp(dataofs=offset)
    reading = read(pcap([Packet(ethernet(packet))]))
    assert (reading.rows, reading.malformed, reading.cut) == ([], 1, 0)


def test_an_ip_packet_too_short_for_tcp_is_malformed() -> None:
    packet = ip4(proto=6) / Raw(bytes(19))
    reading = read(pcap([Packet(ethernet(packet))]))
    assert (reading.rows, reading.malformed, reading.cut) == ([], 1, 0)
