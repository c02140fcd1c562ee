"""Streams in each dialect are read as they were meant, however they arrive."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp import ChunkDecoder, Dialect, MessageBatch
from rtmpscope.rtmp.dialect import Extension
from tests.rtmp.rows import everything, fast, keep_all, reference, rows
from tests.rtmp.streams import body
from tests.support.rtmp_encode import Encoder, Message

SPECIFIED = Dialect()
OMITTED = Dialect(continuing="omitted", starting="omitted")
ABSOLUTE = Dialect(extended_delta="absolute")
BOTH = Dialect(continuing="omitted", extended_delta="absolute")
ZERO = Dialect(after_type_0="zero")
CUT = Dialect(timestamp_bits=24)
PAST = 0x1000000
Send = Callable[[Encoder, int], Encoder]
AUDIO, VIDEO, DATA = 8, 9, 18


def sender(dialect: Dialect = SPECIFIED, chunk_size: int = 128, fmt: str = "best") -> Encoder:
    chunks = Encoder(fmt, dialect=dialect)
    chunks.set_chunk_size(chunk_size)
    return chunks


def audio(timestamp: int, length: int = 200, seed: int = 0) -> Message:
    return Message(4, timestamp, AUDIO, 1, body(length, seed))


def video(timestamp: int, length: int = 1000, seed: int = 0) -> Message:
    return Message(6, timestamp, VIDEO, 1, body(length, seed))


def live(chunks: Encoder, start: int, frames: int = 12, step: int = 40) -> Encoder:
    """Audio and video side by side."""
    for number in range(frames):
        chunks.send(video(start + step * number, 1000 + number % 3, number))
        chunks.send(audio(start + step * number + 5, 200, number))
    return chunks


def interleaved(chunks: Encoder, start: int, frames: int = 5) -> Encoder:
    """The same, with chunks of both in turn."""
    for number in range(frames):
        time = start + 100 * number
        chunks.interleave([video(time, 9000, number), audio(time + 5, 9000, number)], [0, 1, 1, 2])
    return chunks


def wanted(chunks: Encoder) -> list[tuple[int, int, int, bytes]]:
    return [(one.offset, one.csid, one.timestamp, one.body) for one in chunks.expected]


def listed(batch: MessageBatch) -> list[tuple[int, int, int, bytes]]:
    columns = batch.offset.tolist(), batch.csid.tolist(), batch.timestamp.tolist()
    return [(*row, batch.bodies.get(number, b"")) for number, row in enumerate(zip(*columns, strict=True))]


def kinds(batch: MessageBatch) -> set[str]:
    return {one.kind for one in batch.problems}


def read(chunks: Encoder, *told: str) -> Dialect:
    """Both decoders read the stream as it was meant, whole and byte by byte, and report these kinds."""
    data = bytes(chunks.out)
    whole = fast(data)
    assert listed(whole) == wanted(chunks)
    assert kinds(whole) == set(told)
    assert everything(reference(data)) == everything(whole)
    assert everything(fast(*(data[at : at + 1] for at in range(len(data))))) == everything(whole)
    decoder = ChunkDecoder()
    decoder.feed(data)
    decoder.finish()
    return decoder.dialect


@pytest.mark.parametrize("chunk_size", [128, 4096])
@pytest.mark.parametrize("send", [live, interleaved])
@pytest.mark.parametrize(
    ("dialect", "fmt", "told"),
    [
        (SPECIFIED, "full", []),
        (SPECIFIED, "best", []),
        (OMITTED, "full", ["extension_omitted"]),
        (ABSOLUTE, "best", ["ambiguous_timestamp"]),
        (
            Dialect(continuing="omitted", extended_delta="absolute"),
            "best",
            ["extension_omitted", "ambiguous_timestamp"],
        ),
        (CUT, "full", ["timestamp_cut"]),
    ],
)
def test_a_stream_that_passes_24_bits(dialect: Dialect, fmt: str, told: list[str], send: Send, chunk_size: int) -> None:
    chunks = sender(dialect, chunk_size, fmt)
    chunks.send(video(PAST - 243))
    send(chunks, PAST - 203)
    chunks.send(video(PAST + 1000, 9000))  # longer than a chunk of either size
    found = read(chunks, *told)
    assert found.timestamp_bits == dialect.timestamp_bits
    assert found.extended_delta == dialect.extended_delta
    assert dialect.continuing in (None, found.continuing)


@pytest.mark.parametrize("starting", ["omitted", "repeated"])
@pytest.mark.parametrize("continuing", ["omitted", "repeated"])
def test_type_3_headers_that_begin_and_that_continue_are_told_apart(continuing: Extension, starting: Extension) -> None:
    dialect = Dialect(continuing=continuing, starting=starting)
    chunks = sender(dialect)
    for number in range(4):
        chunks.send(video(4 * PAST - PAST * number, 300, number))  # the same negative delta again and again
    assert [one.fmt for one in chunks.expected] == [0, 0, 2, 3, 3]
    told = [] if dialect == Dialect("repeated", "repeated") else ["extension_omitted"]
    assert {one.kind for one in fast(bytes(chunks.out)).problems} - {"ambiguous_timestamp"} == set(told)
    assert listed(fast(bytes(chunks.out))) == wanted(chunks)
    assert everything(fast(bytes(chunks.out))) == everything(reference(bytes(chunks.out)))


EXTENSION = (PAST + 40).to_bytes(4, "big")


@pytest.mark.parametrize("length", [200, 256, 1000])
def test_payload_that_looks_like_the_extension_is_told_by_reading_on(length: int) -> None:
    chunks = sender(OMITTED)
    text = body(128) + EXTENSION + body(length - 132, 9)
    chunks.send(Message(6, PAST + 40, VIDEO, 1, text))
    chunks.send(video(PAST + 80, 500))
    chunks.send(Message(6, PAST + 40, VIDEO, 1, text), 0)
    chunks.send(audio(PAST + 80))
    assert read(chunks, "extension_omitted").continuing == "omitted"


def test_an_extension_that_repeats_the_timestamp_instead_of_the_delta() -> None:
    chunks = sender()
    chunks.send(video(50_000, 1000))
    at = len(chunks.out)
    chunks.send(video(50_000 + 2 * PAST, 1001))
    delta, absolute = ((2 * PAST).to_bytes(4, "big"), (50_000 + 2 * PAST).to_bytes(4, "big"))
    head = at + 1 + 7 + 4
    chunks.out[head:] = chunks.out[head:].replace(b"\xc6" + delta, b"\xc6" + absolute)
    chunks.send(audio(50_000 + 2 * PAST))
    data = bytes(chunks.out)
    assert listed(fast(data)) == wanted(chunks)
    assert everything(fast(data)) == everything(reference(data))


def test_an_extension_of_some_other_value_is_told_by_reading_on() -> None:
    chunks = sender()
    chunks.send(video(PAST, 1000))
    chunks.send(audio(PAST))
    chunks.out[:] = chunks.out.replace(b"\xc6" + PAST.to_bytes(4, "big"), b"\xc6" + (PAST + 7).to_bytes(4, "big"))
    assert read(chunks).continuing == "repeated"


@pytest.mark.parametrize("dialect", [SPECIFIED, OMITTED])
@pytest.mark.parametrize("length", [129, 256, 300])
def test_the_last_message_does_not_wait_for_what_never_comes(dialect: Dialect, length: int) -> None:
    chunks = sender(dialect)
    chunks.send(video(PAST, length))
    read(chunks, *(["extension_omitted"] if dialect is OMITTED else []))


@pytest.mark.parametrize("dialect", [SPECIFIED, OMITTED])
def test_a_hole_ends_the_waiting(dialect: Dialect) -> None:
    chunks = sender(dialect)
    chunks.send(video(PAST, 1000))
    data = bytes(chunks.out)
    cut = 16 + 16 + 128 + 1 + 40  # in the second chunk, whose end alone would tell
    found = rows(fast(data[:cut], 20, data[cut + 20 :]))
    assert [(row["missing_bytes"], row["complete"]) for row in found] == [(0, True), (20, False)]
    assert found[1]["head"] == body(1000)[:32]


def test_a_hole_over_a_type_3_header_is_stepped_over_in_the_dialect_found() -> None:
    chunks = sender(OMITTED, fmt="full")
    live(chunks, PAST)
    at = chunks.expected[8].offset
    data = bytes(chunks.out)
    found = rows(fast(data[: at + 100], 100, data[at + 200 :]))
    assert [row["offset"] for row in found] == [one.offset for one in chunks.expected]
    assert [row["offset"] for row in found if not row["complete"]] == [at]


@pytest.mark.parametrize(
    ("dialect", "fmt"), [(SPECIFIED, "full"), (OMITTED, "full"), (ABSOLUTE, "best"), (CUT, "full")]
)
def test_synchronisation_is_regained_in_the_dialect_found(dialect: Dialect, fmt: str) -> None:
    chunks = sender(dialect, fmt=fmt)
    for number in range(16):
        text = b"\x27\x01\x00\x00\x00" + body(1500 + number, number)
        chunks.send(Message(6, PAST - 200 + 40 * number, VIDEO, 1, text))
    at = chunks.expected[10].offset
    data = bytes(chunks.out)
    found = rows(fast(data[: at - 50], 70, data[at + 20 :]))
    wholly = [one.offset for one in chunks.expected if one.offset not in (chunks.expected[9].offset, at)]
    assert [row["offset"] for row in found if row["complete"]] == wholly
    assert everything(fast(data[: at - 50], 70, data[at + 20 :])) == everything(
        reference(data[: at - 50], 70, data[at + 20 :])
    )


def test_omitted_extensions_do_not_reach_the_reference() -> None:
    class Counting(ChunkDecoder):
        left = 0

        def _begin_chunk(self, *arguments: Any) -> None:
            self.left += 1
            super()._begin_chunk(*arguments)

    chunks = sender(OMITTED, fmt="full")
    for number in range(10):
        chunks.send(video(PAST + 40 * number, 5000, number))
    decoder = Counting(keep=keep_all)
    decoder.feed(bytes(chunks.out))
    assert listed(decoder.take()) == wanted(chunks)
    assert decoder.left == 1 + 40  # Set Chunk Size and the channel's first message


def test_negative_deltas_are_deltas() -> None:
    chunks = sender()
    for time in (100_000, 100_040, 100_000, 100_080, 100_040):
        chunks.send(video(time, 300))
    assert read(chunks).extended_delta == "delta"


@pytest.mark.parametrize("previous", [0, 500])
def test_readings_that_hardly_differ_are_not_reported(previous: int) -> None:
    chunks = sender()
    chunks.send(video(previous, 300))
    chunks.send(video(previous + PAST, 300))
    assert read(chunks) == Dialect(continuing="repeated")


def test_a_jump_of_hours_is_a_delta_but_reported_where_no_clock_tells() -> None:
    chunks = sender()
    chunks.send(video(100_000, 300))
    chunks.send(video(100_000 + 3 * PAST, 300))
    assert read(chunks, "ambiguous_timestamp").extended_delta is None


def test_a_jump_of_hours_that_another_channel_made_is_a_delta() -> None:
    chunks = sender()
    chunks.send(video(100_000, 300))
    chunks.send(audio(100_000 + 3 * PAST))
    chunks.send(video(100_000 + 3 * PAST, 300))
    assert read(chunks).extended_delta == "delta"


def test_an_absolute_reading_is_kept_where_no_clock_tells() -> None:
    chunks = live(sender(ABSOLUTE), PAST - 100)
    chunks.send(video(PAST + 3_600_000, 300))
    read(chunks, "ambiguous_timestamp")


@pytest.mark.parametrize("start", [0, 40, 999])
def test_type_3_after_a_small_type_0_timestamp_adds_it(start: int) -> None:
    chunks = sender()
    chunks.send(audio(start))
    for number in (2, 3, 4):
        chunks.send(audio(start * number))
    assert [one.fmt for one in chunks.expected] == [0, 0, 3, 3, 3]
    assert read(chunks) == SPECIFIED


def after_type_0(dialect: Dialect, start: int, beside: int | None) -> Encoder:
    """Audio that goes on with a type-3 header after a type 0, and video at its time."""
    chunks = sender(dialect)
    chunks.send(audio(start))
    if beside is not None:
        chunks.send(video(beside))
    chunks.send(audio(start if dialect is ZERO else 2 * start))
    assert chunks.expected[-1].fmt == 3
    return chunks


@pytest.mark.parametrize(
    ("dialect", "start", "beside", "told"),
    [
        (SPECIFIED, 5_000, 9_900, False),  # the other channel is where the specification's reading leads
        (SPECIFIED, 100_000, 200_010, False),
        (SPECIFIED, 5_000, None, True),  # a guess
        (SPECIFIED, 5_000, 7_500, True),
        (ZERO, 5_000, 5_020, True),
        (ZERO, 100_000, 100_020, True),
        (ZERO, 100_000, None, True),
        (ZERO, PAST, PAST + 20, True),
    ],
)
def test_type_3_after_a_large_type_0_timestamp(dialect: Dialect, start: int, beside: int | None, told: bool) -> None:
    read(after_type_0(dialect, start, beside), *(["ambiguous_timestamp"] if told else []))


def test_zero_is_kept_for_small_timestamps_too() -> None:
    chunks = after_type_0(ZERO, 100_000, 100_020)
    chunks.send(Message(7, 40, AUDIO, 1, b"\xaf\x01"))
    chunks.send(Message(7, 40, AUDIO, 1, b"\xaf\x01"))
    assert read(chunks, "ambiguous_timestamp").after_type_0 == "zero"


def test_a_clock_of_24_bits_rises_through_each_wrap() -> None:
    chunks = sender(CUT, fmt="full")
    for start in (PAST - 203, 2 * PAST - 203, 3 * PAST - 203):
        live(chunks, start)
        if start < 3 * PAST - 203:
            for step in range(9_000, PAST - 1000, 9_000):
                chunks.send(video(start + step, 10))
    found = [row["timestamp"] for row in rows(fast(bytes(chunks.out))) if row["csid"] == 6]
    assert found == [one.timestamp for one in chunks.expected if one.csid == 6]


def test_a_channel_that_was_silent_over_the_wrap_follows_the_others() -> None:
    chunks = sender(CUT, fmt="full")
    chunks.send(Message(3, 0, DATA, 1, body(50)))
    live(chunks, PAST - 203)
    chunks.send(Message(3, PAST + 300, DATA, 1, body(50)))
    read(chunks, "timestamp_cut")


@pytest.mark.parametrize("before", [600_000, PAST // 2 - 1, PAST - 20_000, PAST + 100, 3 * PAST])
def test_a_clock_that_begins_anew_is_not_cut(before: int) -> None:
    chunks = live(sender(fmt="full"), before)
    live(chunks, 0)
    assert read(chunks).timestamp_bits == 32


def test_a_clock_that_begins_anew_after_the_wrap_begins_anew() -> None:
    chunks = live(sender(CUT, fmt="full"), PAST - 203)
    for time in range(PAST + 9_000, PAST + 400_000, 9_000):
        chunks.send(video(time, 10))
        chunks.send(audio(time, 10))
    live(chunks, 0)
    read(chunks, "timestamp_cut")


@st.composite
def streams(draw: st.DrawFn) -> Encoder:
    """Audio and video in real time past 24 bits, in any dialect, with any interleaving."""
    reading = draw(st.sampled_from(("continuing", "delta", "both", "cut", "none")))
    dialect = Dialect(
        continuing="omitted" if reading in ("continuing", "both") else None,
        starting="omitted" if reading in ("continuing", "both") else None,
        extended_delta="absolute" if reading in ("delta", "both") else None,
        timestamp_bits=24 if reading == "cut" else 32,
    )
    fmt = "full" if reading == "cut" else draw(st.sampled_from(("full", "best")))
    chunks = sender(dialect, draw(st.sampled_from((128, 200, 4096))), fmt)
    time = PAST - 1_005
    for number in range(draw(st.integers(2, 8))):
        time += draw(st.sampled_from((40, 40, 23, 300)))
        sizes = draw(st.tuples(st.sampled_from((0, 1, 128, 129, 5000)), st.sampled_from((200, 200, 4097))))
        group = [video(time, sizes[0], number), audio(time + 3, sizes[1], number)]
        chunks.interleave(group, draw(st.lists(st.integers(0, 3), min_size=1, max_size=4)))
    return chunks


@settings(deadline=None, max_examples=80)
@given(streams(), st.lists(st.integers(1, 1 << 20), max_size=6))
def test_any_stream_in_any_dialect_is_read_as_meant(chunks: Encoder, cuts: list[int]) -> None:
    data = bytes(chunks.out)
    places = [0, *sorted(cut % len(data) for cut in cuts), len(data)]
    parts = [data[start:stop] for start, stop in pairwise(places)]
    assert listed(fast(*parts)) == wanted(chunks)
    assert everything(fast(*parts)) == everything(reference(data))


@settings(deadline=None, max_examples=60)
@given(streams(), st.integers(0, 1 << 20), st.integers(1, 3000))
def test_no_message_is_invented_after_a_hole(chunks: Encoder, at: int, length: int) -> None:
    data = bytes(chunks.out)
    at %= len(data)
    parts = (data[:at], min(length, len(data) - at), data[at + length :])
    batch = fast(*parts)
    assert {row["offset"] for row in rows(batch)} <= {one.offset for one in chunks.expected}
    assert everything(batch) == everything(reference(*parts))
