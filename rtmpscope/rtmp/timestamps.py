"""What a timestamp field means where senders disagree, told by the clocks of the direction.

Timestamps of audio and video in one direction run side by side. Of two readings, the one that stays beside
what other headers have said exactly is right. Where neither does, or both do, the reading found before in
that direction is kept, and else the specification's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from rtmpscope.rtmp.chunk_header import signed32, unwrapped
from rtmpscope.rtmp.dialect import DeltaReading, StepReading

#: Readings that differ by less do not matter: ms.
MATTERS_MS = 1_000
#: Clocks that run side by side are no further apart: ms.
NEAR_MS = 10_000
#: Of two readings the one is told that is so many times nearer.
CLEARLY = 8
#: What a sender that cuts its timestamps to 24 bits counts modulo.
RANGE_24 = 1 << 24


class ExtendedDelta(NamedTuple):
    """An extended timestamp of a type-1 or type-2 header, read.

    ``told`` is the reading that the clocks tell, None where they tell none; ``why`` is empty where the
    specification's reading is taken without doubt.
    """

    timestamp: int
    told: DeltaReading | None
    why: str


class AfterType0(NamedTuple):
    """What a type-3 header adds that begins a message after a type-0 header; ``told`` and ``why`` likewise."""

    step: int
    told: StepReading | None
    why: str


def extended_delta(previous: int, time: int, clocks: Collection[int], found: DeltaReading | None) -> ExtendedDelta:
    """Read the extended timestamp ``time`` after a message of time ``previous``, beside other ``clocks``."""
    delta, absolute = previous + signed32(time), unwrapped(previous, time)
    if abs(delta - absolute) < MATTERS_MS:
        return ExtendedDelta(delta, None, "")
    apart = [_distance(one, (previous, *clocks)) for one in (delta, absolute)]
    # In a stream's first seconds both are near; then the one that is many times nearer.
    near = min(NEAR_MS, min(apart) * CLEARLY) if min(apart) < MATTERS_MS else NEAR_MS
    beside = [one <= near for one in apart]
    if beside == [True, False]:
        return ExtendedDelta(delta, "delta", "")
    if beside == [False, True]:
        why = f"{absolute} ms is beside the direction's clock, {delta} ms is not"
        return ExtendedDelta(absolute, "absolute", why)
    if found == "absolute":
        return ExtendedDelta(absolute, None, "as before in this direction")
    return ExtendedDelta(delta, None, "" if found else f"no clock tells {delta} ms from {absolute} ms")


def after_type_0(previous: int, time: int, clocks: Collection[int], found: StepReading | None) -> AfterType0:
    """Read a type-3 header after type-0 headers that had timestamp ``time``, beside other ``clocks``."""
    step = signed32(time)
    if abs(step) < MATTERS_MS:
        return AfterType0(0 if found == "zero" else step, None, "")
    beside = [_distance(one, clocks) <= abs(step) // 4 for one in (previous + step, previous)]
    if beside == [True, False]:
        return AfterType0(step, "timestamp", "")
    if beside == [False, True]:
        return AfterType0(0, "zero", f"other chunk streams are near {previous} ms, not near {previous + step} ms")
    if found == "zero":
        return AfterType0(0, None, "as before in this direction")
    if found is None and abs(step) >= NEAR_MS:
        return AfterType0(0, "zero", f"a step of {step} ms between messages is not to be believed")
    return AfterType0(step, None, "" if found else f"no clock tells {previous + step} ms from {previous} ms")


def cut_to_24_bits(time: int, clocks: Collection[int]) -> int | None:
    """The timestamp beside a clock that ``time`` stands for modulo 2**24; None if there is none beside any.

    Of several the latest is taken: other chunk streams may have stood still since before a wrap.
    """
    steps = ((clock, _signed24(time - clock)) for clock in clocks)
    return max((clock + step for clock, step in steps if abs(step) <= NEAR_MS), default=None)


def _distance(timestamp: int, clocks: Collection[int]) -> float:
    return min((abs(timestamp - clock) for clock in clocks), default=float("inf"))


def _signed24(value: int) -> int:
    value &= RANGE_24 - 1
    return value - RANGE_24 if value >= RANGE_24 // 2 else value
