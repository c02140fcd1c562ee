"""Builds handshakes, simple and with digests in both schemes.

Written from the description of the handshake alone; it shares nothing with what it tests.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

CLIENT_KEY, SERVER_KEY = b"Genuine Adobe Flash Player 001", b"Genuine Adobe Flash Media Server 001"
CONSTANT = bytes.fromhex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae")
#: Scheme: where the four bytes that place the digest stand, and the first place it can have.
SCHEMES = {0: (8, 12), 1: (772, 776)}


@dataclass(frozen=True)
class Pair:
    """The bytes of both directions: C0 C1 C2 and S0 S1 S2."""

    c2s: bytes
    s2c: bytes


def sign(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.new(key, data, hashlib.sha256).digest()


def filler(seed: int) -> bytes:
    """1536 bytes that look random and are the same every time."""
    return b"".join(hashlib.sha256(bytes((seed, block))).digest() for block in range(48))


def first(key: bytes, scheme: int, seed: int, place: int | None = None) -> tuple[bytes, bytes]:
    """A C1 or S1 with a digest, and the digest; ``place`` (0 to 727) moves it from where the filler has it."""
    packet = bytearray(filler(seed))
    at, base = SCHEMES[scheme]
    if place is not None:
        packet[at : at + 4] = bytes(min(255, max(0, place - 255 * before)) for before in range(4))
    start = sum(packet[at : at + 4]) % 728 + base
    digest = sign(key, bytes(packet[:start] + packet[start + 32 :]))
    packet[start : start + 32] = digest
    return bytes(packet), digest


def second(key: bytes, digest: bytes, seed: int = 9) -> bytes:
    """A C2 or S2 that answers the peer's digest."""
    random = filler(seed)[:1504]
    return random + sign(sign(key + CONSTANT, digest), random)


def echo(asked: bytes, time2: bytes = b"time") -> bytes:
    """A C2 or S2 that repeats the peer's packet, with the echoer's own time."""
    return asked[:4] + time2 + asked[8:]


def simple(version: int = 3) -> Pair:
    """A handshake without digests, echoed both ways."""
    c1, s1 = (packet[:4] + bytes(4) + packet[8:] for packet in (filler(1), filler(2)))
    head = bytes([version])
    return Pair(head + c1 + echo(s1), head + s1 + echo(c1))


def digest(scheme: int, version: int = 3, place: int | None = None) -> Pair:
    """A handshake with digests, all of them valid."""
    c1, c1_digest = first(CLIENT_KEY, scheme, 1, place)
    s1, s1_digest = first(SERVER_KEY, scheme, 2, place)
    head = bytes([version])
    return Pair(head + c1 + second(CLIENT_KEY, s1_digest), head + s1 + second(SERVER_KEY, c1_digest))
