"""Directions looked at all at once and one by one: the same bytes, holes, events and records."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.tcp import Assembler, Hole, Piece, answers, talk
from rtmpscope.tcp import assembler as module
from rtmpscope.tcp.direction import Direction
from tests.tcp.segments import ACK, FIN, RST, SYN, Seg, batch_of

SENT = bytes(range(1, 251)) * 8
#: What a side does next; in order is what it mostly does.
MOVES = st.sampled_from(["data"] * 8 + ["ack"] * 6 + ["again", "skip", "cut", "fin", "reset", "syn", "far", "odd"])
STEPS = st.lists(st.tuples(st.booleans(), st.booleans(), MOVES, st.integers(1, 60)), max_size=60)


def conversation(steps: Sequence[tuple[bool, bool, str, int]], opened: bool) -> list[Seg]:
    """Segments of two connections whose sides do these things in turn."""
    at: dict[tuple[int, bool], int] = {(port, side): 0 for port in (50001, 50002) for side in (True, False)}
    segments: list[Seg] = []
    for port in (50001, 50002) if opened else ():
        segments += [
            Seg(True, 999, flags=SYN, port=port),
            Seg(False, 8999, ack=1000, flags=SYN | ACK, port=port),
            Seg(True, 1000, ack=9000, port=port),
        ]
    for which, side, move, size in steps:
        port = 50001 if which else 50002
        mine, theirs = (1000, 9000) if side else (9000, 1000)
        place = at[port, side]
        begin = {"again": max(place - size, 0), "skip": place + size, "far": place + (1 << 30)}.get(move, place)
        payload = b"" if move in ("ack", "fin", "reset", "syn") else SENT[begin % 250 :][:size]
        flags = {"fin": FIN | ACK, "reset": RST | ACK, "syn": SYN, "odd": 0}.get(move, ACK)
        cut = size // 2 if move == "cut" else 0
        segments.append(Seg(side, mine + begin, payload, theirs + at[port, not side], flags, cut, port))
        if move in ("data", "skip", "cut", "odd"):
            at[port, side] = begin + size
    return segments


def everything(batches: Sequence[Sequence[Seg]]) -> tuple[object, ...]:
    assembler, handed_on, first = Assembler(), [], 1
    for segments in batches:
        handed_on += [fact_of(event) for event in assembler.feed(batch_of(segments, first))]
        first += len(segments)
    handed_on += [fact_of(event) for event in assembler.finish()]
    events = sorted(map(tuple, assembler.events.columns().T.tolist()))
    return handed_on, events, assembler.events.copies, repr(assembler.connections)


def fact_of(event: Piece | Hole) -> tuple[object, ...]:
    if isinstance(event, Hole):
        return event.connection, event.direction, event.offset, event.length, event.reason, event.acked, event.frame
    columns = (event.seg_offset, event.seg_frame, event.seg_time)
    return event.connection, event.direction, event.offset, event.data, *(column.tolist() for column in columns)


@settings(deadline=None, max_examples=150)
@given(STEPS, st.booleans(), st.integers(1, 70))
def test_all_at_once_and_one_by_one_are_the_same(
    steps: list[tuple[bool, bool, str, int]], opened: bool, size: int
) -> None:
    segments = conversation(steps, opened)
    batches = [segments[first : first + size] for first in range(0, len(segments), size)]
    with pytest.MonkeyPatch.context() as patch:
        for one in (answers, talk):  # so that round trips are measured among so few
            patch.setattr(one, "LEAST_SEGMENTS", 1)
            patch.setattr(one, "LEAST_ACKS", 1)
        at_once = everything(batches)
        patch.setattr(Direction, "is_level", property(lambda _: False))
        patch.setattr(module, "speaking", lambda batch, bare, before: [True] * len(batch.number))
        assert everything(batches) == at_once


def test_a_conversation_in_order_is_not_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    segments = conversation([(True, place % 2 == 0, "data", 10) for place in range(40)], opened=True)
    monkeypatch.setattr(Direction, "add", None)
    assert everything([segments])[0]


def test_acknowledgements_of_a_direction_that_is_alone_answer_no_other() -> None:
    """The server's side of the first connection is silent; what the client acknowledges is not of the second."""
    segments = []
    for place in range(20):
        segments.append(Seg(True, 1000 + 10 * place, bytes(10), 9000, port=50002))
        segments.append(Seg(True, 1000, ack=9000 + 10 * (place + 1), port=50001))
        if place % 2:
            segments.append(Seg(False, 9000, ack=1000 + 10 * (place + 1), port=50002))
    assembler, opening = Assembler(), conversation([], opened=True)
    list(assembler.feed(batch_of(opening)))
    list(assembler.feed(batch_of(segments, len(opening) + 1)))
    assert [one.round_trips[0].count for one in assembler.connections] == [0, 10]
