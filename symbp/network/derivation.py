"""A derivation: the forward map, the equations of every gradient, the updates, and the steps that led there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import sympy

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.guards import guards
from symbp.calculus.language import Scope, read_statement
from symbp.calculus.matrix.nodes import Matrix
from symbp.calculus.matrix.read import read_matrix
from symbp.calculus.passes import run
from symbp.calculus.program import Program, Statement, Tensor
from symbp.calculus.reductions import native
from symbp.calculus.sweep import Backward, reverse
from symbp.calculus.text import statement_text
from symbp.calculus.trace import Step
from symbp.errors import InputError, unknown
from symbp.network.forward import ForwardMap, HasForwardMap
from symbp.network.layers import Optimizer


class Printer(Protocol):
    """What turns a derivation into pages; the rooms above have one, :class:`symbp.shown.Pages`."""

    def page(self, derivation: Derivation, format: str, **options: Any) -> str:
        """The whole derivation in a format."""

    def equation(self, derivation: Derivation, statement: Statement, convention: str) -> str:
        """One equation as LaTeX without a math environment."""


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
    def matrix(self) -> Matrix | None:
        """The equation's right side read as matrix algebra, in columns, or None where there is no such reading."""
        return read_matrix(self.statement, None, "columns", self.derivation.program)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; the batch axis is left out."""
        return self.derivation.map.shape(self.statement.target)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that led to the equation."""
        return tuple(s for s in self.derivation.steps if s.target.name == self.statement.target.name)

    def latex(self, convention: str = "iitm") -> str:
        """The equation in a lecturer's notation, as LaTeX without a math environment."""
        return self.derivation.pages.equation(self.derivation, self.statement, convention)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return statement_text(self.statement)

    def __repr__(self) -> str:
        return f"<equation {self}>"


@dataclass(frozen=True, repr=False)
class Derivation:
    """Everything that was derived of a forward map; iterates over its steps, and ``d["delta1"]`` is an equation.

    Names are those of the tensors (``z1``, ``delta1``, ``e1``, ``dW1``, ``J``) and ``dJ/d<tensor>``. It shows itself by the
    `printer` that it was given.
    """

    map: ForwardMap
    backward: Backward
    batch: bool
    printer: Printer | None = field(default=None, compare=False)

    @property
    def pages(self) -> Printer:
        """The printer; TypeError where none was given."""
        if self.printer is None:
            raise TypeError("this derivation was given no printer; symbp.derive gives it one")
        return self.printer

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
        """The optimizer's update of one entry theta of a parameter with gradient g; empty where nothing is trained."""
        return update_program(self.map.training.optimizer) if self.map.training else Program(())

    @cached_property
    def names(self) -> dict[str, str]:
        """Every name of an equation, with the tensor that it stands for."""
        own = {name: name for name in self.program.definitions}
        aliases = dict(self.map.aliases)
        partial = {f"dJ/d{x}": name for x, name in self.backward.adjoint.items()}
        further = {f"dJ/d{a}": self.backward.adjoint[x] for a, x in aliases.items() if x in self.backward.adjoint}
        short = {f"d{x}": name for x, name in self.backward.adjoint.items()}
        known = {**short, **further, **partial, **aliases, **own}
        return {name: tensor for name, tensor in known.items() if tensor in self.program.definitions}

    @property
    def stopped(self) -> tuple[str, ...]:
        """The tensors whose gradient is zero because a function on the way has the derivative 0."""
        zero = {s.target.name for s in self.backward.statements if s.body == 0}
        return tuple(x for x, name in self.backward.adjoint.items() if name in zero)

    @cached_property
    def live(self) -> frozenset[str]:
        """The adjoints that a gradient or the error of a layer needs; those of inner quantities that compaction has put into
        others are only steps on the way."""
        inner = {self.backward.adjoint[x] for x in self.map.inner if x in self.backward.adjoint}
        return frozenset(self.program.behind(name for name in self.backward.adjoint.values() if name not in inner))

    def __repr__(self) -> str:
        about = "" if self.map.batch is None else " for a batch" if self.batch else " for one example"
        count = f"{len(self.program.statements)} equations, {len(self)} steps"
        return f"<derivation of {self.map.source.described}{about}: {count}>"

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
        """The derivation as a page: ``latex``, ``beamer``, ``markdown``, ``html``, ``ipynb``, ``text`` or ``json``.

        Options: ``convention`` ("iitm", "credit", ..., or a .toml file), ``detail`` ("summary", "steps", "elements"), ``only``
        (names of equations), ``fragment`` (the body alone), ``title``, ``author``, ``section_level``, ``label_prefix``, ``code``,
        ``figures``, ``numbers`` ("random:3", or a file), ``exercises``, ``seed``;
        :class:`symbp.lectures.page.PageOptions` says what they are.
        """
        return self.pages.page(self, format, **options)

    def latex(self, **options: Any) -> str:
        """The page as a complete LaTeX document (``fragment=True``: its body)."""
        return self.page("latex", **options)

    def beamer(self, **options: Any) -> str:
        """The page as slides, a LaTeX document for the class beamer (``fragment=True``: its frames)."""
        return self.page("beamer", **options)

    def html(self, **options: Any) -> str:
        """The page as one HTML file that needs no network."""
        return self.page("html", **options)

    def markdown(self, **options: Any) -> str:
        """The page as Markdown with formulas for MathJax and KaTeX."""
        return self.page("markdown", **options)

    def notebook(self, **options: Any) -> str:
        """The page as a Jupyter notebook that runs, the text of an .ipynb file."""
        return self.page("ipynb", **options)

    def _repr_markdown_(self) -> str:
        return self.page("markdown", detail="summary")


def derive(given: HasForwardMap, *, batch: bool = False, printer: Printer | None = None) -> Derivation:
    """Derive every gradient of a forward map.

    Parameters
    ----------
    given : a network, or whatever else has a forward map
    batch : derive for a batch of examples (axis n) instead of for one example, as a lecture does; always so where the
        prediction for one example depends on the others
    printer : how the derivation shows itself, where it is to be shown
    """
    forward = given.forward_map
    batch = batch or forward.couples
    program = forward.over(batch)
    stops = guards(program, forward.loss)
    backward = run(reverse(program, forward.loss, name=forward.adjoint_of, stops=stops))
    if forward.inner:
        backward = eliminate_intermediates(backward, forward.inner)
    return Derivation(forward, backward, batch, printer)


def of_one_example(derivation: Derivation, message: str) -> None:
    """InputError with this message where a derivation is for a batch."""
    if derivation.batch and derivation.map.couples:
        raise InputError(
            message, allowed="a network whose prediction for one example does not depend on the other ones"
        )
    if derivation.batch:
        raise InputError(message, allowed="one example: a derivation without batch")


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
