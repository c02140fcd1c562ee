"""Ethernet frames inside tunnels and in fragments, made byte by byte."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence

from tests.support.capture_write import Packet

_MACS = bytes.fromhex("020000000002020000000001")
_QINQ = bytes.fromhex("88a80007 81000009")


def _outer(protocol: int, payload: bytes, link: bytes = _MACS) -> bytes:
    """An Ethernet frame with an IPv4 packet from 10.0.0.1 to 10.0.0.2."""
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
    return link + b"\x08\0" + header + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + payload


def _udp(port: int, payload: bytes, link: bytes = _MACS) -> bytes:
    return _outer(17, struct.pack(">HHHH", 40000, port, 8 + len(payload), 0) + payload, link)


def _gtp_u(frame: bytes, link: bytes = _MACS) -> bytes:
    packet = frame[14:]
    return _udp(2152, struct.pack(">BBHI", 0x30, 255, len(packet), 7) + packet, link)


#: Each makes the frame that holds an Ethernet frame, or the IP packet in it.
TUNNELS: dict[str, Callable[[bytes], bytes]] = {
    "GRE": lambda frame: _outer(47, b"\0\0\x08\0" + frame[14:]),
    "ERSPAN": lambda frame: _outer(47, bytes.fromhex("100088be 00000001 10000000 00000000") + frame),
    "VXLAN": lambda frame: _udp(4789, bytes.fromhex("08000000 00000700") + frame),
    "Geneve": lambda frame: _udp(6081, bytes.fromhex("00006558 00000700") + frame),
    "GTP-U": _gtp_u,
    "GTP-U in double VLAN": lambda frame: _gtp_u(frame, _MACS + _QINQ),
    "IPIP": lambda frame: _outer(4, frame[14:]),
    "MPLS": lambda frame: _MACS + bytes.fromhex("8847 0001e0ff 0001f1ff") + frame[14:],
    "PPPoE": lambda frame: (
        _MACS + bytes.fromhex("8864 1100 0004") + struct.pack(">H", len(frame) - 12) + b"\0\x21" + frame[14:]
    ),
}


def wrapped(packets: Sequence[Packet], tunnel: str) -> list[Packet]:
    """The packets inside a tunnel; Ethernet padding is left behind."""
    return [Packet(one.time_ns, TUNNELS[tunnel](_unpadded(one.data))) for one in packets]


def _unpadded(frame: bytes) -> bytes:
    return frame[: 14 + int.from_bytes(frame[16:18], "big")]


def fragmented(packets: Sequence[Packet], most: int = 512, seed: int = 1) -> list[Packet]:
    """Each IPv4 packet in fragments of up to ``most`` bytes, in random order."""
    chance = random.Random(seed)
    out = []
    for number, one in enumerate(packets):
        parts = _fragments(_unpadded(one.data), number & 0xFFFF, most)
        chance.shuffle(parts)
        out += [Packet(one.time_ns, part) for part in parts]
    return out


def _fragments(frame: bytes, number: int, most: int) -> list[bytes]:
    body = frame[34:]
    if len(body) <= most:
        return [frame]
    parts = []
    for place in range(0, len(body), most):
        part = body[place : place + most]
        more = 0x2000 if place + most < len(body) else 0
        head = struct.pack(">HHH", 20 + len(part), number, more | place // 8)
        parts.append(frame[:16] + head + frame[22:34] + part)
    return parts
