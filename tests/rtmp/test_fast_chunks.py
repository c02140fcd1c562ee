from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp import ChunkDecoder, MessageBatch
from tests.rtmp.rows import COLUMNS, decoded, everything, fast, keep_all, reference, rows
from tests.rtmp.streams import Encoder, Sent, body, wire

pytestmark = pytest.mark.usefixtures("each_way")

CSIDS = (2, 3, 4, 63, 64, 319, 320, 65599)
TIMES = (0, 1, 40, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x7FFFFFFF, 0xFFFFFFF0)
LENGTHS = (0, 1, 31, 32, 33, 127, 128, 129, 255, 256, 257, 1000, 4096, 10_000)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """A valid stream: groups of messages, some interleaved, with chunk size changes between them."""
    encoder = Encoder(omits=draw(st.booleans()))
    seen: dict[int, Sent] = {}
    for _ in range(draw(st.integers(1, 6))):
        csids = draw(st.lists(st.sampled_from(CSIDS), min_size=1, max_size=3, unique=True))
        group = [_message(draw, csid, seen) for csid in csids]
        if draw(st.booleans()):
            encoder.interleave(group)
        else:
            for sent in group:
                encoder.message(sent)
        if draw(st.integers(0, 3)) == 0:
            size = draw(st.one_of(st.sampled_from((1, 20, 32, 128, 4096, 0x7FFFFFFF)), st.integers(1, 100_000)))
            encoder.message(Sent(csid=2, type_id=1, stream_id=0, body=size.to_bytes(4, "big")))
            seen[2] = Sent(csid=2, type_id=1, stream_id=0, body=bytes(4))
            encoder.chunk_size = min(size, 0xFFFFFF)
    return bytes(encoder.out)


def _message(draw: st.DrawFn, csid: int, seen: dict[int, Sent]) -> Sent:
    last = seen.get(csid)
    fmt = draw(st.integers(0, 3)) if last is not None and last.type_id > 2 else 0
    length = draw(st.sampled_from(LENGTHS))
    sent = Sent(csid, fmt, draw(st.sampled_from(TIMES)), draw(st.sampled_from((8, 9, 18, 20))), 1)
    if last is not None and fmt >= 2:
        length, sent.type_id = len(last.body), last.type_id
    if last is not None and fmt == 3:
        sent.time = last.time
    sent.body = body(length, draw(st.integers(0, 255)))
    seen[csid] = sent
    return sent


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:stop] for start, stop in pairwise(places)]


@settings(deadline=None, max_examples=150)
@given(streams())
def test_both_decoders_list_the_same_rows(data: bytes) -> None:
    assert everything(fast(data)) == everything(reference(data))


@settings(deadline=None, max_examples=100)
@given(streams(), st.lists(st.integers(0, 1 << 20), max_size=8))
def test_any_split_gives_the_same_rows(data: bytes, cuts: list[int]) -> None:
    assert everything(fast(*split(data, cuts))) == everything(reference(data))


@settings(deadline=None, max_examples=100)
@given(streams(), st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=4))
def test_mutated_bytes_never_raise_and_both_decoders_agree(data: bytes, hits: list[tuple[int, int]]) -> None:
    mutated = bytearray(data)
    for place, value in hits:
        mutated[place % len(mutated)] = value
    assert everything(fast(bytes(mutated))) == everything(reference(bytes(mutated)))


HOLES = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 3000)), max_size=4)


@settings(deadline=None, max_examples=100)
@given(streams(), HOLES, st.lists(st.integers(0, 1 << 20), max_size=6))
def test_both_decoders_agree_about_holes_and_splits_at_once(
    data: bytes, holes: list[tuple[int, int]], cuts: list[int]
) -> None:
    parts: list[bytes | int] = []
    at = 0
    for start, length in sorted((start % (len(data) + 1), length) for start, length in holes):
        if start >= at:
            parts += (*split(data[at:start], cuts), length)
            at = start + length
    parts += split(data[at:], cuts)
    assert everything(fast(*parts)) == everything(reference(*parts))


