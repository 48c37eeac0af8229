"""Adjoints that divide by what their reader multiplies with again, such as a probability that is rounded to 0.

``J = -sum(y*log(p))`` gives ``dp = -y/p``, and with a softmax ``dz = p*(dp - sum(p*dp))``: where p is 0 in floats, the gradient
would be lost. The product ``p*dp`` has no such division; it takes the place of dp.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy
from sympy import Add, Expr, Mul, Pow, exp

from symbp.calculus.passes import inline
from symbp.calculus.program import Statement, Tensor, elements, free_indices, indices_of, name_of
from symbp.calculus.sweep import Backward


def without_divisors(backward: Backward) -> Backward:
    """The adjoints that a division cancels against written without it, as products with what they were divided by."""
    for s in backward.statements:
        readers = [o for o in backward.statements if s.target.name in o.reads]
        if readers and any(_divisors(s.body, backward)):
            backward = _cancelled(backward, s, readers)
    return backward


def _cancelled(backward: Backward, s: Statement, readers: list[Statement]) -> Backward:
    """A statement and its readers without the division where it cancels in all places, else as they are."""
    found = [d for d in dict.fromkeys(_divisors(s.body, backward)) if free_indices(d) <= {*s.indices}]
    for times in dict.fromkeys((Mul(*found), *found) if found else ()):
        product = Tensor(_free(f"{_label(times)}_{s.target.name}", backward), s.target.axes, "adjoint")
        made = Statement(product, s.indices, _pushed(times, s.body), f"{s.label}, without its divisor")
        quotient = {s.target.name: replace(s, body=product[s.indices] / times)}
        new = [replace(r, body=sympy.expand_mul(inline(r.body, quotient))) for r in readers]
        left = [n.base for o in (*new, made) for n in o.body.atoms(Pow) if n.exp.could_extract_minus_sign()]
        if any(b in Mul.make_args(times) for b in left) or any(
            elements(b) & elements(times) for b in left if b not in found
        ):
            continue
        reads = [e for o in new for e in sympy.preorder_traversal(o.body) if e in elements(o.body)]
        if sum(name_of(e) == product.name for e in reads) == 1:
            new = [replace(o, body=inline(o.body, {product.name: made})) for o in new]
        else:
            statements = [x for o in backward.program for x in ((made, o) if o.target.name == s.target.name else (o,))]
            backward = replace(backward, program=backward.program.with_statements(*statements))
        for o in new:
            backward = backward.revised(o, [])
        return backward
    return backward


def _divisors(body: Expr, backward: Backward) -> Iterator[Expr]:
    """What a body divides by that may be rounded to 0: a value on the way, or 1 less it."""
    definitions = backward.forward.definitions
    for node in sympy.preorder_traversal(body):
        if isinstance(node, Pow) and not isinstance(node, exp) and node.exp == -1:
            for e in (node.base, 1 - node.base):
                if e in elements(e) and indices_of(e) and name_of(e) in definitions:
                    yield node.base


def _pushed(times: Expr, e: Expr) -> Expr:
    """A product with every term of a sum, so that divisions cancel."""
    if isinstance(e, Add):
        return Add(*(_pushed(times, t) for t in e.args))
    inner = next((f for f in e.args if isinstance(f, Add) and f.atoms(Pow)), None) if isinstance(e, Mul) else None
    if inner is None or any(1 / f in e.args for f in Mul.make_args(times)):
        return times * e
    return Mul(*(f for f in e.args if f is not inner), _pushed(times, inner))


def _label(times: Expr) -> str:
    return "_".join(sorted({name_of(e) for e in elements(times)}))


def _free(name: str, backward: Backward) -> str:
    while name in backward.program.tensors:
        name += "_1"
    return name
