"""Typed indices: an index runs over an axis, and an axis has a symbolic length.

Bound indices are numbered from the inside out (the innermost reduction of an expression binds number 1, the one around it
number 2, ...), so that two expressions which differ only in the names of their dummies are the *same* SymPy object: equality
up to renaming is ``==``, and replacing a free index can never capture a bound one.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import sympy

_serial = itertools.count(1)  # makes fresh indices distinct, as SymPy's Dummy does; their numbers never reach an output


@dataclass(frozen=True, order=True)
class Axis:
    """A direction of a tensor: its name, and through :attr:`size` its symbolic length."""

    name: str

    @property
    def size(self) -> sympy.Symbol:
        """The length of the axis, a positive integer symbol."""
        return sympy.Symbol(f"N_{self.name}", integer=True, positive=True)


class Index(sympy.Symbol):
    """A free index, typed by the axis that it runs over."""

    __slots__ = ("axis",)

    def __new__(cls, name: str, axis: Axis) -> Index:
        """Make the index `name` over `axis`; equal names over equal axes are the same index."""
        obj: Index = sympy.Symbol.__xnew__(cls, name, integer=True, nonnegative=True)
        obj.axis = axis
        return obj

    def _hashable_content(self) -> tuple[str, str]:
        return (self.name, self.axis.name)

    def __getnewargs_ex__(self) -> tuple[tuple[object, ...], dict[str, object]]:
        return ((self.name, self.axis), {})


class Bound(Index):
    """The index bound by a reduction; `number` counts reductions from the inside out."""

    __slots__ = ("number",)

    def __new__(cls, axis: Axis, number: int) -> Bound:
        """Make the bound index that the `number`-th reduction from the inside binds."""
        obj = super().__new__(cls, f"_{number}", axis)
        obj.number = number
        return obj

    def __getnewargs_ex__(self) -> tuple[tuple[object, ...], dict[str, object]]:
        return ((self.axis, self.number), {})


def fresh(axis: Axis) -> Index:
    """An index that occurs nowhere else: the only source of new indices."""
    return Index(f"_f{next(_serial):09d}", axis)
