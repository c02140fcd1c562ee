"""The handshake: simple, or with digests in one of two schemes (RTMP 1.0, section 5.2, and what Flash does).

A digest is the HMAC-SHA256 of the other 1504 bytes of C1 or S1; where in the packet it stands is told by
four bytes at one of two places. C2 and S2 carry, in the last 32 bytes, an HMAC under a key made of the
peer's digest.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

from rtmpscope.frozen import frozen
from rtmpscope.wire import Field, byte_field

Kind = Literal["simple", "digest0", "digest1", "encrypted", "absent"]

PACKET = 1536
_DIGEST = 32
_CLIENT_TEXT = b"Genuine Adobe Flash Player 001"
_SERVER_TEXT = b"Genuine Adobe Flash Media Server 001"
_SUFFIX = bytes.fromhex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae")
#: Scheme → (where its four offset bytes stand, first position a digest can have).
_SCHEMES = ((8, 12), (772, 776))
_SPREAD = 728
_ENCRYPTED = frozenset((6, 8, 9))
#: Versions that encipher the digest of C2 and S2 (XTEA, Blowfish): if it does not verify, that says nothing.
_ENCIPHERED_ANSWERS = frozenset((8, 9))


@frozen
class Handshake:
    """What the captured handshake shows; None where it cannot be told.

    Attributes:
        version_c2s, version_s2c: C0 and S0.
        kind: ``simple``, ``digest0`` or ``digest1`` (by scheme), ``encrypted``, or ``absent``.
        c1_digest_valid, s1_digest_valid: whether the digest verifies; None in the simple form.
        c2_digest_valid, s2_digest_valid: the same for the answers; None also where versions 8 and 9
            may have enciphered them.
        c2_echo, s2_echo: whether the answer repeats the peer's time and random bytes (0–3 and 8–1535).
    """

    version_c2s: int | None
    version_s2c: int | None
    kind: Kind
    c1_digest_valid: bool | None
    s1_digest_valid: bool | None
    c2_digest_valid: bool | None
    s2_digest_valid: bool | None
    c2_echo: bool | None
    s2_echo: bool | None


@frozen
class _Digest:
    scheme: int
    value: bytes


def verify(c2s: bytes, s2c: bytes) -> Handshake:
    """Judge a handshake by the captured C0 C1 C2 and S0 S1 S2, each possibly cut short or empty."""
    c1, c2 = _packets(c2s)
    s1, s2 = _packets(s2c)
    c1_digest, s1_digest = _find_digest(c1, _CLIENT_TEXT), _find_digest(s1, _SERVER_TEXT)
    digests = c1_digest is not None or s1_digest is not None
    version = _version(c2s, s2c)
    return Handshake(
        version_c2s=c2s[0] if c2s else None,
        version_s2c=s2c[0] if s2c else None,
        kind=_kind(version, c1_digest or s1_digest),
        c1_digest_valid=_was_found(c1, c1_digest, digests),
        s1_digest_valid=_was_found(s1, s1_digest, digests),
        c2_digest_valid=_answer_valid(c2, s1_digest, _CLIENT_TEXT, version),
        s2_digest_valid=_answer_valid(s2, c1_digest, _SERVER_TEXT, version),
        c2_echo=_is_echo(c2, s1),
        s2_echo=_is_echo(s2, c1),
    )


def handshake_fields(data: bytes, direction: Literal["c2s", "s2c"]) -> tuple[Field, ...]:
    """The fields of one direction's handshake: C0 C1 C2 or S0 S1 S2, as far as they are there."""
    letter, text = ("C", _CLIENT_TEXT) if direction == "c2s" else ("S", _SERVER_TEXT)
    fields = [byte_field(f"{letter}0 version", 0, 1, data[0])] if data else []
    for number, start in ((1, 1), (2, 1 + PACKET)):
        packet = data[start : start + PACKET]
        if packet:
            fields.append(_packet_field(f"{letter}{number}", packet, text).shifted(start))
    return tuple(fields)