@settings(deadline=None, max_examples=60)
@given(streams(), HOLES)
def test_which_bodies_are_kept_changes_no_row(data: bytes, holes: list[tuple[int, int]]) -> None:
    parts: list[bytes | int] = [data]
    for start, length in holes[:1]:
        cut = start % (len(data) + 1)
        parts = [data[:cut], length, data[cut + length :]]
    kept, not_kept = fast(*parts), decoded(ChunkDecoder(), parts)
    assert [getattr(not_kept, name).tolist() for name in COLUMNS] == [getattr(kept, name).tolist() for name in COLUMNS]
    assert not_kept.problems == kept.problems


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=4000), st.lists(st.integers(0, 4000), max_size=5))
def test_arbitrary_bytes_give_the_same_rows_however_they_are_split(data: bytes, cuts: list[int]) -> None:
    assert everything(fast(*split(data, cuts))) == everything(reference(data))


class _Counting(ChunkDecoder):
    """Counts the chunks that are left to the reference."""

    left = 0

    def _begin_chunk(self, *arguments: Any) -> None:
        self.left += 1
        super()._begin_chunk(*arguments)


def _decode_counting(data: bytes) -> tuple[_Counting, MessageBatch]:
    decoder = _Counting(keep=keep_all)
    decoder.feed(data)
    return decoder, decoder.take()


def test_whole_messages_do_not_reach_the_reference() -> None:
    messages = [Sent(fmt=min(n, 1), time=40, body=body(5000, n)) for n in range(20)]
    decoder, batch = _decode_counting(wire(*messages, Sent(csid=3)))
    assert decoder.left == 40 + 1  # the first message of a channel, and the last header in the bytes fed
    assert [batch.bodies[n] for n in range(20)] == [sent.body for sent in messages]


def test_a_message_cut_by_the_end_of_the_bytes_fed_hardly_reaches_the_reference() -> None:
    data = wire(Sent(body=body(100, 1)), Sent(fmt=1, body=body(128 * 500, 2)), Sent(fmt=1, body=body(128 * 300 + 1, 3)))
    decoder = _Counting()
    for part in split(data, [20_000, 40_000, 90_000]):
        decoder.feed(part)
    assert decoder.left < 20
    assert decoder.take().chunk_count.tolist() == [1, 500, 301]


@pytest.mark.parametrize("omits", [False, True])
@pytest.mark.parametrize("length", [100, 5000, 90_000])
def test_extended_timestamps_do_not_reach_the_reference(length: int, omits: bool) -> None:
    messages = [Sent(time=0x1000000 + n, body=body(length, n)) for n in range(5)]
    decoder, batch = _decode_counting(wire(*messages, omits=omits))
    assert decoder.left <= -(-length // 128)  # the first message, which tells how extended timestamps are repeated
    assert batch.timestamp.tolist() == [0x1000000 + n for n in range(5)]


def test_heads_at_the_end_of_the_bytes_fed_are_padded() -> None:
    data = wire(Sent(body=body(3)), Sent(fmt=1, body=body(5)), Sent(fmt=1, body=body(40)))
    batch = fast(data)
    assert batch.head_length.tolist() == [3, 5, 32]
    assert batch.head[1].tobytes() == body(5) + bytes(27)
    assert batch.head[2].tobytes() == body(32)


def test_the_policy_is_asked_once_for_equal_beginnings_of_media() -> None:
    asked: list[bytes] = []

    def policy(type_id: int, head: bytes, length: int) -> int:
        asked.append(head)
        return 0

    decoder = ChunkDecoder(keep=policy)
    decoder.feed(wire(Sent(body=body(50)), *(Sent(fmt=1, body=body(50)) for _ in range(30)), Sent(csid=3)))
    assert len(decoder.take()) == 32
    assert len(asked) <= 3


def test_bodies_sent_with_different_chunk_sizes_are_joined_right() -> None:
    encoder = Encoder()
    texts = []
    for size in (128, 200, 4096):
        encoder.message(Sent(csid=2, type_id=1, stream_id=0, body=size.to_bytes(4, "big")))
        encoder.chunk_size = size
        for seed in range(3):
            texts.append(body(9000, seed + size))
            encoder.message(Sent(csid=3, type_id=20, body=texts[-1]))
    found = [row["body"] for row in rows(fast(bytes(encoder.out))) if row["type_id"] == 20]
    assert found == texts


def test_columns_are_integers_of_64_bits() -> None:
    batch = fast(wire(Sent(body=body(5))))
    assert batch.offset.dtype == np.int64
    assert batch.timestamp.dtype == np.int64
    assert batch.head.shape == (1, 32)
