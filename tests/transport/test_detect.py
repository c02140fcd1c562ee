"""RTMP is recognised by its handshake and first chunk, and by nothing less."""

from __future__ import annotations

import pytest

from rtmpscope.transport import Opening, opening_of

HANDSHAKE = b"\x03" + bytes(3072)
CONNECT = bytes.fromhex("03 000000 0000ae 14 00000000")


@pytest.mark.parametrize(
    ("head", "opening"),
    [
        (b"", Opening.UNDECIDED),
        (b"\x03", Opening.HANDSHAKE),
        (HANDSHAKE, Opening.HANDSHAKE),
        (HANDSHAKE + CONNECT, Opening.RTMP),
        (HANDSHAKE + bytes.fromhex("02 000000 000004 01 00000000"), Opening.RTMP),
        (HANDSHAKE + bytes.fromhex("42 000000 000004 05 00001000"), Opening.RTMP),
        (HANDSHAKE + bytes.fromhex("00ff 000000 0000ae 14 000000"), Opening.RTMP),
        (HANDSHAKE + bytes.fromhex("03 000000 0000ae 99 00000000"), Opening.OTHER),
        (HANDSHAKE + bytes.fromhex("03 000000 ffffff 14 00000000"), Opening.OTHER),
        (HANDSHAKE + bytes.fromhex("c3 000000 0000ae 14 00000000"), Opening.OTHER),
        (b"\x06" + bytes(1536), Opening.RTMPE),
        (b"\x16\x03\x01\x02\x00", Opening.TLS),
        (b"\x16\xff\xff", Opening.OTHER),
        (b"\x17\x03\x03\x01\x00", Opening.TLS),
        (b"\x17\x01\x00", Opening.OTHER),
        (b"\x17", Opening.UNDECIDED),
        (b"GET / HTTP/1.1", Opening.HTTP),
        (b"PO", Opening.HTTP),
        (b"SSH-2.0", Opening.OTHER),
    ],
)
def test_opening(head: bytes, opening: Opening) -> None:
    assert opening_of(head) is opening
