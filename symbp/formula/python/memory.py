"""What an expression is in NumPy beside its values: whose memory it may share, and whether it holds truth values."""

from __future__ import annotations

import ast

from symbp.formula.python.conditions import truth
from symbp.formula.python.module import constant
from symbp.formula.python.scope import Scope
from symbp.formula.python.values import is_whole_numbers
from symbp.formula.syntax import Compare, Name

_VIEWS = ("transpose", "reshape", "ravel", "squeeze", "expand_dims", "swapaxes", "moveaxis", "asarray", "broadcast_to", "view",
          "ascontiguousarray", "atleast_2d", "diagonal", "diag", "asanyarray", "flip", "fliplr",
          "flipud", "sliding_window_view")  # fmt: skip
"""Functions whose result may share its memory with what they are given."""


def shares(node: ast.expr, scope: Scope) -> str:
    """The tensor whose memory the value of an expression may share, empty where it has its own: a name, a transpose, a slice."""
    if isinstance(node, ast.Name):
        known = scope.names.get(node.id)
        return known.name if isinstance(known, Name) else ""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT", "flat", "real"):
        return shares(node.value, scope)
    if isinstance(node, ast.Subscript):
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            return ""
        key = constant(node.slice)
        if isinstance(node.value, ast.Name) and node.value.id not in scope.names and key not in ((), None, ...):
            part = scope.part(node.value.id, str(key), node)
            return part.name if isinstance(part, Name) else ""
        if any(_picks(scope, p) for p in (node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice])):
            return ""
        return shares(node.value, scope)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name == "einsum" or (
            isinstance(node.func, ast.Name) and scope.module.imported.get(node.func.id) == "einsum"
        ):
            return shares(node.args[1], scope) if len(node.args) == 2 else ""
        if isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS:
            of = node.args[0] if scope.library(node.func.value) and node.args else node.func.value
            return shares(of, scope)
        if isinstance(node.func, ast.Name) and scope.module.imported.get(node.func.id) in _VIEWS and node.args:
            return shares(node.args[0], scope)
    if isinstance(node, ast.IfExp):
        return shares(node.body if truth(scope, node.test) else node.orelse, scope)
    return ""


def _picks(scope: Scope, part: ast.expr) -> bool:
    """Whether a subscript is an array of whole numbers, which picks copies."""
    if isinstance(part, (ast.Slice, ast.Constant, ast.List)) or (
        isinstance(part, ast.Attribute) and part.attr == "newaxis"
    ):
        return False
    return is_whole_numbers(scope.formula(part), scope.integers)


_KEEP_MASKS = (*_VIEWS, "copy", "array", "ones_like", "zeros_like", "full_like")
_LOGIC = ("maximum", "minimum", "multiply", "where", "logical_and", "logical_or", "logical_not", "fmax", "fmin")


def is_mask(scope: Scope, node: ast.expr, made: object = None) -> bool:
    """Whether an expression is an array of truth values, which NumPy adds as such; `made` is what it was read as."""
    if isinstance(made, Compare) and isinstance(node, ast.Compare):
        return True
    if isinstance(made, Name) and made.name in scope.masks:
        return True
    if isinstance(node, ast.Name):
        known = scope.names.get(node.id)
        return isinstance(known, Name) and known.name in scope.masks
    if isinstance(node, ast.Attribute):
        return node.attr in ("T", "mT") and is_mask(scope, node.value)
    if isinstance(node, ast.Subscript):
        if (
            isinstance(node.value, ast.Name)
            and node.value.id not in scope.names
            and isinstance(node.slice, ast.Constant)
        ):
            return False
        return is_mask(scope, node.value)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Invert) and is_mask(scope, node.operand)
    if isinstance(node, ast.BinOp):
        logic = isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Mult))
        return logic and is_mask(scope, node.left) and is_mask(scope, node.right)
    if isinstance(node, ast.IfExp):
        return is_mask(scope, node.body if truth(scope, node.test) else node.orelse)
    if isinstance(node, ast.Call):
        return _call_is_mask(scope, node)
    return isinstance(node, ast.Compare)


def _call_is_mask(scope: Scope, node: ast.Call) -> bool:
    func = node.func
    name = func.attr if isinstance(func, ast.Attribute) else scope.module.imported.get(getattr(func, "id", ""), "")
    method = isinstance(func, ast.Attribute) and not scope.library(func.value)
    args = [func.value, *node.args] if method and isinstance(func, ast.Attribute) else node.args
    if name in _KEEP_MASKS and not any(k.arg == "dtype" for k in node.keywords):
        return bool(args) and is_mask(scope, args[0])
    if name in _LOGIC:
        args = args[1:] if name == "where" else args
        return bool(args) and all(is_mask(scope, a) for a in args)
    return False
