"""The same expression in one form, whatever its indices are called, with more or less of what it rests on written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from sympy import Expr, Indexed, Symbol, preorder_traversal

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Index
from symbp.calculus.passes import inline
from symbp.calculus.program import ScalarFunction, Statement, elements, free_indices, name_of

_LONGEST, _DEEPEST = 200, 6


def canonical(e: Expr) -> Expr:
    """The expression with its free indices named by their axes, in the order in which they are met."""
    free = free_indices(e)
    if not free:
        return e
    order: dict[Index, None] = {}
    if len({i.axis for i in free}) < len(free):
        order.update((i, None) for i in preorder_traversal(e) if i in free)
    order.update(dict.fromkeys(free))
    seen: dict[str, int] = {}
    names = {}
    for i in order:
        seen[i.axis.name] = seen.get(i.axis.name, 0) + 1
        names[i] = Index(f"at_{i.axis.name}_{seen[i.axis.name]}", i.axis)
    return e.xreplace(names)


def forms(e: Expr, statements: Mapping[str, Statement]) -> Iterator[Expr]:
    """The expression, and then with what `statements` define written out, one layer after the other while it is short."""
    for _ in range(_DEEPEST):
        yield canonical(e)
        read = {name_of(x) for x in elements(e)} & statements.keys()
        if not read or is_long(e):
            return
        e = inline(e, {name: statements[name] for name in read})


def with_definitions(e: Expr, functions: Mapping[str, ScalarFunction]) -> Expr:
    """The expression with scalar functions that have a definition written out, nested ones too."""
    for _ in range(_DEEPEST):
        known = {a: functions[a.name].at(a.arg, a.order) for a in e.atoms(Apply) if a.name in functions}
        known = {a: definition for a, definition in known.items() if definition is not None}
        if not known or is_long(e):
            return e
        e = e.xreplace(known)
    return e


def is_long(e: Expr, most: int = _LONGEST) -> bool:
    """Whether an expression has at least so many parts."""
    return sum(1 for _ in islice(preorder_traversal(e), most)) == most


def is_element(e: Expr) -> bool:
    """Whether an expression is one element of a tensor."""
    return isinstance(e, (Indexed, Symbol)) and not isinstance(e, Index)
