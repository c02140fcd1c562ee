"""Payloads of many directions come out as their bytes, however much is joined at a time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.tcp import payloads, runs
from rtmpscope.tcp.joining import Joiner
from rtmpscope.tcp.payloads import Payloads
from tests.tcp.segments import Seg, batch_of

SENT = bytes(range(256)) * 16
#: Lengths of the segments of each direction; a direction may have none.
DIRECTIONS = st.lists(st.lists(st.integers(1, 90), max_size=40), min_size=1, max_size=6)


@pytest.fixture(autouse=True)
def little_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (payloads, runs):
        monkeypatch.setattr(module, "BYTES_AT_ONCE", 500)


@given(directions=DIRECTIONS)
@settings(deadline=None, max_examples=60)
def test_each_direction_gets_its_bytes_with_the_places_of_their_segments(directions: list[list[int]]) -> None:
    sizes = [size for own in directions for size in own]
    sent = [SENT[number * 7 :][:size] for number, size in enumerate(sizes)]
    batch = batch_of([Seg(True, 1000, payload) for payload in sent], 1)
    found = Payloads(batch, batch.frame - 1, Joiner())
    bounds = [0]
    for own in directions:
        bounds.append(bounds[-1] + len(own))
    for first, stop in pairwise(bounds):
        if first == stop:
            continue
        parts = list(found.parts(first, stop))
        assert [place for _, part in parts for place in range(part.start, part.stop)] == list(range(first, stop))
        for data, part in parts:
            assert data == b"".join(sent[part])
            assert len(data) < 500 + max(sizes) or part.stop - part.start == 1
