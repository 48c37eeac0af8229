"""What rests on what, and derivatives between elements of the forward map, such as the factors of a chain rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import sympy
from sympy import Expr, Indexed

from symbp.calculus.contract import contract
from symbp.calculus.indices import Index, fresh
from symbp.calculus.places import Place
from symbp.calculus.program import Program, Statement, Tensor, indices_of, name_of
from symbp.calculus.recurrences import Recurrence, recurrences
from symbp.calculus.reductions import Sum
from symbp.errors import InputError
from symbp.formula.syntax import Binary, Claim, Name, Node, Partial, Read, children, with_children
from symbp.verification.meaning.setting import Known, Setting

MOST_BACK = 3
"""Over how many steps of a recurrence a derivative is written out."""
Slope = tuple[tuple[Index, ...], tuple[Index, ...], Expr]


def behind(names: Iterable[str], definitions: Mapping[str, Statement]) -> dict[str, Statement]:
    """The equations of some tensors, and of all that these rest on."""
    found, waiting = dict[str, Statement](), [*names]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in found:
            found[name] = definitions[name]
            waiting += found[name].reads
    return found


def in_order(names: Iterable[str], definitions: Mapping[str, Statement]) -> tuple[Statement, ...]:
    """The same, as they are evaluated one after the other."""
    found = behind(names, definitions)
    return tuple(s for name, s in definitions.items() if name in found)


def depends(program: Program, of: str, by: str) -> bool:
    """Whether a tensor is computed from another."""
    return of == by or any(by in s.reads for s in behind([of], program.definitions).values())


def slope(
    setting: Setting, of: str, by: str, direct: bool = False, back: int | None = None
) -> tuple[tuple[Index, ...], tuple[Index, ...], Expr]:
    """The derivative of an element of `of` with respect to one of `by`, and the indices of both.

    It is the chain rule over everything that lies between them; `direct`, where `of` reads `by`, that equation alone is
    differentiated, the rest of what it reads held fixed. 0 where `of` does not depend on `by`. Through a recurrence it is what
    comes over at most `back` turns of it, which is all there is where `by` is so many steps before `of`.

    Raises
    ------
    InputError : a recurrence lies between the two, and `back` does not say how far they are apart
    """
    direct = direct and by in setting.program.definitions[of].reads
    cycle = None if direct else _recurrence(setting.program, of, by)
    if cycle is not None and back is None:
        raise InputError(
            f"{of} depends on {by} over the steps of a recurrence ({', '.join(cycle.names)}), and no one formula says how",
            allowed=f"elements of the same step, or of steps that are at most {MOST_BACK} apart",
        )
    return _kept(setting, of, by, direct, cycle, back or 0)


def steps_back(program: Program, of: Expr, by: Expr) -> int | None:
    """How many steps of the recurrence between them `of` comes after `by`, which is 0 where it comes before; None where there is
    none, where the number is not known or large, or where what lies between them is not computed step for step."""
    cycle = _recurrence(program, name_of(of), name_of(by))
    if cycle is None:
        return None
    passed = {n: s for n, s in behind([name_of(of)], program.definitions).items() if depends(program, n, name_of(by))}
    steps = {n: _step(program.tensors[n], cycle) for n in (*passed, name_of(of), name_of(by))}
    for name, s in passed.items():
        for e in s.body.atoms(Indexed):
            read, own = name_of(e), steps[name]
            if read not in steps or {name, read} <= cycle.slots.keys():
                continue
            at = steps[read]
            if own is None or at is None or indices_of(e)[at] != s.indices[own]:
                return None
    slots = steps[name_of(of)], steps[name_of(by)]
    if slots[0] is None or slots[1] is None:
        return None
    here, there = indices_of(of)[slots[0]], indices_of(by)[slots[1]]
    apart = sympy.expand(sum(sign * (p.where if isinstance(p, Place) else p) for sign, p in ((1, here), (-1, there))))
    back = cycle.direction * int(apart) if apart.is_Integer else MOST_BACK + 1
    return max(back, 0) if back <= MOST_BACK else None


def _recurrence(program: Program, of: str, by: str) -> Recurrence | None:
    """The recurrence between a tensor and one that it is computed from."""
    passed = {n for n in behind([of], program.definitions) if depends(program, n, by)}
    return next((r for r in recurrences(program.statements) if passed & r.slots.keys()), None)


def _step(tensor: Tensor, cycle: Recurrence) -> int | None:
    """Which index of a tensor is the step; None where it has none."""
    found = [k for k, a in enumerate(tensor.axes) if a == cycle.axis]
    return cycle.slots.get(tensor.name, found[0] if len(found) == 1 else None)


def _kept(setting: Setting, of: str, by: str, direct: bool, cycle: Recurrence | None, back: int) -> Slope:
    """The same, worked out once."""
    key = of, by, direct, back
    found = setting.slopes
    if key not in found:
        found[key] = _slope(setting, of, by, direct, cycle, back)
    return found[key]


def _slope(setting: Setting, of: str, by: str, direct: bool, cycle: Recurrence | None, back: int) -> Slope:
    program = setting.program
    s, target = program.definitions[of], program.tensors[by]
    below = tuple(fresh(a) for a in target.axes)
    total: Expr = contract(s.body.diff(target[below])) if by in s.reads else s.body * 0
    order = [m.target.name for m in cycle.statements] if cycle is not None else []
    for name in () if direct else s.reads:
        if name not in program.definitions or not depends(program, name, by) or (name == by and by not in order):
            continue
        turned = of in order and name in order and order.index(name) >= order.index(of)
        if back < turned:
            continue
        between = program.tensors[name]
        middle = tuple(fresh(a) for a in between.axes)
        there, under, inner = _kept(setting, name, by, False, cycle, back - turned)
        inner = inner.xreplace({**dict(zip(there, middle, strict=True)), **dict(zip(under, below, strict=True))})
        outer = contract(s.body.diff(between[middle]))
        total += Sum.over(outer * inner, *middle) if middle else outer * inner
    return s.indices, below, total


def gradient_of(
    setting: Setting, statements: tuple[Statement, ...], body: Expr, by: str, free: tuple[Index, ...] = ()
) -> tuple[tuple[Index, ...], Expr] | None:
    """The derivative of a formula at `free` indices, over statements behind it, with respect to a tensor, at its indices; None
    where the formula reads a derivative of the loss, which has none here."""
    value = Statement(Tensor("formula__", tuple(i.axis for i in free)), free, body)
    program = setting.program.extended(*statements, value)
    reads = {name for s in (*statements, value) for name in s.reads}
    if any(program.tensors[name].of for name in reads if name in setting.program.tensors):
        return None
    _, below, found = slope(replace(setting, program=program), value.target.name, by)
    return below, found


def held(setting: Setting, claim: Claim) -> Claim | None:
    """The claim with every derivative on its right side that of one equation alone, as in a chain rule with a term for each
    path; None where that is the same, because there is one path only."""
    found = False

    def put(node: Node) -> Node:
        nonlocal found
        if isinstance(node, Partial) and not node.direct:
            of, by = (k.tensor.name if (k := _known(setting, side)) is not None else "" for side in (node.of, node.by))
            reads = setting.program.definitions[of].reads if of in setting.program.definitions else ()
            if by in reads and any(n != by and depends(setting.program, n, by) for n in reads):
                found = True
                return replace(node, direct=True)
            return node
        return with_children(node, tuple(put(c) for c in children(node)))

    right = put(claim.right)
    return replace(claim, right=right) if found else None


def _known(setting: Setting, node: Node) -> Known | None:
    """The array of a name, or the one that an element is of."""
    inner = node.of if isinstance(node, Read) else node
    return setting.resolve(inner.name) if isinstance(inner, Name) else None


def as_derivative(setting: Setting, claim: Claim) -> Claim:
    """The claim with a quotient on its left side, ``dyhat[i]/dz1[k]``, as the derivative of one tensor by another that it is
    meant to be, and no quotient of two derivatives of the loss."""
    left = claim.left
    if not isinstance(left, Binary) or left.op != "/":
        return claim
    of, by = (_differentiated(setting, side) for side in (left.left, left.right))
    return claim if of is None or by is None else replace(claim, left=Partial(of, by, span=left.span))


def _differentiated(setting: Setting, node: Node) -> Node | None:
    """What ``dX`` or ``dX[i]`` is the derivative with respect to, with its indices; None for anything else."""
    known = _known(setting, node)
    if known is None or not known.tensor.of or setting.resolve(known.tensor.of) is None:
        return None
    if isinstance(node, Read):
        return Read(Name(known.tensor.of, span=node.of.span), node.letters, span=node.span)
    return Name(known.tensor.of, span=node.span)


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
