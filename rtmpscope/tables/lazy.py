"""Columns that are made when they are first asked for.

The tables with a row per message are wide, and most questions need a few of their columns, or of their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rtmpscope.tables.column import ColumnData

Rows: TypeAlias = NDArray[np.int64] | slice
#: Makes a column's values in some rows.
Maker: TypeAlias = Callable[[Rows], ColumnData]


class LazyColumns(Mapping[str, ColumnData]):
    """Columns by name, each made when it is asked for and then kept.

    Args:
        makers: name → what makes the column.
        kept: how many columns are kept at a time, those last asked for; None for all.
    """

    def __init__(self, makers: Mapping[str, Maker], kept: int | None = None) -> None:
        self._makers = makers
        self._most = kept
        self._kept: dict[str, ColumnData] = {}

    def __getitem__(self, name: str) -> ColumnData:
        column = self._kept.pop(name, None)
        if column is None:
            column = self._makers[name](slice(None))
        self._kept[name] = column  # the last one is the one asked for last
        if self._most is not None and len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return column

    def at(self, name: str, rows: Rows) -> ColumnData:
        """A column's values in some rows; no others are made."""
        column = self._kept.get(name)
        return self._makers[name](rows) if column is None else column.take(rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
