"""Capture files from packets, in every flavour: byte orders, resolutions, pcap and pcapng."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ETHERNET = 1


@dataclass(frozen=True)
class Packet:
    """A captured packet: time in ns, and its bytes from the link layer on; ``cut`` more were on the wire."""

    time_ns: int
    data: bytes
    cut: int = 0


def pcap_bytes(
    packets: Iterable[Packet], order: str = "<", nanoseconds: bool = False, linktype: int = ETHERNET
) -> bytes:
    """A classic pcap file."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    out = bytearray(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, linktype))
    for packet in packets:
        seconds, fraction = divmod(packet.time_ns, 10**9)
        fraction = fraction if nanoseconds else fraction // 1000
        size = len(packet.data)
        out += struct.pack(order + "IIII", seconds, fraction, size, size + packet.cut) + packet.data
    return bytes(out)


def pcapng_bytes(packets: Iterable[Packet], order: str = "<", linktype: int = ETHERNET) -> bytes:
    """A pcapng file of two interfaces with different resolutions, packets on them in turn."""
    out = bytearray(_block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)))
    for resolution in (9, 6):
        option = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
        out += _block(order, 1, struct.pack(order + "HHI", linktype, 0, 262144) + option)
    for number, packet in enumerate(packets):
        interface = number % 2
        ticks = packet.time_ns if interface == 0 else packet.time_ns // 1000
        size = len(packet.data)
        head = struct.pack(order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, size, size + packet.cut)
        out += _block(order, 6, head + packet.data + bytes(-size % 4))
    return bytes(out)


def _block(order: str, kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def read_pcap(path: Path) -> list[Packet]:
    """The packets of a little-endian microsecond pcap file."""
    data = path.read_bytes()
    packets, at = [], 24
    while at < len(data):
        seconds, micros, size, _ = struct.unpack_from("<IIII", data, at)
        packets.append(Packet(seconds * 10**9 + micros * 1000, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return packets
