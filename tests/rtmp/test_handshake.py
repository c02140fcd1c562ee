"""Handshakes are told apart, and digests verified in both schemes."""

from __future__ import annotations

import pytest

from rtmpscope.rtmp import Handshake, handshake_fields, verify
from tests.support import handshake as build
from tests.support.tools import shared_capture

NOT_WHOLE = 1 + 1535
Judgement = tuple[bool | None, bool | None, bool | None, bool | None]


def digests(found: Handshake) -> Judgement:
    return found.c1_digest_valid, found.s1_digest_valid, found.c2_digest_valid, found.s2_digest_valid


def changed(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


@pytest.mark.parametrize("place", [None, 0, 1, 400, 726, 727])
@pytest.mark.parametrize("scheme", [0, 1])
def test_digests_verify_in_both_schemes_wherever_they_stand(scheme: int, place: int | None) -> None:
    pair = build.digest(scheme, place=place)
    found = verify(pair.c2s, pair.s2c)
    assert found.kind == f"digest{scheme}"
    assert digests(found) == (True, True, True, True)
    assert (found.c2_echo, found.s2_echo) == (False, False)
    assert (found.version_c2s, found.version_s2c) == (3, 3)


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("place", [1, 701, 1536])
def test_a_changed_byte_breaks_the_digest(place: int, scheme: int) -> None:
    pair = build.digest(scheme)
    found = verify(changed(pair.c2s, place), pair.s2c)
    assert found.kind == f"digest{scheme}"
    assert digests(found) == (False, True, True, None)


@pytest.mark.parametrize("place", [1537, 3040, 3041, 3072])
def test_a_changed_byte_breaks_the_answer(place: int) -> None:
    pair = build.digest(1)
    assert digests(verify(changed(pair.c2s, place), pair.s2c)) == (True, True, False, True)
    assert digests(verify(pair.c2s, changed(pair.s2c, place))) == (True, True, True, False)


def test_an_answer_that_echoes_a_digest_is_an_echo_and_no_answer() -> None:
    pair = build.digest(0)
    found = verify(pair.c2s[:1537] + pair.s2c[1:1537], pair.s2c)
    assert digests(found) == (True, True, False, True)
    assert found.c2_echo is True


def test_simple_handshake_is_echoed_but_for_the_echoers_own_time() -> None:
    pair = build.simple()
    found = verify(pair.c2s, pair.s2c)
    assert (found.kind, found.c2_echo, found.s2_echo) == ("simple", True, True)
    assert digests(found) == (None, None, None, None)


@pytest.mark.parametrize(("place", "same"), [(0, False), (3, False), (4, True), (7, True), (8, False), (1535, False)])
def test_an_echo_is_bytes_0_to_3_and_from_8_on(place: int, same: bool) -> None:
    pair = build.simple()
    assert verify(changed(pair.c2s, 1537 + place), pair.s2c).c2_echo is same
    assert verify(pair.c2s, changed(pair.s2c, 1537 + place)).s2_echo is same


@pytest.mark.parametrize(
    ("c2s", "s2c", "kind", "judged"),
    [
        (0, 0, "absent", (None, None, None, None)),
        (1, 0, "simple", (None, None, None, None)),
        (NOT_WHOLE, 0, "simple", (None, None, None, None)),
        (1537, 0, "digest1", (True, None, None, None)),
        (0, 1537, "digest1", (None, True, None, None)),
        (3073, 0, "digest1", (True, None, None, None)),
        (0, 3073, "digest1", (None, True, None, None)),
        (1537, NOT_WHOLE, "digest1", (True, None, None, None)),
        (1537, 3072, "digest1", (True, True, None, None)),
        (1537, 3073, "digest1", (True, True, None, True)),
        (3072, 3073, "digest1", (True, True, None, True)),
        (3073, 1537, "digest1", (True, True, True, None)),
    ],
)
def test_what_was_not_captured_is_unknown(c2s: int, s2c: int, kind: str, judged: Judgement) -> None:
    pair = build.digest(1)
    found = verify(pair.c2s[:c2s], pair.s2c[:s2c])
    assert (found.kind, digests(found)) == (kind, judged)
    assert (found.version_c2s, found.version_s2c) == (3 if c2s else None, 3 if s2c else None)
    assert found.c2_echo is (False if c2s == 3073 and s2c >= 1537 else None)
    assert found.s2_echo is (False if s2c == 3073 and c2s >= 1537 else None)


@pytest.mark.parametrize("version", [6, 8, 9])
def test_encrypted_sessions_are_called_so_and_their_digests_still_verify(version: int) -> None:
    pair = build.digest(1, version)
    found = verify(pair.c2s, pair.s2c)
    assert (found.kind, digests(found)) == ("encrypted", (True, True, True, True))


@pytest.mark.parametrize(("version", "judged"), [(3, False), (6, False), (8, None), (9, None)])
def test_an_answer_enciphered_with_xtea_or_blowfish_is_not_called_invalid(version: int, judged: bool | None) -> None:
    pair = build.digest(1, version)
    found = verify(changed(pair.c2s, 3072), changed(pair.s2c, 3072))
    assert digests(found) == (True, True, judged, judged)


def test_a_plain_answer_to_an_encrypted_offer_is_plain() -> None:
    assert verify(build.simple(6).c2s, build.simple(3).s2c).kind == "simple"
    assert verify(build.digest(0, 9).c2s, build.digest(0, 3).s2c).kind == "digest0"


@pytest.mark.parametrize("size", [0, 1, 5, 9, 13, 100, 1537, 1540, 2000, 3073, 4000])
@pytest.mark.parametrize("place", [None, 0, 727])
@pytest.mark.parametrize("scheme", [0, 1])
def test_fields_cover_what_is_there_without_gap_or_overlap(scheme: int, place: int | None, size: int) -> None:
    data = build.digest(scheme, place=place).c2s[:size]
    leaves = [field for top in handshake_fields(data, "c2s") for _, field in top.walk() if not field.children]
    ends = [0, *(field.end for field in leaves)]
    assert [field.start for field in leaves] == ends[:-1]
    assert all(field.end > field.start for field in leaves)
    assert ends[-1] == 8 * min(size, 3073)


@pytest.mark.parametrize("scheme", [0, 1])
def test_fields_show_the_digest_and_what_places_it(scheme: int) -> None:
    pair = build.digest(scheme, place=300)
    at, base = build.SCHEMES[scheme]
    named = {child.name: child for child in handshake_fields(pair.s2c, "s2c")[1].children}
    assert named["digest offset"].start == 8 * (1 + at)
    assert named["digest offset"].value == base + 300
    assert named["digest"].value == pair.s2c[1 + base + 300 : 1 + base + 332]
    assert [field.name for field in handshake_fields(pair.s2c, "s2c")] == ["S0 version", "S1", "S2"]


def test_a_flash_session_uses_scheme_1() -> None:
    c2s, s2c = (_head(name) for name in ("flash10_client_stream.bin", "fms3_server_stream.bin"))
    found = verify(c2s, s2c)
    assert (found.kind, digests(found)) == ("digest1", (True, True, True, True))


def _head(name: str) -> bytes:
    return shared_capture(name).read_bytes()[:3073]
