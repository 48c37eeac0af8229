"""Lengths of axes that follow from others: whole numbers, names, + - * and divisions, read from text and never run.

``//`` rounds down, as the number of places of a window does; ``/`` has to come out even.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from symbp.errors import InputError, shown, unknown

_OPERATIONS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Div: operator.floordiv,
}  # fmt: skip
_ALLOWED = "whole numbers, letters and settings, +, -, *, // and /"
_LONGEST = 200


def length(text: str, values: Mapping[str, int]) -> int:
    """The value of an expression such as ``(h + 2*pad - u)//stride + 1``.

    Raises
    ------
    InputError : what is no such expression, a name without a value, a division by zero or one that is not even
    """
    if len(text) > _LONGEST:
        raise InputError(f"a length of {len(text)} characters", allowed=f"at most {_LONGEST}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise InputError(f"{shown(text)} is no length", allowed=_ALLOWED) from None
    return _value(tree, text, values)


def names_of(text: str) -> tuple[str, ...]:
    """The names in a length, in order; none where the text is no length."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(dict.fromkeys(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)))


def coded(text: str, names: Mapping[str, str]) -> str:
    """A length as an expression of Python's, other texts in the place of its names."""

    class _Renamed(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(names[node.id], mode="eval").body

        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            op = ast.FloorDiv() if isinstance(node.op, ast.Div) else node.op
            return ast.BinOp(self.visit(node.left), op, self.visit(node.right))

    return ast.unparse(_Renamed().visit(ast.parse(text.strip(), mode="eval").body))


def with_following(rules: Mapping[str, str], plain: Mapping[str, int]) -> dict[str, int]:
    """The `plain` lengths by name and those that follow from them by `rules`, in whatever order these stand.

    Raises
    ------
    InputError : a rule that is no length, a name that has none, lengths that follow from one another in a circle
    """
    found = {n: k for n, k in plain.items() if n not in rules}
    for name in in_order(rules):
        found[name] = length(rules[name], found)
    return found


def in_order(rules: Mapping[str, str]) -> list[str]:
    """The names of rules, each behind those that it follows from; InputError where they go round in a circle."""
    found, waiting = list[str](), dict(rules)
    while waiting:
        ready = [n for n, text in waiting.items() if not {*names_of(text)} & waiting.keys()]
        if not ready:
            raise InputError(f"the lengths {', '.join(waiting)} follow from one another", allowed="no circle")
        found += ready
        waiting = {n: text for n, text in waiting.items() if n not in ready}
    return found


def _value(node: ast.expr, text: str, values: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return number
        case ast.Name(id=name):
            if name not in values:
                raise unknown(f"name in the length {shown(text)}:", name, values)
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=of):
            return -_value(of, text, values)
        case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATIONS:
            left, right = _value(a, text, values), _value(b, text, values)
            if isinstance(op, ast.Div | ast.FloorDiv) and (right == 0 or (isinstance(op, ast.Div) and left % right)):
                raise InputError(
                    f"the length {shown(text)} divides {left} by {right}", allowed="a division that comes out even"
                )
            return _OPERATIONS[type(op)](left, right)
    raise InputError(f"{shown(ast.unparse(node))} in the length {shown(text)}", allowed=_ALLOWED)
