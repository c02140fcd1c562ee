"""Many changes of the chunk size, and many messages begun: what they cost, and that they cost nothing else."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp import ChunkDecoder
from rtmpscope.rtmp.builder import BatchBuilder, Fed
from tests.rtmp.rows import everything, fast, reference
from tests.rtmp.streams import Sent, basic, body, wire


def told(size: int) -> Sent:
    return Sent(csid=2, type_id=1, stream_id=0, body=size.to_bytes(4, "big"))


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.tuples(
            st.sampled_from((1, 2, 3, 4, 40, 128, 200)), st.lists(st.sampled_from((1, 39, 150, 500)), max_size=3)
        ),
        max_size=8,
    )
)
def test_bodies_are_put_together_by_the_chunk_size_that_they_were_sent_with(turns: list[tuple[int, list[int]]]) -> None:
    data, size = b"", 128
    for new, lengths in turns:
        data += wire(*[Sent(time=1, body=body(length, new)) for length in lengths], chunk_size=size)
        data += wire(told(new), chunk_size=size)
        size = new
    at_once = everything(fast(data))
    assert at_once == everything(fast(*[data[at : at + 50] for at in range(0, len(data), 50)]))
    assert at_once == everything(reference(data))


def test_the_chunk_size_shows_in_the_messages_since_it_came_into_force() -> None:
    decoder = ChunkDecoder()
    decoder.feed(wire(told(200)) + wire(Sent(body=bytes(500)), Sent(body=bytes(500)), chunk_size=200))
    assert decoder._builder.split_at == 200
    decoder.feed(wire(told(3), chunk_size=200) + wire(told(100), chunk_size=3))
    assert decoder._builder.split_at == 3
    decoder.feed(wire(Sent(body=bytes(50)), chunk_size=100))
    assert decoder._builder.split_at == 0


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> list[Fed]:
    """Every seal."""
    seals: list[Fed] = []
    real = BatchBuilder.seal

    def counting(self: BatchBuilder, place: Fed) -> None:
        seals.append(place)
        real(self, place)

    monkeypatch.setattr(BatchBuilder, "seal", counting)
    return seals


@pytest.mark.parametrize("sizes", [(128, 128), (100, 101), (2, 3)])
def test_changes_that_no_body_needs_seal_nothing(sizes: tuple[int, int], sealed: list[Fed]) -> None:
    first, second = sizes
    data = wire(told(first)) + (wire(told(second), chunk_size=first) + wire(told(first), chunk_size=second)) * 1000
    decoder = ChunkDecoder()
    decoder.feed(data)
    assert len(sealed) == 1
    assert len(decoder.chunk_sizes) == (1 if first == second else 2001)


def test_a_message_begun_keeps_little_beside_its_bytes() -> None:
    count = 5000
    decoder = ChunkDecoder()
    decoder.feed(wire(told(1)))
    data = b"".join(basic(0, 64 + n) + bytes(3) + b"\xff\xff\xff\x09\1\0\0\0x" for n in range(count))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    decoder.feed(data)
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert kept < 800 * count
