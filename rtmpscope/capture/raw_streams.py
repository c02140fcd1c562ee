"""Two raw byte streams as a capture: packets are made around them, so that everything else works as ever.

A stream that was saved without its packets has no times. Each packet made here is a microsecond after the
one before, from 1970 on; what the client sent stands before what the server sent, so that requests come
before their answers.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

_CLIENT, _SERVER = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))  # addresses for documentation (RFC 5737)
_PORTS = {True: (50000, 1935), False: (1935, 50000)}
_SEGMENT = 16384
_SYN, _ACK, _FIN = 2, 16, 1
_HANDSHAKE = (1537, 3073)
#: Window scale 14, so that no packet made here seems to fill a window.
_LARGE_WINDOW = b"\x03\x03\x0e\x00"
_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101)


class RawStreams(io.RawIOBase):
    """A pcap file, made while it is read, of a session that carried two byte streams."""

    def __init__(self, c2s: BinaryIO | None, s2c: BinaryIO | None, name: str) -> None:
        super().__init__()
        self.name = name
        self._parts = _Packets(c2s, s2c).records()
        self._rest = _PCAP_HEADER

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as there are bytes."""
        while len(self._rest) < len(buffer):
            part = next(self._parts, None)
            if part is None:
                break
            self._rest += part
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


class _Packets:
    """The packets of the session, as pcap records."""

    def __init__(self, c2s: BinaryIO | None, s2c: BinaryIO | None) -> None:
        self._streams = {True: c2s, False: s2c}
        self._seq = {True: 0, False: 0}
        self._time_us = 0

    def records(self) -> Iterator[bytes]:
        """SYN and SYN-ACK, the handshake in its order, then the client's bytes, then the server's."""
        yield self._record(True, b"", _SYN)
        yield self._record(False, b"", _SYN | _ACK)
        yield self._record(True, b"", _ACK)
        first, whole = _HANDSHAKE
        yield from self._send(True, first)
        yield from self._send(False, whole)
        yield from self._send(True, whole - first)
        yield from self._send(True, None)
        yield from self._send(False, None)

    def _send(self, up: bool, size: int | None) -> Iterator[bytes]:
        """The next bytes of a direction: ``size`` of them, or all that are left."""
        stream = self._streams[up]
        while stream is not None and size != 0:
            piece = stream.read(_SEGMENT if size is None else min(size, _SEGMENT))
            if not piece:
                return
            yield self._record(up, piece, _ACK)
            size = None if size is None else size - len(piece)

    def _record(self, up: bool, payload: bytes, flags: int) -> bytes:
        seq, ack = self._seq[up] & 0xFFFFFFFF, self._seq[not up] & 0xFFFFFFFF
        self._seq[up] += len(payload) + bool(flags & (_SYN | _FIN))
        options = _LARGE_WINDOW if flags & _SYN else b""
        length = (20 + len(options)) << 2
        tcp = struct.pack(">HHIIBBHHH", *_PORTS[up], seq, ack, length, flags, 65535, 0, 0) + options + payload
        ends = _CLIENT + _SERVER if up else _SERVER + _CLIENT
        packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + ends + tcp
        seconds, micros = divmod(self._time_us, 1_000_000)
        self._time_us += 1
        return struct.pack("<IIII", seconds, micros * 1000, len(packet), len(packet)) + packet
