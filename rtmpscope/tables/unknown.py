"""Tables of byte streams that were saved without their packets: what tells of packets and times is unknown in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rtmpscope.tables.column import ColumnData
from rtmpscope.tables.schema import Column, Kind
from rtmpscope.tables.table import Table

#: Tables with a row per packet or second of arrival.
_OF_ARRIVALS = ("per_second", "tcp_events")
_OF_PACKETS = frozenset(("file", "frame", "frame_start", "duration_s", "duration_ms", "latency_ms"))
_OF_TCP = frozenset(
    (
        *("client", "client_port", "server", "server_port", "direction_basis", "capture_point", "tcp_stream"),
        *("ended_by", "rtt_ms", "missing_bytes", "retransmitted_bytes", "c2s_packets", "s2c_packets"),
        *("start_file", "start_frame", "end_file", "end_frame"),
    )
)


def tells_of_packets(table: str, column: Column) -> bool:
    """Whether a column is known only where packets were captured."""
    if column.kind is Kind.TIME or column.name in _OF_PACKETS:
        return True
    return table == "connections" and column.name in _OF_TCP


def without_packets(table: Table) -> Table:
    """The table with all that tells of packets unknown."""
    if table.schema.name in _OF_ARRIVALS:
        return table.head(0)
    return _with_unknown(table, [one for one in table.schema.columns if tells_of_packets(table.schema.name, one)])


def without_durations(table: Table) -> Table:
    """The table with the measured durations unknown; packets and times stay, as places in an order."""
    columns = [one for one in table.schema.columns if tells_of_packets(table.schema.name, one)]
    return _with_unknown(table, [one for one in columns if one.kind is Kind.FLOAT])


def _with_unknown(table: Table, columns: list[Column]) -> Table:
    unknown = {one.name: _unknown(table[one.name]) for one in columns}
    return replace(table, data={name: unknown.get(name) or table[name] for name in table.schema.names})


def _unknown(data: ColumnData) -> ColumnData:
    """As many values, none of them known."""
    count = len(data)
    if data.names is not None:
        return ColumnData(np.full(count, -1), names=data.names)
    if data.values.dtype == object:
        return ColumnData(np.full(count, None, dtype=object))
    if data.values.dtype.kind == "f":
        return ColumnData(np.full(count, np.nan))
    return ColumnData(np.zeros_like(data.values), null=np.ones(count, np.bool_))
