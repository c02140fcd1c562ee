"""IPv4 and IPv6: lengths, options, and the packets that are left to a full dissector."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.inet import GRE, IP, UDP, IPOption_NOP, IPOption_RR
from scapy.layers.inet6 import (
    ICMPv6MLReport2,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.ipsec import AH
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet as ScapyPacket
from scapy.packet import Raw

from rtmpscope.capture import Dissector
from tests.capture.files import EPOCH, Packet, pcap, read
from tests.capture.packets import ethernet, expected, ip4, ip6, tcp

INNER = tcp() / Raw(b"some payload")
TIME = EPOCH * 10**9


def reading_of(*packets: ScapyPacket) -> Any:
    return read(pcap([Packet(ethernet(packet)) for packet in packets]))


def test_ipv4_options_are_stepped_over() -> None:
    packet = ip4(options=[IPOption_NOP(), IPOption_RR(routers=["192.0.2.7"] * 8)]) / INNER
    assert bytes(packet)[0] == 0x4E
    assert reading_of(packet).rows == [expected(packet, 1, TIME)]


def test_both_versions_in_one_batch_keep_the_order_of_frames() -> None:
    packets = [make() / tcp(seq=number) for number, make in enumerate([ip6, ip4, ip4, ip6, ip4])]
    rows = reading_of(*packets).rows
    assert rows == [expected(packet, number + 1, TIME) for number, packet in enumerate(packets)]


@pytest.mark.parametrize("make", [ip4, ip6])
def test_ethernet_padding_is_no_payload(make: Any) -> None:
    packet = make() / tcp() / Raw(b"abc")
    reading = read(pcap([Packet(ethernet(packet) + bytes(30))]))
    assert reading.rows == [expected(packet, 1, TIME)]
    assert reading.rows[0].payload == b"abc"


@pytest.mark.parametrize("make", [ip4, ip6])
@pytest.mark.parametrize("size", [1, 1400, 65_000, 150_000])
def test_a_length_left_zero_by_segmentation_offload_is_the_frames(make: Any, size: int) -> None:
    payload = bytes(range(250)) * (size // 250) or b"x"
    data = bytearray(ethernet(make() / tcp()))
    place = 16 if make is ip4 else 18
    data[place : place + 2] = bytes(2)
    row = read(pcap([Packet(bytes(data) + payload)])).rows[0]
    assert (row.payload_length, row.payload) == (len(payload), payload)


def test_a_zero_length_in_a_snapped_frame_takes_the_length_on_the_wire() -> None:
    data = bytearray(ethernet(ip4() / tcp() / Raw(b"0123456789")))
    data[16:18] = bytes(2)
    row = read(pcap([Packet(bytes(data[:-6]), wire=len(data))])).rows[0]
    assert (row.payload_length, row.payload) == (10, b"0123")


def test_an_absurd_frame_length_is_not_believed_where_ip_says_none() -> None:
    data = bytearray(ethernet(ip4() / tcp()))
    data[16:18] = bytes(2)
    assert read(pcap([Packet(bytes(data), wire=0xFFFFFFFF)])).rows[0].payload_length < 1 << 20


@pytest.mark.parametrize("make", [ip4, ip6])
def test_a_snapped_packet_keeps_its_length_on_the_wire(make: Any) -> None:
    data = ethernet(make() / tcp() / Raw(b"0123456789"))
    row = read(pcap([Packet(data[:-7], wire=len(data))])).rows[0]
    assert (row.payload_length, row.payload) == (10, b"012")


def with_fields(packet: ScapyPacket, place: int, value: int) -> ScapyPacket:
    data = bytearray(bytes(packet))
    data[place] = value
    return Raw(bytes(data))


@pytest.mark.parametrize(("place", "value"), [(0, 0x44), (0, 0x4F), (3, 10), (0, 0x55), (0, 0x05)])
def test_an_ip_header_that_contradicts_itself_is_malformed(place: int, value: int) -> None:
    short = ip4() / tcp()
    reading = reading_of(with_fields(short, place, value))
    assert (reading.rows, reading.declined, reading.malformed) == ([], [], 1)


DECLINED = {
    "first_fragment": ip4(flags="MF") / INNER,
    "last_fragment": ip4(frag=9) / INNER,
    "fragment_of_a_tunnel": ip4(flags="MF") / UDP(sport=1, dport=4789) / Raw(bytes(20)),
    "later_fragment_of_udp": ip4(frag=3, proto=17) / Raw(bytes(20)),
    "cut_fragment_of_udp": ip4(flags="MF", proto=17) / Raw(bytes(6)),
    "routed_gre": ip4() / GRE(proto=0x0800, routing_present=1) / Raw(bytes(40)),
    "gre_of_mpls": ip4() / GRE(proto=0x8847) / Raw(bytes(40)),
    "erspan_3": ip4() / GRE(proto=0x22EB, seqnum_present=1) / Raw(bytes(40)),
    "vxlan_gpe": ip4() / UDP(sport=5, dport=4790) / VXLAN(flags=12) / Raw(bytes(40)),
    "a_fragment_in_a_tunnel": ip4() / GRE() / IP(frag=9, proto=6) / Raw(bytes(40)),
    "v6_fragment_of_a_tunnel": ip6() / IPv6ExtHdrFragment(m=1) / UDP(sport=1, dport=4789) / Raw(bytes(20)),
    "v6_later_fragment_of_udp": ip6() / IPv6ExtHdrFragment(nh=17, offset=9) / Raw(bytes(20)),
    "v6_fragment": ip6() / IPv6ExtHdrFragment(offset=0, m=1) / INNER,
}


@pytest.mark.parametrize("name", DECLINED)
def test_fragments_extensions_and_rare_tunnels_are_declined(name: str) -> None:
    reading = reading_of(DECLINED[name], ip4() / INNER)
    assert reading.declined == [1]
    assert [row.frame for row in reading.rows] == [2]


STEPPED_OVER = {
    "v6_hop_by_hop": ip6() / IPv6ExtHdrHopByHop() / INNER,
    "v6_routing": ip6() / IPv6ExtHdrRouting(addresses=["2001:db8::9"]) / INNER,
    "v6_destination": ip6() / IPv6ExtHdrDestOpt() / INNER,
    "v6_several": ip6() / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting() / IPv6ExtHdrDestOpt() / INNER,
    "v6_atomic_fragment": ip6() / IPv6ExtHdrFragment(id=9) / INNER,
    "v4_authenticated": ip4() / AH(nh=6, icv=bytes(12), payloadlen=4) / INNER,
    "v6_authenticated": ip6() / AH(nh=6, icv=bytes(12), payloadlen=4) / INNER,
    "v6_authenticated_behind_others": ip6() / IPv6ExtHdrHopByHop() / AH(nh=6, icv=bytes(12), payloadlen=4) / INNER,
}


@pytest.mark.parametrize("mode", ["fast", "scapy"])
@pytest.mark.parametrize("name", STEPPED_OVER)
def test_headers_between_ip_and_tcp_are_stepped_over(name: str, mode: str) -> None:
    packet = STEPPED_OVER[name]
    content = pcap([Packet(ethernet(packet) + bytes(9))])
    (row,) = read(content, dissector=None if mode == "fast" else Dissector(mode)).rows
    plain = (ip4() if isinstance(packet, IP) else ip6()) / INNER
    assert row == expected(plain, 1, TIME)


NO_TCP = {
    "gre_of_is_is": ip4() / GRE(proto=0xFE) / Raw(bytes(40)),
    "vxlan_of_nothing": ip4() / UDP(sport=5, dport=4789) / VXLAN(flags=0) / Raw(bytes(40)),
    "geneve_of_nothing": ip4() / UDP(sport=5, dport=6081) / Raw(bytes(40)),
    "gtp_echo": ip4() / UDP(sport=2152, dport=2152) / Raw(bytes([0x32, 1]) + bytes(40)),
    "gtp_of_no_version": ip4() / UDP(sport=40000, dport=2152) / Raw(b"\xab" * 40),
    "l2tp_control": ip4() / UDP(sport=1701, dport=1701) / Raw(bytes.fromhex("c802000c") + bytes(8)),
    "from_the_port_of_gtp": ip4() / UDP(sport=2152, dport=9) / Raw(bytes(40)),
    "from_the_port_of_vxlan": ip4() / UDP(sport=8472, dport=9) / Raw(bytes(40)),
    "v6_extended_udp": ip6() / IPv6ExtHdrHopByHop() / UDP(sport=1, dport=2) / Raw(bytes(40)),
    "v6_fragment_of_udp": ip6() / IPv6ExtHdrFragment(m=1) / UDP(sport=1, dport=2) / Raw(bytes(24)),
    "fragment_of_udp": ip4(flags="MF") / UDP(sport=1, dport=2) / Raw(bytes(20)),
    "udp": ip4() / UDP(sport=53, dport=53) / Raw(bytes(20)),
    "v6_udp": ip6() / UDP(sport=53, dport=53) / Raw(bytes(20)),
    "icmp": ip4(proto=1) / Raw(bytes(20)),
    "listener_report": ip6() / IPv6ExtHdrHopByHop() / ICMPv6MLReport2(),
    "udp_cut": ip4(len=24) / Raw(bytes(4)),
}


@pytest.mark.parametrize("name", NO_TCP)
def test_packets_without_tcp_are_neither(name: str) -> None:
    reading = reading_of(NO_TCP[name])
    assert (reading.rows, reading.declined, reading.malformed) == ([], [], 0)


def test_do_not_fragment_is_no_fragment() -> None:
    packet = ip4(flags="DF") / INNER
    assert len(reading_of(packet).rows) == 1


def test_later_fragments_go_the_way_of_their_first() -> None:
    def fragments(number: int, port: int) -> list[ScapyPacket]:
        first = ip4(id=number, flags="MF") / UDP(sport=1, dport=port) / Raw(bytes(16))
        return [ip4(id=number, frag=3, proto=17) / Raw(bytes(8)), first]

    reading = reading_of(
        *fragments(1, 9), *fragments(2, 4789), *fragments(3, 9), *fragments(3, 2152), ip4(frag=9, id=4)
    )
    assert reading.declined == [3, 4, 5, 6, 7, 8]
