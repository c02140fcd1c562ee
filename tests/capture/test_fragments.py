"""Fragments of IP datagrams: what completes one, what is a late copy, and what hostile ones may cost."""

from __future__ import annotations

import random

import pytest

from rtmpscope.capture.fragments import Datagram, Fragment, Fragments

SECOND = 10**9
BODY = bytes(range(240))


def part(offset: int, data: bytes, *, last: bool = False, length: int | None = None) -> Fragment:
    return Fragment("key", offset, len(data) if length is None else length, last, b"header", data)


def parts(body: bytes = BODY, size: int = 80) -> list[Fragment]:
    places = range(0, len(body), size)
    return [part(at, body[at : at + size], last=at + size >= len(body)) for at in places]


def completed(fragments: Fragments, given: list[Fragment], time_ns: int = 0) -> list[bytes]:
    found = [fragments.add(one, (0, number), time_ns) for number, one in enumerate(given)]
    return [one.data for one in found if isinstance(one, Datagram)]


@pytest.mark.parametrize("seed", range(8))
def test_any_order_with_copies_and_overlaps_completes_one_datagram(seed: int) -> None:
    chance = random.Random(seed)
    given = [*parts(size=8), *parts(size=40), *parts(size=80)]
    chance.shuffle(given)
    assert completed(Fragments(), given)[:1] == [BODY]


def test_a_late_copy_does_not_spoil_the_next_datagram_of_the_same_number() -> None:
    fragments, other = Fragments(), bytes(reversed(BODY))
    assert completed(fragments, [*parts(), parts()[2]]) == [BODY]
    assert completed(fragments, parts(other)) == [other]


def test_a_number_may_come_again_at_once() -> None:
    fragments = Fragments()
    bodies = [bytes([number]) * 80 + BODY for number in range(4)]
    assert completed(fragments, [one for body in bodies for one in parts(body)]) == bodies


def test_a_copy_counts_again_when_the_time_for_reassembly_is_over() -> None:
    fragments = Fragments()
    completed(fragments, parts())
    assert completed(fragments, parts(), 29 * SECOND) == []
    assert completed(fragments, parts(), 31 * SECOND) == [BODY]


def test_a_fragment_captured_in_part_ends_what_is_known() -> None:
    first, second, last = parts()
    (data,) = completed(Fragments(), [first, part(80, second.data[:7], length=80), last])
    assert data == BODY[:87]


def test_no_more_fragments_are_kept_than_a_datagram_can_have() -> None:
    fragments = Fragments()
    many = [part(8 * (number % 8190), bytes(number // 8190 + 1)) for number in range(60_000)]
    assert completed(fragments, many) == []
    (waiting,) = fragments._waiting.values()
    assert len(waiting.fragments) == 8192


def test_copies_are_not_kept() -> None:
    fragments = Fragments()
    completed(fragments, [part(0, bytes(8))] * 1000)
    (waiting,) = fragments._waiting.values()
    assert len(waiting.fragments) == 1
