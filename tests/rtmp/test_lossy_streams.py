"""Random loss and snapping over generated streams: never raise, never invent, memory within the input."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp import MessageBatch
from tests.rtmp.rows import everything, fast, reference
from tests.support.rtmp_encode import Encoder, Message, basic_header
from tests.support.strategies import encoded

AVC, AAC, MP3, FLV1, SCREEN, VP6, PCM, ADPCM, SPEEX = range(9)
#: Codecs whose data may begin with anything: how their bodies begin.
PLAIN = {SCREEN: b"\x23\x31", VP6: b"\x24\x00", PCM: b"\x3e", ADPCM: b"\x1e", SPEEX: b"\xb6"}
#: Lengths of audio messages where all are equally long.
SIZES = {MP3: 210, PCM: 2049, ADPCM: 513}
CODECS = ((AVC, AAC), (FLV1, MP3), (AVC, MP3), (SCREEN, PCM), (FLV1, ADPCM), (VP6, SPEEX))
seeds = st.integers(0, 1 << 32)
CHUNK_SIZES = (128, 1000, 4096, 60_000)


def frame(codec: int, length: int, chance: random.Random) -> bytes:
    """A body that begins as one of its codec does."""
    if codec in PLAIN:
        start = PLAIN[codec]
    elif codec == AVC:
        start = chance.choice((b"\x17\x01", b"\x27\x01")) + b"\x00\x00\x28" + max(length - 9, 0).to_bytes(4, "big")
    elif codec == FLV1:
        start = b"\x22\x00\x00\x84"
    else:
        start = b"\xaf\x01" if codec == AAC else b"\x2f\xff\xfb\x50"
    return (start + chance.randbytes(length))[:length]


def broadcast(chance: random.Random) -> Encoder:
    """Audio and video of a live stream, in real proportions, after a change of the chunk size."""
    video, audio = chance.choice(CODECS)
    one_channel, start = chance.random() < 0.5, chance.choice((0, 5000, 0xFFFF00, 0xFFFFFFFF - 300))
    encoder = Encoder(fmt=chance.choice(("best", "full")))
    encoder.set_chunk_size(chance.choice(CHUNK_SIZES))
    for number in range(chance.randint(5, 40)):
        time = start + 40 * number
        encoder.send(Message(6, time, 9, 1, frame(video, chance.choice((20, 300, 2500, 7000)), chance)))
        size = SIZES.get(audio) or chance.randint(90, 300)
        encoder.send(Message(6 if one_channel else 4, time + 13, 8, 1, frame(audio, size, chance)))
    return encoder


def damaged(data: bytes, chance: random.Random) -> list[bytes | int]:
    """The stream in segments, some of them lost, all of them cut short perhaps."""
    snap, loss = chance.choice((30, 42, 74, 146, 202, 1 << 20)), chance.choice((0.0, 0.02, 0.1, 0.3))
    parts: list[bytes | int] = []
    at = 0
    while at < len(data):
        piece = data[at : at + chance.choice((1448, 1448, 100, 700))]
        kept = b"" if chance.random() < loss else piece[:snap]
        parts += [part for part in (kept, len(piece) - len(kept)) if part]
        at += len(piece)
    return parts


def identities(batch: MessageBatch) -> set[tuple[int, int, int]]:
    return set(zip(batch.offset.tolist(), batch.type_id.tolist(), batch.length.tolist(), strict=True))


def times(batch: MessageBatch, *, exact: bool) -> set[tuple[int, int]]:
    """Offset and timestamp, but for wraps: one that was missed altogether cannot be known of."""
    rows = batch.timestamp_exact if exact else slice(None)
    return set(zip(batch.offset[rows].tolist(), (batch.timestamp[rows] & 0xFFFFFFFF).tolist(), strict=True))


@settings(deadline=None, max_examples=100)
@given(seeds)
def test_damaged_broadcasts_are_read_without_invention(seed: int) -> None:
    chance = random.Random(seed)
    data = bytes(broadcast(chance).out)
    whole, found = fast(data), fast(*damaged(data, chance))
    assert identities(found) <= identities(whole)
    assert times(found, exact=True) <= times(whole, exact=False)
    assert len(set(found.offset.tolist())) == len(found)


@settings(deadline=None, max_examples=60)
@given(seeds)
def test_both_decoders_agree_on_damaged_broadcasts(seed: int) -> None:
    chance = random.Random(seed)
    parts = damaged(bytes(broadcast(chance).out), chance)
    assert everything(fast(*parts)) == everything(reference(*parts))


@settings(deadline=None, max_examples=60)
@given(encoded(), seeds)
def test_damage_to_any_stream_never_raises_nor_invents(encoder: Encoder, seed: int) -> None:
    """Interleaved, aborted, compressed in any way, with the chunk size changed anywhere."""
    data = bytes(encoder.out)
    whole, found = fast(data), fast(*damaged(data, random.Random(seed)))
    assert identities(found) <= identities(whole) | {
        (one.offset, one.type_id, len(one.body)) for one in encoder.expected
    }
    assert times(found, exact=True) <= times(whole, exact=False)
    assert len(set(found.offset.tolist())) == len(found)
    assert (found.missing_bytes <= found.length).all()


@pytest.mark.parametrize(
    "pattern", [b"\x44\x00\x00\x01\x0f\xff\xff\x09", b"\x04\x00\x00\x01", b"\xc4\xaf\x01", b"\x00"]
)
def test_searching_what_repeats_itself_costs_no_more_than_its_bytes(pattern: bytes) -> None:
    encoder = Encoder()
    encoder.send(Message(4, 0, 8, 1, frame(AAC, 100, random.Random(1))))
    noise = pattern * ((1 << 20) // len(pattern))
    assert peak_of(lambda: fast(bytes(encoder.out), 5, noise, 5, noise[:1000])) < 16 * len(noise)


def peak_of(work: Callable[[], object]) -> int:
    """The most bytes that were allocated at a time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def boastful(chance: random.Random) -> bytes:
    """Messages of 16 MB begun on as many chunk streams as there can be, one chunk of each."""
    begun = []
    for csid in chance.sample(range(3, 65_600), 1000):
        length = chance.choice((0xFFFFFF, 0xFFFFFE, 1 << 20))
        fields = bytes(3) + length.to_bytes(3, "big") + b"\x09\x01\0\0\0"
        begun.append(basic_header(0, csid) + fields + frame(AVC, 128, chance))
    return b"".join(begun)


@pytest.mark.parametrize("damage", ["none", "in the end", "anywhere"])
def test_memory_follows_what_came_and_not_what_is_announced_or_missing(damage: str) -> None:
    chance = random.Random(3)
    data = boastful(chance)
    parts = damaged(data, chance) if damage == "anywhere" else [data]
    if damage != "none":
        parts.insert(chance.randrange(len(parts)) if damage == "anywhere" else 1, 1 << 31)
    assert len(fast(*parts)) == 1000 or damage == "anywhere"
    assert peak_of(lambda: fast(*parts)) < 16 * len(data) + (1 << 20)


@settings(deadline=None, max_examples=20)
@given(encoded(), seeds)
def test_memory_follows_the_bytes_of_any_damaged_stream(encoder: Encoder, seed: int) -> None:
    data = bytes(encoder.out)
    parts = damaged(data, random.Random(seed))
    assert peak_of(lambda: fast(*parts)) < 16 * len(data) + (1 << 20)
