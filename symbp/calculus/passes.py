"""The passes over the result of a reverse sweep, in order; each is a pure function Backward -> Backward with its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

import sympy
from sympy import Expr, Symbol

from symbp.calculus.cheapest_form import cheapest_form, cost
from symbp.calculus.contract import vanishes
from symbp.calculus.functions import Apply, Z
from symbp.calculus.indices import Index
from symbp.calculus.places import Place
from symbp.calculus.program import (
    Program,
    ScalarFunction,
    Statement,
    Tensor,
    elements,
    free_indices,
    indices_of,
    name_of,
)
from symbp.calculus.recognise_named import Names, Pattern
from symbp.calculus.reductions import Sum, rewrite
from symbp.calculus.rules import RECOGNISED, apply_rules
from symbp.calculus.solves import name_solves
from symbp.calculus.sweep import Backward
from symbp.calculus.trace import Step

VALUE = Symbol("a", real=True)  # the value g(z) in a derivative g'(z) that is written in terms of it


@lru_cache(maxsize=256)
def derivative_of(function: ScalarFunction, order: int = 1) -> Expr | None:
    """The derivative of a scalar function as an expression in z and ``a`` = g(z), the cheapest form that was found.

    None where the function is uninterpreted.
    """
    if function.definition is None:
        return None
    plain = apply_rules(function.definition, RECOGNISED).diff(Z, order)
    z = Tensor("z").symbol
    value = Statement(Tensor("a"), (), function.definition.xreplace({Z: z}))
    folded = cheapest_form(plain.xreplace({Z: z}), Names([value]))
    return folded.xreplace({z: Z})


def expand_functions(backward: Backward) -> Backward:
    """Say what g' is: replace g'(z) by the derivative of the definition of g, in terms of a = g(z) where a has a name."""
    applied: dict[str, list[Pattern]] = {}
    for s in backward.forward:
        if isinstance(s.body, Apply) and s.body.order == 0 and free_indices(s.body) == set(s.indices):
            pattern = Pattern(s.indices, s.body, s.left, s.target.name)
            applied.setdefault(s.body.name, []).append(pattern)
    program = backward.program
    for s in backward.statements:
        used: list[str] = []

        def expand(node: Expr, used: list[str] = used) -> Expr:
            if not isinstance(node, Apply) or node.order == 0:
                return node
            form = derivative_of(program.function[node.name], node.order)
            if form is None:
                return node
            used.append(node.name)
            return form.xreplace({VALUE: _value(node, applied, program), Z: node.arg})

        body = rewrite(s.body, expand) if s.body.has(Apply) else s.body
        if body != s.body:
            why = " and ".join(dict.fromkeys(f"{g}' is the derivative of {g}" for g in used))
            stopped = body == 0
            if stopped:
                why = f"the derivative of {used[0]} is 0 wherever there is one: nothing propagates"
            step = Step("activation", s.target, s.indices, s.body, body, why, tuple(used))
            backward = backward.revised(replace(s, body=body), [step])
    return backward


def _value(node: Apply, applied: Mapping[str, list[Pattern]], program: Program) -> Expr:
    """g(z): the element of the tensor that holds it where there is one, else the definition at z."""
    value = Apply(node.args[0], sympy.S.Zero, node.arg)
    for pattern in applied.get(node.name, ()):
        for mapping in pattern.match(value):
            return pattern.value.xreplace(mapping)
    return program.function[node.name].at(node.arg)


def propagate_zeros(backward: Backward) -> Backward:
    """An adjoint that is zero makes everything zero that it is a factor of; in a recurrence, what stands before it too."""
    zero: set[str] = set()
    while (after := _without_zeros(backward, zero)) is not backward:
        backward = after
    return backward


def _without_zeros(backward: Backward, zero: set[str]) -> Backward:
    """What reads an adjoint that is zero without it, one statement after the other; `zero` are those that are known to be."""
    for s in backward.statements:
        if zero & set(s.reads):
            gone = {e: sympy.S.Zero for e in elements(s.body) if name_of(e) in zero}
            body = rewrite(s.body, lambda e, gone=gone: gone.get(e, e) if e.args or e.is_Symbol else e)  # type: ignore[misc]
            body = rewrite(body, lambda e: sympy.S.Zero if isinstance(e, Sum) and e.body == 0 else e)
            if body != s.body:
                why = f"{' and '.join(sorted(zero & set(s.reads)))} is zero"
                step = Step("stopped", s.target, s.indices, s.body, body, why)
                backward = backward.revised(replace(s, body=body), [step])
        if backward.program.definitions[s.target.name].body == 0:
            zero.add(s.target.name)
    return backward


def merge_pairs(backward: Backward) -> Backward:
    """Put an adjoint into its only reader where what comes out is cheaper than both: softmax with cross-entropy becomes
    yhat - y, by the facts that are stated of the targets."""
    names = Names((), backward.program.facts)
    derived = {s.target.name for s in backward.statements}
    for s in backward.statements:
        mine = [n for n in s.reads if n in derived]
        if len(mine) != 1:
            continue
        inner = backward.program.definitions[mine[0]]
        readers = [o for o in backward.statements if inner.target.name in o.reads]
        if inner.target == s.target:
            continue  # a step before
        if len(readers) != 1 or inner.body.has(Sum) or s.body == 0:
            continue
        inlined = inline(s.body, {inner.target.name: inner})
        body = cheapest_form(inlined, names)
        copy = s.body == inner.target[s.indices] if len(s.indices) == len(inner.indices) else False
        if cost(body) < cost(s.body) + cost(inner.body) or copy:
            facts = tuple(f.why for f in backward.program.facts if _uses(inlined, f.left))
            why = f"put {inner.target.name} in and simplify" + "".join(f"; {w}" for w in facts)
            steps = [
                Step("substitute", s.target, s.indices, s.body, inlined, f"{inner.target.name} as derived above"),
                Step("simplify", s.target, s.indices, inlined, body, why, facts),
            ]
            backward = backward.revised(replace(s, body=body), steps[:1] if inlined == body else steps)
    return backward


def _uses(expr: Expr, left: Expr) -> bool:
    """Whether a fact can have played a part: its tensors are summed over somewhere in the expression."""
    of = {name_of(e) for e in elements(left)}
    return any(of <= {name_of(e) for e in elements(r)} for r in expr.atoms(Sum))


def inline(body: Expr, statements: dict[str, Statement]) -> Expr:
    """The body with the elements of some tensors replaced by what their statements say.

    One that is read at a place stays where what it is made of is not 0 outside of the tensor, as the read is.
    """

    def put_in(e: Expr) -> Expr:
        known = (isinstance(e, sympy.Indexed) or e.is_Symbol) and not isinstance(e, Index)
        if known and name_of(e) in statements and may_inline(e, statements[name_of(e)]):
            s = statements[name_of(e)]
            return s.body.xreplace(dict(zip(s.indices, indices_of(e), strict=True)))
        return e

    return rewrite(body, put_in)


def may_inline(e: Expr, s: Statement) -> bool:
    """Whether an element may be replaced by what its statement says: wherever it is read, that is 0 outside of the tensor too."""
    apart = [(i, p) for i, p in zip(s.indices, indices_of(e), strict=True) if isinstance(p, Place) and p.gather is None]
    return all(vanishes(s.body, i) for i, _ in apart)


PASSES: tuple[Callable[[Backward], Backward], ...] = (expand_functions, propagate_zeros, merge_pairs, name_solves)
"""What happens after the sweep, in this order."""


def run(backward: Backward, passes: Iterable[Callable[[Backward], Backward]] = PASSES) -> Backward:
    """The result of all passes."""
    for one in passes:
        backward = one(backward)
    return backward
