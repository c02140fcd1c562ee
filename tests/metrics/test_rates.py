"""Rates are those of the media clock."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.metrics import bitrate_kbps, frame_rate, keyframe_interval_s


def test_frame_rate_counts_intervals_not_frames() -> None:
    assert frame_rate(np.array([0, 40, 80, 120])) == pytest.approx(25.0)


def test_bitrate_gives_the_last_frame_a_duration_too() -> None:
    assert bitrate_kbps(np.array([125, 125]), np.array([0, 1000])) == pytest.approx(1.0)


def test_keyframe_interval_is_the_median() -> None:
    assert keyframe_interval_s(np.array([0, 2000, 4000, 9000])) == 2.0


@pytest.mark.parametrize("dts", [[], [5], [5, 5]])
def test_too_few_frames_have_no_rate(dts: list[int]) -> None:
    times = np.array(dts, np.int64)
    assert frame_rate(times) is None
    assert bitrate_kbps(np.ones(len(dts), np.int64), times) is None


def test_one_keyframe_has_no_interval() -> None:
    assert keyframe_interval_s(np.array([7])) is None
