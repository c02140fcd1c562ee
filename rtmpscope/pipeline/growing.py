"""Columns with a row per message: they grow at their end, and beyond a number of rows on disk.

In memory a column is a list of parts until it is asked for; then it is joined, and its parts make room for the next.
Beyond the limit, rows go to Parquet files in a temporary folder, and a column is read back when it is asked for.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.memory import MANY_ROWS, give_back

Columns = Mapping[str, NDArray[Any]]
Types = Mapping[str, type[np.generic]]

#: So many columns that were read back are kept, those last asked for.
COLUMNS_KEPT = 8


class GrowingColumns:
    """Takes in rows.

    Args:
        types: name → storage type.
        row_limit: with more rows than this, columns are kept on disk; None for never.
    """

    def __init__(self, types: Types, row_limit: int | None = None) -> None:
        self._types = types
        self._limit = row_limit
        self._parts: dict[str, list[NDArray[Any]]] = {name: [] for name in types}
        self._rows = 0
        self._spill: SpilledColumns | None = None

    def append(self, block: Columns) -> None:
        """Take in rows, given as columns of one length, which nobody may write to from now on."""
        for name, dtype in self._types.items():
            self._parts[name].append(block[name].astype(dtype, copy=False))
        self._rows += len(block[next(iter(self._types))])
        if self._limit is not None and self._rows > self._limit:
            self._write_part()

    def finish(self) -> Columns:
        """All rows; nothing can be taken in afterwards."""
        if self._spill is not None:
            self._write_part()
            return self._spill
        return HeldColumns(self._types, self._parts)

    def _write_part(self) -> None:
        self._spill = self._spill or SpilledColumns(self._types)
        self._spill.write(dict(HeldColumns(self._types, self._parts)))
        self._parts = {name: [] for name in self._types}
        self._rows = 0


def replace_column(columns: Columns, name: str, column: NDArray[Any]) -> None:
    """Put another column in the place of one, wherever the columns are kept."""
    if isinstance(columns, HeldColumns | SpilledColumns):
        columns.replace(name, column)
    else:
        columns[name][:] = column


class HeldColumns(Mapping[str, NDArray[Any]]):
    """Columns in memory, each joined out of its parts when it is first asked for."""

    def __init__(self, types: Types, parts: dict[str, list[NDArray[Any]]]) -> None:
        self._types = types
        self._parts = parts

    def replace(self, name: str, column: NDArray[Any]) -> None:
        """Put another column in the place of one; the one may be shared, and stays as it is."""
        self._parts[name][:] = [column]

    def __getitem__(self, name: str) -> NDArray[Any]:
        parts = self._parts[name]
        if len(parts) != 1:
            joined = np.concatenate([np.empty(0, self._types[name]), *parts])
            parts[:] = [joined]
            if len(joined) >= MANY_ROWS:
                give_back()  # the parts, before the next column is joined
        return parts[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


class SpilledColumns(Mapping[str, NDArray[Any]]):
    """Columns in Parquet files of a temporary folder, which is deleted with the object."""

    def __init__(self, types: Types) -> None:
        import tempfile

        folder = tempfile.TemporaryDirectory(prefix="rtmpscope-")
        weakref.finalize(self, folder.cleanup)
        self._folder = Path(folder.name)
        self._types = types
        self._parts: list[Path] = []
        self._kept: dict[str, NDArray[Any]] = {}
        self._replaced: dict[str, Path] = {}

    def replace(self, name: str, column: NDArray[Any]) -> None:
        """Put another column in the place of one."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._kept.pop(name, None)
        self._replaced[name] = self._folder / f"{name}.parquet"
        pq.write_table(pa.table({name: pa.array(column)}), self._replaced[name])

    def write(self, columns: Columns) -> None:
        """Write the next rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self._folder / f"{len(self._parts)}.parquet"
        pq.write_table(pa.table({name: pa.array(column) for name, column in columns.items()}), path)
        self._parts.append(path)

    def __getitem__(self, name: str) -> NDArray[Any]:
        column = self._kept.pop(name, None)
        column = self._read(name) if column is None else column
        self._kept[name] = column  # the last one is the one asked for last
        if len(self._kept) > COLUMNS_KEPT:
            del self._kept[next(iter(self._kept))]
        return column

    def _read(self, name: str) -> NDArray[Any]:
        import pyarrow.parquet as pq

        dtype = self._types[name]
        paths = [self._replaced[name]] if name in self._replaced else self._parts
        parts = (pq.read_table(path, columns=[name]).column(0).to_numpy().astype(dtype) for path in paths)
        return np.concatenate([np.empty(0, dtype), *parts])

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)
