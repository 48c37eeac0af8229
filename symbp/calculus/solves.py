"""A derivative through an inverse that another is made of: ``dB = A^-T dX`` comes up in ``dA = -A^-T dX X^T = -dB X^T``.

For X = solve(A, B) that is the form in the literature (Giles 2008, section 2.3.1), and saves a linear system.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Add, Expr, Mul

from symbp.calculus.contract import contract
from symbp.calculus.indices import Index
from symbp.calculus.matrix_functions import inv
from symbp.calculus.program import Program, Statement, free_indices
from symbp.calculus.recurrences import Recurrence, scheduled
from symbp.calculus.reductions import Sum
from symbp.calculus.sweep import Backward
from symbp.calculus.trace import Step


@dataclass(frozen=True)
class _Product:
    """A sum over some indices of a product: its coefficient, and its factors."""

    coefficient: Expr
    factors: tuple[Expr, ...]
    summed: tuple[Index, ...]


def name_solves(backward: Backward) -> Backward:
    """Write a derivative in terms of another one that is an inverse times something, where it is a factor of it."""
    inverting = [s for s in backward.statements if s.body.has(inv)]
    known = {s.target.name: p for s in inverting if (p := _solve(s)) is not None}
    for name, solve in known.items():
        source = backward.program.definitions[name]
        for s in backward.statements:
            if s.target.name in known or not s.body.has(inv) or _behind(backward.program, s.target.name, source):
                continue
            body = Add(*[_shorter(t, source, solve) for t in Add.make_args(s.body)])
            if body != s.body:
                step = Step("fold", s.target, s.indices, s.body, body, f"{name} is a factor of it", (name,))
                backward = _ordered(backward.revised(replace(s, body=body), [step]))
    return backward


def _solve(s: Statement) -> _Product | None:
    """A statement as an inverse times one other factor, summed over the index that they share; None where it is none."""
    product = _flattened(s.body)
    inverses = [f for f in product.factors if isinstance(f, inv)]
    right = len(product.factors) == 2 and len(inverses) == len(product.summed) == 1
    return product if right and set(product.summed) < set(inverses[0].indices) else None


def _flattened(expr: Expr) -> _Product:
    """A product under sums, sums among its factors opened too."""
    coefficient, rest = expr.as_coeff_Mul()
    factors, summed = list[Expr](), list[Index]()
    for f in Mul.make_args(rest):
        if isinstance(f, Sum):
            index, body = f.opened()
            inner = _flattened(body)
            coefficient *= inner.coefficient
            factors += inner.factors
            summed += [index, *inner.summed]
        else:
            factors.append(f)
    return _Product(coefficient, tuple(factors), tuple(summed))


def _shorter(term: Expr, source: Statement, solve: _Product) -> Expr:
    """A term with the other derivative in the place of the factors that it is made of."""
    whole = _flattened(term)
    (bound,) = solve.summed
    for k in whole.summed:
        having = [f for f in whole.factors if f.has(k)]
        if len(having) != 2 or k.axis != bound.axis:
            continue
        for places in _placed(source, whole):
            here = {bound: k, **places}
            if sorted(having, key=str) == sorted((f.xreplace(here) for f in solve.factors), key=str):
                element = source.left.xreplace(places)
                rest = Mul(
                    whole.coefficient / solve.coefficient, element, *(f for f in whole.factors if f not in having)
                )
                return contract(Sum.over(rest, *(i for i in whole.summed if i != k)))
    return term


def _placed(source: Statement, whole: _Product) -> Iterator[dict[Index, Expr]]:
    """The ways to read the free indices of a statement as indices of a product."""
    there = sorted({i for f in whole.factors for i in free_indices(f)}, key=lambda i: i.name)
    choices = [[j for j in there if j.axis == i.axis] for i in source.indices]
    for chosen in itertools.product(*choices):
        if len(set(chosen)) == len(chosen):
            yield dict(zip(source.indices, chosen, strict=True))


def _behind(program: Program, name: str, source: Statement) -> bool:
    """Whether a statement is made of a tensor, directly or not."""
    waiting = [*source.reads]
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one == name:
            return True
        if one not in seen and one in program.definitions:
            seen.add(one)
            waiting += program.definitions[one].reads
    return False


def _ordered(backward: Backward) -> Backward:
    """With every statement behind those that it reads, and in the order that they had otherwise."""
    done = (one.statements if isinstance(one, Recurrence) else (one,) for one in scheduled(backward.program.statements))
    return replace(backward, program=backward.program.with_statements(*(s for its in done for s in its)))
