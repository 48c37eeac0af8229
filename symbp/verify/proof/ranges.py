"""Bounds of an expression that hold at every point: what can be seen to have one sign without trying."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Add, Expr, Indexed, Mul, Pow, Symbol

from symbp.calculus.functions import Apply, maximum, minimum, where
from symbp.calculus.indices import Index
from symbp.calculus.primitives import BY_HEAD, EVERYWHERE
from symbp.calculus.program import ScalarFunction, Statement, Tensor, free_indices, indices_of, name_of
from symbp.calculus.reductions import Max, Sum

Range = tuple[float, float]
ANY: Range = (-math.inf, math.inf)
_POSITIVE: Range = (0, math.inf)
_ALWAYS = {head: row.range.bounds for head, row in BY_HEAD.items() if row.range is not EVERYWHERE}


@dataclass
class Ranges:
    """Bounds of expressions over tensors that `statements` define; `declared` tensors of the role constant are positive."""

    statements: Mapping[str, Statement]
    declared: Mapping[str, Tensor]
    functions: Mapping[str, ScalarFunction]
    kept: dict[str, Range] = field(default_factory=dict)

    def one_sign(self, e: Expr) -> bool:
        """Whether an expression is never negative, or never positive."""
        low, high = self.of(e)
        return low >= 0 or high <= 0

    def of(self, e: Expr) -> Range:
        """Bounds of an expression, as good as they come easily."""
        if type(e) in _ALWAYS:
            return _ALWAYS[type(e)]
        if e.is_number:
            return (float(e), float(e)) if e.is_real else ANY
        if isinstance(e, Indexed) or (isinstance(e, Symbol) and not isinstance(e, Index)):
            return self.tensor(e)
        if isinstance(e, (Add, Mul, Pow)):
            return self.arithmetic(e)
        if isinstance(e, Apply):
            function = self.functions.get(e.name)
            definition = function.at(e.arg, e.order) if function is not None else None
            return ANY if definition is None else self.of(definition)
        if isinstance(e, (Max, Sum)):
            low, high = self.of(e.opened()[1])
            if isinstance(e, Max):
                return low, high
            return (0 if low >= 0 else -math.inf), (0 if high <= 0 else math.inf)
        if isinstance(e, (maximum, minimum, where)):
            parts = [self.of(a) for a in e.args[-2:]]
            pick = {maximum: (max, max), minimum: (min, min), where: (min, max)}[type(e)]
            return pick[0](p[0] for p in parts), pick[1](p[1] for p in parts)
        return ANY

    def tensor(self, e: Expr) -> Range:
        """Bounds of an element: those of its equation."""
        if isinstance(e, Symbol) and e.is_integer:
            return 1, math.inf
        name = name_of(e)
        if name in self.declared:
            return _POSITIVE if self.declared[name].role == "constant" else ANY
        if name not in self.kept:
            self.kept[name] = ANY
            s = self.statements.get(name)
            self.kept[name] = ANY if s is None else self.of(s.body)
        return self.kept[name]

    def arithmetic(self, e: Expr) -> Range:
        """Bounds of a sum, a product or a power."""
        if isinstance(e, Pow):
            low, _ = self.of(e.base)
            even = bool(e.exp.is_Integer and e.exp % 2 == 0)
            return _POSITIVE if even or low >= 0 or not e.exp.is_Integer else ANY
        parts = [self.of(a) for a in e.args]
        if isinstance(e, Add):
            two = [(a, -b) for a in e.args for b in e.args if len(e.args) == 2 and a is not b]  # e is a less b
            if any(self.beneath(b, a) for a, b in two):
                return 0, math.inf
            if any(self.beneath(a, b) for a, b in two):
                return -math.inf, 0
            return sum(p[0] for p in parts), sum(p[1] for p in parts)
        low, high = 1.0, 1.0
        for a, b in parts:
            ends = [x * y if x and y else 0.0 for x in (low, high) for y in (a, b)]
            low, high = min(ends), max(ends)
        return low, high

    def beneath(self, a: Expr, top: Expr) -> bool:
        """Whether `top` is a maximum over terms of which `a` is one."""
        if (
            isinstance(top, (Indexed, Symbol))
            and not isinstance(top, Index)
            and (s := self.statements.get(name_of(top)))
        ):
            if not isinstance(s.body, Max):
                return False
            top = s.at(indices_of(top))
        if not isinstance(top, Max):
            return False
        return any(i.axis == top.axis and top.open(i) == a for i in free_indices(a))
