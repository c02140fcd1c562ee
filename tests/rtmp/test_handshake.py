"""Handshakes are told apart, and digests verified in both schemes."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from rtmpscope.rtmp import handshake_fields, verify
from tests.support.tools import shared_capture

CLIENT, SERVER = b"Genuine Adobe Flash Player 001", b"Genuine Adobe Flash Media Server 001"
CONSTANT = bytes.fromhex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae")
SCHEMES = {0: (8, 12), 1: (772, 776)}


def sign(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def first(key: bytes, scheme: int, seed: int) -> tuple[bytes, bytes]:
    """A C1 or S1 with a digest, and the digest."""
    packet = bytearray((seed * 31 + place * place + place // 7) & 0xFF for place in range(1536))
    at, base = SCHEMES[scheme]
    place = sum(packet[at : at + 4]) % 728 + base
    digest = sign(key, bytes(packet[:place] + packet[place + 32 :]))
    packet[place : place + 32] = digest
    return bytes(packet), digest


def second(key: bytes, digest: bytes) -> bytes:
    """A C2 or S2 that answers a digest."""
    random = bytes(range(256)) * 6
    return random[:1504] + sign(sign(key + CONSTANT, digest), random[:1504])


@pytest.mark.parametrize("scheme", [0, 1])
def test_digests_verify_in_both_schemes(scheme: int) -> None:
    c1, c1_digest = first(CLIENT, scheme, 1)
    s1, s1_digest = first(SERVER, scheme, 2)
    found = verify(b"\3" + c1 + second(CLIENT, s1_digest), b"\3" + s1 + second(SERVER, c1_digest))
    assert found.kind == f"digest{scheme}"
    assert (found.c1_digest_valid, found.s1_digest_valid) == (True, True)
    assert (found.c2_digest_valid, found.s2_digest_valid) == (True, True)
    assert (found.c2_echo, found.s2_echo) == (False, False)


@pytest.mark.parametrize("place", [0, 700, 1535])
def test_a_changed_byte_breaks_the_digest(place: int) -> None:
    c1, _ = first(CLIENT, 0, 1)
    s1, _ = first(SERVER, 0, 2)
    broken = bytearray(c1)
    broken[place] ^= 0xFF
    found = verify(b"\3" + bytes(broken), b"\3" + s1)
    assert found.c1_digest_valid is False
    assert found.s1_digest_valid is True


def test_simple_handshake_is_echoed_but_for_the_echoers_own_time() -> None:
    c1, s1 = bytes(4) + bytes(4) + b"c" * 1528, b"\1\2\3\4" + bytes(4) + b"s" * 1528
    found = verify(b"\3" + c1 + s1[:4] + b"time" + s1[8:], b"\3" + s1 + c1)
    assert (found.kind, found.c2_echo, found.s2_echo) == ("simple", True, True)
    assert found.c1_digest_valid is None


@pytest.mark.parametrize(
    ("c2s", "s2c", "kind"),
    [
        (b"", b"", "absent"),
        (b"\3" + bytes(200), b"", "simple"),
        (b"\6" + bytes(1536), b"\6" + bytes(1536), "encrypted"),
    ],
)
def test_what_is_not_there_is_unknown(c2s: bytes, s2c: bytes, kind: str) -> None:
    found = verify(c2s, s2c)
    assert found.kind == kind
    assert found.c2_echo is None


def test_a_plain_answer_to_an_encrypted_offer_is_plain() -> None:
    assert verify(b"\6" + bytes(1536), b"\3" + bytes(3072)).kind == "simple"


@pytest.mark.parametrize("size", [0, 1, 5, 100, 1537, 2000, 3073])
def test_fields_cover_what_is_there(size: int) -> None:
    data = (b"\3" + first(CLIENT, 1, 3)[0] + bytes(1536))[:size]
    fields = handshake_fields(data, "c2s")
    assert sum(field.end - field.start for field in fields) == 8 * size


def test_a_flash_session_uses_scheme_1() -> None:
    c2s, s2c = (_head(name) for name in ("flash10_client_stream.bin", "fms3_server_stream.bin"))
    found = verify(c2s, s2c)
    assert found.kind == "digest1"
    assert (found.c1_digest_valid, found.s1_digest_valid) == (True, True)
    assert (found.c2_digest_valid, found.s2_digest_valid) == (True, True)


def _head(name: str) -> bytes:
    path: Path = shared_capture(name)
    return path.read_bytes()[:3073]
