"""Segments of any order, overlap and loss give the bytes that were sent, and holes where none came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.tcp import Assembler, Hole, Piece, runs
from tests.tcp.reference import Expected, expected_of, given_by
from tests.tcp.segments import ACK, FIN, RST, SYN, Seg, batch_of

SENT = bytes(np.random.default_rng(7).integers(0, 256, 3000, np.uint8))


def assembled(batches: Sequence[Sequence[Seg]]) -> tuple[Assembler, list[Piece | Hole]]:
    assembler, frame = Assembler(), 1
    events: list[Piece | Hole] = []
    for batch in batches:
        events += assembler.feed(batch_of(batch, frame))
        frame += len(batch)
    return assembler, [*events, *assembler.finish()]


def of_direction(events: Sequence[Piece | Hole], connection: int = 0, direction: int = 0) -> list[Piece | Hole]:
    return [one for one in events if (one.connection, one.direction) == (connection, direction)]


def joined(events: Sequence[Piece | Hole]) -> bytes:
    """The stream, holes as question marks; also checks that nothing overlaps and nothing is left out."""
    out = b""
    for one in events:
        assert one.offset == len(out)
        out += one.data if isinstance(one, Piece) else b"?" * one.length
    return out


def opening(isn: int) -> list[Seg]:
    return [
        Seg(True, isn - 1, flags=SYN),
        Seg(False, 8999, ack=isn, flags=SYN | ACK),
        Seg(True, isn, ack=9000),
    ]


@st.composite
def cut_streams(draw: st.DrawFn) -> tuple[int, list[Seg]]:
    """A stream cut into segments, some repeated, some with other boundaries, out of order, not at the start."""
    isn = draw(st.sampled_from([1, 1000, (1 << 32) - 700, (1 << 32) - 1]))
    cuts = sorted(draw(st.sets(st.integers(1, len(SENT) - 1), max_size=25)))
    bounds = list(zip([0, *cuts], [*cuts, len(SENT)], strict=True))
    again = draw(st.lists(st.tuples(st.integers(0, len(SENT) - 1), st.integers(1, 400)), max_size=8))
    bounds += [(start, min(start + size, len(SENT))) for start, size in again]
    order = draw(st.permutations(range(len(bounds))))
    return isn, [Seg(True, isn + bounds[i][0], SENT[bounds[i][0] : bounds[i][1]], ack=9000) for i in order]


def in_batches(segments: Sequence[Seg], cuts: Sequence[int]) -> list[list[Seg]]:
    edges = sorted({0, len(segments), *(cut % (len(segments) + 1) for cut in cuts)})
    return [list(segments[start:stop]) for start, stop in pairwise(edges)]


@settings(deadline=None, max_examples=150)
@given(cut_streams(), st.lists(st.integers(0, 1000), max_size=5))
def test_any_order_repetition_and_overlap_gives_the_bytes_sent(stream: tuple[int, list[Seg]], cuts: list[int]) -> None:
    isn, segments = stream
    assembler, events = assembled(in_batches(opening(isn) + segments, cuts))
    assert joined(of_direction(events)) == SENT
    assert len(assembler.connections) == 1
    assert assembler.connections[0].missing_bytes == [0, 0]


@settings(deadline=None, max_examples=150)
@given(cut_streams(), st.lists(st.integers(0, 1000), max_size=5), st.data())
def test_lost_bytes_are_holes_and_all_else_is_traced(
    stream: tuple[int, list[Seg]], cuts: list[int], data: st.DataObject
) -> None:
    isn, segments = stream
    lost = data.draw(st.sets(st.integers(0, len(segments) - 1), max_size=6))
    kept = [one for place, one in enumerate(segments) if place not in lost]
    assembler, events = assembled([opening(isn), *in_batches(kept, cuts)])
    agrees(assembler, events, expected_of(kept, isn, 4))


@settings(deadline=None, max_examples=150)
@given(cut_streams(), st.data())
def test_snapped_bytes_are_holes_unless_another_packet_of_the_batch_brings_them(
    stream: tuple[int, list[Seg]], data: st.DataObject
) -> None:
    isn, segments = stream
    snap = data.draw(st.lists(st.integers(0, 200), min_size=len(segments), max_size=len(segments)))
    kept = [replace(one, cut=max(0, len(one.payload) - size)) for one, size in zip(segments, snap, strict=True)]
    # What a packet lacks is known at once, so a later copy of it in another batch comes too late.
    assembler, events = assembled([opening(isn) + kept])
    agrees(assembler, events, expected_of(kept, isn, 4))


def agrees(assembler: Assembler, events: Sequence[Piece | Hole], expected: Expected) -> None:
    """The client's bytes, packets and holes are those of the plain assembler, and are counted."""
    given = given_by(of_direction(events))
    assert (given.data, given.frame, given.end) == (expected.data, expected.frame, expected.end)
    snapped = {offset for offset, reason in given.holes.items() if reason == "snapped"}
    assert snapped == expected.snapped
    assert assembler.connections[0].missing_bytes == [expected.end - len(expected.data), 0]
    assert assembler.connections[0].bytes[0] == expected.end


