"""Parts of long equations under names of their own, so that a derivative can be written in terms of them.

``h = tanh(sum(W*x) + b)`` is ``z = sum(W*x) + b; h = tanh(z)``: the gradient of every weight reads dz, which is worked out once.
``y = x/sqrt(mean(x**2) + eps)`` has the root as ``r``, which comes up again in the gradient, and is not evaluated twice there.
What a formula has written out is recognised first: the logistic function, a logarithm of a sum of exponentials.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Add, Expr, Indexed, Mul, Pow, floor

from symbp.calculus.functions import Apply, sgn, step
from symbp.calculus.program import Program, Statement, Tensor, elements, free_indices, name_of
from symbp.calculus.recognise_named import Names
from symbp.calculus.reductions import LogSumExp, Reduction, Sum, rewrite
from symbp.calculus.rules import RECOGNISED, apply_rules

_LETTERS = {
    "exp": "e", "tanh": "t", "log": "l", "sqrt": "r", "sigmoid": "g", "softplus": "l", "Sum": "s", "Max": "m", "mean": "m",
    "Prod": "p",
    "LogSumExp": "l",
}  # fmt: skip
"""What a part is called by what it is, in front of the name of what it is a part of; other functions give their own names."""
_MOST = 200


def with_named_parts(program: Program) -> Program:
    """The program with statements for the parts of its equations that a derivative would repeat."""
    declared = {t.name for t in program.declared}
    done: list[Statement] = []
    taken = {*program.tensors}
    for s in program:
        body = _recognised(s.body)
        folded = Names(done).fold(body)  # what has a name already
        pending = [Statement(s.target, s.indices, folded if folded.args else body, s.label)]
        while pending:
            current = pending.pop()
            part = next(_parts(current), None) if len(done) < _MOST else None
            if part is None:
                done.append(current)
                continue
            made = _made(current, part, taken | declared)
            taken.add(made.target.name)
            body = Names([made]).fold(current.body)
            pending += [Statement(current.target, current.indices, body, current.label), made]
    return program.with_statements(*done)


def _made(s: Statement, part: Expr, taken: set[str]) -> Statement:
    """A part as a statement; its indices are those of the whole, in their order."""
    free = free_indices(part)
    indices = tuple(i for i in s.indices if i in free)
    name = _name(s, part)
    while name in taken:
        name += "_2" if not name.endswith("_2") else "_"
    return Statement(Tensor(name, tuple(i.axis for i in indices)), indices, part, s.label)


def _name(s: Statement, part: Expr) -> str:
    called = _called(part)
    if (
        called == "sqrt"
        and isinstance(part.base, Sum)
        and (names := {name_of(e) for e in elements(part)})
        and len(names) == 1
    ):
        return f"{names.pop()}_norm"
    return f"{_LETTERS.get(called, called.lower()) if called else 'z'}_{s.target.name}"


def _called(part: Expr) -> str:
    """What a part is, in a word; empty for a pre-activation, a sum of several things."""
    if isinstance(part, Pow) and part.exp == sympy.Rational(1, 2):
        return "sqrt"
    if isinstance(part, Mul) and _is_mean(part):
        return "mean"
    if isinstance(part, Apply):
        return str(part.name)
    return type(part).__name__ if isinstance(part, (sympy.Function, Reduction)) else ""


def _parts(s: Statement) -> Iterator[Expr]:
    """The parts of an equation that deserve a name, the outermost first; what the equation itself is needs none."""
    allowed = set(s.indices)

    def inside(node: Expr, nonlinear: bool) -> Iterator[Expr]:
        if isinstance(node, Indexed) or not node.args or not elements(node):
            return
        if isinstance(node, Mul) and nonlinear and _is_mean(node) and node != s.body and free_indices(node) <= allowed:
            yield node
            return
        own = _own(node) if node != s.body and free_indices(node) <= allowed and elements(node) else None
        if own is not None and (nonlinear or not isinstance(own, Reduction)):
            yield own
            return
        argument = _argument(node)
        if argument is not None:
            if free_indices(argument) <= allowed and _is_contraction(argument):
                yield argument
            yield from inside(
                argument, nonlinear or node != s.body
            )  # the derivative of a function with a name has its value
            return
        if isinstance(node, Reduction):
            yield from inside(node.body, nonlinear)
            return
        nonlinear = nonlinear or isinstance(node, Pow)
        for a in node.args:
            yield from inside(a, nonlinear)

    yield from inside(s.body, False)


def _own(node: Expr) -> Expr | None:
    """What is to have a name where a node stands in a longer equation: a root, a function of something long, a reduction that
    is divided by."""
    if isinstance(node, Pow) and not isinstance(node, sympy.exp):
        if node.exp.is_Rational and not node.exp.is_Integer and not _is_plain(node.base):
            return sympy.sqrt(node.base) if node.exp.q == 2 else node
        return None
    if isinstance(node, Reduction):
        return node
    if isinstance(node, (step, sgn, floor)):
        return None  # their derivatives are zero
    argument = _argument(node)
    return node if argument is not None and not _is_plain(argument) else None


def _is_mean(node: Expr) -> bool:
    """Whether a product is a sum over a number, as a mean is."""
    rest = [f for f in node.args if elements(f)]
    return len(rest) == 1 and isinstance(rest[0], Sum)


def _argument(node: Expr) -> Expr | None:
    """The argument of a function of one number, of a root, or of a division; None for anything else."""
    if isinstance(node, sympy.exp):
        return node.args[0]
    if isinstance(node, Pow):
        return node.base if node.exp.is_number and not (node.exp.is_Integer and node.exp > 0) else None
    if isinstance(node, Apply):
        return node.arg
    if isinstance(node, sympy.Function) and len(node.args) == 1:
        return node.args[0]
    return None


def _is_plain(e: Expr) -> bool:
    """Whether an expression is an element, a number, or one times the other: nothing that needs a name."""
    factors = [f for f in Mul.make_args(e) if not f.is_number and elements(f)]
    return len(factors) <= 1 and all(f in elements(f) for f in factors)


def _is_contraction(e: Expr) -> bool:
    """Whether a matrix product is among the terms of an expression: a sum over products of what has other indices."""
    return any(isinstance(f, Sum) and _multiplies(f) for t in Add.make_args(e) for f in Mul.make_args(t))


def _multiplies(total: Sum) -> bool:
    index, body = total.opened()
    return len({frozenset(free_indices(f) - {index}) for f in Mul.make_args(body) if f.has(index)}) > 1


def _recognised(body: Expr) -> Expr:
    """The body with functions in the place of what is written out for them."""

    def one(node: Expr) -> Expr:
        if isinstance(node, sympy.log) and isinstance(node.args[0], Sum):
            index, inner = node.args[0].opened()
            if isinstance(inner, sympy.exp):
                return LogSumExp.over(inner.args[0], index)
        return node

    return apply_rules(rewrite(body, one), RECOGNISED)
