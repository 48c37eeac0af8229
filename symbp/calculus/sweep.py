"""The reverse sweep: from a program and its loss to the equations of every adjoint, one statement at a time.

For each statement ``y[f] = body`` that reads x, the chain rule contracts the adjoint of y with the derivative of the body with
respect to a fresh-indexed element of x; the contributions of all readers add. SymPy differentiates, names are folded back,
deltas are contracted: nothing here knows what a layer is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import sympy
from sympy import Expr

from symbp.calculus.contract import common_factors, contract
from symbp.calculus.fold import Names
from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.program import Partial, Program, Statement, Step, Tensor, name_of
from symbp.calculus.program import elements as elements_of
from symbp.calculus.reductions import Sum


@dataclass(frozen=True)
class Backward:
    """The result of a reverse sweep: the program with its adjoint statements behind the forward ones, and the steps taken.

    ``adjoint[x]`` is the name of the tensor that holds dJ/dx.
    """

    program: Program
    forward: Program
    loss: str
    steps: tuple[Step, ...]
    adjoint: dict[str, str]

    def of(self, name: str) -> Statement:
        """The statement that defines the adjoint of `name`."""
        return self.program.definitions[self.adjoint[name]]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The adjoint statements, in order of evaluation."""
        return self.program.statements[len(self.forward.statements) :]

    def revised(self, statement: Statement, steps: Iterable[Step]) -> Backward:
        """With one adjoint statement replaced, and the steps that led to it."""
        new = [statement if s.target.name == statement.target.name else s for s in self.program.statements]
        return replace(self, program=self.program.with_statements(*new), steps=(*self.steps, *steps))


def reverse(
    program: Program,
    loss: str = "J",
    wrt: Iterable[str] | None = None,
    name: Callable[[Tensor], str] | None = None,
) -> Backward:
    """Derive dJ/dx for every tensor on the way from `wrt` to the loss.

    Parameters
    ----------
    program : the forward map; `loss` names a scalar that it defines
    wrt : names to differentiate with respect to; all declared inputs and parameters where it is None
    name : what the adjoint of a tensor is called; ``d<name>`` where it is None

    Raises
    ------
    ValueError : where the loss is not a scalar of the program
    """
    if loss not in program.definitions or program.tensors[loss].axes:
        raise ValueError(f"{loss!r} is not a scalar that the program defines")
    leaves = [t.name for t in program.declared if t.role in ("input", "parameter")] if wrt is None else [*wrt]
    depends = _dependants(program, leaves)
    active = {loss} | _influences(program, loss)
    readers: dict[str, list[Statement]] = {}
    for s in program:
        if s.target.name in active and s.target.name in depends:
            for r in s.reads:
                readers.setdefault(r, []).append(s)
    sweep = _Sweep(program, loss, readers, name or (lambda t: f"d{t.name}"))
    pending = [x for x in leaves if x not in program.definitions]
    for s in reversed(program.statements):
        if s.target.name != loss and s.target.name in depends and s.target.name in active:
            sweep.differentiate(s.target)
        done = [
            x
            for x in pending
            if all(r.target.name in sweep.adjoint or r.target.name == loss for r in readers.get(x, []))
        ]
        for x in done:
            if s.target.name in depends:
                sweep.differentiate(program.tensors[x])
                pending.remove(x)
    for x in [*pending, *(x for x in leaves if x not in sweep.adjoint)]:
        if x not in sweep.adjoint and x != loss:
            sweep.differentiate(program.tensors[x])
    return Backward(program.extended(*sweep.statements), program, loss, tuple(sweep.steps), sweep.adjoint)


def _dependants(program: Program, leaves: Iterable[str]) -> set[str]:
    found = set(leaves)
    for s in program:
        if found & set(s.reads):
            found.add(s.target.name)
    return found


def _influences(program: Program, loss: str) -> set[str]:
    found = {loss}
    for s in reversed(program.statements):
        if s.target.name in found:
            found |= set(s.reads)
    return found