def test_a_long_run_out_of_order_is_handed_on_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BYTES_AT_ONCE", 100)
    sent = [Seg(True, 1000 + 50 * i, SENT[50 * i :][:50], ack=9000) for i in range(9)]
    _, events = assembled([[*opening(1000), sent[1], sent[0], *sent[2:]]])
    assert joined(events) == SENT[:450]
    assert [one.seg_offset.tolist() for one in events if isinstance(one, Piece)] == [
        [0, 50],
        [100, 150],
        [200, 250],
        [300, 350],
        [400],
    ]


def test_a_connection_without_syn_begins_at_its_lowest_sequence_number() -> None:
    late = [Seg(True, 5100, SENT[100:200]), Seg(True, 5000, SENT[:100])]
    _, events = assembled([late])
    assert joined(of_direction(events)) == SENT[:200]


def test_the_answer_to_syn_tells_where_the_other_side_begins() -> None:
    _, events = assembled([[Seg(False, 8999, ack=1000, flags=SYN | ACK), Seg(True, 1010, SENT[10:20], ack=9000)]])
    assert joined(of_direction(events, direction=1)) == b"?" * 10 + SENT[10:20]


def test_a_new_syn_with_another_number_is_a_new_connection() -> None:
    one = [*opening(1000), Seg(True, 1000, SENT[:50], ack=9000)]
    two = [Seg(True, 77000, flags=SYN), Seg(True, 77001, SENT[50:90])]
    assembler, events = assembled([one + two])
    assert [record.id for record in assembler.connections] == [0, 1]
    assert joined(of_direction(events, 0)) == SENT[:50]
    assert joined(of_direction(events, 1)) == SENT[50:90]


def test_a_connection_on_ports_used_again_is_numbered_before_those_that_come_later() -> None:
    one = [*opening(1000), Seg(True, 1000, SENT[:50], ack=9000)]
    again = [Seg(True, 77000, flags=SYN), Seg(False, 500, ack=77001, flags=SYN | ACK), Seg(False, 501, SENT[:20])]
    other = [Seg(True, 1, SENT[:10], port=50001), Seg(True, 77001, SENT[50:90])]
    assembler, events = assembled([[*one, *again, *other]])
    assert [record.port(0) for record in assembler.connections] == [50000, 50000, 50001]
    assert joined(of_direction(events, 1)) == SENT[50:90]
    assert joined(of_direction(events, 1, 1)) == SENT[:20]


