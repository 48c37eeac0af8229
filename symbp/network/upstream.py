"""A map without a scalar of its own, against what comes from behind it: each result has an upstream, dJ/d(result), that is given.

The loss that is differentiated is then the sum of the results times their upstreams, and its gradients are the vector-Jacobian
products that a framework's ``backward`` hands on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Expr

from symbp.calculus.indices import Index
from symbp.calculus.program import Program, Statement, Tensor
from symbp.calculus.reductions import Sum


@dataclass(frozen=True)
class Against:
    """A program with the upstreams of its results and the scalar that they make: what :class:`ForwardMap` takes of it."""

    program: Program
    loss: str
    upstream: Mapping[str, str]


def against_upstream(program: Program, results: Sequence[str], named: Mapping[str, str] | None = None) -> Against:
    """Declare an upstream for every result, and define the scalar that the results and their upstreams make.

    Parameters
    ----------
    program : the forward map
    results : tensors that it defines
    named : what upstreams are called, where it is not ``d<result>``
    """
    taken = {*program.tensors}
    upstream = {r: _free((named or {}).get(r, f"d{r}"), taken) for r in results}
    tensors = {r: Tensor(upstream[r], program.tensors[r].axes, "adjoint", of=r) for r in results}
    loss = Tensor(_free("J", taken | {*upstream.values()}))
    terms = [_product(program.definitions[r], tensors[r]) for r in results]
    whole = Program((*program.declared, *tensors.values()), program.statements, program.functions, program.facts,
                    program.constants)  # fmt: skip
    return Against(whole.extended(Statement(loss, (), Add(*terms), "results times upstreams")), loss.name, upstream)


def _product(result: Statement, upstream: Tensor) -> Expr:
    indices: tuple[Index, ...] = result.indices
    return Sum.over(upstream[indices] * result.left, *reversed(indices))


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
