from __future__ import annotations

import tracemalloc

import pytest

from rtmpscope.rtmp import ChannelState, ChunkDecoder, MessageBatch, ReferenceDecoder
from tests.rtmp.rows import decoded, fast, keep_all, reference, rows
from tests.rtmp.streams import Encoder, Sent, body, wire

CHUNK_SIZE = Sent(csid=2, type_id=1, stream_id=0, body=(1000).to_bytes(4, "big"))

# name → messages on the wire, and (csid, fmt, timestamp, chunk_count, header_bytes) of each row
CASES: dict[str, tuple[list[Sent], list[tuple[int, int, int, int, int]]]] = {
    "one chunk": ([Sent(body=body(100))], [(4, 0, 0, 1, 12)]),
    "empty body": ([Sent(type_id=8)], [(4, 0, 0, 1, 12)]),
    "just one chunk": ([Sent(body=body(128))], [(4, 0, 0, 1, 12)]),
    "one byte more": ([Sent(body=body(129))], [(4, 0, 0, 2, 13)]),
    "largest one-byte csid": ([Sent(csid=63, body=body(300))], [(63, 0, 0, 3, 14)]),
    "smallest two-byte csid": ([Sent(csid=64, body=body(300))], [(64, 0, 0, 3, 17)]),
    "largest two-byte csid": ([Sent(csid=319, body=body(300))], [(319, 0, 0, 3, 17)]),
    "smallest three-byte csid": ([Sent(csid=320, body=body(300))], [(320, 0, 0, 3, 20)]),
    "largest three-byte csid": ([Sent(csid=65599, body=body(300))], [(65599, 0, 0, 3, 20)]),
    "largest plain timestamp": ([Sent(time=0xFFFFFE, body=body(300))], [(4, 0, 0xFFFFFE, 3, 14)]),
    "smallest extended timestamp": ([Sent(time=0xFFFFFF, body=body(300))], [(4, 0, 0xFFFFFF, 3, 26)]),
    "extended delta": (
        [Sent(time=5), Sent(fmt=2, time=0x1000000), Sent(fmt=3, time=0x1000000)],
        [(4, 0, 5, 1, 12), (4, 2, 0x1000005, 1, 8), (4, 3, 0x2000005, 1, 5)],
    ),
    "negative delta": (
        [Sent(time=100), Sent(fmt=1, time=0xFFFFFFF6, body=body(130))],
        [(4, 0, 100, 1, 12), (4, 1, 90, 2, 17)],
    ),
    "deltas": (
        [Sent(time=100, body=b"a"), Sent(fmt=1, time=40, body=b"bc"), Sent(fmt=2, time=20, body=b"de")],
        [(4, 0, 100, 1, 12), (4, 1, 140, 1, 8), (4, 2, 160, 1, 4)],
    ),
    "type 3 repeats the delta": (
        [Sent(time=100), Sent(fmt=1, time=40), Sent(fmt=3, time=40), Sent(fmt=3, time=40)],
        [(4, 0, 100, 1, 12), (4, 1, 140, 1, 8), (4, 3, 180, 1, 1), (4, 3, 220, 1, 1)],
    ),
    "type 3 after type 0 adds the timestamp": (
        [Sent(time=100), Sent(fmt=3, time=100)],
        [(4, 0, 100, 1, 12), (4, 3, 200, 1, 1)],
    ),
    "wrap after 49.7 days": (
        [Sent(time=0xFFFFFFF0), Sent(time=16), Sent(time=0xFFFFFFF8)],
        [(4, 0, 0xFFFFFFF0, 1, 16), (4, 0, 0x100000010, 1, 12), (4, 0, 0xFFFFFFF8, 1, 16)],
    ),
}  # fmt: skip


