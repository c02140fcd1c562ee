"""Regular messages whose times are rounded to milliseconds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtmpscope.pipeline.estimates.kinds import Kind, kinds_of
from rtmpscope.pipeline.estimates.lattice import begins, due, followed
from rtmpscope.pipeline.estimates.rows import media_rows
from tests.pipeline.estimates.session import session

STEP = 1024 / 44.1
NONE = np.zeros(1)


def audio() -> Kind:
    given = session(20, 0.0)
    kind = kinds_of(media_rows(given.columns, np.arange(len(given.true))), None)[0]
    return replace(kind, grid=STEP)


def rounded(first: int, count: int) -> np.ndarray:
    return np.rint(np.arange(first, first + count) * STEP)


def test_rounding_is_averaged_away_at_the_beginning() -> None:
    assert begins(audio(), rounded(100, 8)) == pytest.approx(100 * STEP, abs=0.2)


def test_irregular_messages_begin_when_they_say() -> None:
    assert begins(replace(audio(), regular=False), np.array([5.0, 90.0, 100.0])) == 5.0


@pytest.mark.parametrize("missing", [0.0, 230.0])
def test_a_message_is_due_a_step_after_the_last(missing: float) -> None:
    last = np.array([100 * STEP])
    assert due(STEP, last, 101 * STEP - missing, np.array([missing])) == pytest.approx(missing)
    assert due(STEP, last, 101 * STEP - missing, np.array([missing - 1])) == pytest.approx(missing)


def test_rounding_does_not_add_up_over_many_gaps() -> None:
    kind, last = audio(), NONE
    for number in range(1, 1000):  # of each four messages one is heard
        last = followed(kind, rounded(4 * number, 1), NONE, last, number, exact=False)
    assert float(last[0]) == pytest.approx(3996 * STEP, abs=0.3)


def test_an_exact_stretch_tells_the_time_anew() -> None:
    assert followed(audio(), rounded(50, 20), NONE, np.array([3.0]), 9, exact=True) == pytest.approx(69 * STEP, abs=0.3)


def test_a_message_far_off_the_lattice_is_believed() -> None:
    assert followed(audio(), np.array([1010.0]), NONE, np.array([1000.0]), 9, exact=False).tolist() == [1010.0]
