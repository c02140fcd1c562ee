"""The values in a condition: columns and constants, compared and computed with."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.tables.column import ColumnData
from rtmpscope.tables.schema import Column, Kind

Bools = NDArray[np.bool_]
Sort = Literal["number", "text", "truth", "time", "null"]

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "==",
    ast.IsNot: "!=",
}
#: What holds of known values where the other does not.
CONTRARY = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
}
#: Date and time, fraction, zone.
_TIME = re.compile(r"([-0-9]{8,10}(?:[T ][:0-9]{2,8})?)(?:\.([0-9]{1,9}))?(Z|[-+][0-9]{2}:?[0-9]{2})?")
STRING_TESTS = ("contains", "startswith", "endswith")

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_KINDS: dict[Kind, Sort] = {
    Kind.INT: "number",
    Kind.FLOAT: "number",
    Kind.BOOL: "truth",
    Kind.TIME: "time",
    Kind.CATEGORY: "text",
    Kind.TEXT: "text",
    Kind.JSON: "text",
}


@frozen
class Operand:
    """Values on one side of an operator.

    Attributes:
        sort: what they are.
        values: one per row, or a single one for a constant.
        null: True where unknown.
        codes, names: for coded columns, so that a text is looked at once and not once per row.
    """

    sort: Sort
    values: Any
    null: Any
    codes: NDArray[Any] | None = None
    names: tuple[str, ...] = ()

    @classmethod
    def constant(cls, value: float | str | bool | None) -> Operand:
        """The same value for every row."""
        if value is None:
            return cls("null", None, True)
        if isinstance(value, bool):
            return cls("truth", value, False)
        return cls("text" if isinstance(value, str) else "number", value, False)


def operand_of_column(column: Column, data: ColumnData) -> Operand:
    """A column's values as an operand."""
    sort = _KINDS[column.kind]
    if data.names is not None:
        return Operand(sort, None, data.is_null(), data.values, data.names)
    return Operand(sort, data.values, data.is_null())


def compared(sign: str, left: Operand, right: Operand) -> Bools:
    """Compare two operands; unknown values compare false, except with None."""
    if "null" in (left.sort, right.sort):
        return _compared_with_null(sign, left, right)
    left, right = _same_sort(left, right)
    if left.codes is not None and not isinstance(right.values, np.ndarray) and right.codes is None:
        return _by_names(left, lambda name: bool(_OPERATORS[sign](name, right.values)))
    known = ~(np.asarray(left.null) | np.asarray(right.null))
    one, other = _plain(left), _plain(right)
    if left.sort == "text":
        return _texts_compared(sign, one, other, known)
    result = np.asarray(_OPERATORS[sign](one, other)) & known
    return np.asarray(result, np.bool_)


def members(one: Operand, others: Sequence[Operand], *, negated: bool) -> Bools:
    """Whether values are (not) among others; unknown values are in neither."""
    if not others:
        found = np.zeros(np.shape(np.asarray(one.null)), np.bool_)
    else:
        found = np.logical_or.reduce([compared("==", one, other) for other in others])
    return np.asarray(~found & ~np.asarray(one.null) if negated else found)


def computed(sign: str, left: Operand, right: Operand) -> Operand:
    """Arithmetic on numbers; a division by zero gives an unknown value."""
    if {left.sort, right.sort} != {"number"}:
        raise TypeError(f"{sign} takes numbers, not {left.sort} and {right.sort}")
    one, other = np.asarray(left.values, np.float64), np.asarray(right.values, np.float64)
    null = np.asarray(left.null) | np.asarray(right.null)
    with np.errstate(all="ignore"):
        functions = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.mod}
        result = functions[sign](one, other)
    return Operand("number", result, null | ~np.isfinite(result))


def tested(name: str, text: Operand, needle: Operand, *, negated: bool) -> Bools:
    """A string test of a column against a constant text, or its contrary; of unknown texts neither holds."""
    if text.sort != "text" or needle.sort != "text" or not isinstance(needle.values, str):
        raise TypeError(f"{name}(column, 'text') takes a text column and a text")
    wanted = needle.values
    tests: dict[str, Callable[[str], bool]] = {
        "contains": lambda value: (wanted in value) != negated,
        "startswith": lambda value: value.startswith(wanted) != negated,
        "endswith": lambda value: value.endswith(wanted) != negated,
    }
    test = tests[name]
    if text.codes is not None:
        return _by_names(text, test)
    if isinstance(text.values, str):
        return np.asarray(test(text.values))
    return np.array([value is not None and test(value) for value in text.values], np.bool_)


def lowered(text: Operand) -> Operand:
    """Texts in lower case."""
    if text.sort != "text":
        raise TypeError("lower(column) takes a text column")
    if text.codes is not None:
        return replace(text, names=tuple(name.lower() for name in text.names))
    if isinstance(text.values, str):
        return replace(text, values=text.values.lower())
    values = np.empty(len(text.values), dtype=object)
    values[:] = [None if value is None else value.lower() for value in text.values]
    return replace(text, values=values)


def _compared_with_null(sign: str, left: Operand, right: Operand) -> Bools:
    if sign not in ("==", "!="):
        raise TypeError("None can only be compared with == and !=")
    null = np.asarray(right.null if left.sort == "null" else left.null)
    return null if sign == "==" else ~null


def _same_sort(left: Operand, right: Operand) -> tuple[Operand, Operand]:
    if left.sort == right.sort:
        return left, right
    if left.sort == "time" and isinstance(right.values, str):
        return left, Operand("time", _time_ns(right.values), False)
    if right.sort == "time" and isinstance(left.values, str):
        return Operand("time", _time_ns(left.values), False), right
    if {left.sort, right.sort} == {"truth", "number"}:
        return left, right
    raise TypeError(f"a {left.sort} cannot be compared with a {right.sort}")


def _by_names(operand: Operand, test: Callable[[str], bool]) -> Bools:
    """Test each name once, then look the answers up by code; null (code -1) is false."""
    assert operand.codes is not None
    answers = np.array([*(test(name) for name in operand.names), False], np.bool_)
    return np.asarray(answers[operand.codes])


def _plain(operand: Operand) -> Any:
    if operand.codes is None:
        return operand.values
    return np.array([*operand.names, None], dtype=object)[operand.codes]


def _texts_compared(sign: str, one: Any, other: Any, known: Bools) -> Bools:
    left, right = np.broadcast_arrays(np.asarray(one, object), np.asarray(other, object))
    compare = _OPERATORS[sign]
    pairs = zip(left.ravel().tolist(), right.ravel().tolist(), np.broadcast_to(known, left.shape).ravel(), strict=True)
    return np.array([bool(ok and compare(a, b)) for a, b, ok in pairs], np.bool_)


def _time_ns(text: str) -> int:
    """Nanoseconds of an ISO 8601 time; UTC where it names no zone."""
    parts = _TIME.fullmatch(text)
    try:
        moment = datetime.fromisoformat(parts[1] + (parts[3] or "")) if parts else None
    except ValueError:
        moment = None
    if parts is None or moment is None:
        raise TypeError(f"{text!r} is not a time; write it as 2026-01-31T12:00:00.5")
    nanoseconds = int((parts[2] or "").ljust(9, "0")[:9])
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000_000 + nanoseconds
