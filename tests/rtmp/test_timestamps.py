"""Extended timestamps of type-1 and type-2 headers: a delta, or the absolute timestamp of some senders."""

from __future__ import annotations

import pytest

from rtmpscope.rtmp.timestamps import extended_delta


def minus(milliseconds: int) -> int:
    return (1 << 32) - milliseconds


CASES = {
    "back by less than a second": (7_056, minus(89), (6_967,), None, 6_967, "delta"),
    "back, in the first seconds": (7_056, minus(2_000), (5_056,), None, 5_056, "delta"),
    "back, long after the beginning": (900_000, minus(89), (899_900,), None, 899_911, "delta"),
    "absolute, long after the beginning": (17_000_000, 17_000_040, (17_000_020,), None, 17_000_040, "absolute"),
    "absolute, in the first seconds": (5_000, 5_040, (5_020,), None, 5_040, "absolute"),
    "neither is near": (1_000_000, 16_777_300, (1_000_000,), None, 17_777_300, None),
    "neither is near, absolute before": (1_000_000, 16_777_300, (1_000_000,), "absolute", 16_777_300, None),
    "both are as near, absolute before": (4_000, 3_000, (5_000,), "absolute", 3_000, None),
}


@pytest.mark.parametrize("name", CASES)
def test_the_reading_beside_the_clock_is_taken(name: str) -> None:
    previous, time, clocks, found, timestamp, told = CASES[name]
    read = extended_delta(previous, time, clocks, found)
    assert (read.timestamp, read.told) == (timestamp, told)
    assert told != "delta" or not read.why
