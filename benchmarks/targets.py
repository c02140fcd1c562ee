"""What the bench has to show, a line per promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from benchmarks.measure import Usage, middle

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
    """What the runs over a workload took: of rtmpscope, and in turns with them of tshark, and of rtmpscope on W1.

    ``stages`` is a table of where rtmpscope's time goes, where a promise about time is broken.
    """

    workload: str
    megabytes: float
    packets: int
    messages: int
    ours: tuple[Usage, ...]
    theirs: tuple[Usage, ...] = ()
    w1: tuple[Usage, ...] = ()
    w1_megabytes: float = 0
    w1_messages: int = 0
    stages: str = ""


def quotient(one: Sequence[Usage], other: Sequence[Usage]) -> tuple[float, float]:
    """The median of what runs took, each divided by its neighbour's: by the clock, and in CPU time."""
    pairs = list(zip(one, other, strict=True))
    return median(a.wall / b.wall for a, b in pairs), median(a.cpu / b.cpu for a, b in pairs)


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
        return self._kept(self.value)

    @property
    def met_in_cpu_time(self) -> bool:
        """Whether it is kept in CPU time, which says more on a machine with other things to do."""
        return self.cpu is None or self._kept(self.cpu)

    def _kept(self, value: float) -> bool:
        return value >= self.limit if self.sign == "≥" else value <= self.limit


def checks(one: Measured) -> list[Check]:
    """Every promise of a workload that the measurement can tell."""
    target = TARGETS[one.workload]
    found = [*_against_tshark(one, target), *_against_w1(one, target)]
    if target.peak is not None:
        found.append(Check(one.workload, "peak memory, MB", "≤", target.peak, middle(one.ours).peak))
    return found


def _against_tshark(one: Measured, target: Target) -> list[Check]:
    if not one.theirs:
        return []
    wall, cpu = quotient(one.theirs, one.ours)
    found = []
    if target.times_faster is not None:
        what = "times faster than tshark"
        found.append(Check(one.workload, what, "≥", target.times_faster, wall, cpu, target.goal))
    if target.times_as_long is not None:
        found.append(Check(one.workload, "of tshark's time", "≤", target.times_as_long, 1 / wall, 1 / cpu))
    return found


def _against_w1(one: Measured, target: Target) -> list[Check]:
    if not one.w1:
        return []
    wall, cpu = quotient(one.ours, one.w1)
    found = []
    if target.of_w1 is not None:
        found.append(Check(one.workload, "of W1's time", "≤", target.of_w1, wall, cpu))
    if target.linear is not None:
        times = one.megabytes / one.w1_megabytes
        found.append(Check(one.workload, "of W1's time per byte", "≤", target.linear, wall / times, cpu / times))
    if target.bytes_per_message is not None and one.messages > one.w1_messages:
        more = (middle(one.ours).peak - middle(one.w1).peak) * 1e6 / (one.messages - one.w1_messages)
        found.append(Check(one.workload, "bytes of peak memory per message", "≤", target.bytes_per_message, more))
    return found
