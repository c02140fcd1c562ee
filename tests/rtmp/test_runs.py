"""Runs of captured bytes with holes between them."""

from __future__ import annotations

from rtmpscope.rtmp.runs import Runs


def runs() -> Runs:
    kept = Runs(100)
    kept.add(b"abc")
    kept.add(b"de")
    kept.hole(10)
    kept.add(b"fgh")
    return kept


def test_bytes_that_follow_one_another_are_one_run() -> None:
    assert runs().first == (100, b"abcde")


def test_holes_count_towards_the_end_and_not_the_size() -> None:
    kept = runs()
    kept.hole(7)
    assert (kept.end, kept.size) == (125, 8)


def test_bytes_are_found_by_their_offset_as_far_as_they_are_there() -> None:
    kept = runs()
    assert (kept.bytes_at(103, 9), kept.bytes_at(116, 2), kept.bytes_at(107, 2)) == (b"de", b"gh", b"")


def test_only_the_last_run_grows_and_only_if_no_hole_follows() -> None:
    kept = runs()
    assert kept.may_grow(kept.at(115)[0])
    assert not kept.may_grow(kept.first[1])
    kept.hole(1)
    assert not kept.may_grow(kept.at(115)[0])


def test_what_came_since_an_offset_is_told_with_its_holes() -> None:
    kept = runs()
    kept.hole(2)
    assert kept.since(103) == [b"de", 10, b"fgh", 2]
    assert kept.since(110) == [5, b"fgh", 2]


def test_a_shortened_run_keeps_its_offsets() -> None:
    kept = runs()
    kept.shorten_first(2)
    assert (kept.first, kept.bytes_at(102, 2)) == ((102, b"cde"), b"cd")
    kept.drop_first()
    assert kept.first == (115, b"fgh")
