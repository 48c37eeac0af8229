"""A network: layers in a chain or a graph, losses, an optimizer; :attr:`Network.forward_map` is what it computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from symbp.calculus.indices import Axis
from symbp.calculus.language import valid_name
from symbp.calculus.program import Program, ScalarFunction, Tensor
from symbp.catalogue import ACTIVATIONS, BLOCKS, LAYERS, LOSSES, REGULARIZERS
from symbp.catalogue.kinds import Activation, LayerKind, LossKind, Number
from symbp.errors import InputError, unknown
from symbp.files import located, text_of
from symbp.network import settings as check
from symbp.network import spec
from symbp.network.assemble import PartialForward, assembled
from symbp.network.axes import Axes
from symbp.network.composed import all_composed
from symbp.network.forward import BATCH, ForwardMap, Source
from symbp.network.layers import MOST_LAYERS, Layer, LossTerm, Objective, Optimizer, Term, Training, catalogue_functions
from symbp.network.naming import Namer
from symbp.network.objective import add_objective, check_domain
from symbp.network.plan import planned
from symbp.network.standardize import (
    NAMES,
    STANDARDIZE,
    own_units,
    standardised_input,
    standardised_target,
    why_not_targets,
)
from symbp.network.wiring import whole_inputs, wired

MOST_PARAMETERS = 10**10
DEFAULT_LOSS = {"softmax": "cross_entropy", "log_softmax": "nll"}


@dataclass(frozen=True)
class _Built:
    """The layers of a network built: what has been assembled, its inputs, and who named them."""

    forward: PartialForward
    inputs: tuple[Tensor, ...]
    names: Namer


def _shapes(
    given: int | Sequence[int] | Mapping[str, int | Sequence[int]],
) -> dict[str, tuple[int, ...]]:
    """The shapes of inputs by name; one that has none is x."""
    named = given if isinstance(given, Mapping) else {"x": given}
    return {name: (its,) if isinstance(its, int) else tuple(its) for name, its in named.items()}


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Network:
    """Layers with a loss: a chain, or where layers say what they read, a graph.

    Parameters
    ----------
    input, inputs : the shape of one example, an int stands for a vector; or, of several inputs, the shapes by name
    layers : names or :class:`Layer` objects
    losses : the terms of the objective where it has several, or compares something else than the last layer with y; `loss` and
        `loss_settings` are then empty
    loss : name of the loss of one example; where it is empty, cross_entropy after softmax, nll after log_softmax, else sse
    loss_settings, optimizer, regularization : settings as in INTERFACE; regularization maps l1 or l2 to its weight
    reduction : ``mean`` or ``sum`` over the examples of a batch
    standardize : what is standardised by means and scales that are given, not trained: nothing (empty), ``inputs``, or ``both``
        inputs and targets
    functions, kinds : the user's own scalar functions and layers, by name
    text : the architecture as it was written, for the header of generated modules

    Raises
    ------
    InputError : unknown names, sizes that do not fit, a loss that does not fit the output
    """

    inputs: Mapping[str, tuple[int, ...]]
    layers: tuple[Layer, ...]
    losses: tuple[LossTerm, ...]
    loss: str
    loss_settings: Mapping[str, Any]
    optimizer: Optimizer
    regularization: Mapping[str, Number]
    reduction: str
    standardize: str
    functions: Mapping[str, ScalarFunction]
    kinds: Mapping[str, LayerKind]
    constants: Mapping[str, Number]
    name: str
    text: str

    def __init__(
        self,
        input: int | Sequence[int] | Mapping[str, int | Sequence[int]] = (),
        layers: Sequence[str | Layer] = (),
        loss: str = "",
        *,
        inputs: Mapping[str, int | Sequence[int]] | None = None,
        losses: Sequence[LossTerm] = (),
        loss_settings: Mapping[str, Any] | None = None,
        optimizer: str | Optimizer = "sgd",
        regularization: Mapping[str, Number] | None = None,
        reduction: str = "mean",
        standardize: str = "",
        functions: Mapping[str, ScalarFunction] | None = None,
        kinds: Mapping[str, LayerKind] | None = None,
        constants: Mapping[str, Number] | None = None,
        name: str = "",
        text: str = "",
    ) -> None:
        values = {
            "inputs": _shapes(inputs or input),
            "layers": all_composed(layers, next(iter(_shapes(inputs or input)), "x")),
            "losses": tuple(losses),
            "loss": loss,
            "loss_settings": dict(loss_settings or {}),
            "optimizer": Optimizer.of(optimizer) if isinstance(optimizer, str) else optimizer,
            "regularization": dict(regularization or {}),
            "reduction": reduction,
            "standardize": standardize,
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
        """The network that a short string such as ``64-32:tanh-10:softmax`` describes.

        Raises
        ------
        InputError : with the column of what cannot be read
        """
        return Network(**spec.parse(text, **options))

    @staticmethod
    def load(path: str | Path, **options: Any) -> Network:
        """The network that a TOML or JSON file describes; `options` (loss, optimizer, ...) replace what it says.

        Raises
        ------
        InputError : with the file, and the line where it is known
        """
        text = text_of(Path(path))
        with located(text, str(path)):
            file = spec.decode(text, json_text=str(path).lower().endswith(".json"))
            return Network(**spec.arguments(file, text=str(path), **options))

    @staticmethod
    def read(arch: str, **options: Any) -> Network:
        """The network for a command-line argument: a file where it ends in .toml or .json, else a short string.

        Options that are given (not None) replace what a file says.
        """
        given = {name: value for name, value in options.items() if value is not None}
        load = arch.lower().endswith((".toml", ".json"))
        return Network.load(arch, **given) if load else Network.parse(arch, **given)

    def _check(self) -> None:
        for name, shape in self.inputs.items():
            for k, size in enumerate(shape):
                check.size("input" if name == "x" else f"input {name}", f"axis {k + 1}", size)
            if name != "x":
                valid_name(name, "input name")
        if not self.inputs or () in self.inputs.values() or not self.layers:
            raise InputError("a network has an input and at least one layer")
        if len(self.layers) > MOST_LAYERS:
            raise InputError(f"{len(self.layers)} layers", allowed=f"at most {MOST_LAYERS}")
        for name in (self.loss, *(t.kind for t in self.losses)):
            if name and name not in LOSSES:
                raise unknown("loss", name, LOSSES)
        if self.reduction not in ("mean", "sum"):
            raise unknown("reduction", self.reduction, ("mean", "sum"))
        if self.standardize not in STANDARDIZE:
            raise unknown("kind of standardisation", self.standardize, STANDARDIZE[1:])
        if self.losses and self.loss:
            raise InputError(f"a loss {self.loss} and losses", allowed="one of both", key=("losses",))
        if self.standardize and not self.plain:
            said = "only what has one input x, one output yhat and targets y is standardised"
            raise InputError(said, allowed="data that are standardised already")
        if self.standardize == "both":
            why = why_not_targets(self.loss_kind, self.layers[-1].kind)
            if why:
                raise InputError(why, allowed="inputs")
        check.known("regularization", self.regularization, REGULARIZERS)
        for name, value in self.regularization.items():
            check.number("regularization", name, value)
        sizes = self.forward_map.sizes
        numbers = sum(prod(sizes[a] for a in p.tensor.axes) for p in self.forward_map.parameters)
        if numbers > MOST_PARAMETERS:
            raise InputError(f"the network has {numbers} parameters", allowed=f"at most {MOST_PARAMETERS}")
        for term in self.objective.compared:
            check_domain(term.loss, term.of, self.forward_map.program, sizes)

    def __repr__(self) -> str:
        losses = " and ".join(t.loss.name for t in self.objective.compared)
        return f"<network {self.text or '-'.join(x.kind for x in self.layers)}, loss {losses}>"

    @property
    def input(self) -> tuple[int, ...]:
        """The shape of one example of the input; InputError where there are several."""
        if len(self.inputs) > 1:
            raise InputError(f"the network has the inputs {', '.join(self.inputs)}", allowed="networks of one input")
        return next(iter(self.inputs.values()))

    @property
    def plain(self) -> bool:
        """Whether there is one input x, and one loss, which compares the last layer with targets y."""
        return [*self.inputs] == ["x"] and not self.losses and not any(t.integer for t in self._built.inputs)

    @property
    def loss_kind(self) -> LossKind:
        """The loss as the catalogue has it; the first of several."""
        return LOSSES[self._losses[0].kind]

    @cached_property
    def _losses(self) -> tuple[LossTerm, ...]:
        """The terms of the objective, names of what they compare filled in; yhat is the output of the last layer."""
        usual = self.loss or DEFAULT_LOSS.get(self.layers[-1].kind, "sse")
        given = self.losses or (LossTerm(usual, settings=self.loss_settings),)
        of = [t.of or "yhat" for t in given]
        targets = [t.target or ("y" if len(given) == 1 else f"y_{name}") for t, name in zip(given, of, strict=True)]
        return tuple(replace(t, of=a, target=b) for t, a, b in zip(given, of, targets, strict=True))

    @cached_property
    def objective(self) -> Objective:
        """What the network lowers."""
        names = {**self._built.names.aliases}
        terms = tuple(
            Term(LOSSES[t.kind], t.settings, names.get(t.of, t.of), names.get(t.target, t.target), t.weight)
            for t in self._losses
        )
        first = terms[0]
        return Objective(first.loss, first.settings, self.regularization, self.reduction, terms if self.losses else ())

    @property
    def output(self) -> tuple[int, ...]:
        """The shape of the prediction for one example."""
        return tuple(self.forward_map.sizes[a] for a in self.forward_map.program.tensors["yhat"].axes if a != BATCH)

    @property
    def depth(self) -> int:
        """How many layers with parameters there are."""
        return sum(bool(getattr(k, "parameters", ())) for k, _ in self._resolved)

    @cached_property
    def _resolved(self) -> tuple[tuple[LayerKind | Activation | ScalarFunction, Layer], ...]:
        """Every layer with what the catalogue, or the user, says of its kind; the identity behind a last one with parameters."""
        found = [(self._kind(x.kind), x) for x in self.layers]
        last = found[-1][0]
        if isinstance(last, LayerKind) and last.parameters and self._ends:
            found.append((ACTIVATIONS["identity"], Layer("identity")))
        return tuple(found)

    @property
    def _ends(self) -> bool:
        """Whether the output of the last layer is called yhat: where it is all that is compared."""
        return {t.of for t in self._losses} <= {"yhat", self.layers[-1].name or "yhat"}

    def _kind(self, name: str) -> LayerKind | Activation | ScalarFunction:
        everything: dict[str, Any] = {**ACTIVATIONS, **LAYERS, **self.functions, **self.kinds}
        if name not in everything:
            raise unknown("layer", name, [*everything, *BLOCKS])
        return everything[name]  # type: ignore[no-any-return]

    @cached_property
    def _built(self) -> _Built:
        """The layers joined: planned, then built."""
        targets = {t.target for t in self._losses} - {layer.name for layer in self.layers}
        reserved = (*REGULARIZERS, *(NAMES if self.standardize else ()), *self.inputs, *targets)
        names = Namer(len(self._resolved) if self._ends else 0, reserved, (layer.name for layer in self.layers))
        axes, inputs = Axes(), list[Tensor]()
        for name, shape in self.inputs.items():
            base = "in" if name == "x" else f"in_{name}"
            own = [axes.declare(Axis(base if len(shape) == 1 else f"{base}{k + 1}"), n) for k, n in enumerate(shape)]
            inputs.append(Tensor(name, (BATCH, *own), "input"))
        outputs = () if self._ends else tuple(dict.fromkeys(t.of for t in self._losses))
        layers = wired(self._resolved, (*self.inputs,), outputs)
        functions = [*(a.name for a in ACTIVATIONS.values() if not a.alias_of), *self.functions]
        plan, values = planned(layers, [(x.name, x.axes) for x in inputs], axes, names, self.constants, functions)
        for a, b in ((names.aliases.get(n, n) for n in (t.of, t.target)) for t in self._losses):
            for its, other in zip(values[a], values.get(b, ()), strict=False):
                axes.join(its, other)  # a loss that compares two layers, or a layer and an input, is a join as well
        whole = whole_inputs(layers, [x.name for x in inputs])
        inputs = [replace(x, axes=axes.all(x.axes), integer=x.name in whole) for x in inputs]
        start = PartialForward(inputs[0], axes.sizes)
        if self.standardize:
            start = standardised_input(start)
        given = (start.output, *inputs[1:])
        return _Built(assembled(plan, start, given, axes, self.scalar_functions), tuple(inputs), names)

    @cached_property
    def forward_map(self) -> ForwardMap:
        """The layers joined, with the objective behind them: what is derived, printed, generated and judged."""
        stack, names = self._built.forward, self._built.names
        both = self.standardize == "both"
        program = add_objective(stack, self._built.inputs, self.objective, names, standardize=both)
        state = (*stack.state, *(standardised_target(program.tensors["y"])[1] if both else ()))
        return ForwardMap(
            program,
            loss="J",
            source=Source(self.text or repr(self), self.name, self.text),
            results=tuple(dict.fromkeys(t.of for t in self.objective.compared)),
            batch=BATCH,
            sizes=stack.sizes,
            parameters=stack.parameters,
            noise=stack.noise,
            state=state,
            inference=stack.inference,
            units=own_units(program) if both else None,
            adjoint=names.adjoint,
            aliases=names.aliases,
            activations=names.activations,
            inner=stack.inner,
            functions=self.functions,
            layers=self.layers,
            depth=self.depth,
            training=Training(self.objective, self.optimizer),
        )

    @cached_property
    def scalar_functions(self) -> dict[str, ScalarFunction]:
        """The scalar functions that a layer of the user's own may call: activations with their defaults, and the user's."""
        return {**catalogue_functions(), **self.functions}

    def program(self, batch: bool = True) -> Program:
        """The forward map: for a batch, or (``batch=False``) for one example, the axis n dropped."""
        return self.forward_map.over(batch)
