"""Reductions over an index: sum, product, maximum, log-sum-exp; each carries the one line that differentiates it.

SymPy's own ``Sum`` names its dummy, so that equality, substitution and differentiation each have to rename (and ``subs``
captures). Here the dummy has no name (see :mod:`symbp.calculus.indices`); :func:`native` gives SymPy's form back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, KroneckerDelta

from symbp.calculus.indices import Axis, Bound, Index, fresh


class Reduction(Expr):
    """``Reduction(body, bound)``: the reduction of `body` over the one index that it binds; made with :meth:`over`."""

    is_commutative = True
    is_real = True

    def __new__(cls, body: Expr, bound: Bound) -> Expr:
        """Bind `bound`, renumbered so that the number counts reductions from the inside."""
        number = 1 + _nested(body)
        if bound.number != number:
            inner = bound
            bound = Bound(inner.axis, number)
            body = _rename(body, inner, bound)
        return Expr.__new__(cls, body, bound)

    @classmethod
    def over(cls, body: Any, *indices: Index) -> Expr:
        """Reduce `body` over free `indices`; the last one named is the outermost."""
        body = sympy.sympify(body, strict=True)
        for index in indices:
            bound = Bound(index.axis, 1 + _nested(body))
            body = cls(body.xreplace({index: bound}), bound)
        return body

    @property
    def body(self) -> Expr:
        """What is reduced, in terms of the bound index."""
        return self.args[0]

    @property
    def bound(self) -> Bound:
        """The index that this reduction binds."""
        bound: Bound = self.args[1]
        return bound

    @property
    def axis(self) -> Axis:
        """The axis reduced over."""
        axis: Axis = self.bound.axis
        return axis

    @property
    def number(self) -> int:
        """How many reductions are nested here, this one included."""
        return int(self.bound.number)

    @property
    def free_symbols(self) -> set[Any]:
        """All symbols but the bound one."""
        return {s for s in self.body.free_symbols if s != self.bound}

    @property
    def bound_symbols(self) -> list[Any]:
        """The bound index."""
        return [self.bound]

    @property
    def canonical_variables(self) -> dict[Any, Any]:
        """None to rename: SymPy asks for them when it looks for assumptions, and bound indices are canonical already."""
        return {}

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({printer._print(self.body)}, {self.bound.name})"

    def open(self, index: Index) -> Expr:
        """The body with the bound index replaced by `index`; what is reduced inside binds smaller numbers."""
        return self.body.xreplace({self.bound: index})

    def opened(self) -> tuple[Index, Expr]:
        """A fresh index and the body in terms of it."""
        index = fresh(self.axis)
        return index, self.open(index)


def _nested(expr: Expr) -> int:
    """How many reductions are nested in an expression: the number of an outermost one, since these are the largest."""
    if isinstance(expr, Reduction):
        return expr.number
    return max((_nested(a) for a in expr.args), default=0)


def _rename(body: Expr, old: Bound, new: sympy.Symbol) -> Expr:
    """Replace the bound index `old`, leaving inner reductions alone that bind the same number."""
    inner = [node for node in body.atoms(Reduction) if node.bound == old]
    if not inner:
        return body.xreplace({old: new})
    hidden = {node: sympy.Dummy() for node in inner}  # cannot hold a free `old`: it would have a larger number
    return body.xreplace(hidden).xreplace({old: new}).xreplace({dummy: node for node, dummy in hidden.items()})


class Only(Expr):
    """``Only(condition, body)``: under a maximum or a log-sum-exp, the body where the indicator is 1; else the term is left out.

    It is no large negative number, which would not be zero in exact arithmetic behind an exponential function.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, condition: Expr, body: Expr) -> Expr:
        """Leave out the terms of a body; all are there where the condition is 1."""
        return body if condition == 1 else Expr.__new__(cls, condition, body)


def _kept(body: Expr) -> tuple[Expr, Expr]:
    """The condition under which a term is there, and the term."""
    return (body.args[0], body.args[1]) if isinstance(body, Only) else (sympy.S.One, body)


class Sum(Reduction):
    """The sum over an index."""

    def _eval_derivative(self, x: Expr) -> Expr:
        index, body = self.opened()
        return Sum.over(body.diff(x), index)


class LogSumExp(Reduction):
    """``log(sum(exp(body)))``, kept whole because its own evaluation is the stable one; its derivative is a softmax."""

    def _eval_derivative(self, x: Expr) -> Expr:
        index, body = self.opened()
        there, body = _kept(body)
        return Sum.over(there * sympy.exp(body - self) * body.diff(x), index)


class Max(Reduction):
    """The maximum over an index; its derivative goes to the first of equals."""

    def _eval_derivative(self, x: Expr) -> Expr:
        index, body = self.opened()
        return Sum.over(First(self, index) * _kept(body)[1].diff(x), index)


class Prod(Reduction):
    """The product over an index; the derivative never divides, so that it holds where a factor is zero."""

    def _eval_derivative(self, x: Expr) -> Expr:
        index, body = self.opened()
        other, factor = self.opened()
        rest = Prod.over(1 + (factor - 1) * (1 - KroneckerDelta(index, other)), other)
        return Sum.over(rest * body.diff(x), index)


class First(Expr):
    """``First(Max(body, b), i)``: 1 where `i` is the first index at which the maximum is reached, else 0."""

    is_commutative = True
    is_real = True

    def _eval_derivative(self, x: Expr) -> Expr:
        return sympy.S.Zero  # constant between the places where the maximum changes hands


def rewrite(expr: Expr, function: Callable[[Expr], Expr]) -> Expr:
    """Apply `function` to every node from the leaves up; reductions are opened first, so nothing is ever captured."""
    if isinstance(expr, Reduction):
        index, body = opened_once(expr)
        new = rewrite(body, function)
        return function(expr if new is body else type(expr).over(new, index))
    if isinstance(expr, (sympy.Indexed, First)) or not expr.args:
        return function(expr)  # First keeps the very Max that it asks about
    args = [rewrite(arg, function) for arg in expr.args]
    return function(expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else expr.func(*args))


@lru_cache(maxsize=4096)
def opened_once(node: Reduction) -> tuple[Index, Expr]:
    """A reduction opened for a function that closes it again at once: the index is the same each time.

    The index occurs in this body alone. A reduction inside has a later one, as it has when all are opened anew, so that the order
    of what is made of them does not depend on what was opened before.
    """
    return node.opened()


def native(expr: Expr) -> Expr:
    """The same expression in SymPy's own Sum, Product and log, with named dummies, for use outside symbp."""

    def convert(node: Reduction) -> Expr:
        dummy = sympy.Symbol(f"{node.axis.name}_{node.number}", integer=True, nonnegative=True)
        limits = (dummy, 0, node.axis.size - 1)
        body = walk(_rename(node.body, node.bound, dummy))  # before what is inside has its own dummies
        if isinstance(node, Sum):
            return sympy.Sum(body, limits)
        if isinstance(node, Prod):
            return sympy.Product(body, limits)
        if isinstance(node, LogSumExp):
            return sympy.log(sympy.Sum(sympy.exp(body), limits))
        return sympy.Function(type(node).__name__.lower())(sympy.Tuple(body, sympy.Tuple(*limits)))

    def walk(node: Expr) -> Expr:
        if isinstance(node, sympy.Indexed) or not node.args:
            return node
        return convert(node) if isinstance(node, Reduction) else node.func(*[walk(arg) for arg in node.args])

    return walk(expr)
