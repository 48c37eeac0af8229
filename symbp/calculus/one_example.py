"""One example instead of a batch: an axis of length one, dropped."""

from __future__ import annotations

from dataclasses import replace

import sympy
from sympy import Expr, Indexed

from symbp.calculus.indices import Axis, Index
from symbp.calculus.places import Place
from symbp.calculus.program import Fact, Program, Statement, Tensor, element, indices_of, name_of
from symbp.calculus.reductions import Reduction, rewrite


def single(program: Program, axis: Axis) -> Program:
    """The program with `axis` of length one and left out: every reduction over it is its only term."""

    def dropped(node: Expr) -> Expr:
        if isinstance(node, Reduction) and node.axis == axis:
            return node.body
        if isinstance(node, Indexed):
            kept = tuple(within(i) for i in indices_of(node) if not isinstance(i, Index | Place) or i.axis != axis)
            return element(name_of(node), kept) if kept else Tensor(name_of(node)).symbol
        return sympy.S.One if node == axis.size else node

    def within(place: Expr) -> Expr:
        return (
            Place(dropped(place.where), place.axis) if isinstance(place, Place) and place.gather is not None else place
        )

    def tensor(t: Tensor) -> Tensor:
        return replace(t, axes=tuple(a for a in t.axes if a != axis))

    def statement(s: Statement) -> Statement:
        kept = tuple(i for i in s.indices if i.axis != axis)
        return replace(s, target=tensor(s.target), indices=kept, body=rewrite(s.body, dropped))

    return replace(
        program,
        declared=tuple(tensor(t) for t in program.declared),
        statements=tuple(statement(s) for s in program.statements),
        facts=tuple(Fact(rewrite(f.left, dropped), rewrite(f.right, dropped), f.why) for f in program.facts),
    )
