"""The walk from many places at once, and the compiled one, find the records that a walk one by one does."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.capture.stepping import RecordShape, step
from rtmpscope.capture.walk import walk

pytestmark = pytest.mark.usefixtures("each_way")

LITTLE, BIG = RecordShape("<", 16, 8, alike=2), RecordShape(">", 16, 8, alike=0)
SECONDS = 1_700_000_000


def records(sizes: list[int], shape: RecordShape, payload: bytes = b"\xa5" * 1500, tick: int = 0) -> bytes:
    """Records of such sizes; ``tick`` seconds pass between one and the next."""
    parts = []
    for index, size in enumerate(sizes):
        parts.append(struct.pack(shape.order + "IIII", SECONDS + index * tick, 0, size, size))
        parts.append((payload * (size // len(payload) + 1))[:size])
    return b"".join(parts)


def check(data: bytes, shape: RecordShape, begin: int = 0) -> int:
    """Hold the walk to one that goes from each header to the next; return how many records there are."""
    expected, place = [], begin
    while place + 16 <= len(data):
        follows = place + 16 + struct.unpack_from(shape.order + "I", data, place + 8)[0]
        if follows > len(data):
            break
        expected.append(place)
        place = follows
    starts, after = walk(bytearray(data), begin, len(data), shape)
    assert starts.tolist() == expected
    assert after == place
    return len(expected)


@pytest.mark.parametrize("shape", [LITTLE, BIG])
@pytest.mark.parametrize("tick", [0, 1, 40, 5000])
def test_packets_of_all_sizes(shape: RecordShape, tick: int) -> None:
    sizes = np.random.default_rng(7).choice([0, 40, 66, 300, 1514], 1200).tolist()
    assert check(records(sizes, shape, tick=tick), shape) == 1200


@pytest.mark.parametrize("size", [0, 1, 60, 1514, 9000, 65535, 262144])
def test_packets_of_one_size(size: int) -> None:
    check(records([size] * (800_000 // (size + 16)), LITTLE), LITTLE)


def test_packets_that_look_like_records() -> None:
    """Guesses that go wrong, and agree with each other, are of no account."""
    inner = records([20, 70, 20], LITTLE)
    sizes = np.random.default_rng(3).choice([500, 1514], 600).tolist()
    check(records(sizes, LITTLE, inner), LITTLE)
    check(records([60_000] * 12, LITTLE, inner), LITTLE)
    check(records([1514] * 200 + [150_000] + [1514] * 200, LITTLE, inner), LITTLE)


def test_times_of_zero_and_packets_of_zeros() -> None:
    data = struct.pack("<IIII", 0, 0, 1500, 1500) + bytes(1500)
    assert check(data * 400, LITTLE) == 400


@given(seed=st.integers(0, 2**32 - 1), begin=st.integers(0, 40), cut=st.integers(0, 2000), damage=st.integers(0, 3))
@settings(deadline=None, max_examples=25)
def test_damaged_and_cut_blocks(seed: int, begin: int, cut: int, damage: int) -> None:
    chance = np.random.default_rng(seed)
    data = bytearray(begin) + records(chance.integers(0, 3000, 300).tolist(), LITTLE)
    for place in chance.integers(begin, len(data) - 4, damage).tolist():
        data[place : place + 4] = chance.bytes(4)
    check(bytes(data[: len(data) - cut]), LITTLE, begin)


def test_nothing_is_there() -> None:
    for size in (0, 1, 15):
        assert check(bytes(size), LITTLE) == 0
    starts, after = step(bytearray(64), 0, 49, LITTLE)
    assert (starts.tolist(), after) == ([0, 16, 32, 48], 64)
