"""Derivatives between elements of the forward map, such as the factors of a chain rule that is written out."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from symbp.calculus.contract import contract
from symbp.calculus.indices import Index, fresh
from symbp.calculus.program import Program, Tensor
from symbp.calculus.reductions import Sum
from symbp.formula.syntax import Claim, Name, Node, Partial, Read, children, with_children
from symbp.verification.meaning.setting import Known, Setting


def slope(
    setting: Setting, of: str, by: str, direct: bool = False
) -> tuple[tuple[Index, ...], tuple[Index, ...], Expr]:
    """The derivative of an element of `of` with respect to one of `by`, and the indices of both.

    It is the chain rule over everything that lies between them; `direct`, where `of` reads `by`, that equation alone is
    differentiated, the rest of what it reads held fixed. 0 where `of` does not depend on `by`.
    """
    key = of, by, direct and by in setting.program.definitions[of].reads
    found = setting.slopes
    if key not in found:
        found[key] = _slope(setting, *key)
    return found[key]


def _slope(setting: Setting, of: str, by: str, direct: bool) -> tuple[tuple[Index, ...], tuple[Index, ...], Expr]:
    program = setting.program
    s, target = program.definitions[of], program.tensors[by]
    below = tuple(fresh(a) for a in target.axes)
    total: Expr = contract(s.body.diff(_element(target, below))) if by in s.reads else s.body * 0
    for name in () if direct else s.reads:
        if name == by or name not in program.definitions or not depends(program, name, by):
            continue
        between = program.tensors[name]
        middle = tuple(fresh(a) for a in between.axes)
        there, under, inner = slope(setting, name, by)
        inner = inner.xreplace({**dict(zip(there, middle, strict=True)), **dict(zip(under, below, strict=True))})
        outer = contract(s.body.diff(_element(between, middle)))
        total += Sum.over(outer * inner, *middle) if middle else outer * inner
    return s.indices, below, total


def held(setting: Setting, claim: Claim) -> Claim | None:
    """The claim with every derivative on its right side that of one equation alone, as in a chain rule with a term for each
    path; None where that is the same, because there is one path only."""
    found = False

    def put(node: Node) -> Node:
        nonlocal found
        if isinstance(node, Partial) and not node.direct:
            of, by = (_tensor(setting, side) for side in (node.of, node.by))
            reads = setting.program.definitions[of].reads if of in setting.program.definitions else ()
            if by in reads and any(n != by and depends(setting.program, n, by or "") for n in reads):
                found = True
                return replace(node, direct=True)
            return node
        return with_children(node, tuple(put(c) for c in children(node)))

    right = put(claim.right)
    return replace(claim, right=right) if found else None


def _tensor(setting: Setting, node: Node) -> str | None:
    inner = node.of if isinstance(node, Read) else node
    known = setting.resolve(inner.name) if isinstance(inner, Name) else None
    return known.tensor.name if known is not None else None


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


def jacobian(setting: Setting, of: Known, by: Known, direct: bool = False) -> tuple[tuple[Index, ...], Expr] | None:
    """The derivative of one vector with respect to another, a row for each element of the first; None where they are no
    vectors, or the one does not depend on the other."""
    program = setting.program
    names = of.tensor.name, by.tensor.name
    if any(len(k.tensor.axes) > 1 or k.tensor.of for k in (of, by)) or names[0] not in program.definitions:
        return None
    if not depends(program, *names):
        return None
    above, below, value = slope(setting, *names, direct)
    return (*above, *below), value
