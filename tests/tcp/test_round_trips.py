"""Round trips are measured where an acknowledgement answers a segment, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rtmpscope.tcp.round_trips import RoundTrips, Timed, waits


def timed(*rows: tuple[int, int, int]) -> Timed:
    """Offset, place, time of each."""
    table = np.array(rows, np.int64).reshape(-1, 3).T
    return Timed(table[0], table[1], table[2])


@pytest.mark.parametrize(
    ("sent", "acks", "expected"),
    [
        ([(100, 0, 10)], [(100, 1, 35)], [25]),
        ([(100, 0, 10), (200, 1, 12)], [(200, 2, 40)], [28]),  # it is the last segment that is answered
        ([(100, 0, 10)], [(90, 1, 35)], []),  # the end of no segment
        ([(100, 0, 10)], [(100, 1, 35), (100, 2, 60)], [25]),  # a repeated acknowledgement says nothing more
        ([(100, 1, 10)], [(100, 0, 5)], []),  # an acknowledgement from before
        ([(100, 0, 10), (100, 1, 20)], [(100, 2, 45)], []),  # sent again: which one was answered?
        ([(100, 0, 10), (300, 1, 11), (200, 2, 90)], [(300, 3, 99)], []),  # it waited for the one in between
        ([], [(100, 0, 5)], []),
        ([(100, 0, 10)], [], []),
    ],
)
def test_waits(sent: list[tuple[int, int, int]], acks: list[tuple[int, int, int]], expected: list[int]) -> None:
    assert waits(timed(*sent), timed(*acks), reached=0).tolist() == expected


def test_bytes_from_before_were_sent_again() -> None:
    assert waits(timed((100, 0, 10)), timed((100, 1, 30)), reached=100).tolist() == []


@settings(deadline=None)
@example([1_000_000] * 7 + [9_000_000] * 93, 7)
@example([1_000], 100)
@given(st.lists(st.integers(1_000, 10**11), min_size=1, max_size=200), st.integers(1, 100))
def test_percentiles_are_right_within_five_percent(samples: list[int], percent: int) -> None:
    """A class is an eighth of a doubling wide and told by its middle, which is 4.4 % off its ends."""
    trips = RoundTrips()
    for part in np.array_split(np.array(samples, np.int64), 3):
        trips.add(part)
    exact = sorted(samples)[-(-percent * len(samples) // 100) - 1] / 1e6
    assert trips.count == len(samples)
    assert trips.percentile_ms(percent) == pytest.approx(exact, rel=0.05)


def test_without_samples_nothing_is_known() -> None:
    assert RoundTrips().percentile_ms(50) is None
