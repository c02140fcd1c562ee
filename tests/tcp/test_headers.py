"""IP identifications are found behind the payload's place, or said to be unknown."""

from __future__ import annotations

import io

import numpy as np
import pytest
from scapy.layers.inet import IP, TCP, IPOption_NOP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet as ScapyPacket

from rtmpscope.capture import open_capture, segments
from rtmpscope.tcp.headers import ip_ids
from tests.support.capture_write import Packet, pcap_bytes


def ids(*packets: ScapyPacket) -> list[int]:
    written = [Packet(10**18 + number, bytes(one)) for number, one in enumerate(packets)]
    (batch,) = open_capture(io.BytesIO(pcap_bytes(written))).batches()
    found = segments(batch).segments
    return ip_ids(found, np.arange(len(found))).tolist()


@pytest.mark.parametrize("options", range(11))
def test_behind_tcp_headers_of_every_length(options: int) -> None:
    tcp = TCP(sport=1935, dport=50000, seq=5, options=[("NOP", None)] * 4 * options)
    assert ids(Ether() / IP(id=4711, src="1.1.1.1", dst="2.2.2.2") / tcp / b"payload") == [4711]
    assert ids(Ether() / Dot1Q() / IP(id=1, src="1.1.1.1", dst="2.2.2.2") / tcp) == [1]


def test_unknown_under_ipv6_and_ip_options() -> None:
    tcp = TCP(sport=1935, dport=50000, seq=5)
    six = Ether() / IPv6(src="fd00::1", dst="fd00::2") / tcp / b"x"
    options = Ether() / IP(id=9, src="1.1.1.1", dst="2.2.2.2", options=[IPOption_NOP()] * 4) / tcp / b"x"
    four = Ether() / IP(id=9, src="1.1.1.1", dst="2.2.2.2") / tcp / b"x"
    assert ids(six, four, options) == [-1, 9, -1]
