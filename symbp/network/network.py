"""A network: layers in a chain, a loss, an optimizer; :attr:`Network.forward_map` is what it computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from symbp.calculus.indices import Axis
from symbp.calculus.program import Program, ScalarFunction, Tensor
from symbp.catalogue import ACTIVATIONS, LAYERS, LOSSES, REGULARIZERS
from symbp.catalogue.kinds import Activation, LayerKind, LossKind, Number
from symbp.errors import InputError, unknown
from symbp.files import located, text_of
from symbp.network import settings as check
from symbp.network import spec
from symbp.network.assemble import PartialForward, assembled
from symbp.network.axes import Axes
from symbp.network.forward import BATCH, ForwardMap, Source
from symbp.network.layers import MOST_LAYERS, Layer, Objective, Optimizer, Training, catalogue_functions
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
from symbp.network.wiring import wired

MOST_PARAMETERS = 10**10
DEFAULT_LOSS = {"softmax": "cross_entropy", "log_softmax": "nll"}


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
    standardize : what is standardised by means and scales that are given, not trained: nothing (empty), ``inputs``, or ``both``
        inputs and targets
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
    standardize: str
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
        standardize: str = "",
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
        if self.standardize not in STANDARDIZE:
            raise unknown("kind of standardisation", self.standardize, STANDARDIZE[1:])
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
        check_domain(self.loss_kind, self.forward_map.program, self.forward_map.sizes)

    def __repr__(self) -> str:
        return f"<network {self.text or '-'.join(x.kind for x in self.layers)}, loss {self.loss_kind.name}>"

    @property
    def loss_kind(self) -> LossKind:
        """The loss as the catalogue has it."""
        return LOSSES[self.loss or DEFAULT_LOSS.get(self.layers[-1].kind, "sse")]

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
    def forward_map(self) -> ForwardMap:
        """The layers joined, with the objective behind them: what is derived, printed, generated and judged."""
        names = Namer(len(self._resolved), (*REGULARIZERS, *(NAMES if self.standardize else ())))
        inputs = [Axis("in" if len(self.input) == 1 else f"in{k + 1}") for k in range(len(self.input))]
        x = Tensor("x", (BATCH, *inputs), "input")
        axes = Axes(dict(zip(inputs, self.input, strict=True)))
        plan = planned(wired(self._resolved, ("x",)), [("x", x.axes)], axes, names, self.constants)
        start = PartialForward(x, axes.sizes)
        if self.standardize:
            start = standardised_input(start)
        stack, _ = assembled(plan, start, (start.output,), axes, self.scalar_functions)
        goal = Objective(self.loss_kind, self.loss_settings, self.regularization, self.reduction)
        both = self.standardize == "both"
        program = add_objective(stack, x, goal, names, standardize=both)
        state = (*stack.state, *(standardised_target(program.tensors["y"])[1] if both else ()))
        return ForwardMap(
            program,
            loss="J",
            source=Source(self.text or repr(self), self.name, self.text),
            results=(stack.output.name,),
            batch=BATCH,
            sizes=stack.sizes,
            parameters=stack.parameters,
            noise=stack.noise,
            state=state,
            units=own_units(program) if both else None,
            adjoint=names.adjoint,
            aliases=names.aliases,
            activations=names.activations,
            inner=stack.inner,
            functions=self.functions,
            layers=self.layers,
            depth=self.depth,
            training=Training(goal, self.optimizer),
        )

    @cached_property
    def scalar_functions(self) -> dict[str, ScalarFunction]:
        """The scalar functions that a layer of the user's own may call: activations with their defaults, and the user's."""
        return {**catalogue_functions(), **self.functions}

    def program(self, batch: bool = True) -> Program:
        """The forward map: for a batch, or (``batch=False``) for one example, the axis n dropped."""
        return self.forward_map.over(batch)
