"""What ``messages`` and ``table`` have in common: choosing rows and columns, and where they go."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rtmpscope.cli.files import written_whole
from rtmpscope.frozen import frozen
from rtmpscope.options import OptionError
from rtmpscope.tables import Table, compile_where, select, sort

Where = Annotated[
    str,
    typer.Option(
        "--where",
        metavar="EXPR",
        help='Rows to keep, such as "type == \'video\' and length > 1000" or "csid in (4, 6)".',
    ),
]
Columns = Annotated[str, typer.Option("--columns", metavar="A,B,...", help="Columns to print, in this order.")]
Sort = Annotated[str, typer.Option("--sort", metavar="A,-B,...", help="Columns to sort by; - for descending.")]
Limit = Annotated[int | None, typer.Option("--limit", min=0, metavar="N", help="At most so many rows.")]
Format = Annotated[
    str | None,
    typer.Option("--format", help="table, csv, jsonl or parquet. Default: by the ending of -o, else table."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")]

FORMATS = ("table", "csv", "jsonl", "parquet")
_ENDINGS = {".csv": "csv", ".json": "jsonl", ".jsonl": "jsonl", ".parquet": "parquet"}


@frozen
class Selection:
    """Which rows and columns of a table to print, and how.

    ``limit`` is None for all rows. ``output`` is None for standard output. ``format`` is None for what its name says.
    """

    where: str = ""
    columns: str = ""
    sort: str = ""
    limit: int | None = None
    format: str | None = None
    output: Path | None = None
    force: bool = False

    def check(self) -> None:
        """Refuse what can be refused before the capture is read."""
        if self.form not in FORMATS:
            raise OptionError(f"--format: {self.form!r} is not one of {', '.join(FORMATS)}")
        if self._ending not in (None, self.form):
            raise OptionError(
                f"{self.output}: ends as {self._ending} does, not {self.form}; name it or --format otherwise"
            )
        if self.form == "parquet" and self.output is None and sys.stdout.isatty():
            raise OptionError("--format parquet is binary; name a file with -o FILE")

    @property
    def form(self) -> str:
        """The format: the one asked for, or that of the output's ending."""
        return self.format or self._ending or "table"

    @property
    def _ending(self) -> str | None:
        return None if self.output is None else _ENDINGS.get(self.output.suffix.lower())


def chosen_rows(table: Table, selection: Selection) -> Table:
    """The rows and columns of ``table`` that the selection asks for."""
    if selection.where:
        table = table.take(compile_where(selection.where, table.schema).mask(table).nonzero()[0])
    if selection.sort:
        table = sort(table, selection.sort)
    if selection.limit is not None:
        table = table.head(selection.limit)
    if selection.columns:
        table = select(table, [name.strip() for name in selection.columns.split(",")])
    return table


def print_table(table: Table, selection: Selection) -> None:
    """Write the table where and how the selection says."""
    from rtmpscope.report.table_text import write_table

    if selection.output is None:
        binary = selection.form == "parquet"
        write_table(table, sys.stdout.buffer if binary else sys.stdout, selection.form)
        return
    with written_whole(selection.output, force=selection.force) as part:
        if selection.form == "parquet":
            with part.open("wb") as binary_file:
                write_table(table, binary_file, selection.form)
        else:
            with part.open("w", encoding="utf-8", newline="") as text_file:
                write_table(table, text_file, selection.form)
