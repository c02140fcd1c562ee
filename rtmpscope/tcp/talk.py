"""What the two directions of a connection say in one batch, looked at one connection at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import SegmentBatch
from rtmpscope.frozen import frozen
from rtmpscope.tcp.direction import Direction
from rtmpscope.tcp.grouping import ACK, RST, SYN
from rtmpscope.tcp.groups import Group
from rtmpscope.tcp.progress import Limits, Progress
from rtmpscope.tcp.round_trips import LEAST_ACKS, LEAST_SEGMENTS, Timed, waits
from rtmpscope.tcp.runs import AT, FRAME, OFFSET, SNAPPED, STOP, TIME, VIEW, WIDTH
from rtmpscope.tcp.sent import Data
from rtmpscope.tcp.survey import NO_LIMIT, Acknowledged, Quiet

Ints = NDArray[np.int64]


@frozen
class Before:
    """How directions stood before a batch; lists by direction.

    Attributes:
        window: where the window of the one that it sends to ended, None where that is not known.
        highest: how far it had come.
        said: what its last bare acknowledgement said (progress.py), -1 without one.
    """

    window: list[int | None]
    highest: list[int]
    said: list[int]


class Talk:
    """A batch's directions, each with the other one of its connection.

    Attributes:
        groups: the directions, by number.
        found: those in which there is only data in order; ``answers`` are the round trips in these, by place.
        speaks: whether a direction's acknowledgements have more to say than that bytes have come.
        before: how they stood before.
    """

    def __init__(
        self,
        groups: list[Group],
        acks: Acknowledged,
        found: Quiet,
        answers: dict[int, Ints],
        speaks: list[bool],
        before: Before,
    ) -> None:
        self.groups = groups
        self.found = found
        self.answers = answers
        self.speaks = speaks
        self.before = before
        self._acks = acks
        self._places = {group.number: place for place, group in enumerate(groups)}

    def peer(self, place: int) -> Group | None:
        """The other direction, if it has segments in the batch."""
        other = self._places.get(self.groups[place].number ^ 1)
        return None if other is None else self.groups[other]

    def progress(self, place: int, other: Direction) -> Progress:
        """How far the other direction, ``other``, had come when."""
        peer = self.peer(place)
        if peer is None:
            return Progress(np.empty(0, np.int64), np.empty(0, np.int64), other.highest)
        sent = data_of(peer, other)
        return Progress(peer.column("frame")[sent.rows], sent.end, self.before.highest[self._places[peer.number]])

    def is_measured(self, place: int, count: int) -> bool:
        """Whether so many segments with data, and the acknowledgements of them, are worth a look at round trips."""
        if count < LEAST_SEGMENTS:
            return False
        peer = self.peer(place)
        return peer is not None and len(peer) >= LEAST_ACKS

    def window(self, place: int) -> int:
        """The least offset at which the receiver's window ended at any time in the batch, as far as is known."""
        other = self._places.get(self.groups[place].number ^ 1)
        before = None if other is None else self.before.window[other]
        if other is None or before is None:
            return NO_LIMIT
        return min(self._acks.least_limit[other], NO_LIMIT if before < 0 else before)

    def limits(self, place: int) -> Limits | None:
        """How far the direction might send, by the other one's acknowledgements and windows; None if unknown."""
        peer = self.peer(place)
        before = None if peer is None else self.before.window[self._places[peer.number]]
        if peer is None or before is None:
            return None
        rows = slice(peer.start, peer.stop)
        meant = self._acks.is_limit[rows]
        return Limits(peer.place[meant], self._acks.limit[rows][meant], before)

    def quiet_data(self, place: int) -> Data:
        """The segments with data of a quiet direction."""
        entries = slice(self.found.first[place], self.found.stop[place])
        rows = self.found.row[entries] - self.groups[place].start
        return Data(rows, self.found.offset[entries], self.found.reached[entries])


def first_answer(group: Group, since: int) -> int | None:
    """Time of the first acknowledgement without SYN from a time on, in ns; None if there is none."""
    if group.first_ack < 0:
        return None
    first = int(group.batch.segments.time_ns[group.first_ack])
    if first >= since:
        return first
    batch = group.segments
    rows = np.flatnonzero(((batch.flags & (SYN | ACK)) == ACK) & (batch.time_ns >= since))
    return int(batch.time_ns[rows[0]]) if len(rows) else None


def data_of(group: Group, direction: Direction) -> Data:
    """The segments that carry bytes of the stream, and which."""
    batch = group.segments
    # What a RST carries is a word about the reason, not part of the stream (RFC 9293, section 3.5.3).
    rows = np.flatnonzero((batch.payload_length > 0) & ((batch.flags & RST) == 0))
    seq = batch.seq[rows]
    if group.any_flags & SYN:
        seq = seq + ((batch.flags[rows] & SYN) != 0).astype(np.uint32)
    offset = direction.offsets(seq)
    near = direction.is_near(offset)
    if not near.all():
        rows, offset = rows[near], offset[near]
    return Data(rows, offset, offset + batch.payload_length[rows])


def waits_of(group: Group, sent: Data, peer: Group, reached: int) -> Ints:
    """Times from this direction's segments to the acknowledgements of the other, in ns."""
    if peer.reach is None:
        return np.empty(0, np.int64)
    acks = peer.column("flags") & (ACK | SYN | RST) == ACK
    seen = Timed(peer.reach[acks], peer.place[acks], peer.column("time_ns")[acks])
    return waits(Timed(sent.end, group.place[sent.rows], group.column("time_ns")[sent.rows]), seen, reached)


def rows_of(batch: SegmentBatch, data: Ints, offset: Ints) -> Ints:
    """Segments as rows; those stored in part are followed by the stretch that is missing."""
    captured = batch.payload_captured[data]
    rows = np.zeros((WIDTH, len(data)), np.int64)
    rows[OFFSET], rows[STOP] = offset, offset + captured
    rows[AT], rows[VIEW] = batch.payload_start[data], 0
    rows[FRAME], rows[TIME] = batch.frame[data], batch.time_ns[data]
    missing = batch.payload_length[data] > captured
    if not missing.any():
        return rows
    rest = rows[:, missing]
    rest[OFFSET] = rows[STOP, missing]
    rest[STOP] = (offset + batch.payload_length[data])[missing]
    rest[SNAPPED] = 1
    rows = rows[:, captured > 0]
    return np.concatenate([rows, rest], axis=1)


def lowest_number(batch: SegmentBatch) -> int | None:
    """The lowest sequence number of segments with payload; None where there is none."""
    seq = batch.seq[(batch.payload_length > 0) & ((batch.flags & RST) == 0)].astype(np.int64)
    if not len(seq):
        return None
    ahead = (seq - seq[0] + (1 << 31)) % (1 << 32) - (1 << 31)
    ahead = ahead[np.abs(ahead) < 1 << 30]
    return int((seq[0] + ahead.min()) & 0xFFFFFFFF)
