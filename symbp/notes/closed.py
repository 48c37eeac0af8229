"""The closed form of each gradient of a map: what is computed on the way back put in, where that makes it shorter to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sympy import Add, Expr, Mul, Pow

from symbp.calculus.cheapest_form import absorb_signs, cost
from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.passes import inline
from symbp.calculus.program import Statement, elements
from symbp.calculus.reductions import Sum, rewrite
from symbp.calculus.sweep import Backward
from symbp.calculus.text import is_size
from symbp.network.derivation import Derivation, derive
from symbp.network.forward import HIDDEN
from symbp.notes.writer import Writer

_STATEMENT = 1  # what a further equation costs a reader
_MOST = 8  # values on the way: of more of them one form is looked for


def by_names(writer: Writer) -> Writer:
    """A writer of the derivation in which every value that has a name has its derivative."""
    return replace(
        writer, derivation=_derived(writer.derivation, [n for n in writer.derivation.map.inner if HIDDEN in n])
    )


def closed(writer: Writer, final: Sequence[str]) -> Writer:
    """A writer of the same derivation with derivatives by values on the way put into those of `final`.

    Either all are that go away for it, or those by statistics alone, which have fewer axes: whichever is shorter.
    """
    d, named = writer.derivation, by_names(writer).derivation
    whole = _apart(named, final)
    values = [s.target for s in d.forward if s.target.name != d.backward.loss]
    most = max((len(t.axes) for t in d.forward.tensors.values()), default=0)
    all_, few = ({t.name for t in values if len(t.axes) < limit} for limit in (most + 1, most))
    known = whole is named.backward and all_ <= {*d.map.inner, *d.map.results}  # derived so already
    made = [d.backward if known else eliminate_intermediates(whole, all_)]
    if few != all_ and len(values) <= _MOST:
        made.append(eliminate_intermediates(whole, few))
    shorter = [_shortened(_together(b, named.backward)) for b in made]
    best = min(shorter, key=lambda b: sum(cost(s.body) + _STATEMENT for s in needed(b, final)))
    return replace(writer, derivation=replace(d, backward=best))


def _apart(d: Derivation, final: Sequence[str]) -> Backward:
    """The equations without those of the derivatives by numbers, such as eps, which keep others from being put in; all of them
    where there are no others."""
    numbers = {n for n in final if not d.program.tensors[n].axes}
    if not numbers or numbers == {*final}:
        return d.backward
    return replace(
        d.backward, program=d.program.with_statements(*(s for s in d.program if s.target.name not in numbers))
    )


def _together(short: Backward, whole: Backward) -> Backward:
    """The shorter equations with the others that were left apart."""
    made = short.program.definitions
    return replace(short, program=whole.program.with_statements(*(made.get(s.target.name, s) for s in whole.program)))


def needed(backward: Backward, final: Iterable[str]) -> list[Statement]:
    """The equations of some derivatives, and of those that they need, in order of evaluation."""
    wanted = backward.program.behind(final)
    return [s for s in backward.statements if s.target.name in wanted]


def _derived(d: Derivation, inner: Sequence[str]) -> Derivation:
    """The derivation with no other derivatives put in than those by some values."""
    if set(inner) == set(d.map.inner):
        return d
    return replace(d, backward=derive(replace(d.map, inner=tuple(inner)), batch=d.batch).backward)


def _shortened(backward: Backward) -> Backward:
    """With derivatives that are another quantity, or a number, written as that; with means for sums that are divided by their
    number."""
    same: dict[str, Statement] = {}
    shorter: list[Statement] = []
    for s in backward.statements:
        short = replace(s, body=absorb_signs(rewrite(inline(s.body, same), _averaged)))
        if short.body.is_number or short.body in elements(short.body):
            same[s.target.name] = short
        shorter.append(short)
    return replace(backward, program=backward.program.with_statements(*backward.forward.statements, *shorter))


def _averaged(e: Expr) -> Expr:
    """``(N*a - sum(b))/N`` as ``a - mean(b)``, where every term is a sum over what N counts, or has N as a factor."""
    if not isinstance(e, Mul):
        return e
    for size in (f.base for f in e.args if isinstance(f, Pow) and f.exp == -1 and is_size(f.base)):
        for total in (f for f in e.args if isinstance(f, Add)):
            if all(_counts(t, size) for t in total.args):
                return e / total * size * Add(*[t / size for t in total.args])
    return e


def _counts(term: Expr, size: Expr) -> bool:
    return any(f == size or (isinstance(f, Sum) and f.axis.size == size) for f in Mul.make_args(term))
