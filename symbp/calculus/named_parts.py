"""Parts of long equations under names of their own, so that a derivative can be written in terms of them.

``h = tanh(sum(W*x) + b)`` is ``z = sum(W*x) + b; h = tanh(z)``: the gradient of every weight reads dz, which is worked out once.
``y = x/sqrt(mean(x**2) + eps)`` has the root as ``r``, which comes up again in the gradient, and is not evaluated twice there.
What a formula has written out is recognised first: the logistic function, a logarithm of a sum of exponentials.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

import sympy
from sympy import Add, Expr, Indexed, Mul, Pow, floor

from symbp.calculus.functions import Apply, Scalar, sgn, step
from symbp.calculus.indices import Index
from symbp.calculus.lengths import first_letter
from symbp.calculus.letters import ALPHABET
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.primitives import BY_HEAD
from symbp.calculus.program import Program, Statement, Tensor, elements, free_indices, name_of
from symbp.calculus.recognise_named import Names, Pattern
from symbp.calculus.reductions import LogSumExp, Max, Reduction, Sum, rewrite
from symbp.calculus.rules import RECOGNISED, apply_rules
from symbp.calculus.softmax import softmax_of

_LETTERS = {
    "exp": "e", "tanh": "t", "log": "l", "sqrt": "r", "sigmoid": "g", "softplus": "l", "Sum": "s", "Max": "m", "mean": "m",
    "Prod": "p",
    "LogSumExp": "l",
}  # fmt: skip
"""What a part is called by what it is, in front of the name of what it is a part of; other functions give their own names."""
_MOST = 200


def with_named_parts(program: Program) -> Program:
    """The program with statements for the parts of its equations that a derivative would repeat."""
    weights = {t.name for t in program.declared if t.role in ("input", "parameter")}
    done: list[Statement] = []
    taken = {*program.tensors}
    for s in program:
        body = _recognised(s.body)
        folded = Names(done).fold(body)  # what has a name already
        pending = [replace(s, body=folded if folded.args else body)]
        while pending:
            current = pending.pop()
            found = _named(current, weights, taken) if len(done) < _MOST else None
            if found is None:
                done.append(current)
                continue
            rest, made = found
            taken.add(made.target.name)
            pending += [rest, made]
    return program.with_statements(*done)


def _named(s: Statement, weights: Set[str], taken: Set[str]) -> tuple[Statement, Statement] | None:
    """An equation with the name of a part in its place, and the equation of the part; None where no part deserves a name."""
    for part in _parts(s, weights):
        made = _made(s, part, taken)
        body = _put_in(s.body, made)
        if body != s.body:
            return replace(s, body=body), made
    return None


def _made(s: Statement, part: Expr, taken: Set[str]) -> Statement:
    """A part as a statement; its indices are those of the whole, in their order, then those of reductions around it."""
    free = sorted(free_indices(part), key=lambda i: (_place(i, s), i.axis.name, i.name))
    letters = dict(zip(free, _letters(free), strict=True))
    name = _name(s, part)
    while name in taken or f"d{name}" in taken:
        name += "_2" if not name.endswith("_2") else "_"
    indices = tuple(letters.values())
    return Statement(Tensor(name, tuple(i.axis for i in indices)), indices, part.xreplace(letters), s.label)


def _place(index: Index, s: Statement) -> int:
    return s.indices.index(index) if index in s.indices else len(s.indices)


def _letters(indices: Sequence[Index]) -> Iterator[Index]:
    """The indices, those that were bound under letters of their own."""
    taken = {i.name for i in indices if not i.name.startswith("_")}
    for i in indices:
        name = i.name
        if name.startswith("_"):
            name = next(c for c in (first_letter(i.axis), *ALPHABET) if c not in taken)
            taken.add(name)
        yield Index(name, i.axis)


def _put_in(body: Expr, made: Statement) -> Expr:
    """The body with a part's name in its place; the logarithm of a softmax of the part is one of the name."""
    pattern = Pattern(made.indices, made.body, made.left, made.target.name)

    def whole(node: Expr) -> Expr:
        matches = pattern.match(node) if node.func is made.body.func else iter(())
        return next((pattern.value.xreplace(m) for m in matches), node)

    def softmax(node: Expr) -> Expr:
        found = softmax_of(node)
        if found is None or (named := whole(found[0])) is found[0]:
            return node
        return named - LogSumExp.over(named, found[1])

    return Names([made]).fold(rewrite(rewrite(body, softmax), whole))


