"""Compaction: the adjoints that an author's names need, without those of a layer's inner quantities.

The sweep goes statement by statement, so a layer that is written in several lines has an adjoint for each. Putting those that
one equation alone needs into it, using that centred quantities sum to zero, and writing products that have a name by that name
gives the form that is in the textbooks (layer normalisation's three terms). It is kept where it is cheaper than what it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow

from symbp.calculus.cheapest_form import cheapest_form, cost, distributed
from symbp.calculus.kinds import Signature, renamed
from symbp.calculus.passes import inline
from symbp.calculus.program import Fact, Program, Statement, elements, free_indices, indices_of, name_of
from symbp.calculus.recognise_named import Names, Pattern
from symbp.calculus.reductions import Sum, rewrite
from symbp.calculus.sweep import Backward
from symbp.calculus.trace import Step

_STATEMENT_COST = 2  # one more array to write, and one more name to read
_LARGEST = 150  # what costs more than this when everything is put in gets no shorter


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


def eliminate_intermediates(
    backward: Backward, through: Iterable[str], statement_cost: int = _STATEMENT_COST
) -> Backward:
    """Put the adjoints of some tensors into the one equation that needs them, where that is cheaper.

    An adjoint that several equations need stays, and is made shorter itself. What was found for one equation holds for all of its
    kind, under other names: a deep network of equal layers costs about as much as one of them.

    Parameters
    ----------
    through : forward tensors whose adjoints may be put in (a layer's inner quantities)
    statement_cost : what a statement less is worth; with 0, a name of the author's goes only where the algebra gets simpler
    """
    inner = {backward.adjoint[x]: x for x in through if x in backward.adjoint}
    backward = _without_copies(backward, inner)
    definitions = {s.target.name: s for s in backward.statements}
    near, kinds = _Nearby(backward.forward), _Kinds(backward, statement_cost)
    steps: list[Step] = []
    kept: set[str] = set()
    pending = groups = _groups(backward.statements, inner, kept)
    while pending:
        split: set[str] = set()
        for name, parts in pending.items():
            s = definitions[name]
            made = kinds.compacted(s, parts, near.of([*parts, s], inner))
            if made is None:
                split |= {p.target.name for p in parts if p.target.name in s.reads}
                continue
            gone = tuple(sorted(p.target.name for p in parts))
            steps.append(Step("compact", s.target, s.indices, s.body, made.body, made.why, gone))
            definitions[name] = replace(s, body=made.body)
        kept |= split  # what was too much for one equation may be enough for several
        before, groups = groups, _groups(backward.statements, inner, kept)
        pending = {n: parts for n, parts in groups.items() if before.get(n) != parts}
    new = [definitions.get(s.target.name, s) for s in backward.program.statements]
    return replace(backward, program=backward.program.with_statements(*new), sources=(*backward.sources, *steps))


def _without_copies(backward: Backward, inner: Collection[str]) -> Backward:
    """What reads an inner adjoint that is another one reads that one."""
    copies: dict[str, Statement] = {}
    for s in backward.statements:
        body = inline(s.body, {n: copies[n] for n in s.reads if n in copies})
        if body != s.body:
            used = tuple(n for n in s.reads if n in copies)
            why = f"{' and '.join(used)} {'is' if len(used) == 1 else 'are'} as derived above"
            backward = backward.revised(
                replace(s, body=body), [Step("substitute", s.target, s.indices, s.body, body, why, used)]
            )
        if s.target.name in inner and body in elements(body) and indices_of(body) == s.indices:
            copies[s.target.name] = replace(s, body=body)
    return backward


def _groups(
    statements: Iterable[Statement], inner: Collection[str], kept: Collection[str]
) -> dict[str, tuple[Statement, ...]]:
    """For every equation that stays, those that nothing else needs, directly or through one another, in order of evaluation."""
    readers: dict[str, set[str]] = {}
    owner: dict[str, str] = {}
    groups: dict[str, list[Statement]] = {}
    for s in reversed([*statements]):
        name = s.target.name
        owners = {owner[r] for r in readers.get(name, ()) if r in owner}
        if name not in inner or name in kept or len(owners) > 1:
            owner[name] = name
        elif owners:
            (owner[name],) = owners
            groups.setdefault(owner[name], []).append(s)
        else:
            continue  # nothing needs it
        for r in s.reads:
            readers.setdefault(r, set()).add(name)
    return {name: tuple(reversed(parts)) for name, parts in groups.items()}


class _Nearby:
    """The statements of a forward map whose names may come up where adjoints are put into one another."""

    def __init__(self, forward: Program) -> None:
        self._forward = forward
        self._order = {s.target.name: k for k, s in enumerate(forward.statements)}
        self._readers: dict[str, list[Statement]] = {}
        for s in forward:
            for r in s.reads:
                self._readers.setdefault(r, []).append(s)

    def of(self, group: Iterable[Statement], inner: Mapping[str, str]) -> Program:
        """A program of the statements that define what the group reads or is the adjoint of, and of those that are made of it."""
        definitions = self._forward.definitions
        group = [*group]
        names = {n for s in group for n in (*s.reads, inner.get(s.target.name, "")) if n in self._forward.tensors}
        names |= {r for n in {*names} if n in definitions for r in definitions[n].reads}
        made = {s.target.name for n in names for s in self._readers.get(n, ()) if names.issuperset(s.reads)}
        found = sorted((n for n in names | made if n in definitions), key=self._order.__getitem__)
        facts = tuple(f for f in self._forward.facts if names >= {name_of(e) for e in elements(f.left)})
        return replace(self._forward, statements=tuple(definitions[n] for n in found), facts=facts)


@dataclass(frozen=True)
class _Compacted:
    body: Expr
    why: str


class _Kinds:
    """What compaction gives, worked out once for each kind of equation and its surroundings."""

    def __init__(self, backward: Backward, statement_cost: int) -> None:
        self._tensors, self._statement_cost = backward.program.tensors, statement_cost
        self._made: dict[Any, tuple[_Compacted | None, Signature]] = {}

    def compacted(self, s: Statement, parts: tuple[Statement, ...], near: Program) -> _Compacted | None:
        """The equation with its parts put in, or None where that is not cheaper."""
        signature = Signature(self._tensors)
        key = (
            tuple(signature.statement(one) for one in (s, *parts, *near.statements)),
            tuple((signature.expression(f.left), signature.expression(f.right), f.why) for f in near.facts),
        )
        if key not in self._made:
            self._made[key] = (_compacted(s, parts, near, self._statement_cost), signature)
        made, other = self._made[key]
        if made is None or other is signature:
            return made
        names = dict(zip(other.names, signature.names, strict=True))
        axes = dict(zip(other.axes, signature.axes, strict=True))
        return _Compacted(
            renamed(made.body, names, axes), re.sub(r"[A-Za-z]\w*", lambda m: names.get(m[0], m[0]), made.why)
        )


def _compacted(s: Statement, parts: tuple[Statement, ...], near: Program, statement_cost: int) -> _Compacted | None:
    inner = {p.target.name: p for p in parts}
    body = s.body
    while mine := {n: inner[n] for e in elements(body) if (n := name_of(e)) in inner}:
        body = inline(body, mine)
        if cost(body) > _LARGEST:
            return None
    facts = (*near.facts, *centred(near))
    names = Names(near.statements, facts)
    candidates = [cheapest_form(body, names)]
    candidates += [cheapest_form(_solved(candidates[0], f, near), names) for f in _products(near)]
    best = min(range(len(candidates)), key=lambda k: (cost(candidates[k]), k))
    if cost(candidates[best]) >= cost(s.body) + sum(cost(p.body) + statement_cost for p in parts):
        return None
    why = f"put in {', '.join(sorted(inner))}" + "".join(f"; {f.why}" for f in facts if _plays(body, f))
    return _Compacted(candidates[best], why)


def _plays(body: Expr, fact: Fact) -> bool:
    return {name_of(e) for e in elements(fact.left)} <= {name_of(e) for e in elements(body)}


def _products(program: Program) -> list[Statement]:
    """The statements that name a product or a quotient, such as ``xhat[n,d] = c[n,d]*r[n]`` or ``p = e/s``."""
    return [s for s in program if isinstance(s.body, Mul) and _solvable(s, program) is not None]


def _solvable(s: Statement, program: Program) -> Expr | None:
    """The factor of a named product that has all its indices, where the others are never zero."""
    for factor in s.body.args:
        others = [f for f in s.body.args if f is not factor]
        if free_indices(factor) == set(s.indices) and elements(factor) and all(_never_zero(f, program) for f in others):
            return factor
    return None


def _never_zero(factor: Expr, program: Program) -> bool:
    """Whether a factor is not zero wherever it has a value: a number, a quotient, an exponential, or a name of one."""
    if factor.is_number or isinstance(factor, sympy.exp):
        return bool(factor != 0)
    if isinstance(factor, Pow):
        return bool(factor.exp.is_number and factor.exp < 0)
    name = name_of(factor) if factor in elements(factor) else ""
    return name in program.definitions and _never_zero(program.definitions[name].body, program)


def _solved(expr: Expr, s: Statement, program: Program) -> Expr:
    """The expression with the factor of a named product that has all its indices replaced by the name over the others."""
    factor = _solvable(s, program)
    if factor is None:
        return expr
    value = s.left / (s.body / factor)
    patterns = [Pattern(s.indices, factor, value, s.target.name), Pattern(s.indices, -factor, -value, s.target.name)]

    def divide(e: Expr) -> Expr:
        for pattern in patterns:
            if type(e) is type(pattern.core):
                for mapping in pattern.match(e):
                    return pattern.value.xreplace(mapping)
        return e

    return rewrite(expr, divide)
