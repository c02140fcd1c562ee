"""Runs of segments come out as their bytes, whichever way they are fetched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.tcp import joining
from rtmpscope.tcp.joining import Joiner
from rtmpscope.tcp.runs import AT, OFFSET, STOP, VIEW, no_rows
from tests.support.ways import COMPILED, the_way

pytestmark = pytest.mark.usefixtures("each_way")

BATCH = bytes(range(256)) * 12
KEPT = BATCH[::-1]
# (length, how many such segments follow each other, view); long stretches of one length are gathered.
STRETCHES = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from((1, 2, 15, 16, 17, 60)), st.integers(0, 1)), min_size=1, max_size=5
)


@given(stretches=STRETCHES, data=st.data())
@settings(deadline=None, max_examples=60)
def test_bytes_stand_in_the_order_of_the_rows(stretches: list[tuple[int, int, int]], data: st.DataObject) -> None:
    sizes = np.repeat([size for size, _, _ in stretches], [count for _, count, _ in stretches])
    rows = np.zeros((no_rows().shape[0], len(sizes)), np.int64)
    rows[STOP] = 1000 + np.cumsum(sizes)
    rows[OFFSET] = rows[STOP] - sizes
    rows[VIEW] = np.repeat([view for _, _, view in stretches], [count for _, count, _ in stretches])
    seed = data.draw(st.integers(0, 2**32 - 1))
    rows[AT] = np.random.default_rng(seed).integers(0, len(BATCH) - sizes, endpoint=True)
    joiner, views = Joiner(), (memoryview(BATCH), memoryview(KEPT))
    expected = b"".join(
        (BATCH, KEPT)[view][at : at + size]
        for view, at, size in zip(rows[VIEW].tolist(), rows[AT].tolist(), sizes.tolist(), strict=True)
    )
    assert joiner.join(rows, views) == expected
    assert joiner.join(rows[:, :3], views) == expected[: int(sizes[:3].sum())]


def test_stretches_longer_than_what_is_fetched_at_once() -> None:
    rows = np.zeros((no_rows().shape[0], 200), np.int64)
    rows[OFFSET] = np.arange(200) * 1448
    rows[STOP] = rows[OFFSET] + 1448
    rows[AT] = np.arange(200)[::-1] * 7
    expected = b"".join(BATCH[at : at + 1448] for at in rows[AT].tolist())
    assert Joiner().join(rows, (memoryview(BATCH), memoryview(b""))) == expected


@pytest.mark.parametrize(
    ("row", "value"), [(AT, -1), (AT, 4000), (STOP, 5), (OFFSET, 1500), (OFFSET, 1 << 40), (STOP, 1 << 62)]
)
def test_compiled_joining_refuses_places_outside_its_views(row: int, value: int) -> None:
    rows = np.zeros((no_rows().shape[0], 3), np.int64)
    rows[OFFSET] = np.arange(3) * 100
    rows[STOP] = rows[OFFSET] + 100
    rows[row, 1] = value
    with the_way(COMPILED):
        assert joining.compiled_join is not None
        with pytest.raises(ValueError, match="segments are not"):
            joining.compiled_join(rows, (memoryview(BATCH), memoryview(b"")))
