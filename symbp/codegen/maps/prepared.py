"""A map as it is best differentiated for code: what a function is applied to has a name, and statistics leave no adjoints.

``h = tanh(x @ W.T + b)`` in one line would compute ``(1 - h**2)*dh`` anew for each gradient; with a name for what tanh is
applied to, its adjoint is the textbook's delta, and every gradient is one product with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Mul, Pow, exp

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.functions import Apply, Scalar
from symbp.calculus.indices import Index
from symbp.calculus.primitives import BY_HEAD
from symbp.calculus.program import Statement, Tensor, elements, free_indices, name_of
from symbp.calculus.recognise_named import Pattern
from symbp.calculus.reductions import LogSumExp, Max, Reduction, Sum
from symbp.calculus.sweep import Backward
from symbp.codegen.ranges import softmax_of
from symbp.network.forward import ForwardMap


def with_arguments_named(forward: ForwardMap) -> ForwardMap:
    """The map with a statement of its own for every sum that a function is applied to."""
    naming = _Naming(forward)
    for s in forward.program:
        body = naming.walk(s.body, s, top=True) if s.target.name != forward.loss or not forward.upstream else s.body
        naming.statements.append(s if body is s.body else replace(s, body=body))
    made = tuple(s.target.name for s in naming.statements if s.target.name not in forward.program.definitions)
    program = forward.program.with_statements(*naming.statements)
    return replace(forward, program=program, inner=(*forward.inner, *made)) if made else forward


class _Naming:
    """The statements so far, and the names that were given."""

    def __init__(self, forward: ForwardMap) -> None:
        self.statements: list[Statement] = []
        self._taken = {*forward.program.tensors}
        self._weights = {t.name for t in forward.program.declared if t.role in ("input", "parameter")}
        self._known: list[Pattern] = []

    def walk(self, e: Expr, s: Statement, top: bool = False) -> Expr:
        """The expression with what functions in it are applied to named; `top` where no sum is around it."""
        if not e.args or not (top or e.has(Sum)):
            return e
        if isinstance(e, exp) and (found := softmax_of(e.args[0])) is not None:
            u, index = found
            named = u if u in elements(u) else self._named(self.walk(u, s), s)
            return exp(named - LogSumExp.over(named, index))
        if isinstance(e, (LogSumExp, Max)):
            index, body = e.opened()
            return type(e).over(self.argument(body, s), index)
        if isinstance(e, Reduction):
            index, body = e.opened()
            return type(e).over(self.walk(body, s), index)
        if isinstance(e, Apply):
            return e.func(*e.args[:2], self.argument(e.arg, s))
        if isinstance(e, Pow) and not isinstance(e, exp):
            base = self.walk(e.base, s)
            return Pow(self._named(base, s) if _contracts(base) else base, e.exp)
        if isinstance(e, Scalar) or type(e) in BY_HEAD:
            return e.func(*(self.argument(a, s) for a in e.args))
        made = e.func(*(self.walk(a, s, top) for a in e.args))
        return self.weighted(made, s) if top and isinstance(made, Mul) else made

    def argument(self, e: Expr, s: Statement) -> Expr:
        """What a function is applied to: the name of it where it is a sum, else itself."""
        walked = self.walk(e, s)
        return self._named(walked, s) if walked.has(Sum) else walked

    def weighted(self, e: Expr, s: Statement) -> Expr:
        """A product with a weight, such as layer norm's gain: the rest has a name, as the weight's gradient is made of it."""
        numbers = [f for f in e.args if not free_indices(f) and not elements(f)]
        weights = [
            f
            for f in e.args
            if f in elements(f) and name_of(f) in self._weights and set() < free_indices(f) < {*s.indices}
        ]
        rest = [f for f in e.args if f not in numbers and f not in weights]
        whole = Mul(*rest)
        if not weights or free_indices(whole) != {*s.indices} or not (rest[1:] or _contracts(whole)):
            return e
        return Mul(*numbers, *weights, self._named(whole, s))

    def _named(self, arg: Expr, s: Statement) -> Expr:
        """The name of an expression, a new one where it has none."""
        for pattern in self._known:
            for mapping in pattern.match(arg):
                return pattern.value.xreplace(mapping)
        free = sorted(free_indices(arg), key=lambda i: (s.indices.index(i) if i in s.indices else 9, i.axis.name))
        letters = dict(zip(free, _letters(free), strict=True))
        target = Tensor(self._free(f"z_{s.target.name}"), tuple(i.axis for i in free))
        made = Statement(target, tuple(letters.values()), arg.xreplace(letters), s.label)
        self.statements.append(made)
        self._known.append(Pattern(made.indices, made.body, made.left, target.name))
        return target[tuple(free)]

    def _free(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self._taken or f"d{name}" in self._taken:
            name, count = f"{wanted}_{count}", count + 1
        self._taken.add(name)
        return name


def _letters(indices: list[Index]) -> Iterator[Index]:
    taken = {i.name for i in indices if not i.name.startswith("_")}
    for i in indices:
        letter = i.name
        if letter.startswith("_"):
            letter = next(c for c in (i.axis.name[0], *"ijklmpqrstuvw") if c not in taken)
            taken.add(letter)
        yield Index(letter, i.axis)


def _contracts(e: Expr) -> bool:
    """Whether a sum stands there of factors over different indices, as in a product of matrices."""
    for node in e.atoms(Sum):
        body = node.body
        while isinstance(body, Sum):
            body = body.body
        over = [i for i in body.free_symbols if isinstance(i, Index)]
        if isinstance(body, Mul) and any({*over} != free_indices(f) for f in body.args if not f.is_number):
            return True
    return False


def without_statistics(backward: Backward, forward: ForwardMap) -> Backward:
    """The adjoints of means, norms and other numbers for each row put into what they are about, where the algebra gets simpler.

    Layer norm's three terms come out of it; adjoints of the author's other names stay, to be read.
    """
    tensors = backward.forward.tensors
    through = [
        s.target.name
        for s in backward.forward
        if s.target.name in forward.inner
        or (s.target.name not in forward.results and any({*s.target.axes} < {*tensors[r].axes} for r in s.reads))
    ]
    return eliminate_intermediates(backward, through, statement_cost=0) if through else backward
