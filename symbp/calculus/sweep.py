"""The reverse sweep: from a program and its loss to the equations of every adjoint, one statement at a time.

For each statement ``y[f] = body`` that reads x, the chain rule contracts the adjoint of y with the derivative of the body with
respect to a fresh-indexed element of x; the contributions of all readers add. SymPy differentiates, names are folded back,
deltas are contracted: nothing here knows what a layer is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import sympy
from sympy import Expr

from symbp.calculus.contract import common_factors, contract, joined_powers
from symbp.calculus.indices import Index, fresh
from symbp.calculus.kinds import Signature
from symbp.calculus.program import Partial, Program, Statement, Tensor, name_of
from symbp.calculus.program import elements as elements_of
from symbp.calculus.recognise_named import Names
from symbp.calculus.reductions import Sum
from symbp.calculus.trace import AdjointTrace, KindDerivative, Renaming, Step, Way

_LARGEST_NAMED = 12
"""A statement that reads more elements than this (a loss summed over layers, say) gives no useful name."""


@dataclass(frozen=True)
class Backward:
    """The result of a reverse sweep: the program with its adjoint statements behind the forward ones, and the steps taken.

    ``adjoint[x]`` is the name of the tensor that holds dJ/dx.
    """

    program: Program
    forward: Program
    loss: str
    sources: tuple[AdjointTrace | Step, ...]
    adjoint: dict[str, str]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps taken, in order: those of the sweep, then those of the passes."""
        return tuple(step for s in self.sources for step in (s.steps if isinstance(s, AdjointTrace) else (s,)))

    @cached_property
    def traces(self) -> dict[str, AdjointTrace]:
        """How each adjoint was derived, by its name."""
        return {s.target.name: s for s in self.sources if isinstance(s, AdjointTrace)}

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
        return replace(self, program=self.program.with_statements(*new), sources=(*self.sources, *steps))


def reverse(
    program: Program,
    loss: str = "J",
    wrt: Iterable[str] | None = None,
    name: Callable[[Tensor], str] | None = None,
    stops: Iterable[str] = (),
) -> Backward:
    """Derive dJ/dx for every tensor on the way from `wrt` to the loss.

    A declared adjoint of a tensor (its `of` says of which) is an upstream, which comes from outside: where the loss is the only
    reader of the tensor, and reads it times the upstream, that is its adjoint, and needs no statement.

    Parameters
    ----------
    program : the forward map; `loss` names a scalar that it defines
    wrt : names to differentiate with respect to; all declared inputs and parameters, but for whole numbers, where
        it is None
    name : what the adjoint of a tensor is called; ``d<name>`` where it is None
    stops : tensors on whose values the loss does not depend, though it reads them (:mod:`symbp.calculus.guards`)

    Raises
    ------
    ValueError : where the loss is not a scalar of the program
    """
    if loss not in program.definitions or program.tensors[loss].axes:
        raise ValueError(f"{loss!r} is not a scalar that the program defines")
    leaves = (
        [t.name for t in program.declared if t.role in ("input", "parameter") and not t.integer]
        if wrt is None
        else [*wrt]
    )
    depends = _dependants(program, leaves)
    active = program.behind([loss])
    readers: dict[str, list[Statement]] = {}
    for s in program:
        if s.target.name in active and s.target.name in depends:
            for r in s.reads:
                readers.setdefault(r, []).append(s)
    readers |= {s: [] for s in stops}
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
    return Backward(program.extended(*sweep.statements), program, loss, tuple(sweep.records), sweep.adjoint)


def _dependants(program: Program, leaves: Iterable[str]) -> set[str]:
    """What is made of some tensors; in a recurrence that may be a statement behind."""
    found, count = set(leaves), -1
    while count < len(found):
        count = len(found)
        found.update(s.target.name for s in program if not found.isdisjoint(s.reads))
    return found


