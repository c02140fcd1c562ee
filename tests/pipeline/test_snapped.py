"""Captures whose packets were cut short: messages are found by their headers, and nothing is invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.damage import outcome, truth_of
from tests.support.tools import all_captures


@pytest.mark.parametrize("path", all_captures())
@pytest.mark.parametrize("snap", [96, 128, 200, 256])
def test_messages_are_found_by_their_headers(path: Path, snap: int) -> None:
    found = outcome(truth_of(path), snap=snap)
    assert not found.invented
    assert not found.false_timestamps
    headed = found.whole | found.headed
    if len(headed) < 0.1 * len(found.truth):
        return  # hardly any payload: long headers of link and network layer leave no room
    assert found.share(headed & found.follows) >= 0.98
    assert found.share(headed - found.follows) >= 0.80


@pytest.mark.parametrize("path", all_captures())
def test_packets_lost_from_a_snapped_capture(path: Path) -> None:
    truth = truth_of(path)
    for snap in (96, 200):
        found = outcome(truth, truth.data_frames[7::20], snap)
        assert not found.invented
        assert not found.false_timestamps
