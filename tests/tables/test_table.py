"""Tables keep their values and types on the way to pandas, Arrow and back, filled or empty."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from rtmpscope.errors import RtmpscopeError
from rtmpscope.tables import SCHEMAS, Column, ColumnData, Kind, Schema, Table, TableError, select, sort
from rtmpscope.tables import table as table_module
from rtmpscope.tables.shorthand import category, text
from rtmpscope.tables.to_arrow import table_of

SAMPLES: dict[Kind, list[object]] = {
    Kind.INT: [3, 1, 2],
    Kind.FLOAT: [0.5, None, 2.0],
    Kind.BOOL: [True, False, True],
    Kind.TIME: [10**18, 10**18 + 1, 10**18 + 2],
    Kind.CATEGORY: ["b", None, "a"],
    Kind.TEXT: ["x", None, "ü"],
    Kind.JSON: ["{}", None, "[1]"],
}


def filled(schema: Schema) -> Table:
    rows = []
    for place in range(3):
        row = {column.name: SAMPLES[column.kind][place] for column in schema.columns}
        rows.append({name: None if place == 1 and schema.column(name).nullable else row[name] for name in row})
    return Table.from_rows(schema, rows)


DTYPES = {
    (Kind.INT, False): "int64",
    (Kind.INT, True): "Int64",
    (Kind.BOOL, False): "bool",
    (Kind.BOOL, True): "boolean",
    (Kind.FLOAT, False): "float64",
    (Kind.FLOAT, True): "float64",
    (Kind.TIME, False): "datetime64[ns, UTC]",
    (Kind.TIME, True): "datetime64[ns, UTC]",
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("rows", [0, 3])
def test_pandas_types_are_those_of_the_schema(name: str, rows: int) -> None:
    frame = filled(SCHEMAS[name]).head(rows).to_pandas()
    assert len(frame) == rows
    assert_types(frame, SCHEMAS[name])


def assert_types(frame: pd.DataFrame, schema: Schema) -> None:
    """The columns of a frame are those of the schema, with its types."""
    assert list(frame.columns) == list(schema.names)
    for column in schema.columns:
        got = frame[column.name].dtype
        if column.kind is Kind.CATEGORY:
            assert isinstance(got, pd.CategoricalDtype)
        elif column.kind in (Kind.TEXT, Kind.JSON):
            assert pd.api.types.is_string_dtype(got)
        else:
            assert str(got) == DTYPES[column.kind, column.nullable], column.name


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize(("rows", "groups"), [(0, 0), (3, 2)])
def test_parquet_round_trip_is_equal(name: str, rows: int, groups: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "GROUP_ROWS", 2)
    table = filled(SCHEMAS[name]).head(rows)
    file = io.BytesIO()
    table.write_parquet(file)
    assert pq.ParquetFile(file).num_row_groups == groups
    back = table_of(pq.read_table(file), SCHEMAS[name])
    pd.testing.assert_frame_equal(back.to_pandas(), table.to_pandas(), check_categorical=False)
    assert list(back.to_rows()) == list(table.to_rows())


def test_nulls_stay_null() -> None:
    frame = filled(SCHEMAS["messages"]).to_pandas()
    assert frame["stream_id"].isna().tolist() == [False, True, False]
    assert frame["info"].isna().tolist() == [False, True, False]


def test_rows_with_unknown_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="no such column"):
        Table.from_rows(SCHEMAS["controls"], [{"nonsense": 1}])


def test_rows_that_leave_out_what_must_be_known_are_refused() -> None:
    with pytest.raises(ValueError, match="message must be known"):
        Table.from_rows(SCHEMAS["controls"], [{"connection": 0, "time": 0}])


def test_lone_surrogates_are_escaped_on_the_way_out() -> None:
    rows = [{"number": 1, "name": "a\udc80", "kind": "b\udc80"}]
    schema = Schema("odd", "odd", (Column("number", Kind.INT, ""), text("name", "a text"), category("kind", "a name")))
    table = Table.from_rows(schema, rows)
    assert table.to_pandas()["name"].tolist() == ["a\\udc80"] == table.to_arrow().column("name").to_pylist()
    assert table.to_pandas()["kind"].tolist() == ["b\\udc80"] == table.to_arrow().column("kind").to_pylist()


@pytest.mark.parametrize("name", SCHEMAS)
def test_columns_without_any_known_value_survive_the_round_trip(name: str) -> None:
    schema = SCHEMAS[name]
    known = {column.name: SAMPLES[column.kind][0] for column in schema.columns if not column.nullable}
    table = Table.from_rows(schema, [known, known])
    file = io.BytesIO()
    table.write_parquet(file)
    back = table_of(pq.read_table(file), schema)
    assert list(back.to_rows()) == list(table.to_rows())
    assert back.to_pandas().dtypes.map(str).tolist() == table.to_pandas().dtypes.map(str).tolist()


def test_categories_of_several_row_groups_are_read_as_one() -> None:
    table = filled(SCHEMAS["messages"]).take([0, 1, 2] * 40)
    file = io.BytesIO()
    pq.write_table(table.to_arrow(), file, row_group_size=7)
    assert list(table_of(pq.read_table(file), SCHEMAS["messages"]).to_rows()) == list(table.to_rows())


def test_coded_texts_are_texts_in_pandas() -> None:
    schema = Schema("one", "one", (text("words", "a text"),))
    column = ColumnData(np.array([1, -1, 0, 1]), names=("a\udc80", "b"))
    values = Table.build(schema, {"words": column}).to_pandas()["words"]
    assert values.dropna().tolist() == ["b", "a\\udc80", "b"]
    assert values.isna().tolist() == [False, True, False, False]


def test_changing_a_frame_leaves_the_table_as_it_was() -> None:
    table = filled(SCHEMAS["messages"])
    before = list(table.to_rows())
    frame = table.to_pandas()
    for column in ("message", "stream_id", "complete", "time"):
        frame[column].array[0] = frame[column].array[1]
    assert list(table.to_rows()) == before


def test_tables_import_neither_pandas_nor_arrow() -> None:
    code = (
        "import sys, rtmpscope.tables; print(sorted({'pandas', 'pyarrow', 'scapy', 'matplotlib'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_tables_with_missing_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="columns differ"):
        Table.build(SCHEMAS["controls"], {"message": ColumnData(np.arange(3))})


def test_sorting_is_stable_descends_and_puts_nulls_last() -> None:
    table = filled(SCHEMAS["messages"])
    assert sort(table, "message")["message"].values.tolist() == [1, 2, 3]
    assert sort(table, "-message")["message"].values.tolist() == [3, 2, 1]
    assert sort(table, "info")["info"].to_list() == ["x", "ü", None]
    assert sort(table, "-type")["type"].to_list() == ["b", "a", None]


def test_selecting_an_unknown_column_suggests_the_nearest() -> None:
    with pytest.raises(TableError, match="did you mean timestamp"):
        select(filled(SCHEMAS["messages"]), ["timestmp"])


@pytest.mark.parametrize(("names", "says"), [(["csid", "csid"], "twice"), ([], "no column is asked for")])
def test_columns_are_selected_once_each(names: list[str], says: str) -> None:
    with pytest.raises(TableError, match=says):
        select(filled(SCHEMAS["messages"]), names)


def test_a_negative_number_of_rows_is_refused() -> None:
    with pytest.raises(RtmpscopeError, match="from 0 up, not -1"):
        filled(SCHEMAS["media"]).head(-1)
