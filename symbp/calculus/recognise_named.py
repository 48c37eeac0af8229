"""Fold-back: a subexpression that a statement already names is that name, and a stated fact replaces its left side.

After differentiation the forward map's own expressions come up again: exp(z - logsumexp(z)) is softmax's p, tanh(z) is a,
(mean(c^2) + eps)^(-3/2) is r^3. Recognising them is what makes a gradient compact, and the code cheap.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sympy
from sympy import Expr, Indexed, KroneckerDelta, Mul, Pow

from symbp.calculus.indices import Index
from symbp.calculus.program import Fact, Statement, elements, free_indices, name_of
from symbp.calculus.reductions import rewrite

_Key = tuple[type, frozenset[str]]


@dataclass(frozen=True)
class Pattern:
    """``core`` may be replaced by ``value`` at any indices: `indices` are the free ones of both sides."""

    indices: tuple[Index, ...]
    core: Expr
    value: Expr
    source: str

    def match(self, node: Expr) -> Iterator[dict[Expr, Expr]]:
        """The ways to read the free indices of the pattern so that it is `node`."""
        there = sorted(free_indices(node), key=lambda i: i.sort_key())
        choices = [[j for j in there if j.axis == i.axis] for i in self.indices]
        for chosen in itertools.product(*choices):
            mapping = dict(zip(self.indices, chosen, strict=True))
            if self.core.xreplace(mapping) == node:
                yield mapping


class Names:
    """The names that a program gives to expressions, ready to be looked up."""

    def __init__(self, statements: Iterable[Statement], facts: Iterable[Fact] = ()) -> None:
        self._patterns: dict[_Key, list[Pattern]] = {}
        for s in statements:
            for pattern in _patterns(s):
                self._patterns.setdefault(_key(pattern.core), []).append(pattern)
        for f in facts:
            indices = tuple(sorted(free_indices(f.left), key=lambda i: i.sort_key()))
            self._patterns.setdefault(_key(f.left), []).append(Pattern(indices, f.left, f.right, f.why))
        cores = [p.core for patterns in self._patterns.values() for p in patterns]
        self._products = sorted({len(c.args) for c in cores if isinstance(c, Mul)}, reverse=True)

    def fold(self, expr: Expr, used: list[str] | None = None) -> Expr:
        """`expr` with every subexpression that has a name replaced by it; the names go to `used`."""
        return rewrite(expr, lambda node: self._named(node, used))

    def _named(self, node: Expr, used: list[str] | None) -> Expr:
        if not node.args or isinstance(node, (Indexed, KroneckerDelta)):
            return node
        for pattern in self._patterns.get(_key(node), ()):
            for mapping in pattern.match(node):
                if used is not None and pattern.source not in used:
                    used.append(pattern.source)
                return pattern.value.xreplace(mapping)
        if isinstance(node, Pow) and not isinstance(node, sympy.exp):
            return self._power(node, used)
        if isinstance(node, Mul) and len(node.args) > 2:
            return self._product(node, used)
        return node

    def _power(self, node: Expr, used: list[str] | None) -> Expr:
        """A power of a base of which another power has a name."""
        for pattern in self._patterns.get(_key(node), ()):
            core = pattern.core
            ratio = node.exp / core.exp if isinstance(core, Pow) and core.exp.is_number else None
            if ratio is None or not ratio.is_Integer or core.exp == 1:
                continue
            for mapping in pattern.match(Pow(node.base, core.exp)):
                if used is not None and pattern.source not in used:
                    used.append(pattern.source)
                return pattern.value.xreplace(mapping) ** ratio
        return node

    def _product(self, node: Expr, used: list[str] | None) -> Expr:
        """Some of the factors of a product have a name together."""
        factors = [g for f in node.args if f.args and not isinstance(f, KroneckerDelta) for g in _parts(f)]
        for count in (c for c in self._products if c < len(node.args)):
            for some in itertools.combinations(factors, count):
                part = Mul(*some)
                for pattern in self._patterns.get(_key(part), ()):
                    for mapping in pattern.match(part):
                        if used is not None and pattern.source not in used:
                            used.append(pattern.source)
                        return node / part * pattern.value.xreplace(mapping)
        return node


def _parts(factor: Expr) -> tuple[Expr, ...]:
    """A factor, and for a divisor such as ``s**2`` the single one in it."""
    power = isinstance(factor, Pow) and not isinstance(factor, sympy.exp) and factor.exp.is_Integer and factor.exp < -1
    return (factor, 1 / factor.base) if power else (factor,)


def _patterns(s: Statement) -> Iterator[Pattern]:
    """What a statement gives a name to: its body, without the constants in front of it."""
    coefficient, core = s.body.as_independent(*sorted(elements(s.body), key=str), as_Add=False)
    if not core.args or isinstance(core, Indexed) or free_indices(core) != set(s.indices):
        return  # a copy, a constant, or a broadcast: the name says less than the expression
    yield Pattern(s.indices, core, s.left / coefficient, s.target.name)


def _key(node: Expr) -> _Key:
    return (type(node), frozenset(name_of(e) for e in elements(node)))
