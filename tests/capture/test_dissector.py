"""Tunnels, fragments and odd link layers: the segment inside is the one that was wrapped."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from scapy.contrib.erspan import ERSPAN_I, ERSPAN_II, ERSPAN_III
from scapy.contrib.etherip import EtherIP
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.mpls import MPLS, EoMCW
from scapy.contrib.tzsp import TZSP, TZSPTagEnd
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import ICMP, IP, UDP, IPerror, fragment
from scapy.layers.inet6 import (
    ICMPv6TimeExceeded,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    fragment6,
)
from scapy.layers.l2 import ARP, GRE, GRE_PPTP, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether
from scapy.layers.l2tp import L2TP
from scapy.layers.ppp import HDLC, PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet as ScapyPacket
from scapy.packet import Raw

from rtmpscope.capture import Dissector, linktypes
from rtmpscope.capture.scapy_layers import link_layer
from tests.capture.files import EPOCH, Packet, Row, capture_of, pcap, read
from tests.capture.packets import LINKS, ip4, ip6, on_link, tcp

BODY = bytes(range(256)) * 4
INNER = tcp() / Raw(BODY)
OUTER = Ether() / IP(src="10.0.0.1", dst="10.0.0.2")
OUTER6 = Ether() / IPv6(src="fd00::1", dst="fd00::2")

TUNNELS: dict[str, Callable[[ScapyPacket], ScapyPacket]] = {
    "gre": lambda ip: OUTER / GRE() / ip,
    "gre with key and checksum": lambda ip: OUTER / GRE(key_present=1, key=7, chksum_present=1) / ip,
    "gre over ipv6": lambda ip: OUTER6 / GRE() / ip,
    "nvgre": lambda ip: OUTER / GRE(proto=0x6558, key_present=1, key=0x100) / Ether() / ip,
    "pptp": lambda ip: OUTER / GRE_PPTP(seqnum_present=1, call_id=3) / PPP() / ip,
    "erspan 1": lambda ip: OUTER / GRE(proto=0x88BE) / ERSPAN_I() / Ether() / ip,
    "erspan 1 to a local address": lambda ip: OUTER / GRE(proto=0x88BE) / Ether(dst="12:00:00:00:00:01") / ip,
    "erspan 2": lambda ip: OUTER / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II() / Ether() / ip,
    "erspan 3": lambda ip: OUTER / GRE(proto=0x22EB, seqnum_present=1) / ERSPAN_III() / Ether() / ip,
    "vxlan": lambda ip: OUTER / UDP(sport=5555, dport=4789) / VXLAN(vni=7, flags=8) / Ether() / ip,
    "vxlan with a tag inside": lambda ip: OUTER / UDP(sport=5555, dport=4789) / VXLAN(flags=8) / Ether() / Dot1Q() / ip,
    "vxlan of linux": lambda ip: OUTER / UDP(sport=5555, dport=8472) / VXLAN(flags=8) / Ether() / ip,
    "vxlan over ipv6": lambda ip: OUTER6 / UDP(sport=5555, dport=4789) / VXLAN(flags=8) / Ether() / ip,
    "geneve": lambda ip: OUTER / UDP(sport=5555, dport=6081) / GENEVE(vni=7, proto=0x6558) / Ether() / ip,
    "geneve without ethernet": lambda ip: (
        OUTER / UDP(sport=5555, dport=6081) / GENEVE(proto=0x0800 if ip.version == 4 else 0x86DD) / ip
    ),
    "gtp-u": lambda ip: OUTER / UDP(sport=2152, dport=2152) / GTP_U_Header(teid=9) / ip,
    "gtp-u from another port": lambda ip: OUTER / UDP(sport=40000, dport=2152) / GTP_U_Header(teid=9) / ip,
    "gtp-u of 5g": lambda ip: (
        OUTER
        / UDP(sport=2152, dport=2152)
        / GTP_U_Header(teid=9, E=1, next_ex=0x85)
        / GTPPDUSessionContainer(type=1, QFI=5)
        / ip
    ),
    "gtp-u with two extension headers": lambda ip: (
        OUTER / UDP(sport=2152, dport=2152) / Raw(bytes.fromhex("34ff000000000001 00000085 011005c0 01000100")) / ip
    ),
    "gtp-u with a port as extension header": lambda ip: (
        OUTER / UDP(sport=2152, dport=2152) / Raw(bytes.fromhex("34ff000000000001 00000040 01100500")) / ip
    ),
    "gtp-u in double vlan": lambda ip: (
        Ether() / Dot1AD(vlan=2) / Dot1Q(vlan=3) / OUTER[IP] / UDP(sport=2152, dport=2152) / GTP_U_Header() / ip
    ),
    "ip in ip": lambda ip: OUTER / ip,
    "ip in ipv6": lambda ip: OUTER6 / ip,
    "etherip": lambda ip: OUTER / EtherIP() / Ether() / ip,
    "mpls": lambda ip: Ether(type=0x8847) / MPLS(label=30, s=0) / MPLS(label=31, s=1) / ip,
    "mpls with a tag": lambda ip: Ether() / Dot1Q(type=0x8847) / MPLS(label=30, s=1) / ip,
    "mpls in sll": lambda ip: CookedLinux(proto=0x8847) / MPLS(label=30, s=1) / ip,
    "mpls in udp": lambda ip: OUTER / UDP(sport=5555, dport=6635) / MPLS(label=30, s=1) / ip,
    "ethernet over mpls": lambda ip: Ether(type=0x8847) / MPLS(label=30, s=1) / EoMCW() / Ether() / ip,
    "pppoe": lambda ip: Ether() / PPPoE(sessionid=4) / PPP() / ip,
    "pppoe with a tag": lambda ip: Ether() / Dot1Q(type=0x8864) / PPPoE(sessionid=4) / PPP() / ip,
    "pppoe in sll2": lambda ip: CookedLinuxV2(proto=0x8864) / PPPoE(sessionid=4) / PPP() / ip,
    "l2tp": lambda ip: OUTER / UDP(sport=1701, dport=1701) / L2TP(hdr=2) / PPP() / ip,
    "tzsp": lambda ip: OUTER / UDP(sport=9, dport=37008) / TZSP(encapsulated_protocol=1) / TZSPTagEnd() / Ether() / ip,
    "snap": lambda ip: Dot3() / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=ethertype(ip)) / ip,
    "five tags": lambda ip: Ether() / Dot1Q() / Dot1Q() / Dot1Q() / Dot1Q() / Dot1Q() / ip,
    "three tunnels": lambda ip: (
        OUTER
        / GRE()
        / ip4()
        / UDP(sport=2152, dport=2152)
        / GTP_U_Header()
        / ip4()
        / UDP(sport=5555, dport=4789)
        / VXLAN()
        / Ether()
        / ip
    ),
}
SLL, SLL2 = 113, 276


def ethertype(ip: ScapyPacket) -> int:
    return 0x0800 if ip.version == 4 else 0x86DD


def row_of(ip: ScapyPacket, frame: int = 1) -> Row:
    """What the fast lane makes of the bare packet."""
    (row,) = read(pcap([Packet(bytes(ip))], linktype=101)).rows
    return replace(row, frame=frame)


def link_of(packet: ScapyPacket) -> int:
    return {CookedLinux: SLL, CookedLinuxV2: SLL2}.get(type(packet), 1)


@pytest.mark.parametrize("mode", ["fast", "scapy"])
@pytest.mark.parametrize("network", [ip4, ip6], ids=["v4", "v6"])
@pytest.mark.parametrize("name", TUNNELS)
def test_the_segment_in_a_tunnel(name: str, network: Callable[[], ScapyPacket], mode: str) -> None:
    packet = TUNNELS[name](network() / INNER)
    reading = read(pcap([Packet(bytes(packet))], linktype=link_of(packet)), dissector=Dissector(mode))
    assert reading.rows == [row_of(network() / INNER)]
    assert (reading.declined, reading.cut, reading.malformed) == ([], 0, 0)


@pytest.mark.parametrize("name", TUNNELS)
def test_a_snapped_tunnel_tells_what_is_missing_or_that_its_header_is_cut(name: str) -> None:
    packet = TUNNELS[name](ip4() / INNER)
    data, whole = bytes(packet), row_of(ip4() / INNER)
    lengths = [*range(150), *range(150, len(data), 50)]
    packets = [Packet(data[:length], wire=len(data)) for length in lengths]
    reading = read(pcap(packets, linktype=link_of(packet)), dissector=Dissector())
    assert len(reading.rows) >= len(BODY) // 50
    for row in reading.rows:
        assert row.payload == BODY[: len(row.payload)]
        assert replace(row, frame=1, payload=BODY) == whole


LINK_LAYERS: dict[str, tuple[int, Callable[[ScapyPacket], ScapyPacket]]] = {
    "ppp": (9, lambda ip: PPP() / ip),
    "hdlc": (50, lambda ip: HDLC() / PPP() / ip),
    "ppp ether": (51, lambda ip: PPPoE() / PPP() / ip),
    "802.11": (105, lambda ip: Dot11(type=2, FCfield=1) / LLC() / SNAP() / ip),
    "radiotap": (127, lambda ip: RadioTap() / Dot11(type=2) / LLC() / SNAP() / ip),
    "802.11 qos": (105, lambda ip: Dot11(type=2, subtype=8) / Dot11QoS() / LLC() / SNAP() / ip),
}


@pytest.mark.parametrize("network", [ip4, ip6], ids=["v4", "v6"])
@pytest.mark.parametrize("name", LINK_LAYERS)
def test_link_layers_that_scapy_knows(name: str, network: Callable[[], ScapyPacket]) -> None:
    linktype, wrap = LINK_LAYERS[name]
    content = pcap([Packet(bytes(wrap(network() / INNER)))], linktype=linktype)
    assert read(content, dissector=Dissector()).rows == [row_of(network() / INNER)]


@pytest.mark.parametrize("network", ["ipv4", "ipv6"])
@pytest.mark.parametrize("name", LINKS)
def test_scapy_finds_what_the_fast_lane_finds(name: str, network: str) -> None:
    linktype, data = on_link(name, network, INNER)
    packets = [
        Packet(data),
        Packet(data + bytes(7)),
        Packet(data[:-9], wire=len(data)),
        Packet(data[:25], wire=len(data)),
    ]
    content = pcap(packets, linktype=linktype)
    assert read(content, dissector=Dissector("scapy")).rows == read(content).rows


EXTENSIONS = {
    "hop by hop": ip6() / IPv6ExtHdrHopByHop() / INNER,
    "routing": ip6() / IPv6ExtHdrRouting(addresses=["2001:db8::9"]) / INNER,
    "destination": ip6() / IPv6ExtHdrDestOpt() / INNER,
    "several": ip6() / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting() / INNER,
    "atomic fragment": ip6() / IPv6ExtHdrFragment(id=5) / INNER,
}


@pytest.mark.parametrize("name", EXTENSIONS)
def test_extension_headers(name: str) -> None:
    content = pcap([Packet(bytes(EXTENSIONS[name]))], linktype=101)
    assert read(content, dissector=Dissector()).rows == [row_of(ip6() / INNER)]


NO_TCP = {
    "tcp quoted by icmp": ip4() / ICMP(type=3) / IPerror(bytes(ip4() / INNER)),
    "tcp quoted by icmpv6": ip6() / IPv6ExtHdrDestOpt() / ICMPv6TimeExceeded() / (ip6() / IPv6ExtHdrDestOpt() / INNER),
    "udp in gre": ip4() / GRE() / ip4() / UDP() / Raw(bytes(40)),
    "udp in ipv6 over a tunnel that is none": ip6() / UDP(sport=5555, dport=4789) / Raw(bytes(40)),
}


@pytest.mark.parametrize("mode", ["fast", "scapy"])
@pytest.mark.parametrize("name", NO_TCP)
def test_what_is_no_tcp(name: str, mode: str) -> None:
    reading = read(pcap([Packet(bytes(NO_TCP[name]))], linktype=101), dissector=Dissector(mode))
    assert (reading.rows, reading.malformed) == ([], 0)


@pytest.mark.parametrize("mode", ["fast", "scapy"])
def test_tunnels_in_tunnels_are_followed_to_a_depth_and_counted_beyond(mode: str) -> None:
    packets = [ip4() / INNER]
    while len(packets) < 12:
        packets.append(OUTER[IP] / GRE() / packets[-1])
    reading = read(pcap([Packet(bytes(one)) for one in packets], linktype=101), dissector=Dissector(mode))
    assert [row.frame for row in reading.rows] == list(range(1, 10))
    assert reading.declined == [10, 11, 12]


WITHOUT_TCP = {
    "beacon": (105, Dot11(type=0, subtype=8) / Raw(bytes(60))),
    "encrypted": (105, Dot11(type=2, subtype=8, FCfield=0x41) / Dot11QoS() / Raw(bytes(80))),
    "mpls": (1, Ether(type=0x8847) / MPLS(label=30, s=1) / ip4() / UDP(sport=5000, dport=5001) / Raw(bytes(60))),
}


@pytest.mark.parametrize("name", WITHOUT_TCP)
def test_the_fast_lane_sees_that_there_is_no_tcp(name: str) -> None:
    linktype, packet = WITHOUT_TCP[name]
    reading = read(pcap([Packet(bytes(packet))], linktype=linktype))
    assert (reading.rows, reading.declined, reading.malformed) == ([], [], 0)


ETHERNET = "020000000001 020000000002"
BEFORE_IP = {
    "enc": (109, "02000000 00000000 00000000"),
    "pflog": (117, "3d020000" + "00" * 60),
    "frame relay": (107, "184103cc"),
    "packet log, little-endian": (239, "02000000 08000100 0800 0000 05000a00 78000000 04000900"),
    "packet log, big-endian": (239, "02000000 00080001 0800 0000 0005000a 78000000 04000009"),
    "MACsec in the clear": (1, ETHERNET + "88e5 00000000 0001 0800"),
    "MACsec with an identifier, then VLAN": (1, ETHERNET + "88e5 20000000 0001 0202020202020001 8100 0007 0800"),
    "VLAN, then service chaining": (1, ETHERNET + "8100 0007 894f 0fc60101 00000aff" + "00" * 16),
    "service chaining with Ethernet": (1, ETHERNET + "894f 0fc20203 00000aff" + ETHERNET + "0800"),
}


@pytest.mark.parametrize("mode", ["fast", "scapy"])
@pytest.mark.parametrize("name", BEFORE_IP)
def test_short_headers_right_before_ip(name: str, mode: str) -> None:
    linktype, head = BEFORE_IP[name]
    data = bytes.fromhex(head) + bytes(ip4() / INNER)
    assert read(pcap([Packet(data)], linktype=linktype), dissector=Dissector(mode)).rows == [row_of(ip4() / INNER)]


WIRELESS = {
    "plain": (105, "08010000 020000000001 020000000002 020000000003 1000"),
    "four addresses": (105, "08030000 020000000001 020000000002 020000000003 1000 020000000004"),
    "quality of service": (105, "88010000 020000000001 020000000002 020000000003 1000 0000"),
    "the first of an aggregate": (
        105,
        "88010000 020000000001 020000000002 020000000003 1000 8000 020000000001 020000000002 0424",
    ),
    "padded": (127, "0000090002000000 20 88010000 020000000001 020000000002 020000000003 1000 0000 0000"),
    "with a clock": (
        127,
        "0000110003000000 0000000000000000 20 88010000 020000000001 020000000002 020000000003 1000 0000 0000",
    ),
}


@pytest.mark.parametrize("name", WIRELESS)
def test_wireless_frames(name: str) -> None:
    linktype, head = WIRELESS[name]
    data = bytes.fromhex(head + "aaaa03000000 0800") + bytes(ip4() / INNER)
    assert read(pcap([Packet(data)], linktype=linktype)).rows == [row_of(ip4() / INNER)]


UNREAD = {
    "encrypted MACsec": ETHERNET + "88e5 0c000000 0001",
    "service chaining of an unknown protocol": ETHERNET + "894f 0fc20107 00000aff",
}


@pytest.mark.parametrize("mode", ["fast", "scapy"])
@pytest.mark.parametrize("name", UNREAD)
def test_headers_that_are_not_read_are_counted(name: str, mode: str) -> None:
    data = bytes.fromhex(UNREAD[name]) + bytes(ip4() / INNER)
    reading = read(pcap([Packet(data)]), dissector=Dissector(mode))
    assert (reading.rows, reading.declined) == ([], [1])


def test_frames_of_several_packets_are_counted() -> None:
    inner = bytes.fromhex("aaaa03000000 0800") + bytes(ip4() / INNER)
    subframe = bytes.fromhex(ETHERNET) + len(inner).to_bytes(2, "big") + inner
    head = bytes.fromhex("88010000 020000000001 020000000002 020000000003 1000 8000")
    for count, partly in ((1, 0), (2, 1), (3, 1)):
        frame = head + b"".join([subframe + bytes(-len(subframe) % 4)] * count)
        capture = capture_of(pcap([Packet(frame)], linktype=105))
        result = Dissector().segments(next(capture.batches()))
        assert (result.counts.tcp, result.counts.partly) == (1, partly)


def fragments4(size: int = 200) -> list[bytes]:
    return [bytes(one) for one in fragment(ip4(id=77) / INNER, size)]


def fragments6(size: int = 200) -> list[bytes]:
    return [bytes(one) for one in fragment6(ip6() / IPv6ExtHdrFragment(id=9) / INNER, size)]


FRAGMENTED = {
    "v4": (fragments4, ip4() / INNER),
    "v6": (fragments6, ip6() / INNER),
    "tunnel in fragments": (
        lambda: [
            bytes(one)
            for one in fragment(ip4(id=3) / UDP(sport=5555, dport=4789) / VXLAN() / Ether() / ip6() / INNER, 480)
        ],
        ip6() / INNER,
    ),
    "fragments in a tunnel": (lambda: [bytes(ip4() / GRE() / IP(one)) for one in fragments4()], ip4() / INNER),
    "fragments of fragments": (
        lambda: [
            bytes(piece)
            for number, one in enumerate(fragments4(400))
            for piece in fragment(ip4(id=number) / IP(one), 96)
        ],
        ip4() / INNER,
    ),
}
ORDERS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "in order": lambda parts: parts,
    "backwards": lambda parts: parts[::-1],
    "last first": lambda parts: parts[-1:] + parts[:-1],
    "twice": lambda parts: [part for part in parts[:-1] for _ in range(2)] + parts[-1:],
}


@pytest.mark.parametrize("mode", ["fast", "scapy"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", FRAGMENTED)
def test_fragments_in_any_order(name: str, order: str, mode: str) -> None:
    parts, whole = FRAGMENTED[name]
    pieces = ORDERS[order](parts())
    plain = bytes(ip4() / tcp(seq=5) / Raw(b"between"))
    content = pcap([Packet(plain), *map(Packet, pieces), Packet(plain)], linktype=101)
    for block_bytes in (1 << 20, 300):
        reading = read(content, dissector=Dissector(mode), block_bytes=block_bytes)
        assert [row.frame for row in reading.rows] == [1, len(pieces) + 1, len(pieces) + 2]
        assert reading.rows[1] == row_of(whole, frame=len(pieces) + 1)


def test_a_missing_fragment_costs_its_datagram_only() -> None:
    parts = fragments4()
    packets = [Packet(part) for part in (*parts[:1], *parts[2:], bytes(ip4() / INNER))]
    reading = read(pcap(packets, linktype=101), dissector=Dissector())
    assert [row.frame for row in reading.rows] == [len(packets)]


def test_a_snapped_fragment_leaves_the_length_known() -> None:
    parts = fragments4()
    packets = [Packet(parts[0]), Packet(parts[1][:60], wire=len(parts[1])), *map(Packet, parts[2:])]
    (row,) = read(pcap(packets, linktype=101), dissector=Dissector()).rows
    assert row.payload_length == len(BODY)
    assert 0 < len(row.payload) < len(BODY)
    assert row.payload == BODY[: len(row.payload)]


def test_old_fragments_are_not_put_together_with_new_ones() -> None:
    parts = fragments4()
    late = (EPOCH + 31) * 10**9
    packets = [Packet(parts[0]), *(Packet(part, time_ns=late) for part in parts[1:])]
    assert read(pcap(packets, linktype=101), dissector=Dissector()).rows == []


def test_a_datagram_beyond_the_largest_is_refused() -> None:
    parts = [bytes(ip4(id=1, flags="MF", frag=number * 181) / Raw(bytes(1448))) for number in range(60)]
    reading = read(pcap([Packet(part) for part in parts], linktype=101), dissector=Dissector())
    assert reading.rows == []


def test_where_a_datagram_began_in_an_earlier_batch_is_remembered() -> None:
    dissector = Dissector()
    read(pcap([Packet(part) for part in fragments4()], linktype=101), dissector=dissector, block_bytes=300)
    assert dissector.spanning == {(0, len(fragments4())): (0, 1)}


@pytest.mark.parametrize("mode", ["fast", "scapy"])
def test_garbage_is_survived(mode: str) -> None:
    chance = random.Random(5)
    packets = []
    for wrap in TUNNELS.values():
        data = bytearray(bytes(wrap(ip4() / INNER)))
        for _ in range(8):
            data[chance.randrange(min(len(data), 100))] = chance.randrange(256)
            packets.append(Packet(bytes(data[: chance.randrange(len(data))]), wire=len(data)))
    read(pcap(packets), dissector=Dissector(mode))


def test_scapy_is_not_imported_for_packets_that_the_fast_lane_can_judge() -> None:
    code = """
