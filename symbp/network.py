"""A network: layers in a chain, a loss, an optimizer; :meth:`Network.program` is its forward map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from symbp import settings as check
from symbp.assemble import BATCH, Assembled, Placement, Stack, add_elementwise, add_layer
from symbp.calculus.indices import Axis
from symbp.calculus.language import read_scalar_function
from symbp.calculus.primitives import CALLS
from symbp.calculus.program import Program, ScalarFunction, Tensor
from symbp.catalogue import ACTIVATIONS, LAYERS, LOSSES, OPTIMIZERS, REGULARIZERS, SCHEDULES
from symbp.catalogue.kinds import Activation, LayerKind, LossKind, Number, OptimizerKind, ScheduleKind
from symbp.errors import InputError, shown, unknown
from symbp.naming import Namer
from symbp.objective import Objective, add_objective, check_domain
from symbp.restrict import single

MOST_PARAMETERS = 10**10
MOST_LAYERS = 1000
"""Activations count as layers; deriving takes about 10 ms a layer."""

DEFAULT_LOSS = {"softmax": "cross_entropy", "log_softmax": "nll"}


@dataclass(frozen=True)
class Layer:
    """One layer of a network: the name of its kind, its settings, and optionally a name of its own."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


def layer(kind: str, main: Any = None, /, *, name: str = "", **settings: Any) -> Layer:
    """A layer as an object: ``layer("dense", 32)``, ``layer("leaky_relu", alpha=0.2)``.

    `main` is the kind's main setting (the width of a dense layer, the rate of a dropout).
    """
    return Layer(kind, {**({"": main} if main is not None else {}), **settings}, name)


