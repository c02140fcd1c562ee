"""The ``tcp_events`` table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.build.messages import file_names
from rtmpscope.tables import SCHEMAS, ColumnData, Table
from rtmpscope.tcp import EVENT_NAMES, GAP


def tcp_events_table(context: Context) -> Table:
    """The ``tcp_events`` table, by time, then packet."""
    events = np.concatenate([_with_acked(context.decoded.events), _gaps(context)], axis=1)
    connection = context.names.connection[events[0]]
    listed = np.flatnonzero(connection >= 0)
    order = listed[np.lexsort((events[2, listed], events[3, listed]))]
    flow, code, number, time, seq, length, acked = events[:, order]
    file, frame = context.decoded.facts.inputs.packets(number)
    return Table.build(
        SCHEMAS["tcp_events"],
        {
            "connection": ColumnData(context.names.connection[flow]),
            "direction": ColumnData(context.names.direction[flow], names=DIRECTIONS),
            "file": ColumnData(file, names=file_names(context)),
            "frame": ColumnData(frame),
            "time": ColumnData(time),
            "event": ColumnData(code, names=EVENT_NAMES),
            "seq": ColumnData(seq),
            "length": ColumnData(length),
            "acked": ColumnData(acked == 1, null=acked < 0),
        },
    )


def _with_acked(events: NDArray[np.int64]) -> NDArray[np.int64]:
    """Events of segments, to which the question does not apply."""
    return np.concatenate([events, np.full((1, events.shape[1]), -1)])


def _gaps(context: Context) -> NDArray[np.int64]:
    """Holes for lack of packets, as events at the packet after them."""
    rows = [
        (
            2 * hole.connection + hole.direction,
            GAP,
            hole.frame,
            hole.time,
            ((context.decoded.connections[hole.connection].base[hole.direction] or 0) + hole.offset) & 0xFFFFFFFF,
            hole.length,
            int(hole.acked),
        )
        for hole in context.decoded.holes
        if hole.reason == "lost"
    ]
    return np.array(rows, np.int64).reshape(-1, 7).T
