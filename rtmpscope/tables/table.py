"""A table: a schema and its columns, which never change.

Inside, everything works on these. pandas and Arrow are ways out, imported when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.frozen import frozen
from rtmpscope.tables.column import ColumnData, column_of
from rtmpscope.tables.lazy import LazyColumns, Maker, Rows
from rtmpscope.tables.schema import Kind, Schema
from rtmpscope.tables.times import time_text

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["ColumnData", "Table"]

#: Rows turned into Python values at a time, and those of a row group of Parquet.
BATCH_ROWS, GROUP_ROWS = 8192, 1 << 17


@frozen
class Table:
    """A frozen set of columns of one length.

    Attributes:
        schema: what the columns mean.
        data: name → values, in the schema's order.
    """

    schema: Schema
    data: Mapping[str, ColumnData]

    @classmethod
    def build(cls, schema: Schema, columns: Mapping[str, ColumnData]) -> Table:
        """A table from ready columns.

        Raises:
            ValueError: a column is missing, not in the schema, of another length, or coded otherwise.
        """
        if set(columns) != set(schema.names):
            raise ValueError(f"{schema.name}: columns differ: {sorted(set(columns) ^ set(schema.names))}")
        for column in schema.columns:
            if (columns[column.name].names or column.names)[: len(column.names)] != column.names:
                raise ValueError(f"{schema.name}: the codes of {column.name} are not those of the schema")
        if len({len(data) for data in columns.values()}) > 1:
            raise ValueError(f"{schema.name}: columns of different lengths")
        return cls(schema, {name: columns[name] for name in schema.names})

    @classmethod
    def from_rows(cls, schema: Schema, rows: Iterable[Mapping[str, object]]) -> Table:
        """A table from rows of plain values; what a row leaves out is null.

        Raises:
            ValueError: a row has a name that the schema has not, or leaves out what must be known.
        """
        kept = list(rows)
        unknown = {name for row in kept for name in row} - set(schema.names)
        if unknown:
            raise ValueError(f"{schema.name}: no such column: {sorted(unknown)}")
        columns = {column.name: column_of(column, [row.get(column.name) for row in kept]) for column in schema.columns}
        return cls(schema, columns)

    @classmethod
    def lazy(cls, schema: Schema, makers: Mapping[str, Maker], kept: int | None = None) -> Table:
        """A table whose columns are made when they are asked for; ``kept`` of them stay, None for all.

        Raises:
            ValueError: a column is missing, or not in the schema.
        """
        if set(makers) != set(schema.names):
            raise ValueError(f"{schema.name}: columns differ: {sorted(set(makers) ^ set(schema.names))}")
        return cls(schema, LazyColumns({name: makers[name] for name in schema.names}, kept))

    def __len__(self) -> int:
        return len(self.data[self.schema.names[0]])

    def __getitem__(self, name: str) -> ColumnData:
        return self.data[name]

    def at(self, name: str, rows: Rows | Sequence[int]) -> ColumnData:
        """The values of a column in some rows; of a long table's column no others are made."""
        index = rows if isinstance(rows, slice) else np.asarray(rows, np.int64)
        return self.data.at(name, index) if isinstance(self.data, LazyColumns) else self.data[name].take(index)

    def take(self, rows: NDArray[np.int64] | Sequence[int]) -> Table:
        """The rows with these numbers, in this order."""
        index = np.asarray(rows, np.int64)
        return Table(self.schema, {name: self.at(name, index) for name in self.data})

    def part(self, start: int, stop: int) -> Table:
        """Rows ``start … stop - 1``."""
        return Table(self.schema, {name: self.at(name, slice(start, stop)) for name in self.data})

    def head(self, count: int) -> Table:
        """At most the first ``count`` rows.

        Raises:
            RtmpscopeError: ``count`` is negative.
        """
        if count < 0:
            raise RtmpscopeError(f"head takes a number of rows from 0 up, not {count}")
        return self.part(0, count)

    def picked(self, names: tuple[str, ...]) -> Table:
        """The columns ``names`` only; KeyError if there is no such column."""
        return Table(self.schema.picked(names), {name: self.data[name] for name in names})

    def to_rows(self) -> Iterator[dict[str, object]]:
        """Rows as dictionaries of plain Python values; times as nanoseconds, None for null."""
        names = self.schema.names
        for part in self.batches():
            for row in zip(*(part.data[name].to_list() for name in names), strict=True):
                yield dict(zip(names, row, strict=True))

    def iter_dicts(self) -> Iterator[dict[str, object]]:
        """Rows as JSON has them: times as ISO 8601 text in UTC, None for null and for infinite numbers."""
        times = [column.name for column in self.schema.columns if column.kind is Kind.TIME]
        floats = [column.name for column in self.schema.columns if column.kind is Kind.FLOAT]
        for row in self.to_rows():
            for name in times:
                value = row[name]
                row[name] = time_text(value) if isinstance(value, int) else None
            for name in floats:
                value = row[name]
                row[name] = value if isinstance(value, float) and isfinite(value) else None
            yield row

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[Table]:
        """The table in parts of at most so many rows."""
        whole = Table(self.schema, dict(self.data))  # each column is made once
        for start in range(0, len(whole), rows):
            yield whole.part(start, start + rows)

    def to_pandas(self) -> pd.DataFrame:
        """The table as a DataFrame; times as ``datetime64[ns, UTC]``, names as categoricals."""
        from rtmpscope.tables.to_pandas import frame_of

        return frame_of(self)

    def to_arrow(self) -> pa.Table:
        """The table as an Arrow table."""
        from rtmpscope.tables.to_arrow import arrow_of

        return arrow_of(self)

    def write_parquet(self, file: BinaryIO) -> None:
        """Write the table to a binary file as Parquet, a row group at a time."""
        import pyarrow.parquet as pq

        with pq.ParquetWriter(file, self.part(0, 0).to_arrow().schema, compression="zstd") as writer:
            for part in self.batches(GROUP_ROWS):
                writer.write_table(part.to_arrow())
