"""The forward map behind the front door: whatever somebody brings becomes one of these, and all that follows knows no other.

A network makes one of its layers and its loss, a problem of one's own of its lines; what derives, prints, generates and judges
asks this type, and not what it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import sympy
from sympy import Rational

from symbp.calculus.indices import Axis
from symbp.calculus.one_example import single
from symbp.calculus.places import Place
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor, name_of
from symbp.calculus.reductions import Reduction, rewrite
from symbp.network.layers import Layer, Training

BATCH = Axis("n")
"""The axis of the examples."""
HIDDEN = "__"
"""What the name of an inner array of a line has in it, and no name of an author's."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a network: its tensor, how it is drawn at first, and whether regularisation applies to it."""

    tensor: Tensor
    start: str
    decays: bool


@dataclass(frozen=True)
class Noise:
    """A tensor drawn anew in training: an inverted Bernoulli mask with the probability `rate` of a zero."""

    tensor: Tensor
    rate: Rational


@dataclass(frozen=True)
class State:
    """A tensor that is given and not trained, such as the mean of an input over the data; `start` is each number at first.

    `next` is what it is after a step of training, None where that leaves it as it is.
    """

    tensor: Tensor
    start: int
    next: Statement | None = None


@dataclass(frozen=True)
class Source:
    """What somebody brought: how messages speak of it, the name that it was given, and its text or its file."""

    described: str
    name: str = ""
    text: str = ""


