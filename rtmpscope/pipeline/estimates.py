"""Timestamps that were estimated after a loss, mended by the clock of arrival.

Past a hole, deltas are added to the last timestamp known, so that the time which the lost messages took is
missing. From one gap to the next this is the same for all messages of a chunk stream. A sender in real time tells
how much it is: its timestamps keep their distance to the clock of arrival across the gap, as far as the network
allows. Senders that are faster than time tell nothing, and their estimates are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.growing import Columns, replace_column

Ints = NDArray[np.int64]

_MEDIA_TYPES = (8, 9)
#: Messages on either side of a gap that are looked at; of so few on one chunk stream the others are used too.
_NEIGHBOURS, _FEW = 16, 3
_FARTHEST_BACK = 256
#: A sender is faster than time whose timestamps gain more on the clock than this, after a head start.
_FASTEST, _HEAD_START_MS = 1.1, 2_000
_LONGEST_STEP_MS = 10_000
_USUAL_INTERVAL_MS = 20
_NEEDED = ("offset", "end", "csid", "time_start", "timestamp")


def mend_estimates(messages: Columns, media: Columns) -> None:
    """Correct, in place, the timestamps of ``messages`` and ``media`` that are not exact.

    ``messages`` has columns ``flow``, ``offset``, ``end``, ``csid``, ``type_id``, ``time_start`` (ns), ``timestamp``
    (ms) and ``timestamp_exact``; ``media`` has ``timestamp`` and the ``ordinal`` of its message.
    """
    guessed = ~messages["timestamp_exact"] & np.isin(messages["type_id"], _MEDIA_TYPES)
    if not guessed.any():
        return
    shift = np.zeros(len(guessed), np.int64)
    for flow in np.unique(messages["flow"][guessed]).tolist():
        rows = np.flatnonzero(messages["flow"] == flow)
        rows = rows[np.isin(messages["type_id"][rows], _MEDIA_TYPES)]
        rows = rows[np.argsort(messages["offset"][rows], kind="stable")]
        mine = {name: messages[name][rows].astype(np.int64) for name in _NEEDED}
        shift[rows] = _shifts(mine, guessed[rows])
    if shift.any():
        replace_column(messages, "timestamp", messages["timestamp"] + shift)
        inside = shift[media["ordinal"].astype(np.int64)]
        replace_column(media, "timestamp", media["timestamp"] + inside)


def _shifts(mine: Columns, guessed: NDArray[np.bool_]) -> Ints:
    """What is to be added to the timestamps of one direction's media messages, which are in order of offset."""
    shift = np.zeros(len(guessed), np.int64)
    clock = mine["time_start"] // 1_000_000
    exact = np.flatnonzero(~guessed)
    if not len(exact) or _outruns(mine["timestamp"], clock):
        return shift
    ahead = mine["timestamp"] - clock
    told = ~guessed  # rows to measure by: exact, or mended already
    exact_before = _exact_before(mine["csid"], guessed)
    seen: dict[int, int] = {}
    missing: dict[int, int] = {}  # what the deltas of each chunk stream lack so far
    for run in _runs(mine, guessed):
        csid = int(mine["csid"][run[0]])
        if exact_before[run[0]] > seen.get(csid, 0):
            missing[csid] = 0  # an exact timestamp came between: deltas add up from there
        seen[csid] = int(exact_before[run[0]])
        ahead[run] += missing.get(csid, 0)
        before = _before(int(run[0]), told, mine["csid"])
        if len(before):
            lag = int(np.median(ahead[before]) - np.median(ahead[run[:_NEIGHBOURS]]))
            # What is missing took time, and no more than passed between the messages on either side.
            lag = min(lag, int(clock[run[0]] - clock[before[-1]]))
            if lag > _interval(mine, run):
                missing[csid] = missing.get(csid, 0) + lag
                ahead[run] += lag
        shift[run] = missing.get(csid, 0)
        told[run] = True
    return shift


def _exact_before(csid: Ints, guessed: NDArray[np.bool_]) -> Ints:
    """How many exact messages each row's chunk stream had before it."""
    counts = np.zeros(len(csid), np.int64)
    for one in np.unique(csid).tolist():
        rows = csid == one
        counts[rows] = np.cumsum(~guessed[rows])
    return counts


def _before(row: int, told: NDArray[np.bool_], csid: Ints) -> Ints:
    """The rows to measure by just before a row, of its chunk stream or else of any."""
    near = np.arange(max(row - _FARTHEST_BACK, 0), row)
    near = near[told[near]]
    own = near[csid[near] == csid[row]]
    return (own if len(own) >= _FEW else near)[-_NEIGHBOURS:]


def _outruns(timestamp: Ints, clock: Ints) -> bool:
    """Whether the sender is faster than time."""
    steps, passed = np.diff(timestamp), np.diff(clock)
    usual = np.abs(steps) < _LONGEST_STEP_MS
    return bool(steps[usual].sum() > _FASTEST * max(int(passed[usual].sum()), 0) + _HEAD_START_MS)


def _runs(mine: Columns, guessed: NDArray[np.bool_]) -> Iterator[Ints]:
    """Rows of estimated timestamps that share one error: of one chunk stream, without bytes missing between."""
    reached = np.maximum.accumulate(mine["end"])
    gaps = np.cumsum(np.concatenate([[False], mine["offset"][1:] > reached[:-1]]))
    rows = np.flatnonzero(guessed)
    key = np.stack([mine["csid"][rows], gaps[rows]])
    order = np.lexsort(key)
    cuts = np.flatnonzero((np.diff(key[:, order], axis=1) != 0).any(axis=0)) + 1
    yield from np.split(rows[order], cuts)


def _interval(mine: Columns, run: Ints) -> float:
    """The usual step between timestamps of a run."""
    steps = np.diff(mine["timestamp"][run])
    steps = steps[steps > 0]
    return float(np.median(steps)) / 2 if len(steps) else _USUAL_INTERVAL_MS / 2
