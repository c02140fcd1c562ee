"""What was known before a hole may not hold behind it: chunk sizes, and headers that promise what cannot be."""

from __future__ import annotations

import random

import pytest

from tests.rtmp.rows import everything, fast, reference, rows
from tests.rtmp.streams import Encoder, Sent


def video(chance: random.Random, length: int, fmt: int = 1) -> Sent:
    nal = (length - 9).to_bytes(4, "big")
    return Sent(6, fmt, 40, 9, 1, b"\x27\x01\0\0\0" + nal + chance.randbytes(length - 9))


def audio(chance: random.Random, length: int, fmt: int = 1) -> Sent:
    return Sent(4, fmt, 23, 8, 1, b"\xaf\x01" + chance.randbytes(length - 2))


def identities(found: list[dict[str, object]]) -> set[tuple[object, ...]]:
    return {(one["offset"], one["type_id"], one["length"]) for one in found}


@pytest.mark.parametrize("seed", range(20))
def test_a_chunk_size_that_is_missing_is_told_by_where_headers_stand(seed: int) -> None:
    chance = random.Random(seed)
    encoder = Encoder(128)
    encoder.message(video(chance, 90, fmt=0))
    encoder.message(Sent(2, 0, 0, 1, 0, b"\0\0\x10\0"))
    behind = len(encoder.out)
    encoder.chunk_size = 4096
    for _ in range(12):
        encoder.message(video(chance, chance.choice((300, 2500, 3000))))
    data = bytes(encoder.out)
    found = rows(fast(data[: behind - 4], 4, data[behind:]))
    assert identities(found) <= identities(rows(fast(data)))
    assert len(found) == 14


def test_a_header_waits_for_the_bytes_that_tell_whether_it_is_one() -> None:
    chance = random.Random(5)
    encoder = Encoder(128)
    for one in (video(chance, 100, fmt=0), audio(chance, 90, fmt=0)):
        encoder.message(one)
    hole = len(encoder.out) + 8 + 120
    for one in (video(chance, 300), video(chance, 100), audio(chance, 90)):
        encoder.message(one)
    first, *others = encoder.chunks(video(chance, 500))
    encoder.out += first
    encoder.message(audio(chance, 90, fmt=2))
    for chunk in others:
        encoder.out += chunk
    for one in (video(chance, 100), audio(chance, 90)):
        encoder.message(one)
    data = bytes(encoder.out)
    whole = everything(fast(data[:hole], 20, data[hole + 20 :]))
    assert whole == everything(reference(data[:hole], 20, data[hole + 20 :]))
    for cut in range(hole + 21, len(data)):
        assert everything(fast(data[:hole], 20, data[hole + 20 : cut], data[cut:])) == whole, cut


@pytest.mark.parametrize("seed", range(20))
def test_no_message_is_listed_twice_where_a_message_breaks_off_behind_others(seed: int) -> None:
    chance = random.Random(seed)
    encoder = Encoder(128)
    for one in (video(chance, 100, fmt=0), audio(chance, 90, fmt=0)):
        encoder.message(one)
    hole = len(encoder.out) + 8 + 120
    encoder.message(video(chance, 300))
    for _ in range(3):
        encoder.message(video(chance, 100))
        encoder.message(audio(chance, 90))
    first, second, *_ = encoder.chunks(video(chance, 500))
    encoder.out += first
    for _ in range(2):
        encoder.message(audio(chance, 90))
    encoder.out += second + chance.randbytes(60)
    for _ in range(6):
        encoder.message(video(chance, 100))
        encoder.message(audio(chance, 90))
    data = bytes(encoder.out)
    found = [one["offset"] for one in rows(fast(data[:hole], 20, data[hole + 20 :]))]
    assert len(set(found)) == len(found) > 15
