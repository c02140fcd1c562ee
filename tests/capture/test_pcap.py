"""Classic pcap: byte orders, units of time, and damage."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from scapy.packet import Raw
from scapy.utils import PcapReader, wrpcap

from tests.capture.files import Packet, capture_of, pcap, read
from tests.capture.packets import ethernet, expected, ip4, ip6, tcp

TIMES = [0, 1_700_000_000_123_456_789, 4_294_967_295_999_999_000]
PACKETS = [
    Packet(ethernet(make() / tcp(seq=number) / Raw(bytes(number))), time_ns=time)
    for number, (make, time) in enumerate(zip([ip4, ip6, ip4], TIMES, strict=True))
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_each_byte_order_and_unit_gives_what_scapy_reads(order: str, nano: bool) -> None:
    content = pcap(PACKETS, order=order, nano=nano)
    reading = read(content)
    unit = 1 if nano else 1000
    assert reading.times == [time // unit * unit for time in TIMES]
    with PcapReader(io.BytesIO(content)) as reader:
        packets = list(reader)
    truth = zip(packets, reading.times, strict=True)
    assert reading.rows == [expected(packet.payload, i + 1, time) for i, (packet, time) in enumerate(truth)]


def test_a_file_written_by_scapy_is_read(tmp_path: Path) -> None:
    path = tmp_path / "by_scapy.pcap"
    wrpcap(str(path), [Raw(packet.data) for packet in PACKETS], linktype=1)
    assert [row.frame for row in read(path.read_bytes()).rows] == [1, 2, 3]


def test_bits_above_the_link_type_are_not_part_of_it() -> None:
    content = bytearray(pcap(PACKETS))
    content[20:24] = struct.pack("<I", 0x5400_0001)  # a frame check sequence of 4 bytes follows each packet
    assert len(read(bytes(content)).rows) == 3


def test_a_file_without_packets_is_a_capture() -> None:
    assert (read(pcap([])).packets, read(pcap([])).damage) == (0, [])


def test_a_file_cut_at_any_byte_yields_every_whole_record() -> None:
    content = pcap(PACKETS)
    ends = [24]
    for packet in PACKETS:
        ends.append(ends[-1] + 16 + len(packet.data))
    for size in range(24, len(content) + 1):
        reading = read(content[:size])
        whole = sum(end <= size for end in ends) - 1
        assert reading.packets == len(reading.rows) == whole
        places = [offset for offset, _ in reading.damage]
        assert places == ([] if size in ends else [ends[whole]])


@pytest.mark.parametrize("length", [262_145, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("damaged", [0, 1, 2])
def test_an_absurd_record_length_ends_the_capture_at_its_offset(length: int, damaged: int) -> None:
    content = bytearray(pcap(PACKETS))
    offset = 24 + sum(16 + len(packet.data) for packet in PACKETS[:damaged])
    content[offset + 8 : offset + 12] = struct.pack("<I", length)
    reading = read(bytes(content))
    assert reading.packets == damaged
    assert [place for place, _ in reading.damage] == [offset]
    assert str(length) in reading.damage[0][1]


def test_the_snap_length_of_the_file_allows_larger_records() -> None:
    content = bytearray(pcap([Packet(bytes(300_000))]))
    assert read(bytes(content)).damage != []
    content[16:20] = struct.pack("<I", 1 << 20)
    assert (read(bytes(content)).damage, read(bytes(content)).packets) == ([], 1)


def test_a_record_with_less_on_the_wire_than_captured_is_taken_as_captured() -> None:
    batch = next(iter(capture_of(pcap([Packet(b"abcdef", wire=2)])).batches()))
    assert (batch.captured.tolist(), batch.wire.tolist()) == ([6], [6])
