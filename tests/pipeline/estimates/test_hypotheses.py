"""Several answers that are carried on."""

from __future__ import annotations

import numpy as np

from rtmpscope.pipeline.estimates.hypotheses import no_time_missing


def test_the_likeliest_come_first_and_cost_nothing() -> None:
    known = no_time_missing(1, 1)
    parents = known.follow({0: np.array([[0.0, 23.0, 46.0]])}, np.array([[3.0, 1.0, 2.0]]))
    assert known.shift[:, 0].tolist() == [23.0, 46.0, 0.0]
    assert known.cost.tolist() == [0.0, 1.0, 2.0]
    assert parents.tolist() == [0, 0, 0]


def test_answers_that_are_alike_are_one() -> None:
    known = no_time_missing(2, 1)
    known.follow({0: np.array([[10.0, 10.5, 60.0]]), 1: np.array([[0.0, 0.0, 0.0]])}, np.array([[1.0, 0.0, 2.0]]))
    assert known.shift[:, 0].tolist() == [10.5, 60.0]


def test_hopeless_answers_and_too_many_are_given_up() -> None:
    known = no_time_missing(1, 1)
    shifts = np.arange(0, 23_000, 23.0)[None]
    known.follow({0: shifts}, np.where(shifts == 0, 0.0, 100.0))
    assert len(known) == 1
    known.follow({0: shifts}, shifts / 1e6)
    assert 1 < len(known) <= 24


def test_those_at_odds_for_long_with_the_likeliest_are_given_up() -> None:
    known = no_time_missing(1, 1)
    known.follow({0: np.array([[0.0, 100.0]])}, np.array([[0.0, 1.0]]))
    assert known.settle().tolist() == [True, True], "they come from the same"
    known.follow({0: known.shift + np.array([[0.0, 23.0]])}, known.cost[:, None] + np.array([[0.0, 0.5]]))
    assert known.settle().tolist() == [True, True, False, False]
    assert known.shift[:, 0].tolist() == [0.0, 23.0]
