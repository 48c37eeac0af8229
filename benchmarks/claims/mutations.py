"""Mistakes made on purpose: each rule turns a right formula into wrong ones, and names the mistake that it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy

from reading import bare, call_name, factors, is_numpy, product, rewrites, text, tree

_LAYERED = re.compile(r"(delta|dJ_d[zaWb]|d[Wb]|[zaWbe])(\d+)")


def wrong_variants(right: str, known: frozenset[str]) -> dict[str, set[str]]:
    """Every formula that one mistake makes of a right one, with the mistakes that make it; `known` are the tensors."""
    root, found = tree(right), dict[str, set[str]]()
    for cause, new in _all(root, known):
        written = text(ast.fix_missing_locations(new))
        if written != text(root):
            found.setdefault(written, set()).add(cause)
    return found


def _all(root: ast.expr, known: frozenset[str]) -> Iterator[tuple[str, ast.expr]]:
    for cause, rule in _RULES.items():
        for new in rewrites(root, rule):
            yield cause, new
    for new in rewrites(root, _half_slope):
        for cause in ("missing_factor", "activation_derivative", "derivative_for_function"):
            yield cause, new
    for new in rewrites(root, lambda n: _other_layer(n, known)):
        yield "wrong_layer", new
    for new in rewrites(root, lambda n: _other_name(n, known)):
        yield "wrong_variable", new
    for new in rewrites(root, lambda n: _error_for_delta(n, known)):  # the derivative left out, or the wrong letter
        yield "wrong_variable", new
        yield "activation_derivative", new
    yield "sign", _negative(root)
    yield "factor", ast.BinOp(ast.Constant(2), ast.Mult(), deepcopy(root))
    yield "factor", ast.BinOp(deepcopy(root), ast.Div(), ast.Constant(2))


def _negative(root: ast.expr) -> ast.expr:
    return root.operand if isinstance(root, ast.UnaryOp) else ast.UnaryOp(ast.USub(), deepcopy(root))


def _transpose(n: ast.expr) -> Iterator[ast.expr]:
    if isinstance(n, ast.Attribute) and n.attr == "T":
        yield n.value
    if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Tuple) and re.fullmatch(r"W\d", bare(n)):
        yield ast.Subscript(n.value, ast.Tuple(n.slice.elts[::-1]))
    if isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult):
        for side in ("left", "right"):
            if re.fullmatch(r"d?[A-Z]\w*", bare(getattr(n, side))):
                other = deepcopy(n)
                setattr(other, side, ast.Attribute(getattr(n, side), "T"))
                yield other


def _operands(n: ast.expr) -> Iterator[ast.expr]:
    if isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult):
        yield ast.BinOp(n.right, ast.MatMult(), n.left)


def _hadamard(n: ast.expr) -> Iterator[ast.expr]:
    if isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult):
        yield ast.BinOp(n.left, ast.Mult(), n.right)


def _sign(n: ast.expr) -> Iterator[ast.expr]:
    if isinstance(n, ast.BinOp) and isinstance(n.op, (ast.Add, ast.Sub)):
        yield ast.BinOp(n.left, ast.Sub() if isinstance(n.op, ast.Add) else ast.Add(), n.right)
    if isinstance(n, ast.UnaryOp):
        yield n.operand


def _factor(n: ast.expr) -> Iterator[ast.expr]:
    parts = factors(n)
    for k, part in enumerate(parts):
        if len(parts) > 1 and isinstance(part, ast.Constant):
            yield product([*parts[:k], *parts[k + 1 :]])


def _mean(n: ast.expr) -> Iterator[ast.expr]:
    if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div) and bare(n.right) == "N":
        yield n.left
    parts = factors(n)
    for k, part in enumerate(parts):
        if len(parts) > 1 and isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div) and bare(part.right) == "N":
            yield product([*parts[:k], *parts[k + 1 :]])
    if call_name(n) == "mean":
        other = deepcopy(n)
        assert isinstance(other, ast.Call)
        if isinstance(other.func, ast.Name):
            other.func.id = "sum"
        elif isinstance(other.func, ast.Attribute):
            other.func.attr = "sum"
        yield other


def _sum(n: ast.expr) -> Iterator[ast.expr]:
    if call_name(n) in ("sum", "mean") and isinstance(n, ast.Call):
        method = isinstance(n.func, ast.Attribute) and not is_numpy(n)
        yield n.func.value if method and isinstance(n.func, ast.Attribute) else n.args[0]


def _slope(parts: list[ast.expr]) -> set[int]:
    """Which factors are an activation's derivative."""
    found = set[int]()
    for k, part in enumerate(parts):
        written = text(part)
        if call_name(part).endswith("_prime") or isinstance(part, ast.Compare) or call_name(part) == "where":
            found.add(k)
        if re.fullmatch(r"1 - (a\d\S*|yhat|np\.tanh\(z\d\)|tanh\(z\d\S*\)) ?\*\* ?2|indicator\[.*\]|1\[.*\]", written):
            found.add(k)
        if m := re.fullmatch(r"1 - (a\d\S*|yhat\S*)", written):
            beside = [j for j, other in enumerate(parts) if text(other) == m[1]]
            found |= {k, *beside} if beside else set()
    return found