def test_a_syn_after_a_bare_acknowledgement_is_a_new_connection() -> None:
    assembler, _ = assembled([[Seg(True, 5000, ack=777)], [Seg(True, 99, flags=SYN)]])
    assert len(assembler.connections) == 2


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=120), st.lists(st.integers(0, 1000), max_size=5))
def test_interleaved_connections_do_not_touch_each_other(turns: list[tuple[int, bool]], cuts: list[int]) -> None:
    sent: dict[tuple[int, bool], bytes] = {}
    segments = []
    for port, a in turns:
        before = sent.get((port, a), b"")
        payload = SENT[len(before) : len(before) + 7 + port]
        segments.append(Seg(a, 1000 + len(before), payload, port=50000 + port))
        sent[port, a] = before + payload
    assembler, events = assembled(in_batches(segments, cuts))
    order = list(dict.fromkeys(port for port, _ in turns))
    first_side = {port: next(a for one, a in turns if one == port) for port in order}
    for number, port in enumerate(order):
        for a in (True, False):
            got = joined(of_direction(events, number, 0 if a == first_side[port] else 1))
            assert got == sent.get((port, a), b"")
    assert len(assembler.connections) == len(order)


def test_one_direction_alone_gives_up_on_lost_bytes_after_many_segments() -> None:
    assembler = Assembler()
    sent = [Seg(True, 1000 + 2 * i, SENT[2 * i : 2 * i + 2]) for i in range(1, 1100)]
    list(assembler.feed(batch_of([Seg(True, 999, flags=SYN)])))
    few = list(assembler.feed(batch_of(sent[:500], 2)))
    many = list(assembler.feed(batch_of(sent[500:], 502)))
    assert few == []
    assert joined(many) == b"??" + SENT[2:2200]


def test_a_repeated_syn_is_no_new_connection() -> None:
    assembler, _ = assembled([[Seg(True, 999, flags=SYN), *opening(1000)]])
    assert len(assembler.connections) == 1


def test_connections_are_numbered_by_their_first_packet() -> None:
    ports = [50003, 50001, 50002, 50001]
    assembler, _ = assembled([[Seg(True, 1, b"x", port=port) for port in ports]])
    assert [record.port(0) for record in assembler.connections] == [50003, 50001, 50002]


def test_keep_alive_changes_nothing() -> None:
    sent = [*opening(1000), Seg(True, 1000, SENT[:50], ack=9000), Seg(True, 1049, b"\0", ack=9000)]
    assembler, events = assembled([sent, [Seg(True, 1050, SENT[50:80], ack=9000)]])
    assert joined(of_direction(events)) == SENT[:80]
    assert assembler.connections[0].retransmitted_bytes == [0, 0]


def test_retransmitted_bytes_are_counted() -> None:
    sent = [*opening(1000), Seg(True, 1000, SENT[:50]), Seg(True, 1000, SENT[:50]), Seg(True, 1050, SENT[50:60])]
    assembler, _ = assembled([sent])
    assert assembler.connections[0].retransmitted_bytes == [50, 0]


def test_a_hole_that_the_receiver_acknowledged_is_told_from_one_it_did_not() -> None:
    sent = [*opening(1000), Seg(True, 1100, SENT[100:200], ack=9000)]
    _, unacked = assembled([sent])
    _, acked = assembled([[*sent, Seg(False, 9000, ack=1200)]])
    assert [one.acked for one in unacked if isinstance(one, Hole)] == [False]
    assert [one.acked for one in acked if isinstance(one, Hole)] == [True]


def test_acknowledged_loss_is_given_up_after_a_second() -> None:
    second = 1_000_000_000
    sent = [*opening(1000), Seg(True, 1100, SENT[100:200], ack=9000), Seg(False, 9000, ack=1200)]
    assembler = Assembler()
    list(assembler.feed(batch_of(sent)))
    later = list(assembler.feed(batch_of([Seg(True, 1200, SENT[200:210], ack=9000, time_ns=3 * second)], 6)))
    assert joined(later) == b"?" * 100 + SENT[100:210]


def test_acknowledged_loss_is_given_up_after_many_segments_at_once() -> None:
    assembler = Assembler()
    list(assembler.feed(batch_of([*opening(1000), Seg(False, 9000, ack=3000, time_ns=1)])))
    sent = [Seg(True, 1002 + 2 * i, SENT[2 + 2 * i : 4 + 2 * i], ack=9000, time_ns=1) for i in range(300)]
    assert list(assembler.feed(batch_of(sent[:200], 5))) == []
    assert joined(list(assembler.feed(batch_of(sent[200:], 205)))) == b"??" + SENT[2:602]


