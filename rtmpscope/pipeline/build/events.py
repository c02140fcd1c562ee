"""The ``tcp_events`` table."""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.tables import SCHEMAS, Table


def tcp_events_table(context: Context) -> Table:
    """The ``tcp_events`` table, by time."""
    rows = sorted([*_gaps(context), *_endings(context)], key=lambda row: (row["time"], row["frame"]))
    return Table.from_rows(SCHEMAS["tcp_events"], rows)


def _gaps(context: Context) -> Iterator[dict[str, object]]:
    for hole in context.decoded.holes:
        flow = 2 * hole.connection + hole.direction
        connection = int(context.names.connection[flow])
        if connection < 0 or hole.reason != "lost":
            continue
        base = context.decoded.connections[hole.connection].base[hole.direction] or 0
        yield {
            "connection": connection,
            "direction": DIRECTIONS[int(context.names.direction[flow])],
            "frame": hole.frame,
            "time": hole.time,
            "event": "gap",
            "seq": (base + hole.offset) & 0xFFFFFFFF,
            "length": hole.length,
        }


def _endings(context: Context) -> Iterator[dict[str, object]]:
    for entry in context.listed:
        record = entry.record
        for way in (0, 1):
            side = entry.client if way == 0 else entry.server
            for event, mark in (("fin", record.fin[side]), ("reset", record.rst[side])):
                if mark is not None:
                    yield {
                        "connection": entry.number,
                        "direction": DIRECTIONS[way],
                        "frame": mark.frame,
                        "time": mark.time_ns,
                        "event": event,
                        "seq": mark.seq,
                        "length": 0,
                    }