def _activation(n: ast.expr) -> Iterator[ast.expr]:
    parts = factors(n)
    gone = _slope(parts)
    if 0 < len(gone) < len(parts):
        yield product([p for k, p in enumerate(parts) if k not in gone])


def _missing_factor(n: ast.expr) -> Iterator[ast.expr]:
    parts = factors(n)
    slope = _slope(parts)
    for k, part in enumerate(parts):
        length = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div)
        if len(parts) > 1 and not isinstance(part, ast.Constant) and k not in slope and not length:
            yield product([*parts[:k], *parts[k + 1 :]])


def _missing_term(n: ast.expr) -> Iterator[ast.expr]:
    if not isinstance(n, ast.BinOp) or not isinstance(n.op, (ast.Add, ast.Sub)):
        return
    if isinstance(n.left, ast.Constant) or isinstance(n.right, ast.Constant):
        return
    yield n.left
    yield n.right if isinstance(n.op, ast.Add) else ast.UnaryOp(ast.USub(), n.right)


def _half_slope(n: ast.expr) -> Iterator[ast.expr]:
    """``a`` for ``a*(1 - a)``, ``1 - a`` for ``1 - a**2``: what stands there is no derivative any more."""
    parts = factors(n)
    gone = _slope(parts)
    for k in gone if len(gone) == 2 else ():
        yield product([p for j, p in enumerate(parts) if j != k])


def _function(n: ast.expr) -> Iterator[ast.expr]:
    if call_name(n).endswith("_prime"):
        other = deepcopy(n)
        assert isinstance(other, ast.Call) and isinstance(other.func, ast.Name)
        other.func.id = other.func.id.removesuffix("_prime")
        yield other


_RULES = {
    "transpose": _transpose, "operand_order": _operands, "hadamard_for_product": _hadamard, "sign": _sign,
    "factor": _factor, "missing_mean": _mean, "missing_sum": _sum, "activation_derivative": _activation,
    "missing_factor": _missing_factor, "missing_term": _missing_term, "derivative_for_function": _function,
}  # fmt: skip


def _renamed(n: ast.expr, name: str) -> ast.expr:
    other = deepcopy(n)
    inner = other.value if isinstance(other, ast.Subscript) else other
    assert isinstance(inner, ast.Name)
    inner.id = name
    return other


def _other_layer(n: ast.expr, known: frozenset[str]) -> Iterator[ast.expr]:
    """The tensor of the next layer or the one before, in matrices and in elements."""
    name = {"x": "a0"}.get(bare(n), bare(n))
    if isinstance(n, (ast.Name, ast.Subscript)) and (m := _LAYERED.fullmatch(name)):
        for step in (-1, 1):
            other = f"{m[1]}{int(m[2]) + step}"
            other = "x" if other == "a0" else other
            if other.replace("dJ_d", "d") in known:
                yield _renamed(n, other)


def _other_name(n: ast.expr, known: frozenset[str]) -> Iterator[ast.expr]:
    """Pre-activation for activation, prediction for target, error for delta, and the other way round."""
    if not isinstance(n, (ast.Name, ast.Subscript)):
        return
    name = bare(n)
    pairs = {"yhat": "y", "y": "yhat"}
    if m := re.fullmatch(r"([za])(\d)", name):
        pairs[name] = f"{'a' if m[1] == 'z' else 'z'}{m[2]}"
    if pairs.get(name) in known:
        yield _renamed(n, pairs[name])


def _error_for_delta(n: ast.expr, known: frozenset[str]) -> Iterator[ast.expr]:
    """The derivative by the activation for the one by the pre-activation, and the other way round."""
    m = re.fullmatch(r"(delta|e)(\d)", bare(n)) if isinstance(n, (ast.Name, ast.Subscript)) else None
    if m and (name := f"{'e' if m[1] == 'delta' else 'delta'}{m[2]}") in known:
        yield _renamed(n, name)