def parts_of(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def facts(batch: MessageBatch) -> list[tuple[int, ...]]:
    names = ("csid", "fmt", "timestamp", "chunk_count", "header_bytes")
    return [tuple(row[name] for name in names) for row in rows(batch)]


@pytest.mark.parametrize("decoder", [ReferenceDecoder, ChunkDecoder])
@pytest.mark.parametrize("feeding", ["whole", "byte by byte", "bytes to spare"])
@pytest.mark.parametrize("name", CASES)
def test_messages_decode(name: str, feeding: str, decoder: type[ReferenceDecoder]) -> None:
    messages, expected = CASES[name]
    data = wire(*messages)
    spare = wire(Sent(csid=5))[:7] if feeding == "bytes to spare" else b""
    parts = parts_of(data, 1) if feeding == "byte by byte" else [data + spare]
    batch = decoded(decoder(keep=keep_all), parts)
    assert facts(batch) == expected
    assert batch.complete.all()
    assert batch.contiguous.all()
    assert batch.timestamp_exact.all()
    assert not batch.problems
    assert [batch.bodies.get(n, b"") for n in range(len(messages))] == [sent.body for sent in messages]
    assert batch.end.tolist()[-1] == len(data)


def test_the_stream_id_is_little_endian() -> None:
    assert reference(wire(Sent(stream_id=0x01020304))).stream_id.tolist() == [0x01020304]


def test_offsets_count_from_the_given_one() -> None:
    batch = fast(wire(Sent(body=b"x"), Sent(body=b"y")), offset=3073)
    assert batch.offset.tolist() == [3073, 3086]
    assert batch.end.tolist() == [3086, 3099]


def test_chunk_size_takes_effect_in_the_middle_of_another_message() -> None:
    text = body(2000)
    first = Encoder(128).chunks(Sent(body=text))[0]
    rest = b"".join(b"\xc4" + text[at : at + 1000] for at in (128, 1128))
    for batch in (fast(first + wire(CHUNK_SIZE) + rest), reference(first + wire(CHUNK_SIZE) + rest)):
        assert batch.type_id.tolist() == [1, 9]
        assert batch.bodies[1] == text
        assert batch.contiguous.tolist() == [True, False]
        assert batch.spans.tolist() == [[1, 0, 140], [1, 156, 156 + len(rest)]]


@pytest.mark.parametrize("size", [0, 0x80000000, 0xFFFFFFFF])
def test_an_invalid_chunk_size_is_reported_and_ignored(size: int) -> None:
    bad = Sent(csid=2, type_id=1, stream_id=0, body=size.to_bytes(4, "big"))
    batch = fast(wire(bad, Sent(body=body(300))))
    assert [problem.kind for problem in batch.problems] == ["invalid_chunk_size"]
    assert batch.complete.tolist() == [True, True]


def test_a_chunk_size_above_24_bits_counts_as_the_largest_message() -> None:
    decoder = ChunkDecoder()
    decoder.feed(wire(Sent(csid=2, type_id=1, body=(0x7FFFFFFF).to_bytes(4, "big"))))
    assert decoder.chunk_size == 0xFFFFFF


def test_abort_drops_the_message_under_way_and_no_other() -> None:
    encoder = Encoder()
    video, audio = encoder.chunks(Sent(csid=6, body=body(300))), encoder.chunks(Sent(csid=7, body=body(300)))
    abort = wire(Sent(csid=2, type_id=2, stream_id=0, body=(6).to_bytes(4, "big")))
    after = wire(Sent(csid=6, body=body(50)))
    batch = reference(video[0] + audio[0] + abort + b"".join(audio[1:]) + after)
    assert batch.csid.tolist() == [2, 6, 7, 6]
    assert batch.complete.tolist() == [True, False, True, True]
    assert batch.missing_bytes.tolist() == [0, 172, 0, 0]
    assert [one.kind for one in batch.problems] == ["abandoned_message"]


def test_a_new_header_abandons_the_unfinished_message() -> None:
    first = Encoder().chunks(Sent(body=body(300)))[0]
    batch = fast(first + wire(Sent(fmt=1, body=b"new")))
    assert [problem.kind for problem in batch.problems] == ["abandoned_message"]
    assert batch.complete.tolist() == [False, True]
    assert batch.missing_bytes.tolist() == [172, 0]


def test_type_3_chunks_without_the_extended_timestamp_are_read_too() -> None:
    text = body(300, seed=1)
    first = Encoder().chunks(Sent(time=0x1000000, body=text))[0]
    data = first + b"\xc4" + text[128:256] + b"\xc4" + text[256:]
    for parts in ([data], parts_of(data, 1)):
        assert fast(*parts).bodies == {0: text}


def test_a_channel_that_begins_with_type_1_has_no_known_stream() -> None:
    batch = fast(wire(Sent(fmt=1, time=40, body=b"x"), Sent(fmt=2, time=2, body=b"x"), Sent(time=9)))
    assert batch.stream_id.tolist() == [-1, -1, 1]
    assert batch.timestamp.tolist() == [40, 42, 9]
    assert batch.timestamp_exact.tolist() == [False, False, True]
    assert [problem.kind for problem in batch.problems] == ["stream_id_unknown"]


@pytest.mark.parametrize("fmt", [2, 3])
def test_a_header_without_any_context_loses_the_direction(fmt: int) -> None:
    batch = fast(wire(Sent(body=b"x")), wire(Sent(csid=9, fmt=fmt, body=b"x")), wire(Sent(body=b"x")))
    assert len(batch) == 1
    assert [problem.kind for problem in batch.problems] == ["header_without_context", "lost_sync"]
    assert batch.problems[0].offset == 13


def test_a_hole_inside_a_payload_costs_one_message() -> None:
    messages = [Sent(fmt=min(n, 1), time=40, body=body(900, n)) for n in range(5)]
    data = wire(CHUNK_SIZE) + wire(*messages, chunk_size=1000)
    at = 16 + 912 + 100
    for batch in (fast(data[:at], 500, data[at + 500 :]), reference(data[:at], 500, data[at + 500 :])):
        whole = fast(data)
        assert batch.complete.tolist() == [True, True, False, True, True, True]
        assert batch.missing_bytes.tolist() == [0, 0, 500, 0, 0, 0]
        assert batch.contiguous.tolist() == [True, True, False, True, True, True]
        assert batch.timestamp_exact.all()
        assert batch.timestamp.tolist() == whole.timestamp.tolist()
        assert batch.end.tolist() == whole.end.tolist()
        assert not batch.problems


def test_a_hole_over_continuing_chunks_costs_one_message_and_the_certainty_of_timestamps() -> None:
    data = wire(*(Sent(fmt=min(n, 1), time=40, body=body(5000, n)) for n in range(4)), Sent(time=9))
    at = 12 + 5000 + 39 + 700
    batch = fast(data[:at], 1448, data[at + 1448 :])
    assert batch.complete.tolist() == [True, False, True, True, True]
    assert batch.missing_bytes[1] + batch.header_bytes[1] == 1448 - (1448 // 129) + 47
    assert batch.timestamp_exact.tolist() == [True, True, False, False, True]
    assert batch.offset.tolist() == fast(data).offset.tolist()
    assert not batch.problems


def test_a_hole_over_the_next_message_header_loses_the_direction() -> None:
    data = wire(*(Sent(body=body(500, n)) for n in range(4)))
    batch = fast(data[:700], 600, data[1300:])
    assert batch.complete.tolist() == [True, False]
    assert [problem.kind for problem in batch.problems] == ["lost_in_hole"]


def test_a_wrong_guess_over_a_hole_invents_nothing() -> None:
    """An interleaved message began inside the hole: the header after it is not where it was expected."""
    encoder = Encoder()
    encoder.message(Sent(csid=5, body=b"x"))
    encoder.interleave([Sent(csid=4, body=body(900, 3)), Sent(csid=5, body=body(400, 5))])
    data = bytes(encoder.out)
    batch = fast(data[:60], 300, data[360:])
    assert batch.complete.tolist() == [True, False]
    assert [problem.kind for problem in batch.problems] == ["lost_in_hole"]


def test_messages_under_way_at_the_end_are_listed() -> None:
    batch = fast(wire(Sent(body=body(300)))[:200])
    assert batch.complete.tolist() == [False]
    assert batch.missing_bytes.tolist() == [300 - 187]
    assert batch.head.tobytes() == body(32)


def test_pending_offset_is_that_of_the_oldest_message_under_way() -> None:
    decoder = ChunkDecoder(offset=10)
    one, two = Encoder().chunks(Sent(csid=6, body=body(200))), Encoder().chunks(Sent(csid=7, body=body(200)))
    decoder.feed(one[0] + two[0])
    assert decoder.pending_offset == 10
    decoder.feed(one[1])
    assert decoder.pending_offset == 150
    decoder.feed(two[1] + b"\x06\x00")
    assert decoder.pending_offset == 10 + 2 * 213


def test_a_seeded_decoder_goes_on_in_mid_stream() -> None:
    data = wire(Sent(time=100, body=body(300)), Sent(fmt=1, time=40, body=body(300)), Sent(fmt=3, time=40))
    before = ChunkDecoder()
    before.feed(data[:314])
    decoder = ChunkDecoder(offset=314)
    decoder.seed(before.chunk_size, before.channels)
    decoder.feed(data[314:])
    batch = decoder.take()
    assert before.channels == {4: ChannelState(100, 100, 300, 9, 1, extended=False, absolute=True)}
    assert batch.offset.tolist()[0] == 314
    assert batch.timestamp.tolist()[0] == 140
    assert batch.stream_id.tolist()[0] == 1


def test_chunks_are_recorded_on_demand() -> None:
    encoder = Encoder()
    encoder.interleave([Sent(csid=6, body=body(200)), Sent(csid=64, body=body(130))])
    batch = fast(bytes(encoder.out), record_chunks=True)
    chunks = batch.chunks
    assert chunks is not None
    assert chunks.row.tolist() == [0, 0, 1, 1]
    assert chunks.offset.tolist() == [0, 281, 140, 354]
    assert chunks.csid.tolist() == [6, 6, 64, 64]
    assert chunks.fmt.tolist() == [0, 3, 0, 3]
    assert chunks.header_bytes.tolist() == [12, 1, 13, 2]
    assert chunks.payload_bytes.tolist() == [128, 72, 128, 2]


def test_only_the_bytes_that_the_policy_wants_are_kept() -> None:
    def policy(type_id: int, head: bytes, length: int) -> int:
        assert body(32).startswith(head)
        return 100 if type_id == 20 else 0

    messages = [Sent(type_id=20, body=body(500)), Sent(csid=5, type_id=9, body=body(500))]
    for decoder in (ReferenceDecoder(keep=policy), ChunkDecoder(keep=policy)):
        batch = decoded(decoder, [wire(*messages, *messages)])
        assert batch.bodies == {0: body(500)[:100], 2: body(500)[:100]}


def test_memory_does_not_follow_declared_lengths() -> None:
    headers = b"".join(Encoder().chunks(Sent(csid=csid, body=b"x"))[0][:-1] for csid in range(64, 80)).replace(
        b"\x00\x00\x01\x09", b"\xff\xff\xff\x09"
    )
    chunk_size = wire(Sent(csid=2, type_id=1, body=(0x7FFFFFFF).to_bytes(4, "big")))
    tracemalloc.start()
    decoder = ChunkDecoder(keep=keep_all)
    decoder.feed(chunk_size + headers)
    for _ in range(100):
        decoder.feed(bytes(1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
