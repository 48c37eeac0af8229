"""What the asserts of a function say of its arguments, in the words of ``given``; what they check beside that changes nothing."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from symbp.errors import InputError
from symbp.formula.python.module import constant
from symbp.formula.python.scope import Scope
from symbp.formula.syntax import Call, Name


def facts_of(scope: Scope, test: ast.expr, arguments: Collection[str]) -> Iterator[str]:
    """Of arguments: ``eps > 0``, that all of an array is positive, that rows add up to one."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            yield from facts_of(scope, part, arguments)
        return
    if isinstance(test, ast.Call):
        name = called(test.func)
        if name == "all":
            inner = test.args[0] if test.args else test.func.value if isinstance(test.func, ast.Attribute) else None
            if inner is not None:
                yield from facts_of(scope, inner, arguments)
        elif name in ("allclose", "isclose") and len(test.args) > 1 and constant(test.args[1]) == 1:
            yield from _adds_up(scope, test.args[0], arguments)
        return
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right, op = test.left, test.comparators[0], test.ops[0]
        if isinstance(op, ast.Lt) and constant(left) == 0:
            left, right, op = right, left, ast.Gt()
        known = scope.names.get(left.id) if isinstance(left, ast.Name) else None
        if isinstance(op, ast.Gt) and constant(right) == 0 and isinstance(known, Name) and known.name in arguments:
            yield f"{known.name} > 0"


def _adds_up(scope: Scope, of: ast.expr, arguments: Collection[str]) -> Iterator[str]:
    """``sum(Y, axis=1) = 1`` of a call that adds up along an axis."""
    try:
        node = scope.formula(of)
    except InputError:
        return
    if not isinstance(node, Call) or node.name != "sum" or node.axis is None:
        return
    if isinstance(node.args[0], Name) and node.args[0].name in arguments:
        yield f"sum({node.args[0].name}, axis={node.axis}) = 1"


def called(func: ast.expr) -> str:
    """The name of what is called, without what stands before its dot."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