import io, sys
from rtmpscope.capture import Dissector, open_capture
for batch in open_capture(io.BytesIO(bytes.fromhex(sys.argv[1]))).batches():
    assert len(Dissector().segments(batch).segments) == 1
assert not [name for name in sys.modules if name.startswith("scapy")]
"""
    body = Raw(bytes(600))
    others = [
        Ether() / ARP(),
        Ether() / Dot1Q() / ip4() / UDP(sport=50000, dport=443) / body,
        Ether() / ip6() / UDP(sport=50000, dport=53) / body,
        Ether() / ip4() / ICMP() / body,
        *fragment(Ether() / ip4(id=4) / UDP(sport=5004, dport=5004) / body, 200),
    ]
    packets = [Packet(bytes(one)) for one in (Ether() / ip4() / INNER, *others)]
    subprocess.run([sys.executable, "-c", code, pcap(packets).hex()], check=True)


def test_every_link_type_that_scapy_knows_is_read_or_carries_no_ip() -> None:
    import scapy.all  # noqa: F401
    from scapy.config import conf

    bluetooth, usb, can, low_power = {187, 201, 251, 254, 256, 272}, {220, 249, 189}, {227}, {195, 230}
    numbers = (12, 23, 31)  # that Scapy uses for what has other numbers in files
    for number in conf.l2types.num2layer:
        if number < 300 and number not in numbers:
            assert linktypes.is_readable(number) or number in bluetooth | usb | can | low_power, number
    assert not set(linktypes.DISSECTED) & linktypes.FAST


@pytest.mark.parametrize("linktype", linktypes.DISSECTED)
def test_scapy_has_a_class_for_each_link_type_left_to_it(linktype: int) -> None:
    assert link_layer(linktype) is not None
