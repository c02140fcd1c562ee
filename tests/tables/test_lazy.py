"""Columns that are made when they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.tables import SCHEMAS, ColumnData, Table
from rtmpscope.tables.lazy import LazyColumns


def _columns(made: list[str], kept: int | None = None) -> LazyColumns:
    def maker(name: str) -> ColumnData:
        made.append(name)
        return ColumnData(np.arange(3))

    return LazyColumns({name: lambda name=name: maker(name) for name in "abc"}, kept)  # type: ignore[misc]


def test_a_column_is_made_once_and_only_when_asked_for() -> None:
    made: list[str] = []
    columns = _columns(made)
    assert (list(columns), len(columns), made) == (["a", "b", "c"], 3, [])
    assert columns["b"] is columns["b"]
    assert made == ["b"]


def test_no_more_columns_stay_than_are_to_be_kept() -> None:
    made: list[str] = []
    columns = _columns(made, kept=2)
    for name in "abacba":
        columns[name]
    assert made == ["a", "b", "c", "b", "a"]


def test_batches_make_each_column_once() -> None:
    made: list[str] = []
    schema = SCHEMAS["messages"].picked(("message", "frame"))

    def maker(name: str) -> ColumnData:
        made.append(name)
        return ColumnData(np.arange(20_000))

    makers = {name: lambda name=name: maker(name) for name in schema.names}  # type: ignore[misc]
    table = Table.lazy(schema, makers, kept=1)
    assert sum(len(part) for part in table.batches()) == 20_000
    assert sorted(made) == ["frame", "message"]


def test_missing_columns_are_an_error() -> None:
    with pytest.raises(ValueError, match="frame"):
        Table.lazy(SCHEMAS["messages"].picked(("message", "frame")), {"message": lambda: ColumnData(np.arange(1))})
