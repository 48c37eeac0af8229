"""The forward map with a weight for each example, so that the gradients of a weighted loss are derived and not put together."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed, Integer

from symbp.calculus.program import Program, Statement, Tensor, name_of
from symbp.calculus.reductions import Sum, rewrite
from symbp.network.derivation import Derivation
from symbp.network.forward import ForwardMap


def with_weights(forward: ForwardMap) -> tuple[ForwardMap, Tensor]:
    """The map whose objective has w[n] before the loss of example n, and the tensor w."""
    program = forward.program
    assert forward.batch is not None
    name = next(n for n in ("w", *(f"w{k}" for k in range(len(program.tensors) + 1))) if n not in program.tensors)
    w = Tensor(name, (forward.batch,), "constant")

    def weighted(of: Statement) -> Statement:
        """A loss, its own or one of several, with the weights; what has axes is none."""
        sums = {s: Sum(w[(s.bound,)] * s.body, s.bound) for s in of.body.atoms(Sum) if s.axis == forward.batch}
        return of if of.target.axes else replace(of, body=of.body.xreplace(sums))

    new = replace(program, declared=(*program.declared, w), statements=tuple(map(weighted, program.statements)))
    return replace(forward, program=new), w


def without_weights(d: Derivation, w: Tensor) -> Derivation:
    """The equations of a derivation with weights w[n], every weight 1: those of the map that had none."""

    def plain(program: Program) -> Program:
        def one(e: Expr) -> Expr:
            return Integer(1) if isinstance(e, Indexed) and name_of(e) == w.name else e

        statements = (replace(s, body=rewrite(s.body, one)) for s in program.statements)
        declared = tuple(t for t in program.declared if t.name != w.name)
        return replace(program, declared=declared, statements=tuple(statements))

    backward = replace(d.backward, program=plain(d.program), forward=plain(d.forward))
    return replace(d, map=replace(d.map, program=plain(d.map.program)), backward=backward)
