"""What a recurrence starts from: zeros, since a read before the first step is 0, or what `start` of its kind names."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Expr, Integer, KroneckerDelta

from symbp.calculus.indices import Index
from symbp.calculus.places import Place, Within
from symbp.calculus.program import Tensor, indices_of, name_of
from symbp.calculus.reductions import rewrite
from symbp.catalogue.kinds import STARTS, LayerKind
from symbp.errors import InputError, unknown
from symbp.network.layout import signature


def defined(kind: LayerKind) -> dict[str, tuple[str, ...]]:
    """What the lines of a kind define, each with its letters."""
    lefts = (signature(line.split("=")[0].replace("...", "dots")) for line in kind.forward)
    return {name: tuple(letters) for name, *letters in lefts}


def check_starts(kind: LayerKind) -> None:
    """Raise InputError where `start` names what is no parameter and no line of a kind, or a start that there is not."""
    if not kind.start:
        return
    lines, given = defined(kind), _given(kind)
    for name, how in kind.start.items():
        if name in lines:
            if how != "zeros" and how not in given:
                raise unknown("start", how, ["zeros", *given])
            lost = [c for c in given.get(how, ()) if c not in lines[name]]
            if lost:
                raise InputError(
                    f"{how}, from which {name} starts, has the axis {lost[0]}, and {name} has not",
                    allowed=f"{how} with letters of {name}[{','.join(lines[name])}], all but that of the steps",
                )
        elif name not in kind.parameters and name not in kind.states:
            raise unknown("parameter or line that starts", name, [*kind.parameters, *kind.states, *lines])
        elif how not in STARTS:
            raise unknown("start", how, STARTS)


def _given(kind: LayerKind) -> dict[str, tuple[str, ...]]:
    """What may be a start: parameters and inputs, each with its letters."""
    inputs = (signature(text.replace("...", "dots")) for text in kind.takes if text)
    return {p: tuple(its.split()) for p, its in kind.parameters.items()} | {n: tuple(its) for n, *its in inputs}


def started(body: Expr, kind: LayerKind, scope: Mapping[str, Tensor]) -> Expr:
    """A body in which reads before the first step of what has a start are those of the start.

    Parameters
    ----------
    scope : by the kind's own names, the tensors that it may read, those that later lines define among them
    """
    lines, given = (defined(kind), _given(kind)) if kind.start else ({}, {})
    starts = {
        scope[name].name: (lines[name], given[how], scope[how])
        for name, how in kind.start.items()
        if name in lines and name in scope and how in given
    }

    def from_start(e: Expr) -> Expr:
        if not isinstance(e, sympy.Indexed) or name_of(e) not in starts:
            return e
        letters, its, start = starts[name_of(e)]
        there = dict(zip(letters, indices_of(e), strict=True))
        before = [outside(p) for c, p in there.items() if isinstance(p, Place) and c not in its]
        return e + sympy.Mul(*before) * start[tuple(there[c] for c in its)] if before else e

    return rewrite(body, from_start) if starts else body


def outside(place: Place) -> Expr:
    """1 where a step before lies before the first one, or one behind behind the last, else 0."""
    affine = place.affine
    if affine is None or len(affine.steps) != 1 or affine.steps[0][1] != 1 or not affine.offset:
        raise InputError(
            f"what has a start is read at {place.where}", allowed="a step before or behind, as in h[n,t-1,j]"
        )
    step: Index = affine.letters[0]
    if affine.offset == -1:
        return KroneckerDelta(step, 0)
    if affine.offset < 0:
        return Within(Integer(-affine.offset - 1) - step)
    return Within(place.where - place.axis.size)
