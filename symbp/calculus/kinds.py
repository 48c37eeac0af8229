"""Statements of one kind: equal but for the names of tensors and axes, so that what is derived for one holds for the other.

A deep network repeats a few kinds of layers; the sweep derives each kind once and renames.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sympy import Expr, Indexed, Symbol

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis, Bound, Index
from symbp.calculus.program import Statement, Tensor, element
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
        return tuple(map(self.expression, indices))

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

    def index(i: Any) -> Any:
        axis = axes.get(i.axis, i.axis)
        return Bound(axis, i.number) if isinstance(i, Bound) else Index(i.name, axis)

    def walk(e: Expr) -> Expr:
        if isinstance(e, Indexed):
            name = e.base.label.name
            return element(names.get(name, name), tuple(map(walk, e.indices)))
        if isinstance(e, Index):
            return index(e)
        if isinstance(e, Symbol):
            if e.is_integer and e.name.startswith("N_"):
                axis = Axis(e.name[2:])
                return axes.get(axis, axis).size
            return Tensor(names[e.name]).symbol if e.name in names and e.is_real else e
        if not e.args or e.is_number:
            return e
        if isinstance(e, Apply):
            return e.func(*e.args[:2], walk(e.arg))
        return e.func(*[walk(a) for a in e.args])

    return walk(expr)


class Texts:
    """Texts made of statements, each made once for a kind and written again with other names."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors
        self._made: dict[Any, tuple[str, Signature]] = {}

    def text(self, s: Statement, make: Callable[[Statement], str]) -> str:
        """What `make` gives for the statement, or for one of its kind under the names of this one."""
        signature = Signature(self._tensors)
        key = signature.statement(s)
        if key not in self._made:
            self._made[key] = (make(s), signature)
        text, other = self._made[key]
        if other is signature:
            return text
        words = dict(zip(other.names, signature.names, strict=True))
        words |= {f"N_{a.name}": f"N_{b.name}" for a, b in zip(other.axes, signature.axes, strict=True)}
        return re.sub(r"[A-Za-z]\w*", lambda m: words.get(m[0], m[0]), text)
