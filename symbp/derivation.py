"""A derivation: the forward map, the equations of every gradient, the updates, and the steps that led there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

from symbp.calculus.compact import compact
from symbp.calculus.language import Scope, read_statement
from symbp.calculus.passes import run
from symbp.calculus.program import Program, Statement, Step, Tensor
from symbp.calculus.reductions import native
from symbp.calculus.sweep import Backward, reverse
from symbp.errors import unknown
from symbp.network import Network, Optimizer


@dataclass(frozen=True, repr=False)
class Equation:
    """One equation of a derivation: ``left = right`` in index form, and the steps that led to it."""

    derivation: Derivation
    name: str
    statement: Statement

    @property
    def index(self) -> sympy.Eq:
        """The equation in SymPy's own terms, with its sums and dummies."""
        return sympy.Eq(self.statement.left, native(self.statement.body), evaluate=False)

    @property
    def matrix(self) -> Any:
        """The equation's right side read as matrix algebra, in columns, or None where there is no such reading."""
        from symbp.notes.reading import reading

        return reading(self.derivation, self.statement)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; the batch axis is left out."""
        sizes = self.derivation.net.assembled.sizes
        return tuple(sizes[a] for a in self.statement.target.axes if a in sizes)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that led to the equation."""
        return tuple(s for s in self.derivation.steps if s.target.name == self.statement.target.name)

    def latex(self, convention: str = "iitm") -> str:
        """The equation in a lecturer's notation, as LaTeX without a math environment."""
        from symbp.notes import equation_latex

        return equation_latex(self.derivation, self.statement, convention)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        from symbp.calculus.text import statement_text

        return statement_text(self.statement)

    def __repr__(self) -> str:
        return f"<equation {self}>"


@dataclass(frozen=True, repr=False)
class Derivation:
    """Everything that was derived of a network; iterates over its steps, and ``d["delta1"]`` is an equation.

    Names are those of the tensors (``z1``, ``delta1``, ``e1``, ``dW1``, ``J``) and ``dJ/d<tensor>``.
    """

    net: Network
    backward: Backward
    batch: bool

    @property
    def forward(self) -> Program:
        """The forward map."""
        return self.backward.forward

    @property
    def program(self) -> Program:
        """The forward map followed by the equations of every adjoint."""
        return self.backward.program

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step: the forward map's statements, then for each adjoint what led to it."""
        forward = tuple(
            Step("forward", s.target, s.indices, None, s.body, s.label or "forward map")
            for s in self.forward.statements
        )
        order = {s.target.name: k for k, s in enumerate(self.backward.statements)}
        return forward + tuple(sorted(self.backward.steps, key=lambda s: order[s.target.name]))

    @cached_property
    def updates(self) -> Program:
        """The optimizer's update of one entry theta of a parameter with gradient g."""
        return update_program(self.net.optimizer)

    @cached_property
    def names(self) -> dict[str, str]:
        """Every name of an equation, with the tensor that it stands for."""
        own = {name: name for name in self.program.definitions}
        aliases = dict(self.net.assembled.aliases)
        partial = {f"dJ/d{x}": name for x, name in self.backward.adjoint.items()}
        further = {f"dJ/d{a}": self.backward.adjoint[x] for a, x in aliases.items() if x in self.backward.adjoint}
        short = {f"d{x}": name for x, name in self.backward.adjoint.items()}
        return {**short, **further, **partial, **aliases, **own}

    @property
    def stopped(self) -> tuple[str, ...]:
        """The tensors whose gradient is zero because a function on the way has the derivative 0."""
        return tuple(x for x, name in self.backward.adjoint.items() if self.program.definitions[name].body == 0)

    @cached_property
    def live(self) -> frozenset[str]:
        """The adjoints that a gradient or the error of a layer needs; those of inner quantities that compaction has put into
        others are only steps on the way."""
        inner = {self.backward.adjoint[x] for x in self.net.assembled.inner if x in self.backward.adjoint}
        needed = {name for name in self.backward.adjoint.values() if name not in inner}
        for s in reversed(self.backward.statements):
            if s.target.name in needed:
                needed |= set(s.reads)
        return frozenset(needed)

    def __repr__(self) -> str:
        about = "a batch" if self.batch else "one example"
        count = f"{len(self.program.statements)} equations, {len(self)} steps"
        return f"<derivation of {self.net.text or self.net!r} for {about}: {count}>"

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, name: str) -> Equation:
        if name not in self.names:
            raise KeyError(str(unknown("equation", name, self.program.definitions)))
        tensor = self.names[name]
        return Equation(self, name, self.program.definitions[tensor])

    def page(self, format: str = "latex", **options: Any) -> str:
        """The derivation as a page: ``latex``, ``markdown``, ``text`` or ``json``.

        Options: ``convention`` ("iitm", "credit", ..., or a .toml file), ``detail`` ("summary", "steps", "elements"),
        ``fragment`` (the body alone).
        """
        from symbp.notes import render

        return render(self, format, **options)

    def latex(self, **options: Any) -> str:
        """The page as a complete LaTeX document (``fragment=True``: its body)."""
        return self.page("latex", **options)

    def _repr_markdown_(self) -> str:
        return self.page("markdown", detail="summary")


def derive(net: Network | str, *, batch: bool = False) -> Derivation:
    """Derive every gradient of a network from its forward map.

    Parameters
    ----------
    net : a network, or its short string
    batch : derive for a batch of examples (axis n) instead of for one example, as a lecture does
    """
    net = Network.parse(net) if isinstance(net, str) else net
    adjoint = net.assembled.adjoint

    def name(t: Tensor) -> str:
        return adjoint.get(t.name, f"d{t.name}")

    backward = run(reverse(net.program(batch), name=name))
    if net.assembled.inner:
        for x in [x for x in backward.adjoint if x not in net.assembled.inner]:
            backward = compact(backward, x, net.assembled.inner)
    return Derivation(net, backward, batch)


def update_program(optimizer: Optimizer) -> Program:
    """The update rule as a Program over scalars: theta, g, the step t, the states and the settings are declared."""
    kind = optimizer.kind
    declared = (
        Tensor("theta", (), "parameter"),
        Tensor("g", (), "adjoint"),
        Tensor("t", (), "input"),
        *(Tensor(s, (), "state") for s in kind.states),
        *(Tensor(s, (), "constant") for s in kind.settings),
    )
    return _scalars(declared, kind.update, kind.name)


def schedule_program(optimizer: Optimizer) -> Program:
    """The learning rate of epoch t as a Program over scalars: it defines ``lr_t``."""
    kind = optimizer.schedule
    declared = tuple(Tensor(s, (), "constant") for s in ("lr", *kind.settings))
    return _scalars((Tensor("t", (), "input"), *declared), (f"lr_t = {kind.rate}",), kind.name)


def _scalars(declared: tuple[Tensor, ...], lines: tuple[str, ...], label: str) -> Program:
    program = Program(declared)
    for line in lines:
        program = program.extended(read_statement(line, Scope(program.tensors), label=label))
    return program
