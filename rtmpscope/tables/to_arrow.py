"""Tables ↔ Arrow, and so Parquet; meaning and unit of each column travel along."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from rtmpscope.tables.column import ColumnData, storable
from rtmpscope.tables.schema import Column, Kind, Schema
from rtmpscope.tables.table import Table

_TYPES = {
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.TIME: pa.timestamp("ns", tz="UTC"),
    Kind.TEXT: pa.string(),
    Kind.JSON: pa.string(),
}


def arrow_of(table: Table) -> pa.Table:
    """The table as an Arrow table."""
    arrays = [_array(column, table[column.name]) for column in table.schema.columns]
    fields = [
        pa.field(
            column.name,
            array.type,
            nullable=True,
            metadata={"meaning": column.meaning, "unit": column.unit, "kind": column.kind.value},
        )
        for column, array in zip(table.schema.columns, arrays, strict=True)
    ]
    schema = pa.schema(fields, metadata={"table": table.schema.name})
    return pa.Table.from_arrays(arrays, schema=schema)


def table_of(arrow: pa.Table, schema: Schema) -> Table:
    """The table that an Arrow table was made from."""
    return Table.build(schema, {column.name: _data(column, arrow.column(column.name)) for column in schema.columns})


def _array(column: Column, data: ColumnData) -> pa.Array:
    if data.names is not None:
        codes = pa.array(np.maximum(data.values, 0).astype(np.int32), mask=np.asarray(data.values < 0))
        array = pa.DictionaryArray.from_arrays(codes, pa.array([storable(name) for name in data.names], pa.string()))
        return array if column.kind is Kind.CATEGORY else array.cast(pa.string())
    if data.values.dtype == object:
        return pa.array([None if value is None else storable(value) for value in data.values], pa.string())
    kind = _TYPES[column.kind]
    return pa.array(data.values.astype(_numpy_type(column)), mask=data.is_null()).cast(kind)


def _numpy_type(column: Column) -> Any:
    if column.kind is Kind.TIME:
        return "datetime64[ns]"
    return {Kind.INT: np.int64, Kind.FLOAT: np.float64, Kind.BOOL: np.bool_}[column.kind]


def _data(column: Column, values: pa.ChunkedArray) -> ColumnData:
    if column.kind is Kind.CATEGORY:
        return _coded(values)
    if column.kind in (Kind.TEXT, Kind.JSON):
        objects = np.empty(len(values), dtype=object)
        objects[:] = values.to_pylist()
        return ColumnData(objects)
    null = np.array(values.is_null().to_numpy())
    if column.kind is Kind.FLOAT:
        return ColumnData(values.to_numpy().astype(np.float64))
    stored = values.cast(pa.int64()) if column.kind is Kind.TIME else values
    blank = False if column.kind is Kind.BOOL else 0
    return ColumnData(stored.fill_null(blank).to_numpy(), null if column.nullable or null.any() else None)


def _coded(values: pa.ChunkedArray) -> ColumnData:
    joined = values.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.chunk(0) if joined.num_chunks else pa.array([], joined.type)
    codes = joined.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return ColumnData(codes, names=tuple(joined.dictionary.to_pylist()))
