"""Softmax and its logarithm, found where they are written with a log-sum-exp: ``exp(u[j] - logsumexp(u[k], k))``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Add, Expr, Mul, exp

from symbp.calculus.indices import Index
from symbp.calculus.places import Within
from symbp.calculus.program import free_indices
from symbp.calculus.reductions import LogSumExp, Only


def softmax_of(arg: Expr) -> tuple[Expr, Index] | None:
    """``(u, j)`` where `arg` is ``u[j] - logsumexp(u[k], k)``: the log of a softmax along j."""
    if not isinstance(arg, Add):
        return None
    for term in arg.args:
        lse = -term
        if isinstance(lse, LogSumExp):
            u = arg - term
            for index in _along(lse, free_indices(u)):
                if lse.open(index) == u:
                    return u, index
    return None


def masked_softmax_among(factors: Sequence[Expr]) -> tuple[Expr, Expr, Index, list[Expr]] | None:
    """``(condition, u, j, rest)`` where some factors of a product are a softmax of u along j over the terms with a condition, 0
    elsewhere: ``(r <= t)*exp(u[r] - logsumexp(u[k], k if k <= t))``."""
    for factor in factors:
        for term in Add.make_args(factor.args[0]) if isinstance(factor, exp) else ():
            lse = -term
            if not isinstance(lse, LogSumExp) or not isinstance(lse.body, Only):
                continue
            u = factor.args[0] - term
            for index in _along(lse, free_indices(u)):
                there, body = lse.open(index).args
                conditions = Mul.make_args(there)
                others = [f for f in factors if f is not factor]
                rest = [f for f in others if f not in conditions]
                if (
                    body == u
                    and len(rest) == len(others) - len(conditions)
                    and all(isinstance(c, Within) for c in conditions)
                ):
                    return there, u, index, rest
    return None


def _along(lse: LogSumExp, letters: Iterable[Index]) -> list[Index]:
    """The indices that may be the one of a softmax with this denominator, which is the same for all of them: what has the index
    in it too, ``S[n,n] - logsumexp(S[n,k], k)``, is the diagonal of a softmax along another axis."""
    free = free_indices(lse)
    return sorted((i for i in letters if i.axis == lse.axis and i not in free), key=str)


def log_softmax_among(terms: Sequence[Expr]) -> tuple[int, Expr, Index, list[Expr]] | None:
    """``(sign, u, j, rest)`` where some terms of a sum are sign times the log of a softmax of u along j, `rest` the others."""
    for term in terms:
        for sign, lse in ((1, -term), (-1, term)):
            if isinstance(lse, LogSumExp):
                others = [t for t in terms if t is not term]
                for index in _along(lse, {i for t in others for i in free_indices(t)}):
                    parts = Add.make_args(sign * lse.open(index))
                    rest = [t for t in others if t not in parts]
                    if len(rest) == len(others) - len(parts):
                        return sign, lse.open(index), index, rest
    return None
