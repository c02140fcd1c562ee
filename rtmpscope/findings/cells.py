"""Cells of table rows as the types that rules need."""

from __future__ import annotations


def whole(value: object) -> int:
    """A cell that always holds a whole number."""
    assert isinstance(value, int)
    return value


def whole_or_none(value: object) -> int | None:
    """A cell that holds a whole number, or nothing."""
    return value if isinstance(value, int) else None
