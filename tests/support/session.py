"""A TCP session as packets, from the two byte streams that it is to carry."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from tests.support.capture_write import Packet

CLIENT, SERVER = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
FIN, SYN, ACK = 1, 2, 16
HANDSHAKE = b"\x03" + bytes(3072)


@dataclass
class Session:
    """Packets of one connection under construction; one millisecond apart."""

    client_port: int = 50000
    server_port: int = 1935
    packets: list[Packet] = field(default_factory=list)
    seq: dict[bool, int] = field(default_factory=lambda: {True: 1000, False: 9000})
    time_ns: int = 1_700_000_000_000_000_000

    def open(self) -> None:
        """SYN, SYN-ACK, ACK."""
        for to_server, flags in ((True, SYN), (False, SYN | ACK)):
            self.send(to_server, b"", flags)
            self.seq[to_server] += 1
        self.send(True, b"")

    def send(self, to_server: bool, payload: bytes, flags: int = ACK) -> None:
        """One segment."""
        src, dst = (CLIENT, SERVER) if to_server else (SERVER, CLIENT)
        ports = (self.client_port, self.server_port) if to_server else (self.server_port, self.client_port)
        seq, ack = self.seq[to_server] % (1 << 32), self.seq[not to_server] % (1 << 32)
        tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), 1, 0x4000, 64, 6, 0) + src + dst
        self.packets.append(Packet(self.time_ns, bytes(12) + b"\x08\0" + ip + tcp + payload))
        self.seq[to_server] += len(payload)
        self.time_ns += 1_000_000

    def stream(self, to_server: bool, data: bytes, size: int = 1448) -> None:
        """A stream of bytes in segments of ``size``."""
        for start in range(0, len(data), size):
            self.send(to_server, data[start : start + size])


def session_packets(c2s: bytes, s2c: bytes = b"", size: int = 1448) -> list[Packet]:
    """A connection that shakes hands, carries the chunks ``c2s`` and ``s2c``, and closes."""
    session = Session()
    session.open()
    session.stream(True, HANDSHAKE[:1537])
    session.stream(False, HANDSHAKE)
    session.stream(True, HANDSHAKE[1537:])
    session.stream(True, c2s, size)
    session.stream(False, s2c, size)
    session.send(True, b"", FIN | ACK)
    session.send(False, b"", FIN | ACK)
    return session.packets
