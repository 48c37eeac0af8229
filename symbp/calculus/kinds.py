"""Statements of one kind: equal but for the names of tensors and axes, so that what is derived for one holds for the other.

A deep network repeats a few kinds of layers; the sweep derives each kind once and renames.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Indexed, Symbol

from symbp.calculus.indices import Axis, Bound, Index
from symbp.calculus.program import Statement, Tensor
from symbp.calculus.reductions import Reduction


class Signature:
    """The shape of some statements: a hashable key, and the tensors and axes behind its numbered placeholders."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors
        self.names: dict[str, int] = {}
        self.axes: dict[Axis, int] = {}

    def tensor(self, name: str) -> int:
        """The placeholder of a tensor."""
        return self.names.setdefault(name, len(self.names))

    def axis(self, axis: Axis) -> int:
        """The placeholder of an axis."""
        return self.axes.setdefault(axis, len(self.axes))

    def statement(self, s: Statement) -> Any:
        """The key of a statement."""
        return (self.tensor(s.target.name), self.indices(s.indices), self.expression(s.body))

    def indices(self, indices: tuple[Any, ...]) -> Any:
        """The key of a row of indices."""
        return tuple((i.name, self.axis(i.axis)) for i in indices)

    def expression(self, e: Expr) -> Any:
        """The key of an expression."""
        if isinstance(e, Index):
            return (e.name, self.axis(e.axis))
        if isinstance(e, Symbol):
            if e.name in self._tensors:
                return self.tensor(e.name)
            if e.is_integer and e.name.startswith("N_"):
                return ("size", self.axis(Axis(e.name[2:])))
            return e
        if isinstance(e, Indexed):
            return (self.tensor(e.base.label.name), self.indices(e.indices))
        if isinstance(e, Reduction):
            return (type(e), self.axis(e.axis), e.number, self.expression(e.body))
        return (type(e), *(self.expression(a) for a in e.args)) if e.args else e


def renamed(expr: Expr, names: Mapping[str, str], axes: Mapping[Axis, Axis]) -> Expr:
    """The expression with tensors and axes renamed."""
    mapping: dict[Expr, Expr] = {}
    for a in expr.atoms(Symbol):
        if isinstance(a, Bound):
            mapping[a] = Bound(axes.get(a.axis, a.axis), a.number)
        elif isinstance(a, Index):
            mapping[a] = Index(a.name, axes.get(a.axis, a.axis))
        elif a.name in names and not a.is_integer:
            mapping[a] = Symbol(names[a.name], real=True) if a.is_real else a
        elif a.is_integer and a.name.startswith("N_"):
            axis = Axis(a.name[2:])
            mapping[a] = axes.get(axis, axis).size
    return expr.xreplace({old: new for old, new in mapping.items() if old != new})
