"""Tables → pandas, with the same types whether a table has rows or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rtmpscope.tables.column import ColumnData, storable
from rtmpscope.tables.schema import Column, Kind
from rtmpscope.tables.table import Table


def frame_of(table: Table) -> pd.DataFrame:
    """The table as a DataFrame."""
    columns = {column.name: _series(column, table[column.name]) for column in table.schema.columns}
    return pd.DataFrame(columns)


def _series(column: Column, data: ColumnData) -> Any:
    if column.kind is Kind.CATEGORY:
        names = [storable(name) for name in data.names or ()]
        return pd.Categorical.from_codes(_codes(data), categories=pd.Index(names, dtype="str"))
    if column.kind in (Kind.TEXT, Kind.JSON):
        return pd.Series(_texts(data), dtype="str")
    if column.kind is Kind.TIME:
        return _times(data)
    if column.kind is Kind.FLOAT:
        return pd.Series(data.values.astype(np.float64))
    if not column.nullable and data.null is None:
        return pd.Series(data.values.astype(np.int64 if column.kind is Kind.INT else np.bool_))
    null = data.is_null()
    if column.kind is Kind.INT:
        return pd.arrays.IntegerArray(data.values.astype(np.int64), null.copy())
    return pd.arrays.BooleanArray(data.values.astype(np.bool_), null.copy())


def _texts(data: ColumnData) -> list[object]:
    if data.names is not None:  # few texts, many rows
        return ColumnData(data.values, names=tuple(storable(name) for name in data.names)).to_list()
    return [storable(text) if isinstance(text, str) else None for text in data.to_list()]


def _codes(data: ColumnData) -> np.ndarray[Any, Any]:
    return np.where(data.values < 0, -1, data.values) if len(data) else np.empty(0, np.int8)


def _times(data: ColumnData) -> pd.Series[Any]:
    times = data.values.astype("datetime64[ns]")
    times[data.is_null()] = np.datetime64("NaT")
    return pd.Series(times).dt.tz_localize("UTC")