class _Sweep:
    """The state of one sweep: adjoints so far, and the steps that led to them."""

    def __init__(
        self, program: Program, loss: str, readers: dict[str, list[Statement]], name: Callable[[Tensor], str]
    ) -> None:
        self.program, self.loss, self.readers, self.name = program, loss, readers, name
        self.kinds: dict[object, tuple[KindDerivative, Signature]] = {}
        self.adjoint: dict[str, str] = {}
        self.promised: dict[str, str] = {}
        self.statements: list[Statement] = []
        self.records: list[AdjointTrace] = []
        self.zero: set[str] = set()
        self.upstream = {t.of: t for t in program.declared if t.of is not None}
        self.constant: dict[str, Expr] = {
            loss: sympy.S.One
        }  # what a regulariser adds has the adjoint 1, as the loss has

    def differentiate(self, x: Tensor) -> None:
        """Derive the adjoint of `x` from the adjoints of its readers."""
        readers = self.readers.get(x.name, [])
        indices = free_indices_for(x, self.program, readers)
        promised = x.name in self.promised
        target = Tensor(self.called(x), x.axes, "adjoint", of=x.name)
        live = [s for s in readers if s.target.name not in self.zero]
        derived, renaming = self._derived(x, indices, live)
        through = tuple(s.target.name for s in live)
        stopped = tuple(s.target.name for s in readers if s not in live)
        record = AdjointTrace(x.name, target, indices, self.loss, through, stopped, derived, renaming)
        if x.name in self.upstream and record.body == self.upstream[x.name][indices] and not promised:
            self.adjoint[x.name] = self.upstream[x.name].name  # what comes from outside is all that there is
            return
        self.records.append(record)
        self.statements.append(Statement(target, indices, record.body, label=f"adjoint of {x.name}"))
        self.adjoint[x.name] = target.name
        if record.body == 0:
            self.zero.add(x.name)
        elif not indices and record.body.is_number:
            self.constant[x.name] = record.body

    def called(self, x: Tensor) -> str:
        """The name of the adjoint of `x`; in a recurrence one that is derived later is asked for."""
        if x.name in self.adjoint:
            return self.adjoint[x.name]
        if x.name not in self.promised:
            name = self.name(x)
            if x.name in self.upstream and name == self.upstream[x.name].name:
                name += "_total"  # what comes from outside, and what comes from the map's own readers
            taken = {*self.program.tensors, *self.adjoint.values(), *self.promised.values()}
            while name in taken:
                name += "_"
            self.promised[x.name] = name
        return self.promised[x.name]

    def _derived(
        self, x: Tensor, indices: tuple[Index, ...], readers: list[Statement]
    ) -> tuple[KindDerivative, Renaming]:
        """What the chain rule gives for `x`: derived once for each kind of surroundings, under new names after that."""
        near = self._near(readers)
        signature = Signature(self.program.tensors)
        key = (
            signature.tensor(x.name),
            signature.indices(indices),
            tuple(signature.statement(s) for s in readers),
            tuple(self.constant.get(s.target.name) or signature.tensor(self.called(s.target)) for s in readers),
            tuple(signature.statement(s) for s in near),
        )
        if key not in self.kinds:
            self.kinds[key] = (self._derive(x, indices, readers, near), signature)
        derived, other = self.kinds[key]
        if other is signature:
            return derived, Renaming()
        names = dict(zip(other.names, signature.names, strict=True))
        return derived, Renaming(names, dict(zip(other.axes, signature.axes, strict=True)))

    def _derive(
        self, x: Tensor, indices: tuple[Index, ...], readers: list[Statement], near: list[Statement]
    ) -> KindDerivative:
        element = x[indices]
        names = Names(near, self.program.facts)
        chain, local, used, ways = sympy.S.Zero, sympy.S.Zero, list[str](), list[Way]()
        for s in readers:
            f = tuple(fresh(i.axis) for i in s.indices)
            upstream = self._upstream(s, f)
            derivative = names.fold(joined_powers(s.at(f).diff(element)), used)
            ways.append(Way(upstream, Partial(s.target[f], element), derivative, f))
            chain += ways[-1].chain
            local += Sum.over(upstream * derivative, *reversed(f))
        body = names.fold(common_factors(contract(local)), used)
        return KindDerivative(chain, local, body, tuple(used), tuple(ways))

    def _near(self, readers: list[Statement]) -> list[Statement]:
        """The statements whose names may come up in the derivatives of `readers`: themselves, and what they are made of."""
        found = {s.target.name: s for s in readers}
        for s in readers:
            for name in s.reads:
                if name in self.program.definitions:
                    found.setdefault(name, self.program.definitions[name])
                for other in self.readers.get(name, ()):
                    if len(other.body.atoms(sympy.Indexed)) <= _LARGEST_NAMED:
                        found.setdefault(other.target.name, other)
        order = {s.target.name: k for k, s in enumerate(self.program.statements)}
        return sorted(found.values(), key=lambda s: order[s.target.name])

    def _upstream(self, s: Statement, f: tuple[Index, ...]) -> Expr:
        if s.target.name in self.constant:
            return self.constant[s.target.name]
        return Tensor(self.called(s.target), s.target.axes)[f]


def free_indices_for(x: Tensor, program: Program, readers: Iterable[Statement]) -> tuple[Index, ...]:
    """Letters for the axes of a tensor: those it is defined or first read with, made distinct."""
    letters: list[str] = []
    defined = program.definitions.get(x.name)
    found = defined.indices if defined else _first_read(x, readers)
    for axis, index in zip(x.axes, found, strict=True):
        letter = index.name if not index.name.startswith("_") else axis.name[:1]
        while letter in letters:
            letter = next(c for c in "ijklmpqrstuvw" if c not in letters)
        letters.append(letter)
    return tuple(Index(letter, axis) for letter, axis in zip(letters, x.axes, strict=True))


def _first_read(x: Tensor, readers: Iterable[Statement]) -> tuple[Index, ...]:
    for s in readers:
        for e in sorted(elements_of(s.body), key=str):
            if name_of(e) == x.name and x.axes:
                return tuple(
                    i if isinstance(i, Index) else Index(a.name, a) for i, a in zip(e.indices, x.axes, strict=True)
                )
    return tuple(Index(a.name, a) for a in x.axes)
