"""Columns that are made when they are asked for."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from rtmpscope.tables import SCHEMAS, ColumnData, Rows, Table
from rtmpscope.tables.lazy import LazyColumns


def _columns(made: list[str], kept: int | None = None) -> LazyColumns:
    def maker(name: str, rows: Rows) -> ColumnData:
        made.append(name)
        return ColumnData(np.arange(3)[rows])

    return LazyColumns({name: partial(maker, name) for name in "abc"}, kept)


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


def test_some_rows_of_a_column_are_made_unless_all_are_there() -> None:
    made: list[str] = []
    columns = _columns(made)
    assert columns.at("a", np.array([2, 0])).to_list() == [2, 0]
    assert columns["a"].to_list() == [0, 1, 2]
    assert columns.at("a", slice(1, 3)).to_list() == [1, 2]
    assert made == ["a", "a"]


def test_batches_make_each_column_once() -> None:
    made: list[str] = []
    schema = SCHEMAS["messages"].picked(("message", "frame"))

    def maker(name: str, rows: Rows) -> ColumnData:
        made.append(name)
        return ColumnData(np.arange(20_000)[rows])

    makers = {name: partial(maker, name) for name in schema.names}
    table = Table.lazy(schema, makers, kept=1)
    assert sum(len(part) for part in table.batches()) == 20_000
    assert sorted(made) == ["frame", "message"]


def test_missing_columns_are_an_error() -> None:
    with pytest.raises(ValueError, match="frame"):
        Table.lazy(SCHEMAS["messages"].picked(("message", "frame")), {"message": lambda _: ColumnData(np.arange(1))})
