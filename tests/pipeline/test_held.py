"""The opening of a direction, in whatever pieces it comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rtmpscope.pipeline.held import Held
from rtmpscope.transport import OPENING_LENGTH

PARTS = st.lists(st.one_of(st.integers(1, 1500), st.integers(1, 2000).map(lambda n: bytes([n & 0xFF]) * n)), max_size=8)


def held(parts: list[bytes | int]) -> Held:
    made = Held()
    for part in parts:
        made.add(part)
    return made


@given(PARTS, st.integers(0, 3000), st.integers(1, 200))
def test_the_head_is_what_comes_before_a_hole_and_the_rest_is_found_by_its_place(
    parts: list[bytes | int], start: int, count: int
) -> None:
    made = held(parts)
    whole: list[int | None] = []
    for part in parts:
        whole += [None] * part if isinstance(part, int) else list(part)
    first = whole.index(None) if None in whole else len(whole)
    assert list(made.head) == whole[: min(first, OPENING_LENGTH)]
    assert (list(made), made.total) == (parts, len(whole))
    there = whole[start : start + count]
    full = len(there) == count and None not in there
    assert made.bytes_at(start, start + count) == (bytes(one for one in there if one is not None) if full else None)


def test_the_opening_costs_as_much_per_piece_however_many_there_are() -> None:
    made = held([b"\x03"] * 3000)
    made._parts = []  # not looked at again
    made.add(b"\x04")
    assert (bytes(made.head), made.total) == (b"\x03" * 3000 + b"\x04", 3001)
