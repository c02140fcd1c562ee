"""Decoding that begins anywhere in a direction: channel state and chunk size are told by what follows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp import ChunkDecoder, MessageBatch, ReferenceDecoder
from tests.rtmp.rows import decoded, everything, fast, keep_all
from tests.rtmp.test_lossy_streams import AAC, AVC, CODECS, SIZES, damaged, frame, identities
from tests.support.rtmp_encode import Encoder, Message

seeds = st.integers(0, 1 << 32)
CHUNK_SIZES = (128, 300, 1000, 4096, 60_000)


def broadcast(chance: random.Random, chunk_size: int, count: int = 60, codecs: tuple[int, int] = (AVC, AAC)) -> Encoder:
    """A live stream after its first messages, which are told in full."""
    encoder = Encoder(fmt="best")
    encoder.set_chunk_size(chunk_size)
    video, audio = codecs
    for number in range(count):
        size = chance.choice((9000, 20_000)) if number % 25 == 0 else chance.randint(300, 3000)
        encoder.send(Message(6, 40 * number, 9, 1, frame(video, size, chance)))
        size = SIZES.get(audio) or chance.randint(90, 300)
        encoder.send(Message(4, 40 * number + 13, 8, 1, frame(audio, size, chance)))
    return encoder


def joined(*parts: bytes | int, reference: bool = False) -> MessageBatch:
    decoder = (ReferenceDecoder if reference else ChunkDecoder)(keep=keep_all)
    decoder.join()
    return decoded(decoder, parts)


def shifted(batch: MessageBatch, by: int) -> set[tuple[int, int, int]]:
    return {(offset + by, type_id, length) for offset, type_id, length in identities(batch)}


@pytest.mark.parametrize("chunk_size", CHUNK_SIZES)
@pytest.mark.parametrize("codecs", CODECS)
def test_messages_some_way_behind_a_cut_are_all_found(chunk_size: int, codecs: tuple[int, int]) -> None:
    chance = random.Random(chunk_size)
    data = bytes(broadcast(chance, chunk_size, 120, codecs).out)
    whole = fast(data)
    for cut in range(20_000, 60_000, 1777):
        found = shifted(joined(data[cut:]), cut)
        settled = {one for one in identities(whole) if one[0] >= cut + (1 << 16)}
        assert found <= identities(whole), cut
        assert len(found & settled) >= 0.97 * len(settled), cut
        assert settled, "the stream is long enough"


@settings(deadline=None, max_examples=60)
@given(seeds)
def test_nothing_is_invented_behind_any_cut_under_any_damage(seed: int) -> None:
    chance = random.Random(seed)
    codecs = chance.choice(CODECS)
    data = bytes(broadcast(chance, chance.choice(CHUNK_SIZES), codecs=codecs).out)
    cut = chance.randrange(len(data))
    parts = damaged(data[cut:], chance) if chance.random() < 0.7 else [data[cut:]]
    assert shifted(joined(*parts), cut) <= identities(fast(data))


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_both_decoders_agree_behind_a_cut(seed: int) -> None:
    chance = random.Random(seed)
    data = bytes(broadcast(chance, chance.choice(CHUNK_SIZES), 20).out)
    parts = damaged(data[chance.randrange(len(data)) :], chance)
    assert everything(joined(*parts)) == everything(joined(*parts, reference=True))


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_how_the_bytes_come_makes_no_difference(seed: int) -> None:
    chance = random.Random(seed)
    data = bytes(broadcast(chance, chance.choice(CHUNK_SIZES), 20).out)[chance.randrange(3000) :]
    cuts = sorted(chance.randrange(len(data)) for _ in range(30))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert everything(joined(*pieces)) == everything(joined(data))


@pytest.mark.parametrize("chunk_size", CHUNK_SIZES)
def test_timestamps_differ_by_one_constant_per_channel(chunk_size: int) -> None:
    data = bytes(broadcast(random.Random(5), chunk_size, 120).out)
    whole, found = fast(data), joined(data[50_000:])
    truth = dict(zip(whole.offset.tolist(), whole.timestamp.tolist(), strict=True))
    rows = zip(found.offset.tolist(), found.csid.tolist(), found.timestamp.tolist(), strict=True)
    off = {(csid, timestamp - truth[offset + 50_000]) for offset, csid, timestamp in rows if csid != 2}
    assert sorted(csid for csid, _ in off) == [4, 6]
    assert not found.timestamp_exact[found.csid > 2].any()


def test_the_chunk_size_is_told_by_where_headers_stand() -> None:
    data = bytes(broadcast(random.Random(9), 4096, 60).out)
    decoder = ChunkDecoder(keep=keep_all)
    decoder.join()
    batch = decoded(decoder, [data[9_000:]])
    assert decoder.chunk_size == 4096
    assert "chunk_size_inferred" in {problem.kind for problem in batch.problems}
    assert not {"lost_sync", "lost_in_hole"} & {problem.kind for problem in batch.problems}


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_have_no_messages(seed: int) -> None:
    assert len(joined(random.Random(seed).randbytes(1 << 18))) == 0
