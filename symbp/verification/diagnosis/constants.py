"""A number that is another, and a constant that was left out of a part: worked out, since they cannot be guessed.

The right side is a function of the number; where it is a linear one, two values say which number makes the claim true. Only
one that somebody could have meant counts: a small one, one of the forward map, what was written times a small one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from symbp.errors import InputError
from symbp.formula.syntax import Binary, Claim, Negate, Node, Number, factors_of, places, product_of
from symbp.verification.diagnosis.presented import number_of
from symbp.verification.diagnosis.rows import Edit, reason
from symbp.verification.diagnosis.sieve import NoValue, Sieve
from symbp.verification.meaning.setting import Setting

_SMALL = (
    *map(Fraction, range(2, 13)),
    *(Fraction(1, n) for n in range(2, 13)),
    Fraction(3, 2),
    Fraction(2, 3),
    Fraction(3, 4),
)
_NEAR, _EXACT = 1e-7, 1e-8


def constants(sieve: Sieve, claim: Claim) -> Iterator[Edit]:
    """Other numbers for those of a claim's right side, then constants that its parts lack, outer ones first."""
    setting = sieve.context.setting
    known = _known(setting)
    found = [*places(claim.right)]
    powers = {id(node.right) for node, _ in found if isinstance(node, Binary) and node.op == "**"}
    for node, put in found:
        if isinstance(node, Number) and id(node) not in powers:
            more = _solved(sieve, claim, put(Number(str(node.value + 1))))
            value = (
                None
                if more is None
                else _meant(float(node.value) + more, (*known, *_SMALL, *(abs(node.value) * s for s in _SMALL)))
            )
            if value is not None and value != node.value:
                new = number_of(value)
                yield Edit("factor", reason(node, " should be ", new), put(new), span=node.span)
    factors = (*_SMALL, *known, *(k * s for k in known for s in _SMALL))
    for node, put in found:
        if isinstance(node, (Number, Negate)) or id(node) in powers:
            continue
        more = _solved(sieve, claim, put(Binary("*", Number("2"), node)))
        value = None if more is None or _is_named(1 + more, setting) else _meant(1 + more, factors)
        if value is not None and abs(value) != 1:
            new = number_of(abs(value))
            lacking = product_of((new, *factors_of(node)))
            right = put(lacking if value > 0 else Negate(lacking))
            yield Edit(
                "factor", reason("the factor ", number_of(value), " is missing at ", node), right, span=node.span
            )


def _solved(sieve: Sieve, claim: Claim, moved: Node) -> float | None:
    """How many times the change that makes the right side `moved` makes the claim true; None where no number does."""
    try:
        true, was = sieve.sides(claim)
        _, now = sieve.sides(replace(claim, right=moved))
    except (NoValue, InputError):
        return None
    if not all(np.isfinite(side).all() for side in (true, was, now)):
        return None
    with np.errstate(all="ignore"):
        change, gap = now - was, true - was
        size = float(change @ change)
        times = float(gap @ change) / size if 0 < size < np.inf else np.inf
        off = np.abs(gap - times * change).max(initial=0.0)
    return times if np.isfinite(times) and off <= _NEAR * np.abs(gap).max(initial=0.0) else None


def _known(setting: Setting) -> frozenset[Fraction]:
    """The numbers of the forward map."""
    bodies = [s.body for s in setting.program.statements if not s.target.of]
    bodies += [f.definition for f in setting.program.functions if f.definition is not None]
    found = {Fraction(int(n.p), int(n.q)) for b in bodies for n in b.atoms() if n.is_Rational}
    return frozenset(abs(n) for n in found if n)


def _is_named(value: float, setting: Setting) -> bool:
    """Whether a number is that of a name, which is what was left out."""
    return any(abs(value - float(of)) <= _EXACT for of in setting.program.constants.values())


def _meant(value: float, plain: Iterable[Fraction]) -> Fraction | None:
    """The number that somebody could have meant by a value, with its sign; None where there is none."""
    size = abs(value)
    found = next((p for p in plain if abs(size - float(p)) <= _EXACT * max(size, float(p))), None)
    return found if found is None or value > 0 else -found
