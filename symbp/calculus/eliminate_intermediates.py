"""Compaction: the adjoints that an author's names need, without those of a layer's inner quantities.

The sweep goes statement by statement, so a layer that is written in several lines has an adjoint for each. Putting those that
one equation alone needs into it, using that centred quantities sum to zero, and writing products that have a name by that name
gives the form that is in the textbooks (layer normalisation's three terms). It is kept where it is cheaper than what it replaces.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Add, Expr, Mul

from symbp.calculus.cheapest_form import cheapest_form, cost, distributed
from symbp.calculus.kinds import Signature, renamed
from symbp.calculus.named_parts import is_contraction
from symbp.calculus.passes import inline, may_inline
from symbp.calculus.places import is_plain
from symbp.calculus.program import Fact, Program, Statement, elements, free_indices, indices_of, name_of
from symbp.calculus.recognise_named import Names, Pattern
from symbp.calculus.recurrences import recurrences
from symbp.calculus.reductions import Sum, rewrite
from symbp.calculus.sweep import Backward
from symbp.calculus.trace import Step

_STATEMENT_COST = 2  # one more array to write, and one more name to read
_MOST_CENTRED = 5  # sums over as many axes are not looked for
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
        missing = (tuple(i for i in s.indices if i not in free_indices(term)) for term in s.body.args)
        several = (m for m in missing if 1 < len(m) < _MOST_CENTRED)
        for over in dict.fromkeys((*((i,) for i in s.indices), *several)):
            if names.fold(distributed(Sum.over(s.body, *over))) == 0:
                said = " and ".join(map(str, over))
                why = f"{s.target.name} sums to zero over {said}, as what it is centred on is its mean"
                found += [Fact(Sum.over(s.left, *order), sympy.S.Zero, why) for order in itertools.permutations(over)]
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
    kept = _read_twice(backward.statements, inner) | _read_at_places(backward.statements, inner)
    kept |= _moved(backward.statements, inner) | _turning(backward.statements, inner)
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


def _read_twice(statements: Iterable[Statement], inner: Collection[str]) -> set[str]:
    """The inner adjoints that are matrix products and are read at several places: put in, they would be worked out as often."""
    count: Counter[str] = Counter()
    products: set[str] = set()
    for s in statements:
        if s.target.name in inner and is_contraction(s.body):
            products.add(s.target.name)
        for node in sympy.preorder_traversal(s.body):
            if isinstance(node, sympy.Indexed) and name_of(node) in products:
                count[name_of(node)] += 1
    return {name for name in products if count[name] > 1}


def _moved(statements: Iterable[Statement], inner: Collection[str]) -> set[str]:
    """The inner adjoints that are others in another order: put in, everything would be read at places."""
    return {s.target.name for s in statements if s.target.name in inner and not is_plain(s.body)}


def _read_at_places(statements: Iterable[Statement], inner: Collection[str]) -> set[str]:
    """The inner adjoints that are read at places: outside of them they are 0, and what they are made of need not be. Those of
    gates, which lie one behind the other in one array, would be read at places in every factor."""
    definitions = {s.target.name: s for s in statements}
    read = {e for s in definitions.values() for e in elements(s.body) if not is_plain(e) and name_of(e) in inner}
    return {n for e in read if _many(definitions[n := name_of(e)].body) or not may_inline(e, definitions[n])}


def _many(body: Expr) -> bool:
    """Whether more than one element is a factor of an expression."""
    return len([f for f in Mul.make_args(body) if elements(f)]) > 1


def _turning(statements: Iterable[Statement], inner: Collection[str]) -> set[str]:
    """The inner adjoints that are made of themselves through inner ones alone, where a step is read by the one before it: put
    into one another they would never end."""
    return {name for r in recurrences(s for s in statements if s.target.name in inner) for name in r.carried}


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
    statements = [*statements]
    readers: dict[str, set[str]] = {}
    for s in statements:
        for r in s.reads:
            readers.setdefault(r, set()).add(s.target.name)
    owner: dict[str, str | None] = {s.target.name: s.target.name for s in statements if s.target.name not in inner}
    owner |= {name: name for name in kept}

    def owned(name: str) -> str | None:
        """The equation that alone needs one, itself where several do, None where nothing does."""
        if name not in owner:
            owners = {owned(r) for r in readers.get(name, ())} - {None}
            owner[name] = name if len(owners) > 1 else next(iter(owners), None)
        return owner[name]

    groups: dict[str, list[Statement]] = {}
    for s in reversed(statements):
        if (by := owned(s.target.name)) not in (None, s.target.name):
            groups.setdefault(by, []).append(s)
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
        before, body = body, inline(body, mine)
        if cost(body) > _LARGEST or body == before:  # one is read at a place, outside of which it is 0
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
    """The statements that name a product of elements and differences, such as ``xhat[n,d] = (x[n,d] - mu[n])/s[n]``."""
    return [s for s in program if isinstance(s.body, Mul) and all(map(_plain, s.body.args))]


def _plain(factor: Expr) -> bool:
    if isinstance(factor, Add):
        return all(_plain(t) or _plain(-t) for t in factor.args)
    if isinstance(factor, sympy.Pow) and factor.exp.is_Rational:
        return _plain(factor.base)
    return factor.is_number or factor in elements(factor)


def _positive(element: Expr, program: Program) -> bool:
    """Whether a name stands for a root, the inverse of one, or an exponential, so that it is above 0 wherever it has a value."""
    definition = program.definitions.get(name_of(element))
    body = definition.body if definition is not None else sympy.S.Zero
    return isinstance(body, sympy.Pow) and (
        isinstance(body, sympy.exp) or (body.exp.is_Rational and not body.exp.is_Integer)
    )


def _solved(expr: Expr, s: Statement, program: Program) -> Expr:
    """The expression with the factor of a named product that has all its indices replaced by the name over the others, which
    must not be 0 anywhere."""
    for factor in s.body.args:
        if free_indices(factor) != {*s.indices} or not isinstance(factor, (sympy.Indexed, Add)):
            continue
        value = s.left * factor / s.body
        if not all(
            _positive(e, program)
            for e in sympy.denom(sympy.together(value)).atoms(sympy.Indexed, sympy.Symbol)
            if e in elements(value)
        ):
            continue
        known = [Pattern(s.indices, sign * factor, sign * value, s.target.name) for sign in (1, -1)]

        def divide(e: Expr, known: list[Pattern] = known) -> Expr:
            for pattern in known:
                for mapping in pattern.match(e) if type(e) is type(pattern.core) else ():
                    return pattern.value.xreplace(mapping)
            return e

        return rewrite(expr, divide)
    return expr
