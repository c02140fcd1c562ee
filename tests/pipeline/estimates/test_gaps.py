"""How much time gaps swallowed, in sessions of audio and video."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline import estimates
from rtmpscope.pipeline.estimates import gaps, mend_estimates
from tests.pipeline.estimates.session import AUDIO_MS, FIRST, VIDEO_MS, Session, session


def errors(given: Session) -> np.ndarray:
    """By how much each timestamp is off once estimates are mended."""
    media = {"ordinal": np.arange(len(given.true)), "timestamp": given.columns["timestamp"].copy()}
    exact = given.columns["timestamp_exact"]
    mend_estimates(given.columns, media)
    assert (media["timestamp"] == given.columns["timestamp"]).all()
    assert (given.columns["timestamp"] == given.true)[exact].all()
    return given.columns["timestamp"] - given.true


def right(given: Session) -> float:
    """The share of estimates within an interval of their kind."""
    off = np.abs(errors(given))
    interval = np.where(given.columns["type_id"] == 8, int(AUDIO_MS), int(VIDEO_MS))
    guessed = ~given.columns["timestamp_exact"]
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
    given = session(20, 0.0)
    given.columns["timestamp_exact"][:100] = False
    given.columns["timestamp"][:100] -= 5_000
    assert np.abs(errors(given)).max() <= VIDEO_MS


def test_a_chunk_stream_that_is_heard_late_in_a_stretch_is_mended_too() -> None:
    given = session(60, 0.0)
    time, video = given.true, given.columns["type_id"] == 9
    lost = (time >= 20_000) & (time < 21_000) | video & (time >= 20_000) & (time < 24_000)
    known = time < 20_000
    late = given.left(~lost)
    late.columns["timestamp_exact"][:] = known[~lost]
    late.columns["timestamp"] -= np.where(known[~lost], 0, np.where(video[~lost], 4_000, 1_000))
    assert right(late) > 0.9


def test_an_hour_that_the_clock_jumps_costs_no_memory_and_is_not_believed() -> None:
    given = session(20, 0.02)
    given.columns["time_start"][len(given.true) // 2 :] += 3_600_000 * 1_000_000
    assert np.abs(errors(given)).max() < 60_000


def test_no_exact_timestamp_at_all_changes_nothing() -> None:
    given = session(20, 0.1)
    given.columns["timestamp_exact"][:] = False
    before = given.columns["timestamp"].copy()
    mend_estimates(given.columns, {"ordinal": np.empty(0, np.int64), "timestamp": np.empty(0, np.int64)})
    assert (given.columns["timestamp"] == before).all()


def test_a_direction_of_many_chunk_streams_is_left_alone() -> None:
    given = session(5, 0.1)
    given.columns["csid"][FIRST:] = np.arange(len(given.true) - FIRST) % (2 * estimates.MOST_CHANNELS) + 3
    before = given.columns["timestamp"].copy()
    mend_estimates(given.columns, {"ordinal": np.empty(0, np.int64), "timestamp": np.empty(0, np.int64)})
    assert (given.columns["timestamp"] == before).all()


def test_of_very_many_gaps_several_are_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "MOST_STRETCHES", 100)
    off = errors(session(60, 0.1))
    assert np.median(np.abs(off)) < 3 * VIDEO_MS
