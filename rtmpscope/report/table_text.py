"""Tables as text or files: aligned columns, CSV, JSON lines, Parquet; written in batches."""

from __future__ import annotations

import csv
import json
from typing import BinaryIO, TextIO, cast

from rtmpscope.report.values import csv_cell, display_width, inert, shorten
from rtmpscope.tables import Kind, Table
from rtmpscope.tables.times import time_text

_WIDEST = 80
#: Widths are taken from so many rows, so that a long table starts to print at once.
_MEASURED_ROWS = 1000


def write_table(table: Table, stream: TextIO | BinaryIO, form: str) -> None:
    """Write a table as ``table``, ``csv``, ``jsonl`` (to a text stream) or ``parquet`` (to a binary one)."""
    if form == "parquet":
        table.write_parquet(cast(BinaryIO, stream))
        return
    writers = {"table": _write_aligned, "csv": _write_csv, "jsonl": _write_jsonl}
    writers[form](table, cast(TextIO, stream))


def _write_csv(table: Table, stream: TextIO) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.schema.names)
    for row in table.iter_dicts():
        writer.writerow([_csv_value(value) for value in row.values()])


def _csv_value(value: object) -> object:
    if value is None:
        return ""
    return csv_cell(value) if isinstance(value, str) else value


def _write_jsonl(table: Table, stream: TextIO) -> None:
    for row in table.iter_dicts():
        stream.write(json.dumps(row, ensure_ascii=True, allow_nan=False) + "\n")


def _write_aligned(table: Table, stream: TextIO) -> None:
    columns = table.schema.columns
    kinds = [column.kind for column in columns]
    sample = [_cells(row, kinds) for row in table.head(_MEASURED_ROWS).to_rows()]
    widths = [
        max([len(column.name), *(display_width(row[place]) for row in sample)]) for place, column in enumerate(columns)
    ]
    right = [kind in (Kind.INT, Kind.FLOAT) for kind in kinds]
    stream.write(_line([column.name for column in columns], widths, right))
    for row in table.to_rows():
        stream.write(_line(_cells(row, kinds), widths, right))


def _cells(row: dict[str, object], kinds: list[Kind]) -> list[str]:
    return [_cell(value, kind) for value, kind in zip(row.values(), kinds, strict=True)]


def _cell(value: object, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind is Kind.TIME and isinstance(value, int):
        return time_text(value)[11:26]
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return shorten(inert(str(value)), _WIDEST)


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    padded = [
        _padding(cell, width) + cell if is_right else cell + _padding(cell, width)
        for cell, width, is_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip() + "\n"


def _padding(cell: str, width: int) -> str:
    return " " * (width - display_width(cell))
