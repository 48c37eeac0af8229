"""Conditions about constants, which decide an ``if`` before anything is computed: ``train``, ``reduction == "mean"``."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from symbp.formula.python.module import constant
from symbp.formula.python.scope import Scope


def truth(scope: Scope, node: ast.expr) -> bool | None:
    """Whether a condition holds, where it is about constants alone: ``train``, ``mask is None``, ``reduction == "mean"``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = truth(scope, node.operand)
        return None if inner is None else not inner
    if isinstance(node, ast.BoolOp):
        parts = [truth(scope, v) for v in node.values]
        decisive = isinstance(node.op, ast.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compared(scope, node.left, node.ops[0], node.comparators[0])
    value = _known(scope, node)
    return bool(value[0]) if value else None


def _compared(scope: Scope, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
    a, b = _known(scope, left), _known(scope, right)
    if isinstance(op, (ast.Is, ast.IsNot)) and b and b[0] is None:
        there = isinstance(left, ast.Name) and left.id in scope.names
        if not (a or there):
            return None
        none = bool(a) and a[0] is None
        return none if isinstance(op, ast.Is) else not none
    if not a or not b:
        return None
    one, two = a[0], b[0]
    if isinstance(op, (ast.Is, ast.IsNot)):
        return (one == two and type(one) is type(two)) == isinstance(op, ast.Is)
    if isinstance(op, ast.Eq):
        return one == two
    if isinstance(op, ast.NotEq):
        return one != two
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        holds: Mapping[type[ast.cmpop], bool] = {
            ast.Lt: one < two, ast.Gt: one > two, ast.LtE: one <= two, ast.GtE: one >= two,
        }  # fmt: skip
        return holds.get(type(op))
    return None


def _known(scope: Scope, node: ast.expr) -> tuple[object, ...]:
    """The value of a constant, in a tuple; () where it is none."""
    if isinstance(node, ast.Name) and node.id in scope.constants and node.id not in scope.names:
        return (scope.constants[node.id],)
    value = constant(node)
    return (value,) if value != () else ()
