"""Distinct values, counted or sorted, are the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtmpscope.pipeline.build.distinct import distinct


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(-2, 2), st.integers(0, 1 << 62))))
def test_values_are_rebuilt_from_the_distinct_ones(values: list[int]) -> None:
    found, place = distinct(np.array(values, np.int64))
    assert found.tolist() == sorted(set(values))
    assert found[place].tolist() == values
