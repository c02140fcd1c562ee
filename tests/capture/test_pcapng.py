"""pcapng: sections, interfaces, kinds of packet blocks, units of time, and damage."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from scapy.packet import Raw
from scapy.utils import PcapNgWriter

from rtmpscope.capture import CaptureError, open_capture
from tests.capture.files import EPOCH, Packet, Pcapng, capture_of, read
from tests.capture.packets import ethernet, ip4, on_link, tcp

pytestmark = pytest.mark.usefixtures("each_way")

NG = Pcapng()
INNER = tcp() / Raw(b"payload")
DATA = ethernet(ip4() / INNER)
PACKETS = [Packet(ethernet(ip4() / tcp(seq=number) / Raw(bytes(number)))) for number in range(4)]


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order: str) -> None:
    reading = read(Pcapng(order).file(PACKETS))
    assert [(row.frame, row.seq, row.payload) for row in reading.rows] == [(n + 1, n, bytes(n)) for n in range(4)]
    assert reading.times == [EPOCH * 10**9] * 4


def test_a_file_written_by_scapy_is_read(tmp_path: Path) -> None:
    path = tmp_path / "by_scapy.pcapng"
    with PcapNgWriter(str(path)) as writer:
        for packet in PACKETS:
            writer.write(Raw(packet.data))
    capture = open_capture(path)
    assert sum(len(batch) for batch in capture.batches()) == 4
    assert capture.damage == []


@pytest.mark.parametrize(
    ("resolution", "ticks", "nanoseconds"),
    [
        (0, EPOCH, EPOCH * 10**9),
        (3, EPOCH * 1000 + 7, EPOCH * 10**9 + 7_000_000),
        (6, EPOCH * 10**6 + 7, EPOCH * 10**9 + 7000),
        (9, EPOCH * 10**9 + 7, EPOCH * 10**9 + 7),
        (10, 10**19 + 19, 10**18 + 1),
        (12, 10**19, 10**16),
        (127, 2**64 - 1, 1),
        (0x80, EPOCH, EPOCH * 10**9),
        (0x80 + 10, EPOCH * 1024 + 512, EPOCH * 10**9 + 500_000_000),
        (0x80 + 30, EPOCH * 2**30 + 2**28, EPOCH * 10**9 + 250_000_000),
        (0x80 + 34, 2**34 * 5 + 2**33, 5_500_000_000),
        (0x80 + 60, 15 * 2**60 + 2**59, 15_500_000_000),
        (0xFF, 2**62, 500_000_000),
    ],
)
def test_the_unit_of_time_is_that_of_the_interface(resolution: int, ticks: int, nanoseconds: int) -> None:
    options = NG.option(9, bytes([resolution])) + NG.option(0, b"")
    content = NG.section() + NG.interface(options=options) + NG.enhanced(PACKETS[0], ticks=ticks)
    assert read(content).times == [nanoseconds]


def test_options_before_and_after_the_unit_do_not_hide_it() -> None:
    options = NG.option(2, b"eth0!") + NG.option(9, b"\x09") + NG.option(12, b"Linux") + NG.option(0, b"")
    content = NG.section() + NG.interface(options=options) + NG.enhanced(PACKETS[0], ticks=77)
    assert read(content).times == [77]


@pytest.mark.parametrize("offset", [3600, -3600])
def test_the_time_offset_of_the_interface_is_added(offset: int) -> None:
    options = NG.option(14, struct.pack("<q", offset))
    content = NG.section() + NG.interface(options=options) + NG.enhanced(PACKETS[0])
    assert read(content).times == [(EPOCH + offset) * 10**9]


def test_an_absurd_time_offset_does_not_raise() -> None:
    options = NG.option(14, struct.pack("<q", -(2**63)))
    content = NG.section() + NG.interface(options=options) + NG.enhanced(PACKETS[0])
    assert len(read(content).rows) == 1


def test_each_packet_has_link_type_and_unit_of_its_interface() -> None:
    linktype, cooked = on_link("sll2", "ipv6", INNER)
    fine = NG.option(9, b"\x09")
    packets = [Packet(DATA), Packet(cooked, interface=1), Packet(DATA)]
    blocks = [NG.enhanced(packet, ticks=EPOCH) for packet in packets]
    content = NG.section() + NG.interface(1) + NG.interface(linktype, options=fine) + b"".join(blocks)
    reading = read(content)
    assert [row.payload for row in reading.rows] == [b"payload"] * 3
    assert reading.times == [EPOCH * 1000, EPOCH, EPOCH * 1000]


def test_an_interface_may_be_described_among_the_packets() -> None:
    linktype, cooked = on_link("sll", "ipv4", INNER)
    late = [NG.interface(linktype), NG.enhanced(Packet(cooked, interface=1)), NG.enhanced(PACKETS[1])]
    reading = read(NG.file(PACKETS[:1]) + b"".join(late))
    assert [row.frame for row in reading.rows] == [1, 2, 3]


def test_a_new_section_forgets_interfaces_and_may_change_byte_order() -> None:
    linktype, cooked = on_link("sll", "ipv4", INNER)
    content = NG.file([Packet(DATA)]) + Pcapng(">").file([Packet(cooked)], linktype) + NG.file([Packet(DATA)])
    reading = read(content)
    assert [(row.frame, row.payload) for row in reading.rows] == [(1, b"payload"), (2, b"payload"), (3, b"payload")]


def test_all_kinds_of_packet_blocks_are_packets_in_file_order() -> None:
    blocks = [NG.old, NG.simple, NG.enhanced, NG.old, NG.simple]
    packets = [Packet(ethernet(ip4() / tcp(seq=number) / Raw(bytes(number)))) for number in range(5)]
    written = [block(packet) for block, packet in zip(blocks, packets, strict=True)]
    content = NG.section() + NG.interface(1) + b"".join(written)
    rows = read(content).rows
    assert [(row.frame, row.seq, row.payload) for row in rows] == [(n + 1, n, bytes(n)) for n in range(5)]
    assert [row.time_ns for row in rows] == [0 if block == NG.simple else EPOCH * 10**9 for block in blocks]


def test_a_simple_packet_is_as_long_as_its_interface_stores() -> None:
    cut = DATA[:-3]
    content = NG.section() + NG.interface(1, snaplen=len(cut)) + NG.simple(Packet(cut, wire=len(DATA)))
    row = read(content).rows[0]
    assert (row.payload, row.payload_length) == (b"payl", 7)


def test_blocks_that_are_no_packets_have_no_frame_number() -> None:
    others = [NG.block(kind, bytes(range(20))) for kind in (4, 5, 0xA, 0xBAD, 0x40000BAD, 0x80000001)]
    body = b"".join(block + NG.enhanced(packet) for block, packet in zip(others, PACKETS, strict=False))
    reading = read(NG.section() + others[0] + NG.interface(1) + body + others[0])
    assert [row.frame for row in reading.rows] == [1, 2, 3, 4]
    assert reading.damage == []


def test_options_behind_a_packet_are_not_its_bytes() -> None:
    packet = PACKETS[3]
    options = NG.option(1, b"a comment") + NG.option(2, bytes(4)) + NG.option(0, b"")
    content = NG.section() + NG.interface(1) + NG.enhanced(packet, options=options) + NG.enhanced(packet)
    assert [row.payload for row in read(content).rows] == [bytes(3)] * 2


def test_a_file_cut_at_any_byte_yields_every_whole_block() -> None:
    content = NG.file(PACKETS)
    ends = [len(NG.section()), len(NG.file([]))]
    ends += [len(NG.file(PACKETS[: count + 1])) for count in range(4)]
    for size in range(12, len(content) + 1):
        reading = read(content[:size])
        whole = [end for end in ends if end <= size]
        assert reading.packets == max(len(whole) - 2, 0)
        places = [offset for offset, _ in reading.damage]
        assert places == ([] if size in ends else [max(whole, default=0)])


@pytest.mark.parametrize("length", [0, 4, 11, 13, 33, 36, 1 << 26, 0xFFFFFFFF])
@pytest.mark.parametrize("damaged", [0, 1, 3])
def test_a_bad_block_length_ends_the_capture_at_its_offset(length: int, damaged: int) -> None:
    content = bytearray(NG.file(PACKETS))
    offset = len(NG.file(PACKETS[:damaged]))
    content[offset + 4 : offset + 8] = struct.pack("<I", length)
    reading = read(bytes(content))
    assert reading.packets == damaged
    assert [place for place, _ in reading.damage] == [offset]


def test_a_packet_longer_than_its_block_ends_the_capture() -> None:
    content = bytearray(NG.file(PACKETS))
    offset = len(NG.file(PACKETS[:2]))
    content[offset + 20 : offset + 24] = struct.pack("<I", len(PACKETS[2].data) + 100)
    reading = read(bytes(content))
    assert (reading.packets, reading.damage[0][0]) == (2, offset)


def test_a_later_section_without_its_magic_ends_the_capture() -> None:
    first = NG.file(PACKETS)
    reading = read(first + NG.section()[:8] + b"oops" + NG.section()[12:])
    assert (reading.packets, reading.damage[0][0]) == (4, len(first))


def test_a_first_section_without_its_magic_is_no_capture() -> None:
    with pytest.raises(CaptureError, match="no packet capture"):
        capture_of(NG.section()[:8] + b"oops" + NG.section()[12:])


def test_packets_without_any_interface_cannot_be_read() -> None:
    with pytest.raises(CaptureError, match="interfaces that it does not describe"):
        read(NG.section() + NG.enhanced(PACKETS[0]))


def test_tens_of_thousands_of_interfaces_are_bounded() -> None:
    content = NG.section() + NG.interface(1) * 70_000 + NG.enhanced(Packet(DATA, interface=69_999))
    batch = next(iter(capture_of(content + NG.enhanced(Packet(DATA))).batches()))
    assert np.array_equal(batch.linktype, [0xFFFF, 1])
