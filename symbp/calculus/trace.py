"""The steps of a derivation, and what a sweep remembers of one adjoint: enough to write its steps down when a page asks for
them, and no sooner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Add, Expr, KroneckerDelta, Mul

from symbp.calculus.contract import contract
from symbp.calculus.indices import Axis, Index
from symbp.calculus.kinds import renamed
from symbp.calculus.program import Partial, Statement, Tensor
from symbp.calculus.reductions import Sum
from symbp.calculus.text import statement_text


@dataclass(frozen=True)
class Step:
    """One step of a derivation: ``target[indices] = before`` becomes ``target[indices] = after`` by `rule`, because `why`.

    `before` is None on the first step of an equation. `uses` names the tensors and facts that the step relies on.
    """

    rule: str
    target: Tensor
    indices: tuple[Index, ...]
    before: Expr | None
    after: Expr
    why: str
    uses: tuple[str, ...] = ()

    @property
    def left(self) -> Expr:
        """The element that the equation defines."""
        return self.target[self.indices]

    def __str__(self) -> str:
        return f"{self.rule}: {statement_text(Statement(self.target, self.indices, self.after))}  ({self.why})"


@dataclass(frozen=True)
class Renaming:
    """New names for tensors and axes."""

    names: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[Axis, Axis] = field(default_factory=dict)

    def __call__(self, expr: Expr) -> Expr:
        """The expression under its new names."""
        return renamed(expr, self.names, self.axes) if self.names else expr


@dataclass(frozen=True)
class Way:
    """One way from a tensor to the loss: over the elements `partial` of one reader, numbered by `over`, each with its
    `upstream` and the `derivative` of the reader, which is not contracted."""

    upstream: Expr
    partial: Partial
    derivative: Expr
    over: tuple[Index, ...]

    @cached_property
    def shortest(self) -> Way:
        """The way without the indices that can have one value alone: a Kronecker delta of the derivative says so."""
        upstream, partial, derivative = self.upstream, self.partial, contract(self.derivative)
        left: list[Index] = []
        for index in self.over:
            delta, rest = _split(derivative, index)
            if delta is None:
                left.append(index)
                continue
            i, j = delta.args
            here = {index: j if i == index else i}
            upstream, partial, derivative = (e.xreplace(here) for e in (upstream, partial, rest))
        return Way(upstream, partial, derivative, tuple(left))

    @property
    def chain(self) -> Expr:
        """What the chain rule gives along this way, the derivative not carried out."""
        return Sum.over(self.upstream * self.partial, *reversed(self.over))


def _split(derivative: Expr, index: Index) -> tuple[KroneckerDelta | None, Expr]:
    """A derivative as a Kronecker delta of an index times the rest; None where no delta is a factor of all of it."""
    factors = Mul.make_args(derivative)
    for k, factor in enumerate(factors):
        terms = [Mul.make_args(t) for t in Add.make_args(factor)]
        shared = {f for f in terms[0] if isinstance(f, KroneckerDelta) and index in f.args}
        for delta in sorted(shared.intersection(*map(set, terms)), key=str):
            rest = Add(*[Mul(*[f for f in t if f != delta]) for t in terms])
            return delta, Mul(*factors[:k], rest, *factors[k + 1 :])
    return None, derivative


@dataclass(frozen=True)
class KindDerivative:
    """What the chain rule gives for one tensor of a kind.

    `chain` has the derivatives not carried out, `local` has them differentiated and folded, `body` is contracted; `used` are
    the names that were folded back, and `ways` the parts of the chain, one for each reader.
    """

    chain: Expr
    local: Expr
    body: Expr
    used: tuple[str, ...]
    ways: tuple[Way, ...] = field(default=(), compare=False)  # they have indices that occur nowhere else


@dataclass(frozen=True)
class AdjointTrace:
    """How the adjoint `target` of `x` was derived: from the adjoints of `readers`, as `derived` under a `renaming`.

    `blocked` are readers through which nothing comes, because the gradient has stopped there.
    """

    x: str
    target: Tensor
    indices: tuple[Index, ...]
    loss: str
    readers: tuple[str, ...]
    blocked: tuple[str, ...]
    derived: KindDerivative
    renaming: Renaming

    @cached_property
    def body(self) -> Expr:
        """The right side of the adjoint's equation."""
        return self.renaming(self.derived.body)

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """The ways to the loss as a lecturer writes them: a sum in which one term alone is not zero is that term."""
        found = []
        for way in self.derived.ways:
            w = way.shortest
            partial = self.renaming(w.partial)
            assert isinstance(partial, Partial)
            over = tuple(Index(i.name, self.renaming.axes.get(i.axis, i.axis)) for i in w.over)
            found.append(Way(self.renaming(w.upstream), partial, self.renaming(w.derivative), over))
        return tuple(found)

    @property
    def chain(self) -> Expr:
        """The chain rule along the shortest ways."""
        return Add(*[w.chain for w in self.ways])

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Chain rule, differentiation, contraction; or why the gradient is zero.

        Where the loss alone reads the tensor, the chain rule would say that the derivative is the derivative, and is left out.
        """
        if not self.readers:
            ways = " and ".join(self.blocked)
            why = f"the gradient stopped at {ways}" if ways else f"{self.loss} does not depend on {self.x}"
            return (self._step("stopped", None, self.body, why),)
        chain, local = self.renaming(self.derived.chain), self.renaming(self.derived.local)
        used = tuple(self.renaming.names.get(u, u) for u in self.derived.used)
        direct = self.readers == (self.loss,)
        first = () if direct else (self._step("chain rule", None, chain, self._paths(), self.readers),)
        ways = " and ".join(self.readers)
        names = [n for n in used if n not in self.readers]
        why = f"differentiate {ways}" + (f", and call by its name what is {' or '.join(names)}" if names else "")
        second = self._step("differentiate", None if direct else chain, local, why, used)
        if self.body == local:
            return *first, second
        why = "a sum over a Kronecker delta keeps the one term in which the indices agree"
        if self.body == 0:
            why = f"the derivative of {ways} is 0 wherever there is one: nothing propagates"
        return *first, second, self._step("contract", local, self.body, why)

    def _paths(self) -> str:
        """Through what the tensor reaches the loss."""
        through = [r for r in self.readers if r != self.loss]
        why = f"{self.x} reaches {self.loss} " + (f"through {' and '.join(through)}" if through else "directly")
        why += " and directly" if through and self.loss in self.readers else ""
        return why + (": the paths add" if len(self.readers) > 1 else "")

    def _step(self, rule: str, before: Expr | None, after: Expr, why: str, uses: tuple[str, ...] = ()) -> Step:
        return Step(rule, self.target, self.indices, before, after, why, uses)
