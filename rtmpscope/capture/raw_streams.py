"""Two raw byte streams as a capture: packets are made around them, so that everything else works as ever.

A stream that was saved without its packets has no times. Each packet made here is a microsecond after the
one before, from 1970 on; what the client sent stands before what the server sent, so that requests come
before their answers.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from rtmpscope.capture.blocks import Readable
from rtmpscope.capture.errors import CaptureError
from rtmpscope.capture.pcap import is_pcap
from rtmpscope.capture.pcapng import is_pcapng
from rtmpscope.capture.records import Damage
from rtmpscope.capture.source import Source, open_source

_CLIENT, _SERVER = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))  # addresses for documentation (RFC 5737)
_PORTS = {True: (50000, 1935), False: (1935, 50000)}
_SEGMENT = 16384
_SYN, _ACK, _FIN = 2, 16, 1
_HANDSHAKE = (1537, 3073)
#: Window scale 14, so that no packet made here seems to fill a window.
_LARGE_WINDOW = b"\x03\x03\x0e\x00"
_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101)


class RawStreams(io.RawIOBase):
    """A pcap file, made while it is read, of a session that carried two byte streams.

    Attributes:
        name: the names of the files.
    """

    def __init__(self, c2s: Source | None, s2c: Source | None) -> None:
        super().__init__()
        self._sources = {up: source for up, source in ((True, c2s), (False, s2c)) if source is not None}
        self.name = " and ".join(source.name for source in self._sources.values())
        self._opened = ExitStack()
        handles = {up: self._opened.enter_context(source.open_at(0)) for up, source in self._sources.items()}
        self._packets = _Packets(handles)
        self._parts = self._packets.records()
        self._rest = _PCAP_HEADER

    @property
    def damage(self) -> list[Damage]:
        """What broke the streams off before their end, at the offset in the stream that was reached."""
        return [
            Damage(self._packets.sent[up], f"{source.name}: {source.trouble}")
            for up, source in self._sources.items()
            if source.trouble is not None
        ]

    def close(self) -> None:
        """Close the files."""
        self._opened.close()
        super().close()

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
    """The packets of the session, as pcap records; ``sent`` is how many bytes each side has sent."""

    def __init__(self, streams: Mapping[bool, Readable]) -> None:
        self.sent = {True: 0, False: 0}
        self._streams = streams
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
        stream = self._streams.get(up)
        while stream is not None and size != 0:
            piece = stream.read(_SEGMENT if size is None else min(size, _SEGMENT))
            if not piece:
                return
            self.sent[up] += len(piece)
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


def open_streams(
    c2s: str | os.PathLike[str] | Readable | None, s2c: str | os.PathLike[str] | Readable | None
) -> RawStreams:
    """Open files of what the client and the server sent, plain or compressed; None for one that is missing.

    Raises:
        CaptureError: a file is missing, empty, unreadable, or a packet capture.
    """
    return RawStreams(*(None if one is None else _opened(one) for one in (c2s, s2c)))


def _opened(given: str | os.PathLike[str] | Readable) -> Source:
    source = open_source(given)
    if not source.head:
        raise CaptureError(source.name, None, "is empty", "check that the stream has been written to it")
    if is_pcap(source.head) or is_pcapng(source.head):
        raise CaptureError(source.name, None, "is a packet capture", "give it without --c2s or --s2c")
    return source