class _Sweep:
    """The state of one sweep: adjoints so far, and the steps that led to them."""

    def __init__(
        self, program: Program, loss: str, readers: dict[str, list[Statement]], name: Callable[[Tensor], str]
    ) -> None:
        self.program, self.loss, self.readers, self.name = program, loss, readers, name
        self.names = Names(program.statements, program.facts)
        self.adjoint: dict[str, str] = {}
        self.statements: list[Statement] = []
        self.steps: list[Step] = []
        self.zero: set[str] = set()

    def differentiate(self, x: Tensor) -> None:
        """Derive the adjoint of `x` from the adjoints of its readers."""
        indices = free_indices_for(x, self.program)
        element = x[indices]
        name = self.name(x)
        while name in self.program.tensors or name in self.adjoint.values():
            name += "_"
        target = Tensor(name, x.axes, "adjoint", of=x.name)
        readers = [s for s in self.readers.get(x.name, []) if s.target.name not in self.zero]
        chain, local, used = sympy.S.Zero, sympy.S.Zero, list[str]()
        for s in readers:
            f = tuple(fresh(i.axis) for i in s.indices)
            upstream = self._upstream(s, f)
            chain += Sum.over(upstream * Partial(s.target[f], element), *reversed(f))
            derivative = self.names.fold(s.at(f).diff(element), used)
            local += Sum.over(upstream * derivative, *reversed(f))
        result = common_factors(contract(local))
        body = self.names.fold(result, used)
        self._record(x, target, indices, chain, local, body, [s.target.name for s in readers], used)
        self.statements.append(Statement(target, indices, body, label=f"adjoint of {x.name}"))
        self.adjoint[x.name] = target.name
        if body == 0:
            self.zero.add(x.name)

    def _upstream(self, s: Statement, f: tuple[Index, ...]) -> Expr:
        if s.target.name == self.loss:
            return sympy.S.One
        return Tensor(self.adjoint[s.target.name], s.target.axes)[f]

    def _record(
        self,
        x: Tensor,
        target: Tensor,
        indices: tuple[Index, ...],
        chain: Expr,
        local: Expr,
        body: Expr,
        readers: list[str],
        used: list[str],
    ) -> None:
        if not readers:
            every = [s.target.name for s in self.readers.get(x.name, [])]
            why = (
                f"the gradient stopped at {' and '.join(every)}"
                if every
                else f"{self.loss} does not depend on {x.name}"
            )
            self.steps.append(Step("stopped", target, indices, None, body, why))
            return
        ways = " and ".join(readers)
        why = f"{x.name} reaches {self.loss} through {ways}" + (": the paths add" if len(readers) > 1 else "")
        self.steps.append(Step("chain rule", target, indices, None, chain, why, tuple(readers)))
        names = [n for n in used if n not in readers]
        why = f"differentiate {ways}" + (f", and call by its name what is {' or '.join(names)}" if names else "")
        self.steps.append(Step("differentiate", target, indices, chain, local, why, tuple(used)))
        if body != local:
            why = "a sum over a Kronecker delta keeps the one term in which the indices agree"
            if body == 0:
                why = f"the derivative of {ways} is 0 wherever there is one: nothing propagates"
            self.steps.append(Step("contract", target, indices, local, body, why))


def free_indices_for(x: Tensor, program: Program) -> tuple[Index, ...]:
    """Letters for the axes of a tensor: those it is defined or first read with, made distinct."""
    letters: list[str] = []
    axes: tuple[Axis, ...] = x.axes
    defined = program.definitions.get(x.name)
    found = defined.indices if defined else _first_read(x, program)
    for axis, index in zip(axes, found, strict=True):
        letter = index.name if not index.name.startswith("_") else axis.name[:1]
        while letter in letters:
            letter = next(c for c in "ijklmpqrstuvw" if c not in letters)
        letters.append(letter)
    return tuple(Index(letter, axis) for letter, axis in zip(letters, axes, strict=True))


def _first_read(x: Tensor, program: Program) -> tuple[Index, ...]:
    for s in program:
        for e in sorted(elements_of(s.body), key=str):
            if name_of(e) == x.name and x.axes:
                return tuple(e.indices)
    return tuple(Index(a.name, a) for a in x.axes)
