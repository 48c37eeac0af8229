"""What rests on what, and derivatives between elements of the forward map, such as the factors of a chain rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sympy import Expr

from symbp.calculus.contract import contract
from symbp.calculus.indices import Index, fresh
from symbp.calculus.program import Program, Statement, Tensor
from symbp.calculus.reductions import Sum
from symbp.formula.syntax import Binary, Claim, Name, Node, Partial, Read, children, with_children
from symbp.verification.meaning.setting import Known, Setting


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
    total: Expr = contract(s.body.diff(target[below])) if by in s.reads else s.body * 0
    for name in () if direct else s.reads:
        if name == by or name not in program.definitions or not depends(program, name, by):
            continue
        between = program.tensors[name]
        middle = tuple(fresh(a) for a in between.axes)
        there, under, inner = slope(setting, name, by)
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
