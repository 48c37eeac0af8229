"""Compaction: the adjoint of a layer's input in terms of the adjoint of its output, without the layer's inner quantities.

The sweep goes statement by statement, so a layer that is written in several lines has an adjoint for each. Putting them into
one another, using that centred quantities sum to zero, and writing products that have a name by that name gives the form that
is in the textbooks (layer normalisation's three terms). It is kept where it is cheaper than what it replaces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sympy
from sympy import Add, Expr, Mul

from symbp.calculus.cheapest_form import cheapest_form, cost, distributed
from symbp.calculus.passes import inline
from symbp.calculus.program import Fact, Program, Statement, elements, indices_of, name_of
from symbp.calculus.recognise_named import Names
from symbp.calculus.reductions import Sum, rewrite
from symbp.calculus.sweep import Backward
from symbp.calculus.trace import Step

_STATEMENT_COST = 2  # one more array to write, and one more name to read


def centred(program: Program) -> tuple[Fact, ...]:
    """The facts that a statement sums to zero over an index, found by putting in what its terms mean.

    ``c[n,d] = x[n,d] - mu[n]`` with ``mu[n] = mean(x[n,d], d)`` gives ``sum(c[n,d], d) = 0``.
    """
    names = Names(program.statements)
    found = []
    for s in program:
        if not isinstance(s.body, Add):
            continue
        for index in s.indices:
            if names.fold(distributed(Sum.over(s.body, index))) == 0:
                why = f"{s.target.name} sums to zero over {index}, as what it is centred on is its mean"
                found.append(Fact(Sum.over(s.left, index), sympy.S.Zero, why))
    return tuple(found)


def eliminate_intermediates(backward: Backward, name: str, through: Iterable[str]) -> Backward:
    """Write the adjoint of `name` without the adjoints of the tensors in `through`, where that is cheaper.

    Parameters
    ----------
    name : a tensor of the forward program
    through : forward tensors whose adjoints may be put in (a layer's inner quantities)
    """
    program = backward.program
    inner = {backward.adjoint[x]: program.definitions[backward.adjoint[x]] for x in through if x in backward.adjoint}
    s = backward.of(name)
    body, gone = s.body, set[str]()
    while mine := {n: inner[n] for e in elements(body) if (n := name_of(e)) in inner}:
        gone |= set(mine)
        body = inline(body, mine)
    if not gone:
        return backward
    facts = (*backward.forward.facts, *centred(backward.forward))
    names = Names(backward.forward.statements, facts)
    candidates = [cheapest_form(body, names)]
    candidates += [cheapest_form(_solved(candidates[0], f), names) for f in _products(backward.forward)]
    best = min(range(len(candidates)), key=lambda k: (cost(candidates[k]), k))
    dead = {
        n for n in gone if all(o.target.name in gone or o.target.name == s.target.name for o in _readers(program, n))
    }
    before = cost(s.body) + sum(cost(inner[n].body) + _STATEMENT_COST for n in dead)
    if cost(candidates[best]) >= before:
        return backward
    why = f"put in {', '.join(sorted(gone))}" + "".join(f"; {f.why}" for f in facts if _plays(body, f))
    step = Step("compact", s.target, s.indices, s.body, candidates[best], why, tuple(sorted(gone)))
    return backward.revised(replace(s, body=candidates[best]), [step])


def _readers(program: Program, name: str) -> list[Statement]:
    return [s for s in program.statements if name in s.reads]


def _plays(body: Expr, fact: Fact) -> bool:
    return {name_of(e) for e in elements(fact.left)} <= {name_of(e) for e in elements(body)}


def _products(program: Program) -> list[Statement]:
    """The statements that name a product of elements, such as ``xhat[n,d] = c[n,d]*r[n]``."""
    return [s for s in program if isinstance(s.body, Mul) and set(s.body.args) == elements(s.body)]


def _solved(expr: Expr, s: Statement) -> Expr:
    """The expression with the factor of a named product that has all its indices replaced by the name over the others."""
    for factor in s.body.args:
        if set(indices_of(factor)) != set(s.indices) or not isinstance(factor, sympy.Indexed):
            continue
        others = s.body / factor

        def divide(e: Expr, factor: Expr = factor, others: Expr = others) -> Expr:
            if isinstance(e, sympy.Indexed) and name_of(e) == name_of(factor):
                to = dict(zip(factor.indices, e.indices, strict=True))
                return s.left.xreplace(to) / others.xreplace(to)
            return e

        return rewrite(expr, divide)
    return expr
