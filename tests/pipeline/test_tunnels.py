"""The same session inside tunnels, in fragments, and taken apart by Scapy alone: the rows are the same."""

from __future__ import annotations

import io
import struct
from functools import cache, partial
from pathlib import Path

import pytest
import zstandard

import rtmpscope
from rtmpscope.capture import open_capture
from rtmpscope.pipeline import inputs
from rtmpscope.tables import SCHEMAS
from tests.pipeline.rows import Row, message_rows
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.tools import CAPTURES
from tests.support.tunnels import TUNNELS, fragmented, wrapped

PLAIN = "play_rtmpdump.pcap"
WIRELESS = 105


@cache
def packets() -> list[Packet]:
    return read_pcap(CAPTURES / PLAIN)


@cache
def plain_rows() -> list[Row]:
    return message_rows(rtmpscope.analyze(CAPTURES / PLAIN), bodies=True)


def rows_of(content: list[Packet], **options: object) -> list[Row]:
    return message_rows(rtmpscope.analyze(io.BytesIO(pcap_bytes(content)), **options), bodies=True)


@pytest.mark.parametrize("tunnel", TUNNELS)
def test_a_session_in_a_tunnel(tunnel: str) -> None:
    assert rows_of(wrapped(packets(), tunnel)) == plain_rows()


def test_a_session_in_wireless_frames() -> None:
    header = bytes.fromhex("08 01 0000 020000000001 020000000002 020000000003 0000 aaaa03000000 0800")
    content = [Packet(one.time_ns, header + one.data[14:]) for one in packets()]
    assert (
        message_rows(rtmpscope.analyze(io.BytesIO(pcap_bytes(content, linktype=WIRELESS))), bodies=True) == plain_rows()
    )


def ipv6(packet: Packet) -> bytes:
    """The IPv6 packet with the TCP segment of an IPv4 one."""
    start = 14 + 4 * (packet.data[14] & 15)
    payload = packet.data[start : 14 + int.from_bytes(packet.data[16:18], "big")]
    addresses = b"".join(bytes(12) + packet.data[at : at + 4] for at in (26, 30))
    return struct.pack(">IHBB", 6 << 28, len(payload), 6, 64) + addresses + payload


def with_extensions(packet: bytes) -> bytes:
    """The IPv6 packet with hop-by-hop and destination options before its TCP segment."""
    options = bytes((60, 0, 1, 4, 0, 0, 0, 0)) + bytes((6, 0, 1, 4, 0, 0, 0, 0))
    size = int.from_bytes(packet[4:6], "big") + len(options)
    return packet[:4] + size.to_bytes(2, "big") + b"\0" + packet[7:40] + options + packet[40:]


@pytest.mark.parametrize("lane", ["fast", "scapy"])
@pytest.mark.parametrize("extended", [False, True], ids=["plain", "extension headers"])
@pytest.mark.parametrize("inside", [False, True], ids=["IPv6", "6in4"])
def test_a_session_over_ipv6(inside: bool, extended: bool, lane: str) -> None:
    link, outer = packets()[0].data[:12], packets()[0].data[14:34]
    content = []
    for one in packets():
        packet = with_extensions(ipv6(one)) if extended else ipv6(one)
        if inside:
            header = outer[:2] + (20 + len(packet)).to_bytes(2, "big") + outer[4:9] + bytes((41,)) + outer[10:]
            packet = header + packet
        content.append(Packet(one.time_ns, link + (b"\x08\0" if inside else b"\x86\xdd") + packet))
    assert rows_of(content, dissector=lane) == plain_rows()


def test_a_session_in_fragments() -> None:
    assert rows_of(fragmented(packets())) == plain_rows()


def test_a_tunnel_in_fragments() -> None:
    assert rows_of(fragmented(wrapped(packets(), "VXLAN"))) == plain_rows()


def test_fragments_in_a_tunnel() -> None:
    assert rows_of(wrapped(fragmented(packets()), "GRE")) == plain_rows()


def test_fragments_that_lie_in_several_blocks_are_read_again_from_where_they_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inputs, "open_capture", partial(open_capture, block_bytes=3000))
    content = pcap_bytes(fragmented(packets()[:120]))
    analysis = rtmpscope.analyze(io.BytesIO(content))
    whole = rtmpscope.analyze(io.BytesIO(pcap_bytes(packets()[:120])))
    assert message_rows(analysis, bodies=False) == message_rows(whole, bodies=False)
    complete = analysis.messages.message[analysis.messages.complete]
    assert len(complete) > 10
    for number, other in zip(complete, whole.messages.message[whole.messages.complete], strict=True):
        assert analysis.payload(number) == whole.payload(other)
    assert len(analysis.chunks) == len(whole.chunks)


def test_compressed_tunnels_in_rotated_files(tmp_path: Path) -> None:
    content = wrapped(packets(), "GTP-U in double VLAN")
    for number in range(10):
        part = content[len(content) * number // 10 : len(content) * (number + 1) // 10]
        (tmp_path / f"part{number}.zst").write_bytes(zstandard.ZstdCompressor().compress(pcap_bytes(part)))
    analysis = rtmpscope.analyze(tmp_path / "part*.zst")
    assert message_rows(analysis, bodies=True) == plain_rows()


@pytest.mark.parametrize("name", sorted(path.name for path in CAPTURES.glob("*.pcap*")))
def test_scapy_for_all_packets_gives_the_same_tables(name: str) -> None:
    fast = rtmpscope.analyze(CAPTURES / name)
    slow = rtmpscope.analyze(CAPTURES / name, dissector="scapy")
    for table in SCHEMAS:
        assert getattr(slow, table).equals(getattr(fast, table)), table


def on_ports(packet: Packet, shift: int, server: int) -> Packet:
    """The packet on other ports: the client's so much higher, the server's instead of 1935."""
    data = packet.data
    ports = [int.from_bytes(data[at : at + 2], "big") for at in (34, 36)]
    ends = [server if port == 1935 else (port + shift) & 0xFFFF for port in ports]
    return Packet(packet.time_ns, data[:34] + b"".join(end.to_bytes(2, "big") for end in ends) + data[38:])


def test_connections_in_double_vlan_and_gtp_u_one_on_another_port_and_a_plain_one() -> None:
    sessions = [
        [on_ports(one, shift, server) for one in packets()]
        for shift, server in ((1, 1935), (2, 6002), (3, 1935), (4, 1935))
    ]
    content = [wrapped(one, "GTP-U in double VLAN") for one in sessions[:3]] + [sessions[3]]
    mixed = [packet for group in zip(*content, strict=True) for packet in group]
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(mixed)))
    plain = rtmpscope.analyze(CAPTURES / PLAIN).connections
    found = analysis.connections
    assert sorted(found.server_port) == sorted([1935, 6002, 1935, 1935] * len(plain))
    assert sorted(found.client_port) == sorted(port + shift for port in plain.client_port for shift in (1, 2, 3, 4))
    rows = message_rows(analysis, bodies=True)
    for number in found.connection:
        mine = [row[1:] for row in rows if row[0] == number]
        assert mine == [row[1:] for row in plain_rows() if row[0] == number // 4]
