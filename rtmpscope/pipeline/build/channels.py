"""The ``channels`` table: what each chunk stream of a direction carried."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.build.distinct import distinct
from rtmpscope.rtmp import type_name
from rtmpscope.tables import SCHEMAS, ColumnData, Table

Ints = NDArray[np.int64]


def channels_table(context: Context) -> Table:
    """The ``channels`` table, ordered by connection, direction and csid."""
    source = context.decoded.messages
    # Sums do not ask for an order: that in which the messages lie is read fastest.
    rows = slice(None) if len(context.order) == len(source["flow"]) else context.order
    flow = source["flow"][rows]
    rank = (context.names.connection * 2 + context.names.direction)[flow]
    ids, place = distinct(source["csid"][rows])
    keys, group = distinct(rank * len(ids) + place)
    count, (rank, place) = len(keys), np.divmod(keys, max(len(ids), 1))

    def total(name: str) -> ColumnData:
        return ColumnData(np.bincount(group, source[name][rows], count).astype(np.int64))

    columns = {
        "connection": ColumnData(rank >> 1),
        "direction": ColumnData(rank & 1, names=DIRECTIONS),
        "csid": ColumnData(ids[place]),
        "messages": ColumnData(np.bincount(group, minlength=count)),
        "chunk_count": total("chunk_count"),
        "bytes": total("length"),
        "header_bytes": total("header_bytes"),
        "interleaved_chunks": total("interleaved"),
        "types": _types(group, source["type_id"][rows].astype(np.int64), count),
    }
    return Table.build(SCHEMAS["channels"], columns)


def _types(group: Ints, type_id: Ints, count: int) -> ColumnData:
    """The message types of each channel, as words in order of type id."""
    names: list[list[str]] = [[] for _ in range(count)]
    for pair in distinct(group << 8 | type_id)[0].tolist():
        names[pair >> 8].append(type_name(pair & 0xFF))
    return ColumnData(np.array([" ".join(dict.fromkeys(of_one)) for of_one in names], dtype=object))
