"""Stretches of directions that the decoders could not read, by time: what was said there is not known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.findings import Unread
from rtmpscope.pipeline.build.by_flow import RowsByFlow
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.roles import Listed
from rtmpscope.rtmp import LOSSES
from rtmpscope.tcp import ConnectionRecord

Ints = NDArray[np.int64]

_NEVER = 1 << 63
#: What is left at the end of a direction may be a message header that was cut off.
_LONGEST_HEADER = 18
_REGAINED = ("sync_regained", "sync_assumed", "joined")


def unread_stretches(context: Context) -> tuple[Unread, ...]:
    """All of them, by connection and direction."""
    return tuple(_Stretches(context).all())


class _Stretches:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._messages = context.decoded.messages
        self._ends = np.zeros(2 * len(context.decoded.connections), np.int64)
        np.maximum.at(self._ends, self._messages["flow"], self._messages["end"])
        self._rows = RowsByFlow(self._messages)
        self._lost = _lost_stretches(context)

    def all(self) -> Iterator[Unread]:
        for entry in self._context.listed:
            for way, direction in enumerate(DIRECTIONS):
                for begin, end in self._of(entry, entry.flow(way)):
                    yield Unread(entry.number, direction, begin, end)

    def _of(self, entry: Listed, key: int) -> Iterator[tuple[int, int]]:
        """Times in ns from the last message before each stretch to the first one after it."""
        flow, size = self._context.decoded.flows.get(key), entry.record.bytes[key & 1]
        unseen = _is_silently_lost(entry.record, key & 1)
        if not entry.record.packets[key & 1] or unseen or (size and (flow is None or flow.decoder is None)):
            yield 0, _NEVER
            return
        stretches = self._lost.get(key, [])
        if flow is not None and flow.decoder is not None and size - self._ends[key] > _LONGEST_HEADER:
            stretches = [*stretches, (int(self._ends[key]), size)]
        if stretches:
            rows = self._rows.of(key)
            rows = rows[np.argsort(self._messages["offset"][rows], kind="stable")]
            offsets = self._messages["offset"][rows]
            for stretch in stretches:
                first, after = np.searchsorted(offsets, stretch).tolist()
                yield self._times(rows, first, after)

    def _times(self, rows: Ints, first: int, after: int) -> tuple[int, int]:
        begin = int(self._messages["time"][rows[first - 1]]) if first else 0
        end = int(self._messages["time_start"][rows[after]]) if after < len(rows) else _NEVER
        return begin, end


def _is_silently_lost(record: ConnectionRecord, side: int) -> bool:
    """Whether a side of which no byte was captured has sent some: its FIN is further on than its first segment."""
    fin = record.fin[side]
    return record.base[side] is None and fin is not None and fin.seq != record.first_seq[side]


def _lost_stretches(context: Context) -> dict[int, list[tuple[int, int]]]:
    """Direction → where it was searched for a header: stream offsets from the loss to where it went on."""
    found: dict[int, list[tuple[int, int]]] = {}
    lost_at: dict[int, int] = {}
    for problem in context.decoded.records.problems:
        if problem.kind in LOSSES:
            lost_at[problem.flow] = problem.offset
        elif problem.kind in _REGAINED:
            start = lost_at.pop(problem.flow, 0 if problem.kind == "joined" else problem.offset)
            found.setdefault(problem.flow, []).append((start, problem.offset))
    return found
