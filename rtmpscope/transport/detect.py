"""Recognising RTMP by content: what the first bytes of a direction say.

An RTMP direction opens with a version byte and 3072 bytes that may hold anything, then a chunk header,
which may not: a full first chunk, on a legal channel, of a known type. RDP and other TPKT protocols open
with the same byte 3; the chunk header tells them apart.
"""

from __future__ import annotations

from enum import Enum

#: Bytes of C0 C1 C2, and of S0 S1 S2 (RTMP 1.0, section 5.2).
HANDSHAKE_LENGTH = 1 + 1536 + 1536
_VERSIONS = frozenset((3, 6, 8, 9))
_ENCRYPTED_VERSIONS = frozenset((6, 8, 9))
_KNOWN_TYPES = frozenset((1, 2, 3, 4, 5, 6, 8, 9, 15, 16, 17, 18, 19, 20, 22))
_HEADER_LENGTH = 12
#: Bytes after which every opening is decided: the handshake and the first chunk header.
OPENING_LENGTH = HANDSHAKE_LENGTH + _HEADER_LENGTH
_LARGEST_FIRST_MESSAGE = 65536
#: Content types of TLS (RFC 8446 section 5.1); a handshake opens a connection, the others may be met in its middle.
_TLS_HANDSHAKE = 0x16
_TLS_RECORDS = (0x14, 0x15, _TLS_HANDSHAKE, 0x17)
_HTTP_METHODS = (b"GET ", b"POST", b"HTTP", b"PUT ", b"HEAD", b"OPTI")


class Opening(Enum):
    """What the first bytes of a direction are."""

    #: Too few bytes to tell.
    UNDECIDED = "undecided"
    #: So far like an RTMP handshake: right version byte, nothing yet that confirms it.
    HANDSHAKE = "handshake"
    #: A handshake and a believable first chunk after it.
    RTMP = "rtmp"
    #: A handshake of RTMPE, whose chunks are encrypted.
    RTMPE = "rtmpe"
    #: No handshake: the capture began later. Whether these are chunks is not known yet.
    MIDSTREAM = "midstream"
    TLS = "tls"
    HTTP = "http"
    OTHER = "other"


def opening_of(head: bytes) -> Opening:
    """Judge the first bytes of one direction, from the byte after SYN on.

    ``head`` holds as many of the first ``HANDSHAKE_LENGTH + 12`` bytes as are there.
    """
    if not head:
        return Opening.UNDECIDED
    if head[0] in _VERSIONS:
        return _judge_handshake(head)
    if head[0] in _TLS_RECORDS and len(head) < 3:
        return Opening.TLS if head[0] == _TLS_HANDSHAKE else Opening.UNDECIDED
    if head[0] in _TLS_RECORDS:
        return Opening.TLS if head[1] == 3 and head[2] <= 4 else Opening.OTHER
    if any(head.startswith(method[: len(head)]) for method in _HTTP_METHODS):
        return Opening.HTTP
    return Opening.OTHER


def _judge_handshake(head: bytes) -> Opening:
    if len(head) >= 1537 and head[0] in _ENCRYPTED_VERSIONS:
        return Opening.RTMPE
    header = head[HANDSHAKE_LENGTH : HANDSHAKE_LENGTH + _HEADER_LENGTH]
    if len(header) < _HEADER_LENGTH:
        return Opening.HANDSHAKE
    return Opening.RTMP if believable_first_chunk(header) else Opening.OTHER


def believable_first_chunk(header: bytes) -> bool:
    """Whether 12 bytes begin a direction's first chunk (RTMP 1.0, section 5.3.1)."""
    fmt, csid = header[0] >> 6, header[0] & 0x3F
    if fmt > 1:
        return False
    message = header[1 + (csid == 0) + 2 * (csid == 1) :]
    length = int.from_bytes(message[3:6], "big")
    return message[6] in _KNOWN_TYPES and length <= _LARGEST_FIRST_MESSAGE
