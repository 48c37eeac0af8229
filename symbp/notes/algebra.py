"""A derivative brought, line by line, from what SymPy gives for the definition to what it is in terms of the value a = g(z)."""

from __future__ import annotations

import random

import sympy
from sympy import Expr, Mul

from symbp.calculus.functions import Z
from symbp.calculus.passes import VALUE, derivative_of
from symbp.calculus.primitives import BY_HEAD
from symbp.calculus.program import ScalarFunction

Line = tuple[Expr, ...]
"""One line of algebra: factors that are written side by side."""


def textbook(definition: Expr) -> Expr | None:
    """The textbook form of a function that has a name of its own in the calculus."""
    row = BY_HEAD.get(type(definition))
    return None if row is None or row.textbook is None else row.textbook(*definition.args)


def lines(g: ScalarFunction) -> list[Line]:
    """The derivative of a scalar function: of its definition, with the value split off, and in terms of the value.

    A derivative ``a * rest(a)`` is first written with the definition as a factor of its own, then with the definition in the
    rest too, if those have the values of the first line. What is no such product goes there in one line.
    """
    if g.definition is None:
        return []
    form, written = derivative_of(g), textbook(g.definition)
    assert form is not None
    body = g.definition if written is None else written
    first = body.diff(Z)
    found: list[Line] = [(first,)] if written is not None or form.has(VALUE) else []
    if written is not None and form.is_Mul and VALUE in form.args:
        rest = form / VALUE
        quotient = sympy.powsimp(first / body)
        between = [(body, quotient), (body, rest.xreplace({VALUE: body}))]
        found += [line for line in between if _same(line, first, body)]
    found.append((form,))
    return [line for k, line in enumerate(found) if line not in found[:k]]


def _same(line: Line, first: Expr, body: Expr) -> bool:
    """Whether a line has the values of the derivative at a few points, to thirty digits."""
    product = Mul(*line, evaluate=False).xreplace({VALUE: body})
    chance = random.Random(1)
    for _ in range(4):
        at = {Z: sympy.Rational(chance.randint(-400, 400), 173)}
        difference = (product.xreplace(at) - first.xreplace(at)).evalf(30)
        if not difference.is_number or abs(difference) > sympy.Float(10) ** -20:
            return False
    return True