@dataclass(frozen=True)
class ForwardMap:
    """A forward program, what of it is differentiated, and what its names stand for.

    Parameters
    ----------
    program : the forward map, over a batch where it has examples; it declares what came in, each tensor with its role
    loss : the scalar that is differentiated; where the map has none of its own, the sum of its results times their upstreams
    source : what the map was made of
    results : the tensors that the map is asked for, in the order of their author
    upstream : for a map without a scalar of its own, by each result the tensor that is its upstream, declared as its adjoint
    batch : the axis of the examples, None where there is none
    sizes : the lengths of axes, where they are known; that of `batch` never is
    parameters, noise : what is trained, and what is drawn anew in training, in the order of the layers
    state : what is given beside them and not trained
    inference : statements in the place of those of `program` that define the same, outside training: there an example's
        prediction depends on no other example
    units : where the prediction yhat is not in the units of the targets, the program that brings it there
    follows : lengths that follow from others, in terms of the names of axes
    adjoint : the names of adjoints that are not called d<tensor>
    aliases : further names of tensors (the last activation is also yhat)
    activations : for a pre-activation z<k>, the tensor that its activation defines
    inner : tensors on the way whose adjoints are put into the equations that need them, where that is cheaper: those of a layer
        that have no name of their author's, and of lines of one's own all but the results
    defaults : the values of arguments that need not be given, such as eps = 1e-5: scalars that are not differentiated
    ones : by the name of an argument or a result, the places in its array of axes of length 1, which its tensor does not have
    functions : the user's own scalar functions by name, which formulas about the map may apply
    layers, depth : the layers that it was made of, and how many of them have parameters; none where it is no network
    training : the objective and the optimizer, None where nothing is trained
    """

    program: Program
    loss: str
    source: Source
    results: tuple[str, ...] = ()
    upstream: Mapping[str, str] = field(default_factory=dict)
    batch: Axis | None = None
    sizes: Mapping[Axis, int] = field(default_factory=dict)
    follows: Mapping[Axis, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    noise: tuple[Noise, ...] = ()
    state: tuple[State, ...] = ()
    inference: tuple[Statement, ...] = ()
    units: Program | None = None
    adjoint: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    activations: Mapping[str, str] = field(default_factory=dict)
    inner: tuple[str, ...] = ()
    defaults: Mapping[str, Rational] = field(default_factory=dict)
    ones: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    functions: Mapping[str, ScalarFunction] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    depth: int = 0
    training: Training | None = None

    @property
    def forward_map(self) -> ForwardMap:
        """The map itself, so that it may stand wherever what it is made of may."""
        return self

    def over(self, batch: bool) -> Program:
        """The forward program over a batch, or (``batch=False``) for one example, the axis of the examples dropped."""
        return self.program if batch or self.batch is None or self.couples else single(self.program, self.batch)

    @cached_property
    def couples(self) -> bool:
        """Whether the prediction for one example depends on the others of its batch, as with statistics over it; such a map is
        derived for a batch alone."""
        there = {t.name for t in self.inputs}
        for s in self.program:
            if s.target.axes and there & set(s.reads):
                if any(r.axis == self.batch for r in s.body.atoms(Reduction)):
                    return True
                there.add(s.target.name)
        return False

    @property
    def updates(self) -> tuple[Statement, ...]:
        """What the states are after a step of training."""
        return tuple(s.next for s in self.state if s.next is not None)

    @property
    def inferring(self) -> Program:
        """The forward program outside training."""
        other = {s.target.name: s for s in self.inference}
        return self.program.with_statements(*(other.get(s.target.name, s) for s in self.program))

    @property
    def fewest(self) -> int:
        """How many examples a step of training takes at least: two, where one would be divided by none of the others."""
        if self.batch is None:
            return 1
        known = {self.batch.size: sympy.S.One, **{a.size: sympy.Integer(n) for a, n in self.sizes.items()}}
        bodies = (rewrite(s.body, lambda e: known.get(e, e)) for s in self.updates)
        return 2 if any(b.has(sympy.zoo, sympy.nan) for b in bodies) else 1

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What comes in with each example, in the order of its author."""
        return tuple(t for t in self.program.declared if t.role == "input")

    @property
    def targets(self) -> tuple[Tensor, ...]:
        """What the results are compared with, where that is given."""
        return tuple(t for t in self.program.declared if t.role == "target")

    @property
    def compared(self) -> tuple[str, ...]:
        """The results of layers that losses compare: with targets, with inputs, or with one another."""
        terms = self.training.objective.compared if self.training else ()
        names = dict.fromkeys(name for t in terms for name in (t.of, t.target))
        return tuple(n for n in names if n in self.program.definitions)

    @property
    def chain(self) -> bool:
        """Whether every layer reads the one before it alone, and has its parameters for itself."""
        return not any(layer.inputs or layer.share for layer in self.layers)

    @property
    def plain(self) -> bool:
        """Whether it is a network of one input x, one prediction yhat, and targets y."""
        outside = [t.name for t in (*self.inputs, *self.targets)]
        whole = any(t.integer for t in self.inputs)
        return self.training is not None and outside == ["x", "y"] and self.compared == ("yhat",) and not whole

    @property
    def bounds(self) -> dict[str, int]:
        """The inputs of whole numbers, each with the length of the shortest axis into which it points."""
        found: dict[str, int] = {}
        for s in self.program:
            for place in s.body.atoms(Place):
                if place.gather is not None and place.axis in self.sizes:
                    name, length = name_of(place.gather), self.sizes[place.axis]
                    found[name] = min(length, found.get(name, length))
        return found

    def adjoint_of(self, tensor: Tensor) -> str:
        """What the adjoint of a tensor is called."""
        return self.adjoint.get(tensor.name, f"d{tensor.name}")

    def shape(self, tensor: Tensor) -> tuple[int, ...]:
        """The lengths of a tensor's axes, as far as they are known; the axis of the examples is left out."""
        return tuple(self.sizes[a] for a in tensor.axes if a in self.sizes)


def pointed(program: Program) -> dict[str, Axis]:
    """The tensors of whole numbers that say places, each with the axis into which it points."""
    found: dict[str, Axis] = {}
    for s in program:
        found |= {name_of(p.gather): p.axis for p in s.body.atoms(Place) if p.gather is not None}
    return found


class HasForwardMap(Protocol):
    """Whatever a forward map can be made of: a network, a problem, or a map that is there already."""

    @property
    def forward_map(self) -> ForwardMap:
        """The forward map."""
