"""What the bench has to show, a line per promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.measure import Usage

#: By how much a time may be off a straight line through the origin.
LINEAR = 1.1


@dataclass(frozen=True)
class Target:
    """What is promised of a workload.

    ``times_faster`` and ``times_as_long`` are against tshark, ``of_w1`` against W1 in the same run. ``goal`` is what
    is aimed at beyond the promise.
    """

    workload: str
    times_faster: float | None = None
    goal: float | None = None
    times_as_long: float | None = None
    of_w1: float | None = None
    peak: float | None = None
    linear: float | None = None
    bytes_per_message: float | None = None

    @property
    def needs_w1(self) -> bool:
        """Whether W1 is measured beside it."""
        return any(one is not None for one in (self.of_w1, self.linear, self.bytes_per_message))

    @property
    def needs_tshark(self) -> bool:
        """Whether a promise is against tshark."""
        return self.times_faster is not None or self.times_as_long is not None


TARGETS = {
    target.workload: target
    for target in (
        Target("W1", times_faster=12, goal=20, peak=300),
        Target("W2", times_faster=12, goal=20, peak=300),
        Target("W3", times_faster=10, goal=20, peak=500),
        Target("W4", times_as_long=2.5),
        Target("W5", of_w1=1.3, peak=300),
        Target("W6", linear=LINEAR, bytes_per_message=200),
        Target("W7", of_w1=1.2, peak=300),
    )
}


@dataclass(frozen=True)
class Measured:
    """The medians of a workload: of rtmpscope, of tshark, and of rtmpscope on W1 in turns with it.

    ``stages`` is a table of where rtmpscope's time goes, where a promise about time is broken.
    """

    workload: str
    megabytes: float
    packets: int
    messages: int
    runs: int
    ours: Usage
    theirs: Usage | None = None
    w1: Usage | None = None
    w1_megabytes: float = 0
    w1_messages: int = 0
    stages: str = ""


@dataclass(frozen=True)
class Check:
    """A promise beside what was measured; ``cpu`` is the same in CPU time, where it is about time."""

    workload: str
    what: str
    sign: Literal["≥", "≤"]
    limit: float
    value: float
    cpu: float | None = None
    goal: float | None = None

    @property
    def met(self) -> bool:
        """Whether the promise is kept, by the clock."""
        return self.value >= self.limit if self.sign == "≥" else self.value <= self.limit


def checks(one: Measured) -> list[Check]:
    """Every promise of a workload that the measurement can tell."""
    target = TARGETS[one.workload]
    found = [*_against_tshark(one, target), *_against_w1(one, target)]
    if target.peak is not None:
        found.append(Check(one.workload, "peak memory, MB", "≤", target.peak, one.ours.peak))
    return found


def _against_tshark(one: Measured, target: Target) -> list[Check]:
    if one.theirs is None:
        return []
    wall, cpu = one.theirs.wall / one.ours.wall, one.theirs.cpu / one.ours.cpu
    found = []
    if target.times_faster is not None:
        what = "times faster than tshark"
        found.append(Check(one.workload, what, "≥", target.times_faster, wall, cpu, target.goal))
    if target.times_as_long is not None:
        found.append(Check(one.workload, "of tshark's time", "≤", target.times_as_long, 1 / wall, 1 / cpu))
    return found


def _against_w1(one: Measured, target: Target) -> list[Check]:
    if one.w1 is None:
        return []
    wall, cpu = one.ours.wall / one.w1.wall, one.ours.cpu / one.w1.cpu
    found = []
    if target.of_w1 is not None:
        found.append(Check(one.workload, "of W1's time", "≤", target.of_w1, wall, cpu))
    if target.linear is not None:
        times = one.megabytes / one.w1_megabytes
        found.append(Check(one.workload, "of W1's time per byte", "≤", target.linear, wall / times, cpu / times))
    if target.bytes_per_message is not None and one.messages > one.w1_messages:
        more = (one.ours.peak - one.w1.peak) * 1e6 / (one.messages - one.w1_messages)
        found.append(Check(one.workload, "bytes of peak memory per message", "≤", target.bytes_per_message, more))
    return found
