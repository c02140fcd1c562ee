"""Conditions on rows, as people type them: parsed, compiled to numpy, and nothing else is evaluated.

The grammar is a part of Python's expressions, so Python's parser reads it; every kind of node that is not
listed here is refused. A comparison or test of an unknown value is false, except ``== None`` and ``!= None``,
and so it is under ``not``: that is carried down to the comparisons, so that ``not a < b`` is ``a >= b``.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.frozen import frozen
from rtmpscope.tables.schema import Kind, Schema
from rtmpscope.tables.select import TableError, check_column
from rtmpscope.tables.table import Table
from rtmpscope.tables.where_values import (
    ARITHMETIC,
    COMPARISONS,
    CONTRARY,
    STRING_TESTS,
    Operand,
    compared,
    computed,
    lowered,
    members,
    operand_of_column,
    tested,
)

Bools = NDArray[np.bool_]
Condition = Callable[[Table], Bools]
Value = Callable[[Table], Operand]

_LONGEST = 4000
_DEEPEST = 60
_SHOWN = 80
_ALLOWED = (
    "comparisons (== != < <= > >=), and, or, not, in, not in, arithmetic (+ - * / %), "
    "contains(column, 'text'), startswith, endswith, lower(column), True, False, None"
)

#: What people write for the constants, in lower case.
_CONSTANTS = {"true": "True", "false": "False", "none": "None", "null": "None"}


class WhereError(RtmpscopeError):
    """A condition that cannot be understood."""


@frozen
class Where:
    """A compiled condition."""

    text: str
    _condition: Condition

    def mask(self, table: Table) -> Bools:
        """True for each row that fulfils the condition.

        Raises:
            WhereError: values are compared that cannot be.
        """
        return np.array(np.broadcast_to(self._condition(table), len(table)), np.bool_)


def compile_where(text: str, schema: Schema) -> Where:
    """Compile a condition on the rows of a table with this schema.

    Raises:
        WhereError: it is no condition, uses what is not allowed, or compares what cannot be compared; the
            message says where and what is allowed.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise WhereError(f"--where: the condition has {len(text)} characters; at most {_LONGEST} are read")
    where = Where(text, _Compiler(schema, text).condition(_parsed(text), 0))
    where.mask(Table.from_rows(schema, ()))  # what cannot be compared shows without rows, before a capture is read
    return where


