"""Packets made with Scapy, which builds and dissects them independently of what is tested."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, Loopback
from scapy.packet import Packet as ScapyPacket
from scapy.packet import Raw

from tests.capture.files import Row

V4 = {"src": "192.0.2.1", "dst": "198.51.100.254"}
V6 = {"src": "2001:db8::1:ffff", "dst": "fe80::8000:0:0:2"}


def ip4(**fields: Any) -> ScapyPacket:
    return IP(**{**V4, **fields})


def ip6(**fields: Any) -> ScapyPacket:
    return IPv6(**{**V6, **fields})


def tcp(**fields: Any) -> ScapyPacket:
    return TCP(**{"sport": 50000, "dport": 1935, "seq": 0xFFFFFFF0, "ack": 77, "flags": "PA", **fields})


NETWORKS = {"ipv4": (ip4, 0x0800), "ipv6": (ip6, 0x86DD)}

# name → (link type, headers before IP given the EtherType)
LINKS: dict[str, tuple[int, Any]] = {
    "ethernet": (1, lambda kind: Ether(type=kind)),
    "vlan": (1, lambda kind: Ether() / Dot1Q(vlan=7, prio=5, type=kind)),
    "qinq": (1, lambda kind: Ether() / Dot1AD(vlan=7) / Dot1Q(vlan=8, type=kind)),
    "qinq_9100": (1, lambda kind: Ether(type=0x9100) / Dot1Q(vlan=7) / Dot1Q(vlan=8, type=kind)),
    "four_tags": (1, lambda kind: Ether() / Dot1Q() / Dot1Q() / Dot1Q() / Dot1Q(type=kind)),
    "sll": (113, lambda kind: CookedLinux(proto=kind)),
    "sll_vlan": (113, lambda kind: CookedLinux(proto=0x8100) / Dot1Q(vlan=7, type=kind)),
    "sll2": (276, lambda kind: CookedLinuxV2(proto=kind)),
    "null": (0, lambda kind: Loopback(type=2 if kind == 0x0800 else 30)),
    "null_other_order": (0, lambda kind: Raw(bytes(3) + bytes([2 if kind == 0x0800 else 24]))),
    "loop": (108, lambda kind: Raw(bytes(3) + bytes([2 if kind == 0x0800 else 24]))),
    "raw": (101, None),
    "raw_12": (12, None),
    "raw_14": (14, None),
}


def on_link(name: str, network: str, inner: ScapyPacket) -> tuple[int, bytes]:
    """Link type and bytes of an IP packet of that version with ``inner`` in it, on that link."""
    linktype, headers = LINKS[name]
    make_ip, kind = NETWORKS[network]
    packet = make_ip() / inner
    return linktype, bytes(packet) if headers is None else bytes(headers(kind)) + bytes(packet)


def ethernet(ip: ScapyPacket) -> bytes:
    return bytes(Ether(type=0x86DD if isinstance(ip, IPv6) else 0x0800)) + bytes(ip)


def expected(ip: ScapyPacket, frame: int, time_ns: int) -> Row:
    """The row that an IP packet should give, by Scapy's dissection of its bytes."""
    ip = type(ip)(bytes(ip))
    segment = ip[TCP]
    payload = bytes(segment.payload)
    scale = dict(option for option in segment.options if option[0] == "WScale").get("WScale", -1)
    source, target = _halves(ip.src), _halves(ip.dst)
    return Row(
        frame,
        time_ns,
        *source,
        *target,
        segment.sport,
        segment.dport,
        segment.seq,
        segment.ack,
        int(segment.flags) & 0xFF,
        segment.window,
        min(scale, 14),
        len(payload),
        payload,
    )


def _halves(address: str) -> tuple[int, int]:
    parsed = ip_address(address)
    number = int(parsed) | (0xFFFF << 32 if parsed.version == 4 else 0)
    return number >> 64, number & (1 << 64) - 1