def _packets(data: bytes) -> tuple[bytes, bytes]:
    """The first and second packet, empty where not wholly captured."""
    first, second = data[1 : 1 + PACKET], data[1 + PACKET : 1 + 2 * PACKET]
    return first if len(first) == PACKET else b"", second if len(second) == PACKET else b""


def _version(c2s: bytes, s2c: bytes) -> int | None:
    """The version in force: the server's answer, or the client's offer while there is none."""
    return s2c[0] if s2c else c2s[0] if c2s else None


def _kind(version: int | None, digest: _Digest | None) -> Kind:
    if version is None:
        return "absent"
    if version in _ENCRYPTED:
        return "encrypted"
    if digest is None:
        return "simple"
    return "digest0" if digest.scheme == 0 else "digest1"


def _find_digest(packet: bytes, text: bytes) -> _Digest | None:
    """The digest of C1 or S1 that verifies, if one does."""
    for scheme in range(len(_SCHEMES)) if packet else ():
        place = _digest_place(packet, scheme)
        value = packet[place : place + _DIGEST]
        rest = packet[:place] + packet[place + _DIGEST :]
        if hmac.compare_digest(_hmac(text, rest), value):
            return _Digest(scheme, value)
    return None


def _digest_place(packet: bytes, scheme: int) -> int:
    at, first = _SCHEMES[scheme]
    return sum(packet[at : at + 4]) % _SPREAD + first


def _was_found(packet: bytes, digest: _Digest | None, digests: bool) -> bool | None:
    """Valid, not valid, or not applicable: neither end uses digests, or the packet was not captured."""
    return None if not packet or not digests else digest is not None


def _answer_valid(answer: bytes, asked: _Digest | None, text: bytes, version: int | None) -> bool | None:
    if not answer or asked is None:
        return None
    key = _hmac(text + _SUFFIX, asked.value)
    valid = hmac.compare_digest(_hmac(key, answer[:-_DIGEST]), answer[-_DIGEST:])
    return None if not valid and version in _ENCIPHERED_ANSWERS else valid


def _is_echo(answer: bytes, asked: bytes) -> bool | None:
    if not answer or not asked:
        return None
    return answer[:4] == asked[:4] and answer[8:] == asked[8:]


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def _packet_field(name: str, packet: bytes, text: bytes) -> Field:
    """C1 C2 S1 or S2, possibly cut short."""
    asks = name[1] == "1"
    digest = _find_digest(packet, text) if asks and len(packet) == PACKET else None
    second, rest = ("zero or version", "random") if asks else ("time2", "random echo")
    parts = [
        byte_field("time", 0, 4, int.from_bytes(packet[:4], "big"), "ms"),
        byte_field(second, 4, 4, packet[4:8].hex(" ")),
        *(_digest_fields(packet, digest) if digest else [_bytes_field(rest, packet, 8, PACKET)]),
    ]
    children = tuple(_cut(part, len(packet)) for part in parts if part.start < min(part.end, 8 * len(packet)))
    return byte_field(name, 0, len(packet), None, "", children)


def _digest_fields(packet: bytes, digest: _Digest) -> list[Field]:
    """What follows the first 8 bytes of a C1 or S1 with a digest; runs of random bytes may be empty."""
    at, place = _SCHEMES[digest.scheme][0], _digest_place(packet, digest.scheme)
    return [
        _bytes_field("random", packet, 8, at),
        byte_field("digest offset", at, 4, place, f"bytes {packet[at : at + 4].hex(' ')}, scheme {digest.scheme}"),
        _bytes_field("random", packet, at + 4, place),
        byte_field("digest", place, _DIGEST, digest.value, f"scheme {digest.scheme}, valid"),
        _bytes_field("random", packet, place + _DIGEST, PACKET),
    ]


def _bytes_field(name: str, packet: bytes, start: int, end: int) -> Field:
    return byte_field(name, start, end - start, packet[start:end])


def _cut(field: Field, size: int) -> Field:
    """A field that ends where the captured bytes end; a number of which a part is missing has no value."""
    if field.end <= 8 * size:
        return field
    value = None if isinstance(field.value, int) else field.value
    return Field(field.name, field.start, 8 * size, value, "cut short")
