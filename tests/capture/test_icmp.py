"""ICMP errors quote the TCP segment that they are about; everything else is passed over."""

from __future__ import annotations

import io

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6PacketTooBig, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet as ScapyPacket

from rtmpscope.capture import IcmpErrors, open_capture, reason_of, segments
from tests.support.capture_write import Packet, pcap_bytes

SYN4 = IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=50000, dport=1935, seq=77, flags="S")
SYN6 = IPv6(src="fd00::1", dst="fd00::2") / TCP(sport=50000, dport=1935, seq=77, flags="S")
BACK4 = Ether() / IP(src="10.0.0.2", dst="10.0.0.1")
BACK6 = Ether() / IPv6(src="fd00::2", dst="fd00::1")


def errors(*packets: ScapyPacket, cut: int = 0) -> IcmpErrors:
    written = [Packet(10**18 + number, bytes(one)) for number, one in enumerate(packets)]
    written = [Packet(one.time_ns, one.data[: len(one.data) - cut]) for one in written]
    (batch,) = open_capture(io.BytesIO(pcap_bytes(written, nanoseconds=True))).batches()
    return segments(batch).icmp


@pytest.mark.parametrize(
    ("packet", "said", "mtu"),
    [
        (BACK4 / ICMP(type=3, code=3) / SYN4, "port unreachable", 0),
        (BACK4 / ICMP(type=3, code=13) / SYN4, "administratively prohibited", 0),
        (BACK4 / ICMP(type=3, code=200) / SYN4, "destination unreachable", 0),
        (BACK4 / ICMP(type=3, code=4, nexthopmtu=1400) / SYN4, "fragmentation needed", 1400),
        (BACK6 / ICMPv6DestUnreach(code=1) / SYN6, "administratively prohibited", 0),
        (BACK6 / ICMPv6DestUnreach(code=4) / SYN6, "port unreachable", 0),
        (BACK6 / ICMPv6PacketTooBig(mtu=1280) / SYN6, "packet too big", 1280),
    ],
)
def test_an_error_tells_the_segment_and_the_reason(packet: ScapyPacket, said: str, mtu: int) -> None:
    found = errors(Ether() / SYN4, packet)
    assert found.frame.tolist() == [2]
    assert (found.src_port[0], found.dst_port[0], found.seq[0], found.mtu[0]) == (50000, 1935, 77, mtu)
    assert reason_of(int(found.version[0]), int(found.type[0]), int(found.code[0])) == said


def test_addresses_are_those_of_segments() -> None:
    for syn, back in ((SYN4, BACK4 / ICMP(type=3, code=3)), (SYN6, BACK6 / ICMPv6DestUnreach(code=4))):
        written = [Packet(10**18, bytes(one)) for one in (Ether() / syn, back / syn)]
        (batch,) = open_capture(io.BytesIO(pcap_bytes(written))).batches()
        found = segments(batch)
        for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"):
            assert getattr(found.icmp, name)[0] == getattr(found.segments, name)[0]


def test_errors_of_both_versions_are_in_frame_order() -> None:
    six, four = BACK6 / ICMPv6DestUnreach(code=4) / SYN6, BACK4 / ICMP(type=3, code=3) / SYN4
    assert errors(four, six, four, Ether() / SYN6, six).frame.tolist() == [1, 2, 3, 5]


@pytest.mark.parametrize(
    "packet",
    [
        BACK4 / ICMP(type=8) / bytes(64),
        BACK4 / ICMP(type=3, code=3) / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=1, dport=2) / bytes(20),
        BACK6 / ICMPv6EchoRequest(data=bytes(64)),
        BACK4 / UDP(sport=1, dport=2) / bytes(64),
    ],
)
def test_other_packets_are_none(packet: ScapyPacket) -> None:
    assert not len(errors(packet))


def test_a_quotation_that_is_cut_short_is_none() -> None:
    whole = BACK4 / ICMP(type=3, code=3) / SYN4
    assert len(errors(whole, cut=12)) == 1  # eight bytes of the TCP header are all that is needed
    assert not len(errors(whole, cut=13))
