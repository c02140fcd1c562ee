"""What a table is made of: columns with a kind, a unit and a meaning, each declared once."""

from __future__ import annotations

from enum import Enum

from rtmpscope.frozen import frozen


class Kind(Enum):
    """What the values of a column are, whatever library shows them."""

    INT = "integer"
    FLOAT = "float"
    BOOL = "boolean"
    TIME = "time"
    CATEGORY = "category"
    TEXT = "text"
    JSON = "json"


@frozen
class Column:
    """One column.

    Attributes:
        name: its name, fixed once published.
        kind: what its values are; TIME is nanoseconds since 1970 UTC.
        meaning: what a value says, in one sentence.
        unit: ``s``, ``ms``, ``bytes``, ``kbit/s`` …; empty where there is none.
        nullable: whether values may be unknown.
        names: for categories, names whose codes are fixed: their places here. Others may follow.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    nullable: bool = False
    names: tuple[str, ...] = ()


@frozen
class Schema:
    """One table: its name, what one row of it is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column ``name``; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def picked(self, names: tuple[str, ...]) -> Schema:
        """The same table with the columns ``names`` only, in that order."""
        return Schema(self.name, self.row, tuple(self.column(name) for name in names))
