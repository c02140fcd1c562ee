"""TCP01, TCP06, TCP08: how well the network delivers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.findings.cells import whole
from rtmpscope.findings.model import Evidence, Finding, Place, Sender

Ints = NDArray[np.int64]

_SECOND_NS = 1_000_000_000
_DIRECTIONS = ("c2s", "s2c")
#: Handshake bytes of each side: what is stuck within them is stuck at C0C1 or S0S1S2.
_OPENING_BYTES = 3073


def retransmissions(evidence: Evidence) -> Iterator[Finding]:
    """TCP01: many segments sent again, or many at once."""
    limits = evidence.limits
    for connection, direction, rows in _directions(evidence, "retransmission"):
        packets = evidence.tcp(connection).sender(direction).packets
        share = len(rows) / max(packets, 1)
        many = packets >= limits.loss_sample and len(rows) >= limits.loss_least and share > limits.loss_share
        second, most = _worst_second(evidence, connection, rows)
        if not (many or most >= limits.loss_burst):
            continue
        events = evidence.tables["tcp_events"]
        size = int(events["length"].values[rows].sum())
        title = f"{100 * share:.1f} % of {direction} segments were sent again"
        seen = f"{len(rows)} of {packets} segments, {size} bytes; {most} of them in the second from {second} s on"
        seen += _effect(evidence, connection, direction, second)
        place = _first(evidence, connection, direction, rows)
        yield Finding("TCP01", "warning", title, place, seen, len(rows))


def round_trip(evidence: Evidence) -> Iterator[Finding]:
    """TCP06: a long way to the other end, or one whose length varies."""
    limits = evidence.limits
    if 1000 * evidence.capture.largest_step_s >= min(limits.rtt_high_ms, limits.rtt_spread_ms):
        return  # with such a clock no round trip can be believed
    for row in evidence.rows("connections"):
        number, rtt = whole(row["connection"]), row["rtt_ms"]
        senders = {way: evidence.tcp(number).sender(way) for way in _DIRECTIONS}
        spread = {way: _spread(sender) for way, sender in senders.items() if sender.round_trips >= limits.rtt_sample}
        long = isinstance(rtt, float) and rtt >= limits.rtt_high_ms
        varies = [way for way, size in spread.items() if size >= limits.rtt_spread_ms]
        if not long and not varies:
            continue
        title = f"round trip of connection {number} is " + ("long" if long else "unsteady")
        words = [f"handshake {rtt:.1f} ms"] if isinstance(rtt, float) else []
        words += [
            f"{way} data to acknowledgement {senders[way].rtt_median_ms:.1f} ms in the median, "
            f"{senders[way].rtt_high_ms:.1f} ms at 95 % of {senders[way].round_trips}"
            for way in spread
        ]
        place = Place(number, varies[0] if varies else None, None, whole(row["start"]), whole(row["start_frame"]))
        yield Finding("TCP06", "note", title, place, "; ".join(words))


def path_mtu(evidence: Evidence) -> Iterator[Finding]:
    """TCP08: large segments never arrive, small ones do."""
    limits, events = evidence.limits, evidence.tables["tcp_events"]
    for connection, direction, rows in _directions(evidence, "retransmission"):
        sender = evidence.tcp(connection).sender(direction)
        if sender.base is None or sender.acked is None:
            continue
        length = events["length"].values[rows]
        offset = (events["seq"].values[rows] - sender.base) & 0xFFFFFFFF
        stuck = rows[(offset == sender.acked & 0xFFFFFFFF) & (length >= limits.large_segment)]
        if len(stuck) < limits.large_tries or not _is_heard(sender, int(events["time"].values[stuck[0]])):
            continue
        size = int(events["length"].values[stuck].max())
        title = f"{direction} segments of {size} bytes do not get through, smaller ones do"
        span = (int(events["time"].values[stuck[-1]]) - int(events["time"].values[stuck[0]])) / _SECOND_NS
        seen = f"offset {sender.acked} sent again {len(stuck)} times over {span:.1f} s and never acknowledged"
        told = [one for one in evidence.tcp(connection).rejections if one.mtu]
        seen += f"; ICMP in {evidence.name(told[0].packet)} says that {told[0].mtu} bytes would pass" if told else ""
        place = _first(evidence, connection, direction, stuck)
        yield Finding("TCP08", "error", title, place, seen, len(stuck))


def _is_heard(sender: Sender, first_again: int) -> bool:
    """Whether the receiver still spoke after what it did not acknowledge was sent: it is there, and gets the rest.

    In the opening handshake it has nothing else to speak about than the rest that did arrive.
    """
    if sender.heard_time is None or sender.acked_time is None or sender.acked is None:
        return False
    if sender.acked < _OPENING_BYTES:
        return sender.heard_time > sender.acked_time
    return sender.heard_time > first_again


def _directions(evidence: Evidence, event: str) -> Iterator[tuple[int, str, Ints]]:
    """Rows of an event in the tcp_events table, by connection and direction, in order of time."""
    events = evidence.tables["tcp_events"]
    rows = events["event"].rows_named(event)
    key = events["connection"].values[rows].astype(np.int64) * 2 + events["direction"].values[rows]
    for one in sorted(set(key.tolist())):
        yield one >> 1, _DIRECTIONS[one & 1], rows[key == one]


def _first(evidence: Evidence, connection: int, direction: str, rows: Ints) -> Place:
    """Where the first of some events stands."""
    events, row = evidence.tables["tcp_events"], int(rows[0])
    time, frame = int(events["time"].values[row]), int(events["frame"].values[row])
    return Place(connection, direction, None, time, frame, file=events["file"].text_at(row))


def _worst_second(evidence: Evidence, connection: int, rows: Ints) -> tuple[int, int]:
    """The second of the connection with the most of these events, and how many it has."""
    start = whole(evidence.by("connections", "connection")[connection]["start"])
    seconds = (evidence.tables["tcp_events"]["time"].values[rows] - start) // _SECOND_NS
    values, counts = np.unique(seconds, return_counts=True)
    worst = int(counts.argmax())
    return int(values[worst]), int(counts[worst])


def _effect(evidence: Evidence, connection: int, direction: str, second: int) -> str:
    """How far media fell behind in the worst second and the one after it; nothing where there is no media."""
    start = whole(evidence.by("connections", "connection")[connection]["start"])
    begin = start + second * _SECOND_NS
    mine = [
        row for row in evidence.rows("per_second") if row["connection"] == connection and row["direction"] == direction
    ]
    lags = [row["lag_ms"] for row in mine if begin <= whole(row["time"]) <= begin + _SECOND_NS]
    known = [lag for lag in lags if isinstance(lag, float)]
    if not mine:
        return ""
    return f"; media was up to {max(known):.0f} ms behind there" if known else "; no media arrived there"


def _spread(sender: Sender) -> float:
    if sender.rtt_median_ms is None or sender.rtt_high_ms is None:
        return 0.0
    return sender.rtt_high_ms - sender.rtt_median_ms


RULES = (retransmissions, round_trip, path_mtu)
