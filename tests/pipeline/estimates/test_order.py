"""Audio and video stand in the order of their timestamps."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.estimates.order import allowed_shifts


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    ("others", "times", "places", "stamps", "bounds"),
    [
        pytest.param([0, 2], [0, 40], [1], [0], (0, 40), id="between two"),
        pytest.param([0], [100], [1, 2], [20, 43], (80, None), id="after the last"),
        pytest.param([2], [100], [0, 1], [20, 43], (None, 57), id="before the first"),
        pytest.param([0, 3], [0, 40], [1, 2, 4], [0, 23, 46], (0, 17), id="the narrowest of several"),
        pytest.param([1, 3], [10, 5], [0, 2, 4], [0, 0, 0], (10, 5), id="others out of order"),
    ],
)
def test_messages_fit_between_their_neighbours(
    others: list[int], times: list[int], places: list[int], stamps: list[int], bounds: tuple[int | None, int | None]
) -> None:
    allowed = allowed_shifts(ints(*others), ints(*times), ints(*places), ints(*stamps))
    assert (allowed.lowest, allowed.highest) == bounds


def test_one_message_in_eight_may_be_out_of_order() -> None:
    video, audio = np.arange(0, 40, 2), np.arange(1, 41, 2)
    times, stamps = video * 20, audio * 20
    stamps[5] += 500
    assert allowed_shifts(video, times, audio, stamps).narrow
    stamps[5:15] += np.array([500, -500] * 5)
    assert not allowed_shifts(video, times, audio, stamps).narrow


@pytest.mark.parametrize(
    ("lowest", "highest", "middle"), [(10, 20, 15), (10, None, 30), (None, 20, 0)], ids=["both", "low", "high"]
)
def test_the_middle_of_an_open_side_is_half_a_step_away(lowest: int, highest: int, middle: float) -> None:
    above = ints(highest) if highest is not None else ints()
    below = ints(lowest) if lowest is not None else ints()
    others = ints(*([0] if lowest is not None else []), *([2] if highest is not None else []))
    allowed = allowed_shifts(others, np.concatenate([below, above]), ints(1), ints(0))
    assert allowed.middle(40.0) == middle
