"""Link layers: every one gives the same segments, and what may hide TCP is declined."""

from __future__ import annotations

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, LLC, SNAP, CookedLinux, Dot1Q, Dot3, Ether
from scapy.layers.ppp import PPPoED
from scapy.packet import Raw

from tests.capture.files import EPOCH, Packet, Pcapng, pcap, read
from tests.capture.packets import LINKS, NETWORKS, ethernet, expected, ip4, on_link, tcp

INNER = tcp() / Raw(b"some payload")
WITH_TCP = ip4() / INNER


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("link", LINKS)
def test_a_segment_is_found_on_each_link_layer(link: str, network: str) -> None:
    linktype, data = on_link(link, network, INNER)
    row = expected(NETWORKS[network][0]() / INNER, 1, EPOCH * 10**9)
    assert read(pcap([Packet(data)], linktype=linktype)).rows == [row]


@pytest.mark.parametrize(("linktype", "network"), [(228, "ipv4"), (229, "ipv6")])
def test_a_segment_is_found_in_raw_ip_of_one_version(linktype: int, network: str) -> None:
    _, data = on_link("raw", network, INNER)
    assert len(read(pcap([Packet(data)], linktype=linktype)).rows) == 1


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("link", LINKS)
def test_a_packet_cut_at_any_byte_is_a_segment_only_with_its_tcp_header(link: str, network: str) -> None:
    linktype, data = on_link(link, network, INNER)
    packets = [Packet(data[:size], wire=len(data)) for size in range(len(data) + 1)]
    reading = read(pcap(packets, linktype=linktype))
    first = len(data) - len(b"some payload")
    assert [row.frame for row in reading.rows] == list(range(first + 1, len(data) + 2))
    assert [len(row.payload) for row in reading.rows] == list(range(len(b"some payload") + 1))
    assert {row.payload_length for row in reading.rows} == {len(b"some payload")}
    assert reading.declined == []
    assert reading.malformed == 0
    assert reading.cut >= 20 + 19


LABELLED = {
    "mpls": Ether(type=0x8847) / MPLS(label=3) / WITH_TCP,
    "vlan_mpls": Ether() / Dot1Q(type=0x8847) / MPLS(label=3) / WITH_TCP,
    "sll_mpls": CookedLinux(proto=0x8847) / MPLS(label=3) / WITH_TCP,
    "eight_labels": Raw(bytes(Ether(type=0x8847)) + bytes(28) + bytes(MPLS(label=3) / WITH_TCP)),
}


@pytest.mark.parametrize("name", LABELLED)
def test_labels_are_stepped_over(name: str) -> None:
    linktype = 113 if name.startswith("sll") else 1
    reading = read(pcap([Packet(bytes(LABELLED[name]))], linktype=linktype))
    assert (len(reading.rows), reading.declined) == (1, [])


WRAPPED = {
    "ethernet_in_mpls": Ether(type=0x8847) / MPLS(label=3, s=1) / Raw(bytes(4)) / Ether() / WITH_TCP,
    "five_tags": Ether() / Dot1Q() / Dot1Q() / Dot1Q() / Dot1Q() / Dot1Q() / WITH_TCP,
    "snap": Dot3() / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=0x0800) / WITH_TCP,
}


@pytest.mark.parametrize("name", WRAPPED)
def test_ip_in_a_wrapping_is_declined(name: str) -> None:
    linktype = 113 if name.startswith("sll") else 1
    reading = read(pcap([Packet(bytes(WRAPPED[name]))], linktype=linktype))
    assert (reading.rows, reading.declined) == ([], [1])


PLAIN = {
    "arp": Ether() / ARP(),
    "lldp": Ether(type=0x88CC) / Raw(bytes(20)),
    "spanning_tree": Dot3() / LLC(dsap=0x42, ssap=0x42, ctrl=3) / Raw(bytes(35)),
    "pppoe_discovery": Ether() / PPPoED(),
    "udp": Ether() / IP() / UDP(sport=53, dport=5353) / Raw(b"x"),
    "too_short": Raw(bytes(13)),
    "empty": Raw(b""),
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_cannot_hold_tcp_is_neither_segment_nor_declined(name: str) -> None:
    reading = read(pcap([Packet(bytes(PLAIN[name]))]))
    assert (reading.packets, reading.rows, reading.declined) == (1, [], [])


def test_a_packet_of_an_unread_link_type_among_others_is_declined() -> None:
    ng = Pcapng()
    good = Packet(ethernet(WITH_TCP))
    packets = [good, Packet(b"usb", interface=1), Packet(b"nowhere", interface=9), good]
    content = ng.section() + ng.interface(1) + ng.interface(189) + b"".join(map(ng.enhanced, packets))
    reading = read(content)
    assert [row.frame for row in reading.rows] == [1, 4]
    assert reading.declined == [2, 3]
