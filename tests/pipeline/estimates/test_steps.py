"""Usual steps from one message to the next."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.estimates.steps import common_divisor, in_use


@pytest.mark.parametrize(
    ("measured", "count", "step"),
    [
        pytest.param(23.2174, 400, 1024 / 44.1, id="AAC"),
        pytest.param(26.1776, 400, 1152 / 44.1, id="MP3"),
        pytest.param(33.332, 400, 1000 / 30, id="30 frames a second"),
        pytest.param(33.365, 400, 1001 / 30, id="29.97 frames a second"),
        pytest.param(33.0, 4, 1000 / 30, id="few messages are rounded more"),
        pytest.param(37.0, 400, 37.0, id="none of those in use"),
    ],
)
def test_the_step_in_use_is_taken_for_the_one_measured(measured: float, count: int, step: float) -> None:
    assert in_use(measured, count) == pytest.approx(step)


def test_where_frames_are_left_out_steps_are_multiples_of_one() -> None:
    times = np.rint(np.cumsum(np.random.default_rng(1).choice([1, 1, 2, 3], 200)) * 1000 / 30).astype(np.int64)
    assert common_divisor(np.diff(times)) == pytest.approx(1000 / 30, abs=0.2)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(np.array([33, 67]), id="too few"),
        pytest.param(np.random.default_rng(1).integers(20, 200, 300), id="of no common measure"),
        pytest.param(np.ones(100, np.int64), id="too short to tell"),
    ],
)
def test_steps_without_a_common_divisor(steps: np.ndarray) -> None:
    assert common_divisor(steps) is None
