"""Conditions on rows, as people type them: parsed, compiled to numpy, and nothing else is evaluated.

The grammar is a part of Python's expressions, so Python's parser reads it; every kind of node that is not
listed here is refused. A condition with an unknown value is false, except ``== None`` and ``!= None``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.tables.schema import Kind, Schema
from rtmpscope.tables.select import TableError, check_column
from rtmpscope.tables.table import Table
from rtmpscope.tables.where_values import (
    ARITHMETIC,
    COMPARISONS,
    STRING_TESTS,
    Operand,
    compared,
    computed,
    members,
    operand_of_column,
    tested,
)

Bools = NDArray[np.bool_]
Condition = Callable[[Table], Bools]
Value = Callable[[Table], Operand]

_LONGEST = 4000
_DEEPEST = 60
_ALLOWED = (
    "comparisons (== != < <= > >=), and, or, not, in, not in, arithmetic (+ - * / %), "
    "contains(column, 'text'), startswith, endswith"
)


class WhereError(RtmpscopeError):
    """A condition that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Where:
    """A compiled condition."""

    text: str
    _condition: Condition

    def mask(self, table: Table) -> Bools:
        """True for each row that fulfils the condition.

        Raises:
            WhereError: values are compared that cannot be.
        """
        return self._condition(table)


def compile_where(text: str, schema: Schema) -> Where:
    """Compile a condition on the rows of a table with this schema.

    Raises:
        WhereError: it is no condition, or uses what is not allowed; the message says where and what is.
    """
    if len(text) > _LONGEST:
        raise WhereError(f"--where: the condition has {len(text)} characters; at most {_LONGEST} are read")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = getattr(error, "offset", None)
        place = f" at character {column}" if column else ""
        raise WhereError(f"--where: cannot read {text!r}{place}; allowed are {_ALLOWED}") from None
    return Where(text, _Compiler(schema).condition(tree.body, 0))


class _Compiler:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def condition(self, node: ast.expr, depth: int) -> Condition:
        """A node that is true or false for each row."""
        self._check_depth(depth)
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(part, depth + 1) for part in node.values]
            join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
            return lambda table: np.asarray(join.reduce([part(table) for part in parts]))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.condition(node.operand, depth + 1)
            return lambda table: ~inner(table)
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth)
        if isinstance(node, ast.Call):
            return self._string_test(node, depth)
        if isinstance(node, ast.Name):
            return self._truth(node)
        raise self._refused(node)

    def _truth(self, node: ast.Name) -> Condition:
        value = self._column(node)
        if self._schema.column(node.id).kind is not Kind.BOOL:
            raise WhereError(f"--where: {node.id} is not true or false; compare it with a value")
        return lambda table: compared("==", value(table), Operand.constant(True))

    def _comparison(self, node: ast.Compare, depth: int) -> Condition:
        parts: list[Condition] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._pair(left, operator, right, depth))
            left = right
        return lambda table: np.asarray(np.logical_and.reduce([part(table) for part in parts]))

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, depth: int) -> Condition:
        one = self.value(left, depth + 1)
        if isinstance(operator, (ast.In, ast.NotIn)):
            return self._membership(one, isinstance(operator, ast.NotIn), right, depth)
        sign = COMPARISONS.get(type(operator))
        if sign is None:
            raise self._refused(operator)
        other = self.value(right, depth + 1)
        return lambda table: _checked(lambda: compared(sign, one(table), other(table)))

    def _membership(self, one: Value, negated: bool, right: ast.expr, depth: int) -> Condition:
        if not isinstance(right, (ast.Tuple, ast.List, ast.Set)):
            raise WhereError("--where: in takes a list of values, such as csid in (4, 6)")
        others = [self.value(item, depth + 1) for item in right.elts]
        return lambda table: _checked(lambda: members(one(table), [other(table) for other in others], negated=negated))

    def _string_test(self, node: ast.Call, depth: int) -> Condition:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in STRING_TESTS or len(node.args) != 2 or node.keywords:
            raise self._refused(node)
        text, needle = (self.value(argument, depth + 1) for argument in node.args)
        return lambda table: _checked(lambda: tested(name, text(table), needle(table)))

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
            raise WhereError(f"--where: the number at character {node.col_offset + 1} has more than 64 bits")
        constant = Operand.constant(node.value)
        return lambda _table: constant

    def _column(self, node: ast.Name) -> Value:
        try:
            check_column(self._schema, node.id)
        except TableError as error:
            raise WhereError(f"--where: {error}") from None
        column = self._schema.column(node.id)
        return lambda table: operand_of_column(column, table[node.id])

    @staticmethod
    def _check_depth(depth: int) -> None:
        if depth > _DEEPEST:
            raise WhereError(f"--where: the condition is nested more than {_DEEPEST} deep")

    def _refused(self, node: ast.AST) -> WhereError:
        column = getattr(node, "col_offset", None)
        place = "" if column is None else f" at character {column + 1}"
        return WhereError(f"--where: {type(node).__name__.lower()}{place} is not allowed; allowed are {_ALLOWED}")


def _checked(compute: Callable[[], Any]) -> Any:
    """Errors of comparing what cannot be compared, as errors of the condition."""
    try:
        return compute()
    except TypeError as error:
        raise WhereError(f"--where: {error}") from None
