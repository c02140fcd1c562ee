"""The same capture in other clothes: reordered, repeated, overlapping, wrapped, tagged, in other formats.

Packets are Ethernet, IPv4 and TCP. Checksums are left as they were; nothing that is tested looks at them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.support.capture_write import Packet, pcap_bytes, pcapng_bytes


@dataclass(frozen=True)
class Segment:
    """A packet taken apart: everything before the TCP sequence number, and what may be changed."""

    time_ns: int
    link: bytes
    ip: bytes
    ports: bytes
    seq: int
    ack: int
    rest: bytes
    payload: bytes

    @property
    def flow(self) -> bytes:
        """Addresses and ports, as sent."""
        return self.ip[12:20] + self.ports

    @property
    def has_syn(self) -> bool:
        """Whether this is a SYN or SYN-ACK."""
        return bool(self.rest[1] & 2)

    def packet(self) -> Packet:
        """The packet, its IP length mended."""
        tcp = self.ports + self.seq.to_bytes(4, "big") + self.ack.to_bytes(4, "big") + self.rest
        total = len(self.ip) + len(tcp) + len(self.payload)
        ip = self.ip[:2] + total.to_bytes(2, "big") + self.ip[4:]
        return Packet(self.time_ns, self.link + ip + tcp + self.payload)


def parse(packet: Packet) -> Segment:
    """Take a packet apart."""
    data = packet.data
    link, at = data[:14], 14
    header = (data[at] & 15) * 4
    total = int.from_bytes(data[at + 2 : at + 4], "big")
    tcp = data[at + header : at + total]
    size = (tcp[12] >> 4) * 4
    seq, ack = int.from_bytes(tcp[4:8], "big"), int.from_bytes(tcp[8:12], "big")
    return Segment(packet.time_ns, link, data[at : at + header], tcp[:4], seq, ack, tcp[12:size], tcp[size:])


Rewrite = Callable[[list[Packet]], bytes]


def _rewritten(packets: list[Packet], change: Callable[[list[Segment]], list[Segment]]) -> bytes:
    return pcap_bytes([segment.packet() for segment in change([parse(packet) for packet in packets])])


def _timed(segments: Sequence[Segment], times: Sequence[int]) -> list[Segment]:
    """The segments in this order, at these times."""
    return [replace(segment, time_ns=time) for segment, time in zip(segments, times, strict=True)]


def reordered(segments: list[Segment], seed: int = 1) -> list[Segment]:
    """Shuffled within windows of five packets; the opening of connections stays in order."""
    chance = random.Random(seed)
    out: list[Segment] = []
    for start in range(0, len(segments), 5):
        window = segments[start : start + 5]
        if not any(segment.has_syn for segment in segments[max(start - 5, 0) : start + 10]):
            chance.shuffle(window)
        out += window
    return _timed(out, [segment.time_ns for segment in segments])


def duplicated(segments: list[Segment], seed: int = 1) -> list[Segment]:
    """Every fourth packet comes again, up to three packets later."""
    chance = random.Random(seed)
    out = list(segments)
    for place in range(len(segments) - 4, 0, -4):
        if not segments[place].has_syn:
            out.insert(place + chance.randint(1, 3), segments[place])
    return out


def overlapping(segments: list[Segment], seed: int = 1) -> list[Segment]:
    """Data packets begin with up to 60 bytes that came before: retransmission with other boundaries."""
    chance = random.Random(seed)
    sent: dict[bytes, tuple[int, bytes]] = {}
    out = []
    for segment in segments:
        before_end, before = sent.get(segment.flow, (None, b""))
        if segment.payload:
            sent[segment.flow] = ((segment.seq + len(segment.payload)) % (1 << 32), segment.payload)
            if before_end == segment.seq:
                again = min(chance.randint(0, 60), len(before))
                extra = before[len(before) - again :]
                out.append(replace(segment, seq=(segment.seq - again) % (1 << 32), payload=extra + segment.payload))
                continue
        out.append(segment)
    return out


def wrapped(segments: list[Segment], seed: int = 1) -> list[Segment]:
    """Sequence numbers shifted so that they wrap some thousand bytes into each direction."""
    shift: dict[bytes, int] = {}
    out = []
    for segment in segments:
        back = segment.flow[4:8] + segment.flow[:4] + segment.flow[10:12] + segment.flow[8:10]
        if segment.flow not in shift:
            shift[segment.flow] = ((1 << 32) - 5000 - segment.seq) % (1 << 32)
        seq = (segment.seq + shift[segment.flow]) % (1 << 32)
        ack = (segment.ack + shift.get(back, 0)) % (1 << 32)
        out.append(replace(segment, seq=seq, ack=ack))
    return out


def _tagged(packets: list[Packet], tags: bytes) -> bytes:
    return pcap_bytes([Packet(one.time_ns, one.data[:12] + tags + one.data[12:]) for one in packets])


def _without_link(packets: list[Packet], prefix: bytes, linktype: int) -> bytes:
    return pcap_bytes([Packet(one.time_ns, prefix + one.data[14:]) for one in packets], linktype=linktype)


def _zero_length(packets: list[Packet]) -> bytes:
    """IP lengths of zero, as segmentation offload leaves them; frames without padding."""
    whole = [parse(packet).packet() for packet in packets]
    return pcap_bytes([Packet(one.time_ns, one.data[:16] + b"\0\0" + one.data[18:]) for one in whole])


_SLL = b"\0\0\0\1\0\6" + bytes(8) + b"\x08\0"
_SLL2 = b"\x08\0" + bytes(18)

VARIANTS: dict[str, Rewrite] = {
    "reordered": lambda packets: _rewritten(packets, reordered),
    "duplicated": lambda packets: _rewritten(packets, duplicated),
    "overlapping": lambda packets: _rewritten(packets, overlapping),
    "sequence wrapped": lambda packets: _rewritten(packets, wrapped),
    "zero IP length": _zero_length,
    "VLAN": lambda packets: _tagged(packets, b"\x81\0\0\x07"),
    "QinQ": lambda packets: _tagged(packets, b"\x88\xa8\0\x07\x81\0\0\x09"),
    "SLL": lambda packets: _without_link(packets, _SLL, 113),
    "SLL2": lambda packets: _without_link(packets, _SLL2, 276),
    "NULL": lambda packets: _without_link(packets, b"\2\0\0\0", 0),
    "LOOP": lambda packets: _without_link(packets, b"\0\0\0\2", 108),
    "RAW": lambda packets: _without_link(packets, b"", 101),
    "big-endian": lambda packets: pcap_bytes(packets, order=">"),
    "nanosecond": lambda packets: pcap_bytes(packets, nanoseconds=True),
    "pcapng": pcapng_bytes,
    "big-endian pcapng": lambda packets: pcapng_bytes(packets, order=">"),
}
