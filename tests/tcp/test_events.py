"""What is notable about segments: sent again, late, repeated acknowledgements, windows, and copies of the capture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from rtmpscope.tcp import EVENT_NAMES, Assembler
from tests.tcp.segments import ACK, FIN, RST, SYN, Seg, batch_of

MS = 1_000_000
OPENING = [
    Seg(True, 999, flags=SYN, time_ns=0),
    Seg(False, 8999, ack=1000, flags=SYN | ACK, time_ns=1 * MS),
    Seg(True, 1000, ack=9000, time_ns=2 * MS),
]


def data(place: int, at_ms: float, size: int = 100) -> Seg:
    """A segment of the client whose bytes begin at ``place`` hundreds."""
    return Seg(True, 1000 + 100 * place, bytes(size), ack=9000, time_ns=int((10 + at_ms) * MS))


def ack(place: int, at_ms: float) -> Seg:
    return Seg(False, 9000, ack=1000 + 100 * place, time_ns=int((10 + at_ms) * MS))


def events_of(*batches: Sequence[Seg]) -> tuple[Assembler, list[tuple[str, int]]]:
    """The events as (name, frame); frames count the opening, so that the first segment is frame 4."""
    assembler, frame = Assembler(), 4
    list(assembler.feed(batch_of(OPENING)))
    for batch in batches:
        list(assembler.feed(batch_of(batch, frame)))
        frame += len(batch)
    columns = assembler.events.columns()
    return assembler, sorted((EVENT_NAMES[code], number) for code, number in columns[1:3].T.tolist())


def ways_to_cut(segments: Sequence[Seg]) -> list[list[list[Seg]]]:
    """The segments as one batch, as two, cut anywhere, and each in a batch of its own."""
    two = [[list(segments[:cut]), list(segments[cut:])] for cut in range(1, len(segments))]
    return [[list(segments)], *two, [[one] for one in segments]]


CASES = {
    "in order": ([data(0, 0), data(1, 1), data(2, 2)], []),
    "sent again after it was in order": ([data(0, 0), data(1, 1), data(0, 9)], [("retransmission", 6)]),
    "sent again while it waits": ([data(0, 0), data(2, 1), data(2, 9)], [("retransmission", 6)]),
    "a part sent again": ([data(0, 0), data(1, 1), data(0, 9, 40)], [("retransmission", 6)]),
    "more than was sent before": ([data(0, 0), data(0, 9, 150)], [("retransmission", 5)]),
    "a gap filled late": ([data(0, 0), data(2, 1), data(1, 9)], [("retransmission", 6)]),
    "a gap filled at once": ([data(0, 0), data(2, 1), data(1, 2)], [("out_of_order", 6)]),
    "a part of an earlier segment sent again at once": (
        [data(0, 0), data(1, 0.1), data(2, 0.2), replace(data(1, 1, 40), seq=1130)],
        [("retransmission", 7)],
    ),
    "two segments sent again as one": (
        [data(0, 0), data(1, 0.1), data(2, 0.2), data(0, 0.3, 200)],
        [("retransmission", 7)],
    ),
    "the same packet twice at once": ([data(0, 0), data(0, 0.1), data(1, 1), data(1, 1.1)], []),
    "the same segment twice at once, asked for twice": (
        [data(0, 0), data(1, 0.01), ack(0, 0.02), data(2, 0.03), ack(0, 0.04), data(0, 0.05)],
        [("duplicate_ack", 8), ("retransmission", 9)],
    ),
    "an acknowledgement repeated while bytes are on their way": (
        [data(0, 0), data(2, 1), ack(1, 2), ack(1, 3), data(3, 4), ack(1, 4)],
        [("duplicate_ack", 7), ("duplicate_ack", 9)],
    ),
    "an acknowledgement repeated before more is sent": ([data(0, 0), ack(1, 1), ack(1, 2), data(1, 3)], []),
    "keep-alive": ([data(0, 0), replace(data(0, 900, 1), seq=1099)], [("keep_alive", 5)]),
    "fin and reset": (
        [Seg(True, 1000, ack=9000, flags=FIN | ACK), Seg(True, 1001, flags=RST)],
        [("fin", 4), ("reset", 5)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_segments_give_these_events_however_the_batches_fall(name: str) -> None:
    segments, expected = CASES[name]
    for batches in ways_to_cut(segments):
        assert events_of(*batches)[1] == expected


def test_disorder_and_retransmission_are_told_apart_among_many() -> None:
    swapped = [data(place ^ 1, place * 0.1) for place in range(40)]
    again = [data(place, 50 + place) for place in range(0, 40, 8)]
    _, events = events_of([*swapped, *again])
    assert events == sorted(
        [("out_of_order", 4 + place) for place in range(1, 40, 2)] + [("retransmission", 44 + i) for i in range(5)]
    )


def test_the_same_packet_twice_at_once_is_a_copy_and_no_event() -> None:
    twice = [one for place in range(6) for one in (data(place, place), data(place, place + 0.1))]
    assembler, events = events_of(twice)
    assert events == []
    assert (assembler.events.copies, assembler.events.first_copy) == (6, 5)
    assert assembler.connections[0].retransmitted_bytes == [0, 0]


def test_the_same_segment_twice_at_once_was_sent_again_if_it_was_asked_for_twice() -> None:
    asked = [data(0, 0), data(1, 0.01), ack(0, 0.02), data(2, 0.03), ack(0, 0.04), data(0, 0.05)]
    assembler, events = events_of(asked)
    assert ("retransmission", 9) in events
    assert assembler.events.copies == 0


def test_a_gap_filled_later_than_a_round_trip_after_it_was_visible_was_sent_again() -> None:
    assert events_of([data(0, 0), data(2, 1), data(1, 2.9)])[1] == [("out_of_order", 6)]
    quick = [replace(segment, time_ns=segment.time_ns // 1000) for segment in OPENING]
    assembler = Assembler()
    list(assembler.feed(batch_of([*quick, data(0, 0), data(2, 1), data(1, 2.9)])))
    assert EVENT_NAMES[assembler.events.columns()[1, 0]] == "retransmission"


def test_an_acknowledgement_repeated_while_bytes_are_on_their_way_is_a_duplicate() -> None:
    _, events = events_of([data(0, 0), data(2, 1)], [ack(1, 2), ack(1, 3), ack(1, 4)])
    assert events == [("duplicate_ack", 7), ("duplicate_ack", 8)]


def test_an_acknowledgement_repeated_when_all_has_come_is_none() -> None:
    assert events_of([data(0, 0)], [ack(1, 2), ack(1, 3)])[1] == []


def test_closed_and_filled_windows_are_events() -> None:
    assembler = Assembler()
    opened = replace(batch_of(OPENING), window_scale=np.array([0, 0, -1], np.int8))
    list(assembler.feed(opened))
    shrunk = replace(batch_of([ack(0, 0), data(0, 1), ack(1, 2)], 4), window=np.array([100, 65535, 0], np.uint16))
    list(assembler.feed(shrunk))
    found = [(EVENT_NAMES[code], frame) for code, frame in assembler.events.columns()[1:3].T.tolist()]
    assert sorted(found) == [("window_full", 5), ("zero_window", 6)]
