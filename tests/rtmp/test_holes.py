"""What a hole costs: one message where the chunk state tells what it covers, and never an invented one."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp import ChunkDecoder, MessageBatch
from rtmpscope.rtmp.partial import PartialMessage
from tests.rtmp.rows import decoded, fast, keep_all, rows
from tests.rtmp.streams import Encoder, Sent, body, wire

LENGTHS = st.sampled_from((1, 50, 128, 129, 700, 3000, 20_000))
places = st.integers(0, 1 << 20)


@st.composite
def plain_streams(draw: st.DrawFn) -> bytes:
    """Messages one after the other, on two channels."""
    size = draw(st.sampled_from((128, 1000, 4096)))
    lengths = draw(st.lists(LENGTHS, min_size=2, max_size=6))
    messages = [Sent(csid=2, type_id=1, stream_id=0, body=size.to_bytes(4, "big"))]
    messages += [Sent(csid=4 + n % 2, time=40 * n, body=body(length, n)) for n, length in enumerate(lengths)]
    return wire(messages[0]) + wire(*messages[1:], chunk_size=size)


@st.composite
def interleaved_streams(draw: st.DrawFn) -> bytes:
    encoder = Encoder()
    for _ in range(draw(st.integers(1, 3))):
        lengths = draw(st.lists(LENGTHS, min_size=1, max_size=3))
        encoder.interleave([Sent(csid=4 + n, time=n, body=body(length, n)) for n, length in enumerate(lengths)])
    return bytes(encoder.out)


def with_hole(data: bytes, start: int, stop: int) -> MessageBatch:
    return fast(data[:start], stop - start, data[stop:])


def exact(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("offset", "type_id", "length", "timestamp", "stream_id", "body"))


@settings(deadline=None, max_examples=60)
@given(st.one_of(plain_streams(), interleaved_streams()), places, places, places)
def test_a_hole_within_one_chunk_costs_one_message(data: bytes, which: int, begin: int, count: int) -> None:
    whole = decoded(ChunkDecoder(keep=keep_all, record_chunks=True), [data])
    assert whole.chunks is not None
    chunk = which % len(whole.chunks.row)
    payload = int(whole.chunks.payload_bytes[chunk])
    start = int(whole.chunks.offset[chunk] + whole.chunks.header_bytes[chunk]) + begin % payload
    stop = start + 1 + count % (payload - begin % payload)
    hit = int(whole.offset[whole.chunks.row[chunk]])
    if whole.type_id[whole.chunks.row[chunk]] == 1:
        return  # the chunk size itself is lost: another matter
    found = with_hole(data, start, stop)
    assert found.missing_bytes.sum() == stop - start
    assert found.offset[~found.complete].tolist() == [hit]
    assert found.timestamp_exact.all()
    others = [exact(row) for row in rows(whole) if row["offset"] != hit]
    assert [exact(row) for row in rows(found) if row["offset"] != hit] == others
    assert found.end.tolist() == whole.end.tolist()


@settings(deadline=None, max_examples=100)
@given(plain_streams(), places, st.integers(1, 5000))
def test_no_hole_invents_a_message(data: bytes, at: int, length: int) -> None:
    at = 16 + at % (len(data) - 16)
    found = with_hole(data, at, min(at + length, len(data)))
    truth = {exact(row) for row in rows(fast(data))}
    assert {exact(row) for row in rows(found) if row["complete"]} <= truth


@settings(deadline=None, max_examples=60)
@given(interleaved_streams(), st.lists(st.tuples(places, st.integers(1, 3000)), max_size=5))
def test_many_holes_never_raise(data: bytes, holes: list[tuple[int, int]]) -> None:
    parts: list[bytes | int] = []
    for at, length in holes:
        parts += [data[at % len(data) :][:length], length]
    batch = fast(*parts)
    assert (batch.missing_bytes <= batch.length).all()
    assert (batch.end >= batch.offset).all()


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from((1, 2, 5, 128)), st.integers(30, 700), st.sampled_from((4, 70, 400)), st.booleans(), places,
    st.lists(st.integers(1, 300), min_size=1, max_size=4),
)  # fmt: skip
def test_a_hole_costs_the_same_at_once_and_in_parts(
    size: int, length: int, csid: int, extended: bool, at: int, parts: list[int]
) -> None:
    time = 0x1000000 if extended else 40
    message = wire(Sent(csid, time=time, body=body(length)), Sent(csid, time=time, body=body(50)), chunk_size=size)
    data = wire(Sent(2, type_id=1, stream_id=0, body=size.to_bytes(4, "big"))) + message
    start = 16 + 12 + at % (len(data) - 60)
    rest = data[start + sum(parts) :]
    at_once = fast(data[:start], sum(parts), rest, record_chunks=True)
    in_parts = fast(data[:start], *[1] * sum(parts), rest, record_chunks=True)
    assert rows(at_once) == rows(in_parts)
    assert at_once.chunks is not None and in_parts.chunks is not None
    for name in ("row", "offset", "csid", "fmt", "header_bytes", "payload_bytes"):
        assert getattr(at_once.chunks, name).tolist() == getattr(in_parts.chunks, name).tolist()


def test_a_hole_is_stepped_over_at_once_however_many_chunks_it_covers() -> None:
    decoder = Counting()
    decoder.feed(wire(Sent(2, type_id=1, stream_id=0, body=b"\0\0\0\1")))
    decoder.feed(wire(Sent(body=bytes(3_000_000)), chunk_size=1)[:12])
    decoder.hole(5_900_000)
    assert decoder.guesses <= 2


class Counting(ChunkDecoder):
    guesses = 0

    def _guess_header(self, current: PartialMessage, at: int, stop: int) -> int:
        self.guesses += 1
        return super()._guess_header(current, at, stop)