@dataclass(frozen=True)
class Optimizer:
    """An update rule with its settings, and the learning-rate schedule with its own."""

    kind: OptimizerKind
    settings: Mapping[str, Number]
    schedule: ScheduleKind
    schedule_settings: Mapping[str, Number]

    @staticmethod
    def of(name: str = "sgd", given: Mapping[str, Any] | None = None) -> Optimizer:
        """The optimizer called `name`; `given` are its settings, ``schedule`` among them (a name or a table).

        Raises InputError for a name or a setting that is not known.
        """
        if name not in OPTIMIZERS:
            raise unknown("optimizer", name, OPTIMIZERS)
        kind, rest = OPTIMIZERS[name], dict(given or {})
        schedule, its = named(rest.pop("schedule", "constant"), "schedule")
        if schedule not in SCHEDULES:
            raise unknown("schedule", schedule, SCHEDULES)
        return Optimizer(
            kind,
            check.numbers(name, rest, kind.settings),
            SCHEDULES[schedule],
            check.numbers(f"schedule {schedule}", its, SCHEDULES[schedule].settings),
        )


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Network:
    """A chain of layers with a loss.

    Parameters
    ----------
    input : the shape of one example; an int stands for a vector
    layers : names or :class:`Layer` objects
    loss : name of the loss of one example; where it is empty, cross_entropy after softmax, nll after log_softmax, else sse
    loss_settings, optimizer, regularization : settings as in INTERFACE; regularization maps l1 or l2 to its weight
    reduction : ``mean`` or ``sum`` over the examples of a batch
    functions, kinds : the user's own scalar functions and layers, by name
    text : the architecture as it was written, for the header of generated modules

    Raises
    ------
    InputError : unknown names, sizes that do not fit, a loss that does not fit the output
    """

    input: tuple[int, ...]
    layers: tuple[Layer, ...]
    loss: str
    loss_settings: Mapping[str, Any]
    optimizer: Optimizer
    regularization: Mapping[str, Number]
    reduction: str
    functions: Mapping[str, ScalarFunction]
    kinds: Mapping[str, LayerKind]
    constants: Mapping[str, Number]
    name: str
    text: str

    def __init__(
        self,
        input: int | Sequence[int],
        layers: Sequence[str | Layer],
        loss: str = "",
        *,
        loss_settings: Mapping[str, Any] | None = None,
        optimizer: str | Optimizer = "sgd",
        regularization: Mapping[str, Number] | None = None,
        reduction: str = "mean",
        functions: Mapping[str, ScalarFunction] | None = None,
        kinds: Mapping[str, LayerKind] | None = None,
        constants: Mapping[str, Number] | None = None,
        name: str = "",
        text: str = "",
    ) -> None:
        values = {
            "input": (input,) if isinstance(input, int) else tuple(input),
            "layers": tuple(Layer(x) if isinstance(x, str) else x for x in layers),
            "loss": loss,
            "loss_settings": dict(loss_settings or {}),
            "optimizer": Optimizer.of(optimizer) if isinstance(optimizer, str) else optimizer,
            "regularization": dict(regularization or {}),
            "reduction": reduction,
            "functions": dict(functions or {}),
            "kinds": dict(kinds or {}),
            "constants": dict(constants or {}),
            "name": name,
            "text": text,
        }
        for field_name, value in values.items():
            object.__setattr__(self, field_name, value)
        self._check()

    @staticmethod
    def parse(text: str, **options: Any) -> Network:
        """The network that a short string such as ``64-32:tanh-10:softmax`` describes."""
        from symbp.spec import parse

        return parse(text, **options)

    @staticmethod
    def load(path: str | Path, **options: Any) -> Network:
        """The network that a TOML or JSON file describes."""
        from symbp.spec import load

        return load(path, **options)

    def _check(self) -> None:
        for k, size in enumerate(self.input):
            check.size("input", f"axis {k + 1}", size)
        if not self.input or not self.layers:
            raise InputError("a network has an input and at least one layer")
        if len(self.layers) > MOST_LAYERS:
            raise InputError(f"{len(self.layers)} layers", allowed=f"at most {MOST_LAYERS}")
        if self.loss and self.loss not in LOSSES:
            raise unknown("loss", self.loss, LOSSES)
        if self.reduction not in ("mean", "sum"):
            raise unknown("reduction", self.reduction, ("mean", "sum"))
        check.known("regularization", self.regularization, REGULARIZERS)
        for name, value in self.regularization.items():
            check.number("regularization", name, value)
        sizes = self.assembled.sizes
        numbers = sum(prod(sizes[a] for a in p.tensor.axes) for p in self.assembled.parameters)
        if numbers > MOST_PARAMETERS:
            raise InputError(f"the network has {numbers} parameters", allowed=f"at most {MOST_PARAMETERS}")
        check_domain(self.loss_kind, self.assembled.program, self.assembled.sizes)

    def __repr__(self) -> str:
        return f"<network {self.text or '-'.join(x.kind for x in self.layers)}, loss {self.loss_kind.name}>"

    @property
    def loss_kind(self) -> LossKind:
        """The loss as the catalogue has it."""
        return LOSSES[self.loss or DEFAULT_LOSS.get(self.layers[-1].kind, "sse")]

    @property
    def output(self) -> tuple[int, ...]:
        """The shape of the prediction for one example."""
        return tuple(self.assembled.sizes[a] for a in self.assembled.program.tensors["yhat"].axes if a != BATCH)

    @property
    def depth(self) -> int:
        """How many layers with parameters there are."""
        return sum(bool(getattr(k, "parameters", ())) for k, _ in self._resolved)

    @cached_property
    def _resolved(self) -> tuple[tuple[LayerKind | Activation | ScalarFunction, Layer], ...]:
        """Every layer with what the catalogue, or the user, says of its kind."""
        found = [(self._kind(x.kind), x) for x in self.layers]
        if isinstance(found[-1][0], LayerKind) and found[-1][0].parameters:
            found.append((ACTIVATIONS["identity"], Layer("identity")))
        return tuple(found)

    def _kind(self, name: str) -> LayerKind | Activation | ScalarFunction:
        everything: dict[str, Any] = {**ACTIVATIONS, **LAYERS, **self.functions, **self.kinds}
        if name not in everything:
            raise unknown("layer", name, everything)
        return everything[name]  # type: ignore[no-any-return]

    @cached_property
    def assembled(self) -> Assembled:
        """The forward program for a batch, with the length of every axis and the names of the adjoints."""

        names = Namer(len(self._resolved), REGULARIZERS)
        inputs = [Axis("in" if len(self.input) == 1 else f"in{k + 1}") for k in range(len(self.input))]
        x = Tensor("x", (BATCH, *inputs), "input")
        stack = Stack(x, dict(zip(inputs, self.input, strict=True)))
        for kind, given in self._resolved:
            stack = self._placed(stack, kind, given, names)
        goal = Objective(self.loss_kind, self.loss_settings, self.regularization, self.reduction)
        return add_objective(stack, x, goal, names)

    def _placed(self, stack: Stack, kind: Any, given: Layer, names: Namer) -> Stack:
        label = f"layer {given.kind}"
        if isinstance(kind, (Activation, ScalarFunction)):
            function = self._function(kind, given, stack)
            return add_elementwise(stack, function, names.activation(given.name))
        values = {(kind.main if name == "" else name): value for name, value in given.settings.items()}
        its_letters = {c for letters in kind.parameters.values() for c in letters.split()} if not kind.sizes else set()
        sizes = {**{c: c for c in sorted(its_letters)}, **kind.sizes}
        check.known(label, values, [*sizes, *kind.settings, *kind.optional])
        for name in kind.sizes:
            if name not in values:
                raise InputError(f"{label} needs {name}", allowed=f"{name} = NUMBER")
        placement = Placement(
            kind,
            names=names.layer(kind, given.name),
            suffix=names.suffix,
            sizes={letter: check.size(label, name, values[name]) for name, letter in sizes.items() if name in values},
            constants={
                **{name: check.exact(value) for name, value in self.constants.items()},
                **{n: check.exact(check.number(label, n, values[n]) if n in values else d) for n, d in kind.settings.items()},
            },
            without=tuple(p for flag, p in kind.optional.items() if not check.switch(label, flag, values.get(flag, True))),
            functions=self.scalar_functions,
        )  # fmt: skip
        return add_layer(stack, placement)

    @cached_property
    def scalar_functions(self) -> dict[str, ScalarFunction]:
        """The scalar functions that a layer of the user's own may call: activations with their defaults, and the user's."""
        return {**catalogue_functions(), **self.functions}

    def _function(self, kind: Activation | ScalarFunction, given: Layer, stack: Stack) -> ScalarFunction:
        if isinstance(kind, ScalarFunction):
            check.known(f"function {given.kind}", given.settings, ())
            return kind
        values = {(next(iter(kind.settings), "") if n == "" else n): v for n, v in given.settings.items()}
        function = _scalar(kind, check.numbers(f"layer {given.kind}", values, kind.settings) if values else {})
        same_name = [f for f in stack.functions if f.name == function.name and f != function]
        return replace(function, name=f"{function.name}_{len(stack.functions)}") if same_name else function

    def program(self, batch: bool = True) -> Program:
        """The forward map: for a batch, or (``batch=False``) for one example, the axis n dropped."""
        return self.assembled.program if batch else single(self.assembled.program, BATCH)


def catalogue_functions() -> dict[str, ScalarFunction]:
    """The catalogue's activations with their defaults, but for those that the index language calls by itself."""
    own = [a for a in ACTIVATIONS.values() if not a.alias_of and a.name not in CALLS]
    return {a.name: _scalar(a, {}) for a in own}


def _scalar(kind: Activation, values: Mapping[str, Number]) -> ScalarFunction:
    constants = {name: check.exact(value) for name, value in {**kind.settings, **values}.items()}
    return read_scalar_function(kind.alias_of or kind.name, kind.definition, constants)


def named(value: Any, what: str, kinds: Mapping[str, Any] | None = None) -> tuple[str, Mapping[str, Any]]:
    """A name and its settings: from a name alone, or from a table with one key whose value is a table of settings."""
    if isinstance(value, str):
        return value, {}
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, settings),) = value.items()
        if isinstance(settings, Mapping):
            return str(name), settings
        main = next(iter(getattr((kinds or {}).get(name), "settings", {})), "")
        if main:
            return str(name), {main: settings}
    raise InputError(f"{what} is {shown(str(value))}", allowed="a name, or { name = { setting = number } }")