def _parsed(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings, which are no concern here
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = getattr(error, "offset", None)
        place = f" at character {column}" if column else ""
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        raise WhereError(f"--where: cannot read {shown!r}{place}; allowed are {_ALLOWED}") from None


class _Compiler:
    def __init__(self, schema: Schema, text: str) -> None:
        self._schema = schema
        self._line = text.encode("utf-8", "replace")  # the parser counts bytes

    def condition(self, node: ast.expr, depth: int, *, negated: bool = False) -> Condition:
        """A node, or its contrary, that is true or false for each row."""
        self._check_depth(depth)
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(part, depth + 1, negated=negated) for part in node.values]
            return _joined(parts, all_of_them=isinstance(node.op, ast.And) != negated)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.condition(node.operand, depth + 1, negated=not negated)
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth, negated)
        if isinstance(node, ast.Call):
            return self._string_test(node, depth, negated)
        if isinstance(node, ast.Name):
            return self._truth(node, negated)
        raise self._refused(node)

    def _truth(self, node: ast.Name, negated: bool) -> Condition:
        value = self._column(node)
        if self._schema.column(node.id).kind is not Kind.BOOL:
            raise WhereError(f"--where: {node.id} is not true or false; compare it with a value")
        return lambda table: compared("==", value(table), Operand.constant(not negated))

    def _comparison(self, node: ast.Compare, depth: int, negated: bool) -> Condition:
        parts: list[Condition] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._pair(left, operator, right, depth, negated))
            left = right
        return _joined(parts, all_of_them=not negated)

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, depth: int, negated: bool) -> Condition:
        one = self.value(left, depth + 1)
        if isinstance(operator, (ast.In, ast.NotIn)):
            return self._membership(one, isinstance(operator, ast.NotIn) != negated, right, depth)
        written = COMPARISONS.get(type(operator))
        if written is None:
            raise self._refused(operator)
        sign = CONTRARY[written] if negated else written
        other = self.value(right, depth + 1)
        return lambda table: _checked(lambda: compared(sign, one(table), other(table)))

    def _membership(self, one: Value, negated: bool, right: ast.expr, depth: int) -> Condition:
        if not isinstance(right, (ast.Tuple, ast.List, ast.Set)):
            raise WhereError("--where: in takes a list of values, such as csid in (4, 6); in texts, contains looks")
        others = [self.value(item, depth + 1) for item in right.elts]
        return lambda table: _checked(lambda: members(one(table), [other(table) for other in others], negated=negated))

    def _string_test(self, node: ast.Call, depth: int, negated: bool) -> Condition:
        name, arguments = _called(node)
        if name not in STRING_TESTS or len(arguments) != 2:
            raise self._refused(node)
        text, needle = (self.value(argument, depth + 1) for argument in arguments)
        return lambda table: _checked(lambda: tested(name, text(table), needle(table), negated=negated))

    def value(self, node: ast.expr, depth: int) -> Value:
        """A node that has a value for each row."""
        self._check_depth(depth)
        if isinstance(node, ast.Name):
            return self._column(node)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.value(node.operand, depth + 1)
            return lambda table: _checked(lambda: computed("-", Operand.constant(0), inner(table)))
        if isinstance(node, ast.Call):
            name, arguments = _called(node)
            if name != "lower" or len(arguments) != 1:
                raise self._refused(node)
            text = self.value(arguments[0], depth + 1)
            return lambda table: _checked(lambda: lowered(text(table)))
        if isinstance(node, ast.BinOp):
            sign = ARITHMETIC.get(type(node.op))
            if sign is None:
                raise self._refused(node)
            left, right = self.value(node.left, depth + 1), self.value(node.right, depth + 1)
            return lambda table: _checked(lambda: computed(sign, left(table), right(table)))
        raise self._refused(node)

    def _constant(self, node: ast.Constant) -> Value:
        if not isinstance(node.value, (int, float, str, bool, type(None))):
            raise self._refused(node)
        if isinstance(node.value, int) and abs(node.value) >= 1 << 63:
            place = self._character(node.col_offset)
            raise WhereError(f"--where: the number at character {place} has more than 64 bits")
        constant = Operand.constant(node.value)
        return lambda _table: constant

    def _column(self, node: ast.Name) -> Value:
        try:
            check_column(self._schema, node.id)
        except TableError as error:
            meant = _CONSTANTS.get(node.id.lower())
            raise WhereError(f"--where: {error if meant is None else f'write {meant}, not {node.id}'}") from None
        column = self._schema.column(node.id)
        return lambda table: operand_of_column(column, table[node.id])

    def _character(self, column: int) -> int:
        """Place of a character, counted from 1; the parser counts bytes from 0."""
        return len(self._line[:column].decode("utf-8", "replace")) + 1

    @staticmethod
    def _check_depth(depth: int) -> None:
        if depth > _DEEPEST:
            raise WhereError(f"--where: the condition is nested more than {_DEEPEST} deep")

    def _refused(self, node: ast.AST) -> WhereError:
        column = getattr(node, "col_offset", None)
        place = "" if column is None else f" at character {self._character(column)}"
        return WhereError(f"--where: {type(node).__name__.lower()}{place} is not allowed; allowed are {_ALLOWED}")


def _joined(parts: Sequence[Condition], *, all_of_them: bool) -> Condition:
    """Whether all parts are true, or any of them."""
    join = np.logical_and if all_of_them else np.logical_or
    return lambda table: np.asarray(reduce(join, [part(table) for part in parts]))


def _called(node: ast.Call) -> tuple[str, list[ast.expr]]:
    """Name and arguments of a call, written ``contains(text, 'x')`` or ``text.contains('x')``."""
    if isinstance(node.func, ast.Name) and not node.keywords:
        return node.func.id, node.args
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and not node.keywords:
        return node.func.attr, [node.func.value, *node.args]
    return "", []


def _checked(compute: Callable[[], Any]) -> Any:
    """Errors of comparing what cannot be compared, as errors of the condition."""
    try:
        return compute()
    except TypeError as error:
        raise WhereError(f"--where: {error}") from None
