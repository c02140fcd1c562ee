"""How much time gaps swallowed, in sessions of audio and video."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.pipeline.estimates import directions, mend_estimates
from tests.pipeline.estimates.session import AUDIO_MS, FIRST, VIDEO_MS, Session, by_deltas, session


def errors(sent: Session) -> np.ndarray:
    """By how much each timestamp is off once estimates are mended."""
    media = {"ordinal": np.arange(len(sent.true)), "timestamp": sent.columns["timestamp"].copy()}
    exact = sent.columns["timestamp_exact"]
    mend_estimates(sent.columns, media)
    assert (media["timestamp"] == sent.columns["timestamp"]).all()
    assert (sent.columns["timestamp"] == sent.true)[exact].all()
    return sent.columns["timestamp"] - sent.true


def right(sent: Session) -> float:
    """The share of estimates within an interval of their kind."""
    off = np.abs(errors(sent))
    interval = np.where(sent.columns["type_id"] == 8, int(AUDIO_MS), int(VIDEO_MS))
    guessed = ~sent.columns["timestamp_exact"]
    return float((off <= interval)[guessed].mean())


@pytest.mark.parametrize("shared", [False, True], ids=["two chunk streams", "one chunk stream"])
@pytest.mark.parametrize("lost", [0.01, 0.1])
def test_most_estimates_are_within_an_interval(lost: float, shared: bool) -> None:
    assert right(session(60, lost, shared=shared)) > 0.9


def test_errors_do_not_add_up_in_a_long_session() -> None:
    off = errors(session(400, 0.1))
    assert abs(np.median(off[-1000:])) < VIDEO_MS


def test_exact_order_and_bytes_give_exact_times_without_jitter() -> None:
    off = errors(session(20, 0.02, jitter_ms=1))
    assert np.abs(off).max() <= 5  # steps are rounded


def test_what_comes_before_the_first_exact_timestamp_is_set_beside_it() -> None:
    sent = session(20, 0.0)
    sent.columns["timestamp_exact"][:100] = False
    sent.columns["timestamp"][:100] -= 5_000
    assert np.abs(errors(sent)).max() <= VIDEO_MS


def test_a_chunk_stream_that_is_heard_late_in_a_stretch_is_mended_too() -> None:
    sent = session(60, 0.0)
    time, video = sent.true, sent.columns["type_id"] == 9
    lost = (time >= 20_000) & (time < 21_000) | video & (time >= 20_000) & (time < 24_000)
    known = time < 20_000
    late = sent.left(~lost)
    late.columns["timestamp_exact"][:] = known[~lost]
    late.columns["timestamp"] -= np.where(known[~lost], 0, np.where(video[~lost], 4_000, 1_000))
    assert right(late) > 0.9


def test_an_hour_that_the_clock_jumps_costs_no_memory_and_is_not_believed() -> None:
    sent = session(20, 0.02)
    sent.columns["time_start"][len(sent.true) // 2 :] += 3_600_000 * 1_000_000
    assert np.abs(errors(sent)).max() < 60_000


@pytest.mark.parametrize("shared", [False, True], ids=["two chunk streams", "one chunk stream"])
def test_without_any_exact_timestamp_the_first_is_taken_for_right(shared: bool) -> None:
    sent = session(60, 0.1, shared=shared)
    sent.columns["timestamp_exact"][:] = False
    assert right(sent) > 0.9


def test_without_any_exact_timestamp_and_any_loss_nothing_changes() -> None:
    sent = session(20, 0.0)
    sent.columns["timestamp_exact"][:] = False
    assert np.abs(errors(sent)).max() == 0


def test_a_first_loss_before_the_lead_has_settled_is_not_kept_for_good() -> None:
    sent = session(30, 0.0)
    waiting = np.maximum(200 - sent.true // 2, 0)  # what a sender hands over late at first
    sent.columns["time_start"] += waiting * 1_000_000
    lost = (sent.true > 110) & (sent.true < 200)
    sent.columns["timestamp"] = by_deltas(sent.true, sent.columns["csid"], ~lost)
    sent.columns["timestamp_exact"] = np.cumsum(lost) == 0
    assert right(sent.left(~lost)) == 1.0


def test_a_direction_of_many_chunk_streams_is_left_alone() -> None:
    sent = session(5, 0.1)
    sent.columns["csid"][FIRST:] = np.arange(len(sent.true) - FIRST) % (2 * directions.MOST_CHANNELS) + 3
    before = sent.columns["timestamp"].copy()
    mend_estimates(sent.columns, {"ordinal": np.empty(0, np.int64), "timestamp": np.empty(0, np.int64)})
    assert (sent.columns["timestamp"] == before).all()


def test_of_very_many_gaps_several_are_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directions, "MOST_STRETCHES", 100)
    off = errors(session(60, 0.1))
    assert np.median(np.abs(off)) < 3 * VIDEO_MS


def test_directions_do_not_mix() -> None:
    one, other = session(20, 0.05), session(20, 0.05, seed=2)
    both = Session(
        {name: np.concatenate([one.columns[name], other.columns[name]]) for name in one.columns},
        np.concatenate([one.true, other.true]),
    )
    both.columns["flow"][len(one.true) :] = 3
    mixed = np.random.default_rng(5).permutation(len(both.true))
    together = errors(both.left(mixed))
    assert (together == np.concatenate([errors(one), errors(other)])[mixed]).all()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_nonsense_is_estimated_without_complaint(seed: int) -> None:
    chance = np.random.default_rng(seed)
    sent = session(2, float(chance.random()), seed=seed, shared=bool(chance.integers(2)))
    count = len(sent.true)
    for name, least, most in (
        ("timestamp", -(2**33), 2**33), ("time_start", 0, 2**61), ("length", 0, 2**24), ("end", 0, 2**40),
        ("fmt", 0, 4), ("type_id", 0, 23), ("csid", 2, 9), ("chunk_count", 0, 2**20), ("header_bytes", 0, 99),
        ("timestamp_exact", 0, 2),
    ):  # fmt: skip
        wrong = chance.random(count) < chance.choice([0, 0, 0.02, 1])
        column = sent.columns[name]
        column[wrong] = chance.integers(least, most, int(wrong.sum())).astype(column.dtype)
    exact = sent.columns["timestamp_exact"].copy()
    before = sent.columns["timestamp"].copy()
    mend_estimates(sent.columns, {"ordinal": np.empty(0, np.int64), "timestamp": np.empty(0, np.int64)})
    assert (sent.columns["timestamp"] == before)[exact].all()
