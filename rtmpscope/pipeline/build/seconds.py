"""The ``per_second`` table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.media import KINDS
from rtmpscope.metrics import LAG_OF_NOTE_MS, SECOND_NS, Frames, per_second
from rtmpscope.pipeline.build.by_track import coded_frames
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.tables import SCHEMAS, ColumnData, Table
from rtmpscope.tcp import EVENT_NAMES

Ints = NDArray[np.int64]

#: Who is to blame, by what was seen in the second: the receiver before the network.
_CAUSES = (("receiver", ("zero_window", "window_full")), ("network", ("retransmission", "gap", "out_of_order")))
LIMITS = ("sender", "network", "receiver")


def per_second_table(context: Context, stream: NDArray[np.int32], events: Table) -> Table:
    """The ``per_second`` table; ``stream`` is the stream of each row of the decoded media."""
    parts = list(_tracks(context, stream, events))
    names = SCHEMAS["per_second"].names
    fixed = {"direction": DIRECTIONS, "kind": KINDS, "limited_by": LIMITS}
    data = {}
    for name in names:
        empty = np.empty(0, np.float64 if name == "lag_ms" else np.int64)
        data[name] = ColumnData(np.concatenate([empty, *(part[name] for part in parts)]), names=fixed.get(name))
    return Table.build(SCHEMAS["per_second"], data)


def _tracks(context: Context, stream: NDArray[np.int32], events: Table) -> Iterator[dict[str, NDArray[np.generic]]]:
    for number, kind, rows in coded_frames(context, stream):
        yield _track(context, rows, 2 * number + kind, events)


def _track(context: Context, rows: Ints, key: int, events: Table) -> dict[str, NDArray[np.generic]]:
    media, messages = context.decoded.media, context.decoded.messages
    flow = int(messages["flow"][media["ordinal"][rows[0]]])
    connection, way = int(context.names.connection[flow]), int(context.names.direction[flow])
    start = context.listed[connection].record.first.time_ns
    ready = messages["time_ready"][media["ordinal"][rows].astype(np.int64)].astype(np.int64)
    found = per_second(Frames(ready, media["timestamp"][rows].astype(np.int64), media["bytes"][rows]), start)
    count = len(found.second)
    return {
        "connection": np.full(count, connection),
        "direction": np.full(count, way),
        "stream": np.full(count, key // 2),
        "kind": np.full(count, key % 2),
        "track": np.zeros(count, np.int64),
        "time": start + found.second * SECOND_NS,
        "bytes": found.size,
        "frames": found.frames,
        "lag_ms": found.lag_ms,
        "limited_by": _limits(context, events, flow, found.second, found.lag_ms, start),
    }


def _limits(
    context: Context, events: Table, flow: int, second: Ints, lag_ms: NDArray[np.float64], start: int
) -> NDArray[np.int64]:
    """Who held up each second: -1 where nothing did, or where one direction is missing."""
    connection = int(context.names.connection[flow])
    record = context.listed[connection].record
    result = np.full(len(second), -1, np.int64)
    if 0 in record.packets:
        return result
    behind = lag_ms >= LAG_OF_NOTE_MS
    result[behind] = LIMITS.index("sender")
    mine = events["connection"].values == connection
    seconds = (events["time"].values - start) // SECOND_NS
    for cause, names in reversed(_CAUSES):
        codes = [EVENT_NAMES.index(name) for name in names]
        hit = seconds[mine & np.isin(events["event"].values, codes)]
        result[behind & np.isin(second, hit)] = LIMITS.index(cause)
    return result
