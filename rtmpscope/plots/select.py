"""Rows that a chart is about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.tables import Table, check_connection

TablesByName = Mapping[str, Table]
Ints = NDArray[np.int64]


def seconds_since(times: Ints, start: int) -> NDArray[np.float64]:
    """Times in ns as seconds after ``start``."""
    return (times - start) / 1e9


def has_times(tables: TablesByName) -> bool:
    """Whether there were packets; byte streams without them have no times."""
    return not tables["connections"]["start"].is_null().any()


def connection_start(tables: TablesByName, connection: int) -> int:
    """Time of the connection's first packet in ns.

    Raises:
        RtmpscopeError: there are no packets, and so no times.
    """
    if not has_times(tables):
        raise RtmpscopeError("this chart is drawn over time, which byte streams without packets do not have")
    column = tables["connections"]["connection"].values
    return int(tables["connections"]["start"].values[column == connection][0])


def chosen_connection(tables: TablesByName, connection: int | None) -> int | None:
    """The connection that is asked for, or the busiest one; None in a capture without any.

    Raises:
        RtmpscopeError: there is no such connection.
    """
    if connection is None:
        return _busiest_connection(tables)
    check_connection(tables["connections"], connection)
    return connection


def _busiest_connection(tables: TablesByName) -> int | None:
    """The connection with the most messages; None in a capture without any."""
    numbers = tables["messages"]["connection"].values
    if len(numbers):
        return int(np.bincount(numbers).argmax())
    listed = tables["connections"]["connection"].values
    return int(listed[0]) if len(listed) else None


def rows_of(table: Table, column: str, number: int) -> Ints:
    """Row numbers where ``column`` is ``number``; nulls are not."""
    data = table[column]
    mask = data.values == number
    if data.null is not None:
        mask &= ~data.null
    return np.flatnonzero(mask)