def _name(s: Statement, part: Expr) -> str:
    if any(_is_entry(f, part) for f in s.body.atoms(MatrixFunction)):
        return f"M_{s.target.name}"
    called = _called(part)
    if (
        called == "sqrt"
        and isinstance(part.base, Sum)
        and (names := {name_of(e) for e in elements(part)})
        and len(names) == 1
    ):
        return f"{names.pop()}_norm"
    letter = f"{_LETTERS.get(called, called.lower()) if called else 'z'}_"
    return s.target.name if s.target.name.startswith(letter) else letter + s.target.name


def _is_entry(function: MatrixFunction, part: Expr) -> bool:
    """Whether an expression is an entry of the matrix that a function is of."""
    p, q, entry = function.opened()
    return next(Pattern((p, q), entry, entry, "").match(part), None) is not None


def _called(part: Expr) -> str:
    """What a part is, in a word; empty for a pre-activation, a product of matrices and what is added to it."""
    if isinstance(part, Pow) and part.exp == sympy.Rational(1, 2):
        return "sqrt"
    if is_contraction(part):
        return ""
    if isinstance(part, Mul) and _is_mean(part):
        return "mean"
    if isinstance(part, Apply):
        return str(part.name)
    return type(part).__name__ if isinstance(part, (sympy.Function, Reduction)) else ""


def _parts(s: Statement, weights: Set[str]) -> Iterator[Expr]:
    """The parts of an equation that deserve a name, the outermost first; what the equation itself is needs none."""
    yield from _Search(s.body, frozenset(s.indices)).inside(s.body, nonlinear=False)
    yield from _weighted(s, weights)


@dataclass(frozen=True)
class _Search:
    """The search for parts in the right side of an equation, over its indices; `nonlinear` says that something of which the
    derivative has a value is applied to what is searched."""

    body: Expr
    allowed: frozenset[Index]

    def inside(self, node: Expr, nonlinear: bool) -> Iterator[Expr]:
        """The parts of a node, itself among them."""
        if isinstance(node, Indexed) or not node.args or not elements(node):
            return
        if node != self.body and free_indices(node) <= self.allowed:
            own = node if nonlinear and isinstance(node, Mul) and _is_mean(node) else _own(node)
            if own is not None and (nonlinear or not isinstance(own, Reduction)):
                yield own
                return
        if isinstance(node, MatrixFunction):
            entry = node.opened()[2]
            if not isinstance(entry, Indexed):
                yield entry
        elif isinstance(node, Reduction):
            _, body = node.opened()
            if isinstance(node, (LogSumExp, Max)) and body.has(Sum):
                yield body
            yield from self.inside(body, nonlinear)
        else:
            yield from self.applied(node, nonlinear)

    def applied(self, node: Expr, nonlinear: bool) -> Iterator[Expr]:
        """The parts of what a function, a power or an operation is applied to."""
        if isinstance(node, sympy.exp) and (found := softmax_of(node.args[0])) is not None:
            arguments = found[:1]
            named = () if _is_plain(found[0]) else arguments
        else:
            arguments = _arguments(node)
            power = isinstance(node, Pow) and not isinstance(node, sympy.exp)
            named = tuple(a for a in arguments if (is_contraction(a) if power else a.has(Sum)))
        yield from named
        if _argument(node) is None:
            nonlinear = nonlinear or isinstance(node, Pow)
        else:
            nonlinear = nonlinear or node != self.body  # the derivative of a function with a name has its value
        for a in arguments or node.args:
            yield from self.inside(a, nonlinear)


def _weighted(s: Statement, weights: Set[str]) -> Iterator[Expr]:
    """The rest of a product with a weight, such as layer norm's gain: the gradient of the weight is made of it."""
    for term in Add.make_args(s.body):
        factors = [f for f in Mul.make_args(term) if elements(f)]
        rest = [
            f
            for f in factors
            if not (f in elements(f) and name_of(f) in weights and set() < free_indices(f) < {*s.indices})
        ]
        whole = Mul(*rest)
        if len(rest) < len(factors) and free_indices(whole) == {*s.indices} and (rest[1:] or is_contraction(whole)):
            yield whole


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


def _arguments(node: Expr) -> tuple[Expr, ...]:
    """What a function or a power is applied to; nothing of anything else."""
    if isinstance(node, Apply):
        return (node.arg,)
    if isinstance(node, Pow) and not isinstance(node, sympy.exp):
        return (node.base,)
    return node.args if isinstance(node, Scalar) or type(node) in BY_HEAD else ()


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


def is_contraction(e: Expr) -> bool:
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
