"""Watches the packet clock: steps back, and jumps ahead that the hosts' own clocks deny.

That nothing comes for a while is no jump. But most hosts put their own clock into every segment (TCP timestamps,
RFC 7323), which counts 100 to 1000 times a second. Where both ends of a connection say that hardly any time went by,
the clock of the capture jumped. One end alone does not tell: it may have been suspended.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import PacketBatch, SegmentBatch
from rtmpscope.findings import Limits
from rtmpscope.frozen import frozen, slotted

Ints = NDArray[np.int64]

_FLOW = ("src_hi", "src_lo", "dst_hi", "dst_lo", "src_port", "dst_port")
#: Segments looked at before and after a jump.
_BEFORE, _AFTER = 256, 64
_MOST_LISTED = 5
_MOST_JUDGED = 1000
#: How TCP timestamps are laid out by all known hosts (RFC 7323, appendix A): NOP, NOP, kind 8, length 10.
_TIMESTAMPS = b"\x01\x01\x08\x0a"
_MOST_OPTION_BYTES = 40
_SLOWEST_TICK_S, _USUAL_TICK_S = 0.01, 0.001

Flow = tuple[int, ...]


@frozen
class ClockChange:
    """The clock changed before this packet: by ``seconds``, negative for a step back.

    Attributes:
        frame, time: the packet; time in ns.
        hosts_s: for a jump ahead, the most that went by according to the hosts.
    """

    frame: int
    time: int
    seconds: float
    hosts_s: float = 0.0


@slotted
class ClockWatch:
    """What was seen of the packet clock so far.

    Attributes:
        steps_back, jumps: how many; ``changes`` are the first few of each, in order.
        largest_back_s: the largest step back.
    """

    limits: Limits
    steps_back: int = 0
    jumps: int = 0
    largest_back_s: float = 0.0
    changes: list[ClockChange] = field(default_factory=list)
    _undone: list[tuple[int, int]] = field(default_factory=list)
    _last_time: int | None = None
    _judged: int = 0

    def note(self, batch: PacketBatch, segments: SegmentBatch) -> None:
        """Take in the next packets, and the TCP segments among them."""
        times = batch.time_ns
        if not len(times):
            return
        steps = np.diff(times, prepend=times[0] if self._last_time is None else self._last_time)
        self._last_time = int(times[-1])
        for row in np.flatnonzero(steps < -self.limits.clock_back_ms * 1e6).tolist():
            self._note_back(batch, row, -int(steps[row]) / 1e9)
        for row in np.flatnonzero(steps > self.limits.clock_ahead_s * 1e9)[: _MOST_JUDGED - self._judged].tolist():
            self._judged += 1
            self._judge_jump(batch, segments, row, int(steps[row]) / 1e9)

    def steady(self, frame: Ints, time_ns: Ints) -> Ints:
        """Times of packets on a clock without those changes that are as large as a jump.

        Small ones are left: where packets only stand in the wrong order, the clock is right again behind them.
        """
        if not self._undone:
            return time_ns
        frames, ahead = np.array(self._undone, np.int64).T
        steadied: Ints = time_ns - np.concatenate([[0], np.cumsum(ahead)])[np.searchsorted(frames, frame, side="right")]
        return steadied

    def _note_back(self, batch: PacketBatch, row: int, seconds: float) -> None:
        self.steps_back += 1
        self.largest_back_s = max(self.largest_back_s, seconds)
        if seconds > self.limits.clock_ahead_s:
            self._undo(batch.first_frame + row, -seconds)
        if self.steps_back <= _MOST_LISTED:
            self.changes.append(_change(batch, row, -seconds))

    def _judge_jump(self, batch: PacketBatch, segments: SegmentBatch, row: int, seconds: float) -> None:
        elapsed = _by_hosts(segments, batch.first_frame + row)
        if elapsed is None or elapsed > seconds / 2:
            return
        self.jumps += 1
        self._undo(batch.first_frame + row, seconds - elapsed * _USUAL_TICK_S / _SLOWEST_TICK_S)
        if self.jumps <= _MOST_LISTED:
            self.changes.append(_change(batch, row, seconds, elapsed))

    def _undo(self, frame: int, seconds: float) -> None:
        if len(self._undone) < _MOST_JUDGED:
            self._undone.append((frame, int(seconds * 1e9)))


def _change(batch: PacketBatch, row: int, seconds: float, hosts_s: float = 0.0) -> ClockChange:
    return ClockChange(batch.first_frame + row, int(batch.time_ns[row]), seconds, hosts_s)


def _by_hosts(segments: SegmentBatch, frame: int) -> float | None:
    """The most seconds that went by before ``frame`` according to both ends of a connection; None if none tells."""
    place = int(np.searchsorted(segments.frame, frame))
    before = _ticks(segments, range(max(place - _BEFORE, 0), place))
    after = _ticks(segments, range(min(place + _AFTER, len(segments)) - 1, place - 1, -1))
    passed = {flow: (after[flow] - before[flow]) % (1 << 32) for flow in before.keys() & after.keys()}
    pairs = [max(ticks, passed[_back(flow)]) for flow, ticks in passed.items() if _back(flow) in passed]
    return min(pairs) * _SLOWEST_TICK_S if pairs else None


def _ticks(segments: SegmentBatch, rows: range) -> dict[Flow, int]:
    """The TCP timestamp of each flow in the last of these rows that has one."""
    found: dict[Flow, int] = {}
    buffer = segments.buffer
    for row in rows:
        end = int(segments.payload_start[row])
        options = bytes(buffer[max(end - _MOST_OPTION_BYTES, 0) : end])
        at = options.rfind(_TIMESTAMPS)
        if at >= 0 and at + 8 <= len(options):
            flow = tuple(int(getattr(segments, name)[row]) for name in _FLOW)
            found[flow] = int.from_bytes(options[at + 4 : at + 8], "big")
    return found


def _back(flow: Flow) -> Flow:
    """The other direction."""
    src_hi, src_lo, dst_hi, dst_lo, src_port, dst_port = flow
    return dst_hi, dst_lo, src_hi, src_lo, dst_port, src_port
