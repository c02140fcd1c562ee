"""Packets missing from the capture cost the messages they held, hardly any others, and nothing is invented."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.damage import outcome, truth_of
from tests.support.tools import all_captures

#: In the first packets the handshake and the commands are sent.
_BEFORE_MEDIA = 60


@pytest.mark.parametrize("path", all_captures())
@pytest.mark.parametrize("every", [100, 50, 20])
def test_single_packets_missing(path: Path, every: int) -> None:
    truth = truth_of(path)
    found = outcome(truth, truth.data_frames[7::every])
    assert not found.invented
    assert not found.false_timestamps
    assert found.share(found.whole, complete=True) >= 0.99


@pytest.mark.parametrize("path", all_captures())
def test_bursts_missing(path: Path) -> None:
    truth = truth_of(path)
    for seed in range(4):
        found = outcome(truth, _bursts(truth.data_frames, seed))
        assert not found.invented
        assert not found.false_timestamps
        assert found.share(found.whole, complete=True) >= 0.97


def _bursts(places: list[int], seed: int) -> set[int]:
    """Two to ten packets in a row, every now and then."""
    chance = random.Random(seed)
    lost: set[int] = set()
    for start in range(_BEFORE_MEDIA, len(places) - 12, 80):
        begin = start + chance.randint(0, 30)
        lost |= set(places[begin : begin + chance.randint(2, 10)])
    return lost
