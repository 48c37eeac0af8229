"""The bench's own reading of a formula, by Python's grammar: a tiny tree that shares nothing with the package under test."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from copy import deepcopy

Rule = Callable[[ast.expr], Iterator[ast.expr]]


def tree(text: str) -> ast.expr:
    """The expression that a formula's side is; primes, ``dJ/dX`` and ``1[...]`` are spelt as names that Python reads."""
    plain = re.sub(r"\bdJ\s*/\s*d([A-Za-z]\w*)", r"dJ_d\1", text)
    plain = re.sub(r"([A-Za-z]\w*)'\(", r"\1_prime(", plain)
    plain = re.sub(r"\b1\[", "indicator[", plain)
    return ast.parse(plain.strip(), mode="eval").body


def text(node: ast.expr) -> str:
    """The formula of a tree, in the language that it was read from."""
    plain = re.sub(r"\bdJ_d([A-Za-z]\w*)", r"dJ/d\1", ast.unparse(node))
    plain = re.sub(r"_prime\(", "'(", plain)
    return re.sub(r"\bindicator\[", "1[", plain)


def sides(claim: str) -> tuple[str, str]:
    """The left and the right side of an equation."""
    left, right = re.split(r"(?<![<>=!])=(?!=)", claim, maxsplit=1)
    return left.strip(), right.strip()


def rewrites(node: ast.expr, rule: Rule) -> Iterator[ast.expr]:
    """The tree with one of its nodes replaced, for every node and every replacement that the rule has for it."""
    yield from rule(node)
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            for new in rewrites(value, rule):
                other = deepcopy(node)
                setattr(other, name, new)
                yield other
        if isinstance(value, list):
            for k, item in enumerate(value):
                if isinstance(item, ast.expr):
                    for new in rewrites(item, rule):
                        other = deepcopy(node)
                        getattr(other, name)[k] = new
                        yield other


def factors(node: ast.expr) -> list[ast.expr]:
    """The factors of an elementwise product."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*factors(node.left), *factors(node.right)]
    return [node]


def product(parts: list[ast.expr]) -> ast.expr:
    """The elementwise product of factors."""
    whole = parts[0]
    for part in parts[1:]:
        whole = ast.BinOp(whole, ast.Mult(), part)
    return whole


def call_name(node: ast.expr) -> str:
    """The name of the function or method that is called, empty where none is."""
    if not isinstance(node, ast.Call):
        return ""
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )


def is_numpy(node: ast.Call) -> bool:
    """Whether a call is ``np.f(...)``."""
    f = node.func
    return isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name) and f.value.id in ("np", "numpy")


def bare(node: ast.expr) -> str:
    """The name of a tensor or of an element of one, empty for anything else."""
    inner = node.value if isinstance(node, ast.Subscript) else node
    return inner.id if isinstance(inner, ast.Name) else ""
