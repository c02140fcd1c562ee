"""Choosing columns and ordering rows by what people type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.tables.column import ColumnData
from rtmpscope.tables.schema import Schema
from rtmpscope.tables.table import Table


class TableError(RtmpscopeError):
    """A column or a row is asked for that the table has not."""


def select(table: Table, names: Sequence[str]) -> Table:
    """The columns ``names``, in that order.

    Raises:
        TableError: there is no such column, it is asked for twice, or none is asked for.
    """
    for place, name in enumerate(names):
        check_column(table.schema, name)
        if name in names[:place]:
            raise TableError(f"column {name} is asked for twice")
    if not names:
        raise TableError(f"no column is asked for; there are {', '.join(table.schema.names)}")
    return table.picked(tuple(names))


def sort(table: Table, keys: str) -> Table:
    """The rows ordered by columns ``a,-b``: by a, then descending by b; nulls last.

    Raises:
        TableError: there is no such column.
    """
    order = np.arange(len(table))
    for key in reversed([key.strip() for key in keys.split(",") if key.strip()]):
        name = key.removeprefix("-")
        check_column(table.schema, name)
        order = order[_order(table[name].take(order), descending=key.startswith("-"))]
    return table.take(order)


def check_column(schema: Schema, name: str) -> None:
    """Refuse a name that is no column, and suggest the nearest one.

    Raises:
        TableError: there is no such column.
    """
    if name in schema.names:
        return
    import difflib

    near = difflib.get_close_matches(name, schema.names, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(schema.names)}"
    raise TableError(f"{schema.name} has no column {name!r}; {hint}")


def check_stream(streams: Table, number: int) -> None:
    """Refuse a number that is no stream's.

    Raises:
        TableError: no row of the ``streams`` table has it.
    """
    _check_number(streams, "stream", number, "the capture has no publish or play request")


def check_connection(connections: Table, number: int) -> None:
    """Refuse a number that is no connection's.

    Raises:
        TableError: no row of the ``connections`` table has it.
    """
    _check_number(connections, "connection", number, "the capture has no connection")


def _check_number(table: Table, what: str, number: int, none: str) -> None:
    if number in range(len(table)):
        return
    known = f"they are numbered 0 to {len(table) - 1}" if len(table) else none
    raise TableError(f"there is no {what} {number}; {known}")


def _order(column: ColumnData, *, descending: bool) -> NDArray[np.int64]:
    """A stable order of one column's rows."""
    ranks = _ranks(column)
    ranks = -ranks if descending else ranks
    return np.lexsort((ranks, column.is_null()))


def _ranks(column: ColumnData) -> NDArray[np.float64] | NDArray[np.int64]:
    """Numbers in the order of the values; whatever for nulls."""
    if column.names is not None:
        place = np.argsort(np.argsort(np.array([*column.names, ""], dtype=object)))
        return place[column.values].astype(np.int64)
    if column.values.dtype == object:
        texts = np.array(["" if value is None else value for value in column.values], dtype=object)
        _, ranks = np.unique(texts, return_inverse=True)
        return ranks.astype(np.int64)
    if column.values.dtype.kind == "f":
        return np.nan_to_num(column.values)
    return column.values.astype(np.int64)
