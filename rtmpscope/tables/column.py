"""The values of one column, in numpy.

Times are nanoseconds; names out of a set are codes into a tuple, -1 for null; texts are either such codes
(where few texts fill many rows) or Python strings, None for null; numbers have a mask where any is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.tables.schema import Column, Kind

Values = NDArray[Any]
Bools = NDArray[np.bool_]

_DTYPES = {Kind.INT: np.int64, Kind.FLOAT: np.float64, Kind.BOOL: np.bool_, Kind.TIME: np.int64}


@frozen
class ColumnData:
    """One column's values.

    Attributes:
        values: numbers, codes into ``names``, or objects (str or None).
        null: True where the value is unknown; None where all are known, or where codes or objects say it.
        names: what the codes stand for; None for columns that are not coded.
    """

    values: Values
    null: Bools | None = None
    names: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def is_null(self) -> Bools:
        """True where the value is unknown."""
        if self.null is not None:
            return self.null
        if self.names is not None:
            return np.asarray(self.values < 0)
        if self.values.dtype == object:
            return np.array([value is None for value in self.values], np.bool_)
        if self.values.dtype.kind == "f":
            return np.isnan(self.values)
        return np.zeros(len(self.values), np.bool_)

    def text_at(self, row: int) -> str | None:
        """The text or name of one row."""
        value = self.values[row]
        if self.names is None:
            return None if value is None else str(value)
        return self.names[value] if value >= 0 else None

    def rows_named(self, name: str) -> NDArray[np.int64]:
        """The rows of a coded column that have this name."""
        if self.names is None or name not in self.names:
            return np.empty(0, np.int64)
        return np.flatnonzero(self.values == self.names.index(name))

    def take(self, rows: NDArray[np.int64] | Sequence[int] | slice) -> ColumnData:
        """The values of some rows."""
        null = None if self.null is None else self.null[rows]
        return ColumnData(self.values[rows], null, self.names)

    def to_list(self) -> list[object]:
        """Plain Python values, None for null; times as nanoseconds."""
        if self.names is not None:
            names = (*self.names, None)  # code -1 is the last
            return [names[code] for code in self.values.tolist()]
        values: list[object] = self.values.tolist()
        if self.null is None and self.values.dtype.kind != "f":
            return values
        return [None if null else value for value, null in zip(values, self.is_null().tolist(), strict=True)]


def storable(text: str) -> str:
    """The text, lone surrogates (of file names) escaped: they cannot be stored as UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def column_of(column: Column, values: Sequence[object]) -> ColumnData:
    """A column from plain Python values, None for null.

    Raises:
        ValueError: a value is null that must be known.
    """
    if not column.nullable and column.kind is not Kind.FLOAT and any(value is None for value in values):
        raise ValueError(f"{column.name} must be known in every row")
    if column.kind is Kind.CATEGORY:
        return coded(values, column.names)
    if column.kind in (Kind.TEXT, Kind.JSON):
        objects = np.empty(len(values), dtype=object)
        objects[:] = values
        return ColumnData(objects)
    null = np.array([value is None for value in values], np.bool_)
    blank = np.nan if column.kind is Kind.FLOAT else 0
    filled = [blank if value is None else value for value in values]
    data: Values = np.array(filled, _DTYPES[column.kind])
    if column.kind is Kind.FLOAT:
        return ColumnData(data)
    return ColumnData(data, null if column.nullable else None)


def coded(values: Sequence[object], names: tuple[str, ...] = ()) -> ColumnData:
    """A coded column from names, None for null; ``names`` come first, others by first appearance."""
    codes: dict[object, int] = {name: code for code, name in enumerate(names)}
    numbers = [-1 if value is None else codes.setdefault(value, len(codes)) for value in values]
    return ColumnData(np.array(numbers, np.int32), names=tuple(str(name) for name in codes))
