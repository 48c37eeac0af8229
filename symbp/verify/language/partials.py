"""Derivatives between elements of the forward map, such as the factors of a chain rule that is written out."""

from __future__ import annotations

from sympy import Expr

from symbp.calculus.contract import contract
from symbp.calculus.indices import Index, fresh
from symbp.calculus.program import Program, Tensor
from symbp.calculus.reductions import Sum
from symbp.verify.meaning.setting import Known, Setting


def slope(setting: Setting, of: str, by: str) -> tuple[tuple[Index, ...], tuple[Index, ...], Expr]:
    """The derivative of an element of `of` with respect to one of `by`, and the indices of both.

    Where `of` reads `by` directly, it is the derivative of that equation alone; else the chain rule over what lies between.
    0 where `of` does not depend on `by`.
    """
    program, found = setting.program, setting.slopes
    if (of, by) not in found:
        found[of, by] = _slope(setting, program.definitions[of].indices, program, of, by)
    return found[of, by]


def _slope(
    setting: Setting, indices: tuple[Index, ...], program: Program, of: str, by: str
) -> tuple[tuple[Index, ...], tuple[Index, ...], Expr]:
    s, target = program.definitions[of], program.tensors[by]
    below = tuple(fresh(a) for a in target.axes)
    if by in s.reads:
        return indices, below, contract(s.body.diff(_element(target, below)))
    total: Expr = s.body * 0
    for name in s.reads:
        if name not in program.definitions or not depends(program, name, by):
            continue
        between = program.tensors[name]
        middle = tuple(fresh(a) for a in between.axes)
        there, under, inner = slope(setting, name, by)
        inner = inner.xreplace({**dict(zip(there, middle, strict=True)), **dict(zip(under, below, strict=True))})
        outer = contract(s.body.diff(_element(between, middle)))
        total += Sum.over(outer * inner, *middle) if middle else outer * inner
    return indices, below, total


def _element(tensor: Tensor, indices: tuple[Index, ...]) -> Expr:
    return tensor[indices]


def depends(program: Program, of: str, by: str) -> bool:
    """Whether a tensor is computed from another."""
    open_names, seen = [of], set[str]()
    while open_names:
        name = open_names.pop()
        if name == by:
            return True
        if name in program.definitions and name not in seen:
            seen.add(name)
            open_names += program.definitions[name].reads
    return False


def jacobian(setting: Setting, of: Known, by: Known) -> tuple[tuple[Index, ...], Expr] | None:
    """The derivative of one vector with respect to another, a row for each element of the first; None where they are no
    vectors, or the one does not depend on the other."""
    program = setting.program
    names = of.tensor.name, by.tensor.name
    if any(len(k.tensor.axes) > 1 or k.tensor.of for k in (of, by)) or names[0] not in program.definitions:
        return None
    if not depends(program, *names):
        return None
    above, below, value = slope(setting, *names)
    return (*above, *below), value