def test_bytes_missing_before_fin_are_a_hole() -> None:
    _, events = assembled([[*opening(1000), Seg(True, 1000, SENT[:50]), Seg(True, 1080, flags=FIN | ACK)]])
    assert joined(of_direction(events)) == SENT[:50] + b"?" * 30


def test_bytes_acknowledged_after_the_last_captured_one_are_a_hole() -> None:
    sent = [*opening(1000), Seg(True, 1000, SENT[:50], ack=9000), Seg(False, 9000, ack=1080)]
    _, events = assembled([sent])
    assert joined(of_direction(events)) == SENT[:50] + b"?" * 30
    assert [one.acked for one in events if isinstance(one, Hole)] == [True]


@pytest.mark.parametrize("captured", [True, False])
def test_the_acknowledgement_of_fin_stands_for_no_byte(captured: bool) -> None:
    sent = [*opening(1000), Seg(True, 1000, SENT[:50], ack=9000), Seg(False, 9000, ack=1051)]
    fin = [Seg(True, 1050, ack=9000, flags=FIN | ACK)] if captured else []
    _, events = assembled([[*sent[:-1], *fin, sent[-1]]])
    assert joined(of_direction(events)) == SENT[:50]


def test_text_in_a_reset_is_not_part_of_the_stream() -> None:
    sent = [*opening(1000), Seg(True, 1000, SENT[:50], ack=9000), Seg(True, 1050, b"go away", flags=RST)]
    _, events = assembled([sent])
    assert joined(of_direction(events)) == SENT[:50]


def test_bytes_from_before_the_start_are_left_out_and_not_counted_as_sent_again() -> None:
    assembler, events = assembled([[Seg(True, 5000, SENT[50:100])], [Seg(True, 4950, SENT[:50])]])
    assert joined(of_direction(events)) == SENT[50:100]
    assert assembler.connections[0].retransmitted_bytes == [0, 0]


def test_many_segments_stored_in_part_give_a_piece_and_a_hole_each() -> None:
    sent = [Seg(True, 1000 + 30 * i, SENT[30 * i : 30 * i + 30], ack=9000, cut=20) for i in range(100)]
    _, events = assembled([opening(1000) + sent])
    holes = [one for one in events if isinstance(one, Hole)]
    assert [(one.offset, one.length, one.frame) for one in holes] == [(30 * i + 10, 20, i + 4) for i in range(100)]
    assert joined(of_direction(events)) == b"".join(one.payload[:10] + b"?" * 20 for one in sent)


def test_fin_and_reset_are_noted_with_their_packets() -> None:
    assembler, _ = assembled([[*opening(1000), Seg(True, 1000, flags=FIN | ACK), Seg(False, 9000, flags=RST)]])
    record = assembler.connections[0]
    assert record.fin[0] is not None
    assert record.rst[1] is not None
    assert (record.fin[0].frame, record.rst[1].frame) == (4, 5)
    assert (record.syn_side, record.syn_time, record.synack_time, record.ack_time) == (0, 1000000, 2000000, 3000000)


@pytest.mark.parametrize("far", [1 << 30, -(1 << 30), (1 << 31) - 1])
def test_absurd_sequence_numbers_are_ignored(far: int) -> None:
    stray = Seg(True, 1000 + far, b"stray")
    _, events = assembled([[*opening(1000), stray, Seg(True, 1000, SENT[:50])]])
    assert joined(of_direction(events)) == SENT[:50]


def test_an_absurd_sequence_number_does_not_make_later_segments_look_late() -> None:
    stray = Seg(True, 1000 + (1 << 30), b"stray")
    sent = [Seg(True, 1000 + 50 * i, SENT[50 * i : 50 * i + 50], ack=9000) for i in range(4)]
    assembler, _ = assembled([[*opening(1000), stray, *sent[:2]], sent[2:]])
    assert assembler.events.columns().shape[1] == 0


