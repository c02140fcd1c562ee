"""Damaged copies of a capture, and which bytes of its streams each copy still holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tests.robustness.recording import Flow, Ints, Recording
from tests.support.capture_write import Packet, pcap_bytes

_NO_SPANS = np.empty((0, 2), np.int64)


@dataclass(frozen=True)
class Damaged:
    """A damaged copy.

    Attributes:
        packets: what is left, in file order.
        spans: by direction, the byte ranges (start, end) of its stream that are left, merged and sorted.
        base: by direction, the place in the whole stream that the copy's offset 0 has.
    """

    whole: Recording
    packets: tuple[Packet, ...]
    spans: dict[Flow, Ints]
    base: dict[Flow, int]

    def file(self) -> bytes:
        """The copy as a pcap file."""
        return pcap_bytes(self.packets, nanoseconds=True, linktype=self.whole.linktype)

    def holds(self, flow: Flow, start: Ints, end: Ints) -> np.ndarray:
        """Whether the copy has all bytes of each range."""
        spans = self.spans.get(flow, _NO_SPANS)
        if not len(spans):
            return np.zeros(len(start), bool)
        place = np.maximum(np.searchsorted(spans[:, 0], start, side="right") - 1, 0)
        return (spans[place, 0] <= start) & (end <= spans[place, 1])


Damage = Callable[[Recording], Iterator[Damaged]]


def copy_of(whole: Recording, places: Iterable[int], snap: int | None = None) -> Damaged:
    """The packets at these places of the file, of each no more than its first ``snap`` bytes."""
    kept = list(places)
    packets = [_snapped(whole.packets[place], snap) for place in kept]
    spans: dict[Flow, list[tuple[int, int]]] = {}
    first: dict[Flow, int] = {}
    opened: set[Flow] = set()
    for place in kept:
        segment = whole.segments[place]
        if segment is None:
            continue
        if segment.syn:
            opened.add(segment.flow)
        elif segment.length:
            captured = segment.length if snap is None else min(segment.length, max(snap - segment.header, 0))
            spans.setdefault(segment.flow, []).append((segment.offset, segment.offset + captured))
            first[segment.flow] = min(segment.offset, first.get(segment.flow, segment.offset))
    base = {flow: 0 if flow in opened else offset for flow, offset in first.items()}
    return Damaged(whole, tuple(packets), {flow: _merged(own) for flow, own in spans.items()}, base)


def _snapped(packet: Packet, snap: int | None) -> Packet:
    if snap is None or len(packet.data) <= snap:
        return packet
    return replace(packet, data=packet.data[:snap], cut=len(packet.data) - snap)


def _merged(spans: list[tuple[int, int]]) -> Ints:
    out: list[list[int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return np.array(out, np.int64)


def without(whole: Recording, lost: Iterable[int]) -> Damaged:
    """All packets but these."""
    gone = set(lost)
    return copy_of(whole, (place for place in range(len(whole.packets)) if place not in gone))


def untouched(whole: Recording) -> Iterator[Damaged]:
    """The capture as it is."""
    yield without(whole, ())


def single_segments(every: int, copies: int = 3) -> Damage:
    """Each ``every``-th segment with payload missing; the copies begin to count at different segments."""

    def damage(whole: Recording) -> Iterator[Damaged]:
        data = whole.data_places()
        for number in range(copies):
            yield without(whole, data[(7 + number * every // 3) % every :: every])

    return damage


def bursts(copies: int = 3) -> Damage:
    """Two to ten segments missing at a time, with eighty from one beginning to the next."""

    def damage(whole: Recording) -> Iterator[Damaged]:
        data = whole.data_places()
        for seed in range(copies):
            chance = random.Random(seed)
            starts = range(30 + 20 * seed, len(data), 80)
            yield without(whole, [place for at in starts for place in data[at : at + chance.randint(2, 10)]])

    return damage


def cuts(copies: int = 10) -> Damage:
    """The beginning thrown away, from a twentieth of the packets to a half of them."""

    def damage(whole: Recording) -> Iterator[Damaged]:
        total = len(whole.packets)
        for number in range(copies):
            yield copy_of(whole, range(total * (number + 1) // (2 * copies), total))

    return damage


def snapped(length: int) -> Damage:
    """Of each packet its first bytes only."""

    def damage(whole: Recording) -> Iterator[Damaged]:
        yield copy_of(whole, range(len(whole.packets)), snap=length)

    return damage


def swapped_pair(copies: int = 5) -> Damage:
    """Two neighbouring segments of one direction in the wrong order, at one place of each copy."""

    def damage(whole: Recording) -> Iterator[Damaged]:
        data = whole.data_places()
        pairs = [(a, b) for a, b in pairwise(data) if _follows(whole, a, b)]
        for number in range(copies):
            one, other = pairs[len(pairs) * (2 * number + 1) // (2 * copies)]
            order = list(range(len(whole.packets)))
            order[one], order[other] = other, one
            copy = copy_of(whole, order)
            times = [packet.time_ns for packet in whole.packets]
            timed = (replace(packet, time_ns=time) for packet, time in zip(copy.packets, times, strict=True))
            yield replace(copy, packets=tuple(timed))

    return damage


def _follows(whole: Recording, one: int, other: int) -> bool:
    before, after = whole.segments[one], whole.segments[other]
    assert before is not None and after is not None
    return before.flow == after.flow and before.offset + before.length == after.offset


def no_syn(whole: Recording) -> Iterator[Damaged]:
    """The packets that open the connections missing."""
    yield without(whole, (place for place, one in enumerate(whole.segments) if one is not None and one.syn))
