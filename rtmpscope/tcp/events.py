"""Notable things in the segments of one direction: what was sent again or late, and who could not keep up.

Everything is judged from columns; only segments that came soon after a gap became visible are looked at one by
one, each against so many before it at most.

* ``keep_alive``: at most one byte, the one before the next (RFC 1122, 4.2.3.6).
* ``retransmission``: bytes that came before; or bytes that had not, but so late after the gap became visible, or with
  so new an IP identification, that they must have been sent again.
* ``out_of_order``: bytes that had not come before, soon after the gap became visible.
* ``duplicate_ack``: an acknowledgement repeated without data while bytes are on their way.
* ``zero_window``, ``window_full``: the receiver closes its window; the sender has filled it.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import slotted
from rtmpscope.tcp.direction import Direction
from rtmpscope.tcp.grouping import ACK, FIN, RST, SYN
from rtmpscope.tcp.groups import Group
from rtmpscope.tcp.progress import Limits, Progress, bare_of
from rtmpscope.tcp.recent import Recent
from rtmpscope.tcp.sent import Data, Sent

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Names of the events; their place is their code.
EVENT_NAMES = (
    "retransmission",
    "out_of_order",
    "duplicate_ack",
    "zero_window",
    "window_full",
    "gap",
    "keep_alive",
    "reset",
    "fin",
)
RETRANSMISSION, OUT_OF_ORDER, DUPLICATE_ACK, ZERO_WINDOW, WINDOW_FULL, GAP, KEEP_ALIVE, RESET, FIN_EVENT = range(9)


@slotted
class EventLog:
    """Events of all connections, as parts of columns.

    Attributes:
        copies: segments that the capture holds twice; ``first_copy`` is the packet of the first.
    """

    copies: int = 0
    first_copy: int | None = None
    _parts: list[Ints] = field(default_factory=list)

    def columns(self) -> Ints:
        """All events: key (twice the connection plus side), code, frame, time, sequence number, length."""
        return np.concatenate([np.empty((6, 0), np.int64), *self._parts], axis=1)

    def data(self, group: Group, direction: Direction, data: Data, peer: Group | None, past: Recent) -> Bools:
        """Log what is notable among segments with payload; return which of them are copies.

        ``peer`` is the other direction, if it has segments in the batch, ``past`` what came a moment before it.
        """
        batch = group.segments
        reached = np.maximum.accumulate(np.concatenate([[direction.highest], data.end]))[:-1]
        copies = np.zeros(len(data.rows), np.bool_)
        late = np.flatnonzero(data.offset < reached)
        if not len(late):
            return copies
        size = data.end - data.offset
        alive = (size[late] <= 1) & (data.end[late] == reached[late])
        self._add(group, data.rows[late[alive]], KEEP_ALIVE, 0)
        late = late[~alive]
        sent = Sent(group, direction, data, past)
        same = sent.copies(late, peer)
        copies[late[same]] = True
        self._note_copies(batch.frame[data.rows[late[same]]])
        late = late[~same]
        again = sent.again(late)
        self._add(group, data.rows[late[again]], RETRANSMISSION, size[late[again]])
        self._add(group, data.rows[late[~again]], OUT_OF_ORDER, size[late[~again]])
        return copies

    def acknowledgements(self, group: Group, before: int, sent: Progress | None) -> None:
        """Log what a direction's acknowledgements and windows say.

        ``before`` is what its last bare acknowledgement said in earlier batches (``bare_of``), -1 without one;
        ``sent`` is how far the other side had come when.
        """
        batch, flags = group.segments, group.segments.flags
        plain = (flags & (SYN | FIN | RST | ACK)) == ACK
        self._add(group, np.flatnonzero(plain & (batch.window == 0)), ZERO_WINDOW, 0)
        for bit, code in ((FIN, FIN_EVENT), (RST, RESET)):
            if group.any_flags & bit:
                self._add(group, np.flatnonzero(flags & bit), code, 0)
        bare = np.flatnonzero(plain & (batch.payload_length == 0))
        if sent is None or group.reach is None or not len(bare):
            return
        said = bare_of(batch.ack[bare], batch.window[bare])
        again = said == np.concatenate([[before], said[:-1]])
        bare = bare[again]
        bare = bare[group.reach[bare] < sent.reached(batch.frame[bare])]
        self._add(group, bare, DUPLICATE_ACK, 0)

    def fin(self, group: Group) -> None:
        """Log the one FIN of a direction."""
        batch, row = group.batch.segments, group.first_fin
        facts = (batch.frame[row], batch.time_ns[row], batch.seq[row], 0)
        self._parts.append(np.array([[group.number], [FIN_EVENT], *([int(fact)] for fact in facts)], np.int64))

    def full_windows(self, group: Group, data: Data, limits: Limits) -> None:
        """Log segments that reach the end of the receiver's window."""
        limit = limits.before(group.place[data.rows])
        full = (data.end >= limit) & (limit >= 0)
        if full.any():
            self._add(group, data.rows[full], WINDOW_FULL, 0)

    def _note_copies(self, frames: Ints) -> None:
        self.copies += len(frames)
        if len(frames):
            first = int(frames[0])
            self.first_copy = first if self.first_copy is None else min(first, self.first_copy)

    def _add(self, group: Group, rows: Ints, code: int, length: int | Ints) -> None:
        if not len(rows):
            return
        batch, part = group.segments, np.empty((6, len(rows)), np.int64)
        part[0], part[1] = group.number, code
        part[2], part[3] = batch.frame[rows], batch.time_ns[rows]
        part[4], part[5] = batch.seq[rows], length
        self._parts.append(part)
