"""What searching for a header costs at most, where bytes are made to look like headers everywhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.rtmp import ChunkDecoder, MessageBatch
from rtmpscope.rtmp.guesses import Guesses
from rtmpscope.rtmp.resync import Search
from rtmpscope.rtmp.runs import Runs
from rtmpscope.rtmp.unheard import _places
from tests.rtmp.rows import everything, fast
from tests.rtmp.streams import Sent, wire

BEFORE = wire(Sent(type_id=8, body=b"\xaf\x01" + bytes(88)))
#: A type-1 header of 60 000 bytes of audio, and a byte like the type-3 header that would continue it.
HEADER = b"\x44\0\0\x10\x00\xea\x60\x08\xaf\x01\xc4"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The places at which chunk sizes were tried at length, once per size."""
    places: list[int] = []
    real = Search._end_of

    def counting(self: Search, place: int, *rest: object) -> int | None:
        places.append(place)
        return real(self, place, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Search, "_end_of", counting)
    return places


def test_chunk_sizes_are_guessed_in_proportion_to_the_bytes_searched(tried: list[int]) -> None:
    costs = []
    for count in (4000, 8000, 16_000):
        tried.clear()
        fast(BEFORE, 50, HEADER * count)
        costs.append(len(tried))
    assert costs[2] < 4 * 16_000
    assert costs[2] - costs[1] <= 2.1 * (costs[1] - costs[0])


@pytest.mark.parametrize("hole", [0, 1])
def test_a_header_that_waits_is_judged_again_when_what_it_waits_for_is_there(hole: int, tried: list[int]) -> None:
    decoder = ChunkDecoder()
    decoder.feed(BEFORE)
    decoder.hole(50)
    decoder.feed(wire(Sent(csid=6, body=b"\x27\x01\0\0\0\0\0\1\0" + bytes(60_000)))[:40])
    for _ in range(3000):
        decoder.hole(hole)
        decoder.feed(b"\0")
    assert decoder.lost
    assert len(tried) < 10


def test_the_size_of_runs_is_counted_as_they_come_and_go() -> None:
    runs = Runs(5)
    for length in (7, 8):
        runs.add(bytes(length))
        runs.hole(1)
    runs.shorten_first(3)
    assert runs.size == 12
    runs.drop_first()
    assert runs.size == 8


def hostile(parts: list[int]) -> MessageBatch:
    """The same hostile bytes in pieces of these sizes, in turn."""
    data, pieces = HEADER * 7000 + wire(Sent(type_id=8, body=b"\xaf\x01" + bytes(300)), chunk_size=200) * 3, []
    at = turn = 0
    while at < len(data):
        pieces.append(data[at : at + parts[turn % len(parts)]])
        at += len(pieces[-1])
        turn += 1
    return fast(BEFORE, 50, *pieces)


@settings(deadline=None, max_examples=8)
@given(st.lists(st.sampled_from((500, 1448, 30_011, 65_536)), min_size=1, max_size=3))
def test_what_is_guessed_does_not_depend_on_how_the_bytes_come(parts: list[int]) -> None:
    assert everything(hostile(parts)) == everything(hostile([1 << 20]))


def test_an_allowance_is_drawn_on_only_by_what_is_spent() -> None:
    guesses = Guesses()
    most = guesses.allowed(0)
    assert guesses.allowed(1 << 40) == most
    guesses.spend(100, most)
    assert (guesses.allowed(100), guesses.allowed(100 + 3200), guesses.allowed(100 + 3200)) == (0, 100, 100)
    assert guesses.allowed(50) == 0


@given(st.binary(max_size=40).map(lambda data: bytes(byte & 3 for byte in data)), st.integers(0, 5))
def test_places_of_two_patterns_are_those_of_one_made_of_both(data: bytes, at: int) -> None:
    one, two = b"\x00\x01.", b"\x02.\x02|\x00\x03"
    both, places = re.compile(one + b"|" + two, re.DOTALL), []
    begin = at
    while match := both.search(data, begin, 30):
        places.append(match.start())
        begin = match.start() + 1
    assert list(_places(bytearray(data), [re.compile(one, re.DOTALL), re.compile(two, re.DOTALL)], at, 30)) == places
