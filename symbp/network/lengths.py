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