def test_an_ignored_connection_yields_nothing_more() -> None:
    assembler = Assembler()
    list(assembler.feed(batch_of(opening(1000))))
    assembler.ignore(0)
    assert list(assembler.feed(batch_of([Seg(True, 1000, SENT[:50])], 4))) == []


def test_a_connection_may_be_ignored_while_its_last_bytes_are_handed_on() -> None:
    waiting = [Seg(True, 1010, SENT[:10], ack=9000), Seg(False, 9010, SENT[:10], ack=1000)]
    assembler, seen = Assembler(), 0
    list(assembler.feed(batch_of(opening(1000) + waiting)))
    for event in assembler.finish():
        assembler.ignore(event.connection)
        seen += 1
    assert seen == 1


def test_ignoring_takes_effect_between_two_events_of_a_batch() -> None:
    assembler, seen = Assembler(), 0
    sent = [Seg(True, 1000 + 100 * i, SENT[:100], ack=9000, cut=50) for i in range(5)]
    for event in assembler.feed(batch_of(opening(1000) + sent)):
        assembler.ignore(event.connection)
        seen += 1
    assert seen == 1


@pytest.mark.parametrize("most_in_a_slot", [1, 2, 32])
def test_colliding_hashes_do_not_mix_connections(most_in_a_slot: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from rtmpscope.tcp import grouping

    monkeypatch.setattr(grouping, "_FEW", 0)
    monkeypatch.setattr(grouping, "_MOST_IN_A_SLOT", most_in_a_slot)
    monkeypatch.setattr(grouping, "_MULTIPLIERS", tuple(np.uint64(0) for _ in range(6)))
    sent = [Seg(True, 1, b"one", port=50001), Seg(True, 1, b"two", port=50002), Seg(False, 1, b"back", port=50001)]
    _, events = assembled([sent])
    assert joined(of_direction(events, 0)) == b"one"
    assert joined(of_direction(events, 1)) == b"two"
    assert joined(of_direction(events, 0, 1)) == b"back"


def test_waiting_bytes_of_all_connections_are_bounded_and_the_fullest_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from rtmpscope.tcp import assembler as module

    monkeypatch.setattr(module, "MOST_PENDING_BYTES", 1000)
    assembler = Assembler()
    sizes = {50001: 300, 50002: 600, 50003: 400}
    started = [Seg(True, 999, flags=SYN, port=port) for port in sizes]
    waiting = [Seg(True, 1010, SENT[10 : 10 + size], port=port) for port, size in sizes.items()]
    events = list(assembler.feed(batch_of([*started, *waiting])))
    assert {one.connection for one in events} == {1}
    assert joined(events) == b"?" * 10 + SENT[10:610]


def test_waiting_bytes_are_bounded() -> None:
    assembler = Assembler()
    list(assembler.feed(batch_of(opening(1000))))
    block = bytes(60000)
    events: list[Piece | Hole] = []
    for number in range(300):
        events += assembler.feed(batch_of([Seg(True, 1100 + number * len(block), block, ack=9000)], 10 + number))
    assert any(isinstance(one, Hole) for one in events)


def test_a_batch_may_bring_more_than_sequence_numbers_can_tell_apart() -> None:
    size, count = 100_000_000, 60  # 6 GB, of which a byte each was stored
    segments = [Seg(True, 1 + size * place, b"x") for place in range(count)]
    batch = replace(batch_of(segments), payload_length=np.full(count, size, np.int64))
    assembler = Assembler()
    events = [*assembler.feed(batch), *assembler.finish()]
    assert [event.offset for event in events if isinstance(event, Piece)] == [size * place for place in range(count)]
    assert sum(event.length for event in events if isinstance(event, Hole)) == (size - 1) * count
    assert assembler.connections[0].bytes == [size * count, 0]
