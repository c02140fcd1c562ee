"""Cells of table rows as the types that rules need."""

from __future__ import annotations

from collections.abc import Mapping


def came_about(stream: Mapping[str, object]) -> bool:
    """Whether a stream was accepted: an answer says so, or its media shows it where no request was captured."""
    return stream["outcome"] in ("accepted", "unseen")


def counted(number: int, noun: str) -> str:
    """``1 hole``, ``2 holes``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def whole(value: object) -> int:
    """A cell that always holds a whole number."""
    assert isinstance(value, int)
    return value


def whole_or_none(value: object) -> int | None:
    """A cell that holds a whole number, or nothing."""
    return value if isinstance(value, int) else None
