"""Writes docs/tables.md from the schemas; ``--check`` only says whether it is up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from rtmpscope.tables import SCHEMAS, Schema

TARGET = Path(__file__).with_name("tables.md")


def lines() -> Iterator[str]:
    """The page, line by line."""
    yield "# Tables"
    yield ""
    yield "Made from the schemas in `rtmpscope/tables/` by `make docs`. Times are `datetime64[ns, UTC]` in pandas,"
    yield "categories are categoricals, nullable integers and booleans use pandas' nullable types, and JSON is text."
    for schema in SCHEMAS.values():
        yield ""
        yield from table_lines(schema)


def table_lines(schema: Schema) -> Iterator[str]:
    """One table's part of the page."""
    yield f"## {schema.name}"
    yield ""
    yield f"One row per {schema.row}."
    yield ""
    yield "| column | type | unit | meaning |"
    yield "|---|---|---|---|"
    for column in schema.columns:
        kind = column.kind.value + (", nullable" if column.nullable and column.kind.value != "float" else "")
        yield f"| `{column.name}` | {kind} | {column.unit} | {column.meaning} |"


def main() -> int:
    """Write the page, or check it."""
    page = "\n".join(lines()) + "\n"
    if "--check" in sys.argv:
        return 0 if TARGET.read_text(encoding="utf-8") == page else 1
    TARGET.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
