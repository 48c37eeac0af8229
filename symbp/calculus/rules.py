"""Rewrites that keep the value and gain range or precision: each is a pattern and a replacement in U, as data.

The functions on the right have stable NumPy forms (see :mod:`symbp.codegen.forms`). Each rule carries a row of extreme values,
at which a test compares its two sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy
from sympy import Add, Expr, KroneckerDelta, Mul, Pow, exp, log, tanh

from symbp.calculus.functions import sigmoid, softplus, step, where, xlogy
from symbp.calculus.primitives import expm1, log1p
from symbp.calculus.reductions import First, rewrite

U = sympy.Symbol("u", real=True)
X = sympy.Symbol("x", real=True)


@dataclass(frozen=True)
class Rule:
    """``pattern`` is ``replacement`` for every real U where both are defined; `at` is a row of values to test."""

    pattern: Expr
    replacement: Expr
    at: tuple[float, ...] = (-1e4, -40, -1e-9, 0.5, 40, 1e4)

    @cached_property
    def heads(self) -> tuple[type, ...]:
        """The functions in the pattern."""
        return tuple({type(node): None for node in sympy.preorder_traversal(self.pattern) if isinstance(node, _HEADS)})


_HEADS = (exp, log, sigmoid, xlogy)

RECOGNISED = (
    Rule(1 / (1 + exp(U)), sigmoid(-U)),
    Rule(exp(U) * sigmoid(-U), sigmoid(U)),
    Rule((exp(U) - exp(-U)) / (exp(U) + exp(-U)), tanh(U)),
    Rule((1 - exp(-2 * U)) / (1 + exp(-2 * U)), tanh(U)),
    Rule(log(1 + exp(U)), softplus(U)),
)
"""Expressions that are a known function: a user may write the logistic function out, and its derivative is still s(1 - s)."""

RULES = (
    *RECOGNISED,
    Rule(log(sigmoid(U)), -softplus(-U)),
    Rule(log(1 - sigmoid(U)), -softplus(U)),
    Rule(xlogy(X, sigmoid(U)), -X * softplus(-U)),
    Rule(xlogy(X, 1 - sigmoid(U)), -X * softplus(U)),
    Rule(xlogy(X, exp(U)), X * U, (-1e4, -40, -1e-9, 0.5, 40)),
    Rule(exp(U) - 1, expm1(U), (-1e4, -40, -1e-12, 1e-12, 5)),
    Rule(log(1 + U), log1p(U), (-0.5, 1e-12, 1e4)),
)
"""In the order in which they are tried; log(exp(u)) = u is SymPy's own."""


def choose(expr: Expr) -> Expr:
    """Sums that an indicator m selects from, as one choice.

    ``m*a + (1 - m)*b`` is ``where(m, a, b)``, ``c + d*m`` with numbers c and d is ``where(m, c + d, c)``, and
    ``1 + m*(u - 1)`` is ``where(m, u, 1)`` (adding 1 to a small u and taking it away would lose it).
    """
    return rewrite(expr, _chosen) if expr.has(step, KroneckerDelta, First) else expr


def _chosen(node: Expr) -> Expr:
    if not isinstance(node, Add) or is_indicator(node):
        return node
    for left in node.args:
        for m in Mul.make_args(left):
            if not is_indicator(m):
                continue
            if len(node.args) == 2 and (node - left).is_number and (left / m).is_number:
                return _where(m, node - left, left / m)
            if node == left + 1 and isinstance(left / m, Add):
                return _where(m, sympy.S.One, left / m)
            for right in node.args:
                if right is not left and 1 - m in Mul.make_args(right):
                    return _chosen(node - left - right + _either(m, left / m, right / (1 - m)))
    return node


def _where(m: Expr, low: Expr, rise: Expr) -> Expr:
    return _either(m, sympy.expand_mul(low + rise), low)


def _either(m: Expr, yes: Expr, no: Expr) -> Expr:
    return where(1 - m, no, yes) if isinstance(1 - m, step) else where(m, yes, no)


def is_indicator(expr: Expr) -> bool:
    """Whether an expression is 0 or 1."""
    return isinstance(expr, (step, KroneckerDelta, First)) or isinstance(1 - expr, (step, KroneckerDelta, First))


_CARRIERS = (exp, sigmoid, softplus, tanh)


def apply_rules(expr: Expr, rules: tuple[Rule, ...] = RULES) -> Expr:
    """`expr` with every rule applied wherever its pattern stands."""
    if not expr.has(exp, log, sigmoid, xlogy):
        return expr
    return rewrite(expr, lambda node: _at(node, rules))


def _at(node: Expr, rules: tuple[Rule, ...]) -> Expr:
    if not isinstance(node, (Add, Mul, Pow, log, xlogy)) or isinstance(node, exp) or node.is_number:
        return node
    candidates = _candidates(node)
    x = node.args[0]
    for rule in rules:
        if not all(node.has(head) for head in rule.heads):
            continue
        for u in candidates:
            found = _match(node, rule.pattern.xreplace({U: u, X: x}), rule.replacement.xreplace({U: u, X: x}))
            if found is not None:
                return _at(found, rules)
    return node


def _candidates(node: Expr) -> list[Expr]:
    """What U may be here: the arguments of the functions in the patterns, and their negatives."""
    found: dict[Expr, None] = {}
    for item in _near(node, 5):
        u = item.args[0]
        found |= {u: None, -u: None, u / 2: None, -u / 2: None}
    if isinstance(node, log) and isinstance(node.args[0], Add) and sympy.S.One in node.args[0].args:
        found[node.args[0] - 1] = None
    return [*found]


def _near(node: Expr, depth: int) -> list[Expr]:
    if isinstance(node, _CARRIERS):
        return [node]
    if depth == 0 or not isinstance(node, (Add, Mul, Pow, log, xlogy)):
        return []
    return [found for a in node.args for found in _near(a, depth - 1)]


def _match(node: Expr, pattern: Expr, replacement: Expr) -> Expr | None:
    """The node with the pattern replaced: all of it, some terms of a sum, some factors of a product, a power of it."""
    if node == pattern:
        return replacement
    if (
        isinstance(pattern, Pow)
        and isinstance(node, Pow)
        and not isinstance(pattern, exp)
        and node.base == pattern.base
    ):
        ratio = node.exp / pattern.exp
        return replacement**ratio if ratio.is_Integer and ratio > 0 else None
    if isinstance(pattern, Add) and isinstance(node, Add):
        a, b = node.as_coeff_Add()[0], pattern.as_coeff_Add()[0]
        scale = a / b if a != 0 and b != 0 else sympy.S.One
        terms = [scale * t for t in pattern.args]
        rest = [t for t in node.args if t not in terms]
        return Add(scale * replacement, *rest) if len(rest) == len(node.args) - len(terms) else None
    if isinstance(pattern, Mul) and isinstance(node, Mul):
        there, wanted = _powers(node), _powers(pattern)
        enough = all(b in there and there[b] / p >= 1 for b, p in wanted.items())
        return node / pattern * replacement if enough else None
    return None


def _powers(product: Expr) -> dict[Expr, Expr]:
    """The factors of a product and their numeric powers; exp(u) is a factor of its own."""
    found: dict[Expr, Expr] = {}
    for f in product.args:
        simple = isinstance(f, Pow) and not isinstance(f, exp) and f.exp.is_Rational
        base, power = (f.base, f.exp) if simple else (f, sympy.S.One)
        found[base] = power
    return found
