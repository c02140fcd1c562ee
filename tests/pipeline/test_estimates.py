"""Timestamps that deltas tell too early after a loss are mended by lost bytes, order and the clock of arrival."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.estimates import mend_estimates
from rtmpscope.pipeline.growing import Columns
from tests.support.damage import outcome, truth_of
from tests.support.tools import CAPTURES

FRAME_MS, LENGTH = 40, 1000


def frames(lost: range, jitter: int = 0, rate: float = 1.0, exact: tuple[int, ...] = ()) -> tuple[Columns, np.ndarray]:
    """Video in real time of which some frames are lost; the true timestamps besides."""
    kept = np.array([number for number in range(200) if number not in lost])
    true = kept * FRAME_MS
    after = kept >= lost.stop
    since = [number for number in exact if number >= lost.stop]
    known = ~after | (np.isin(kept, exact))
    missing = len(lost) * FRAME_MS * (after & (kept < min(since, default=1 << 30)))
    noise = np.random.default_rng(1).integers(-jitter, jitter + 1, len(kept))
    columns = {
        "flow": np.zeros(len(kept), np.int32),
        "offset": kept * LENGTH,
        "end": (kept + 1) * LENGTH,
        "csid": np.full(len(kept), 6, np.int32),
        "fmt": np.full(len(kept), 1, np.uint8),
        "length": np.full(len(kept), LENGTH - 8, np.int32),
        "header_bytes": np.full(len(kept), 8, np.int32),
        "chunk_count": np.ones(len(kept), np.int32),
        "type_id": np.full(len(kept), 9, np.uint8),
        "frame_start": np.arange(1, len(true) + 1),
        "time_start": ((true / rate).astype(np.int64) + noise + 10**12) * 1_000_000,
        "timestamp": true - missing,
        "timestamp_exact": known,
    }
    return columns, true


def mended(columns: Columns) -> np.ndarray:
    media = {"ordinal": np.arange(len(columns["flow"])), "timestamp": columns["timestamp"].copy()}
    mend_estimates(columns, media)
    assert (media["timestamp"] == columns["timestamp"]).all()
    return columns["timestamp"]


@pytest.mark.parametrize("jitter", [0, 15])
def test_the_time_of_lost_messages_is_added(jitter: int) -> None:
    columns, true = frames(range(50, 75), jitter)
    assert (np.abs(mended(columns) - true) <= max(jitter, 1)).all()


def test_exact_timestamps_are_never_changed() -> None:
    columns, true = frames(range(50, 75), exact=tuple(range(120, 200)))
    exact = columns["timestamp_exact"].copy()
    assert (mended(columns)[exact] == true[exact]).all()


def test_of_senders_faster_than_time_the_lost_bytes_tell() -> None:
    columns, true = frames(range(50, 75), rate=20.0)
    assert (mended(columns) == true).all()


def test_a_capture_clock_that_jumps_back_adds_nothing() -> None:
    columns, true = frames(range(50, 51))
    columns["time_start"][100:] -= 3_600_000 * 1_000_000
    assert (np.abs(mended(columns) - true) <= FRAME_MS).all()


@pytest.mark.parametrize("name", ["publish_h264_aac.pcap", "play_rtmpdump.pcap", "publish_gstreamer.pcap"])
def test_estimates_in_a_real_capture_are_within_a_frame_interval(name: str) -> None:
    truth = truth_of(CAPTURES / name)
    found = outcome(truth, truth.data_frames[7::100])
    errors = [
        abs(time - truth_time)
        for one, truth_time in truth.times.items()
        if one in found.found and one[2] in (8, 9)
        for time, exact, _ in [found.found[one]]
        if not exact
    ]
    assert np.mean(np.array(errors) <= 23) >= 0.9
