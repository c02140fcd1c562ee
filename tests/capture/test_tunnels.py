"""The common tunnels need no Scapy."""

from __future__ import annotations

import pytest

from tests.capture.files import Packet, pcap, read
from tests.capture.packets import ip4, ip6
from tests.capture.test_dissector import INNER, TUNNELS, link_of, row_of

COMMON = [
    *(
        "gre",
        "gre with key and checksum",
        "gre over ipv6",
        "nvgre",
        "erspan 1",
        "erspan 1 to a local address",
        "erspan 2",
    ),
    *("vxlan", "vxlan with a tag inside", "vxlan of linux", "vxlan over ipv6", "geneve", "geneve without ethernet"),
    *("gtp-u with two extension headers", "gtp-u with a port as extension header", "l2tp"),
    *("gtp-u", "gtp-u from another port", "gtp-u of 5g", "gtp-u in double vlan", "ip in ip", "ip in ipv6"),
    *("pppoe", "pppoe with a tag", "pppoe in sll2", "three tunnels"),
]


@pytest.mark.parametrize("make_ip", [ip4, ip6], ids=["v4", "v6"])
@pytest.mark.parametrize("name", COMMON)
def test_the_fast_lane_follows_the_common_tunnels(name: str, make_ip: object) -> None:
    packet = TUNNELS[name](make_ip() / INNER)
    content = [Packet(bytes(packet)), Packet(bytes(packet) + bytes(5))]
    reading = read(pcap(content, linktype=link_of(packet)))
    expected = row_of(make_ip() / INNER)
    assert [(row.payload, row.src_lo) for row in reading.rows] == [(expected.payload, expected.src_lo)] * 2
    assert [row.frame for row in reading.rows] == [1, 2]
    assert reading.declined == []
