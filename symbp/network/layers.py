"""The pieces of a network: layers, objective and optimizer with their settings, and the catalogue's scalar functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symbp.calculus.language import read_scalar_function
from symbp.calculus.primitives import CALLS
from symbp.calculus.program import ScalarFunction
from symbp.catalogue import ACTIVATIONS, OPTIMIZERS, SCHEDULES
from symbp.catalogue.kinds import Activation, LossKind, Number, OptimizerKind, ScheduleKind
from symbp.errors import InputError, shown, unknown
from symbp.network import settings as check

MOST_LAYERS = 1000
"""Activations count as layers; deriving takes about 10 ms a layer."""


@dataclass(frozen=True)
class Layer:
    """One layer of a network: the name of its kind, its settings, and what makes of a chain a graph.

    Parameters
    ----------
    kind, settings : what it is
    name : a name of its own, under which other layers read it and its parameters are called
    inputs : what it reads: names of inputs and of layers before it, or numbers of these, counted from 1; nothing stands for the
        layer before it
    share : parameters that another layer has: ``{"W": "enc_W"}``, or with letters in another order ``{"W": "enc_W[j,i]"}``
    """

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    inputs: tuple[str | int, ...] = ()
    share: Mapping[str, str] = field(default_factory=dict)


def layer(
    kind: str,
    main: Any = None,
    /,
    *,
    name: str = "",
    inputs: Sequence[str | int] = (),
    share: Mapping[str, str] | None = None,
    **settings: Any,
) -> Layer:
    """A layer as an object: ``layer("dense", 32)``, ``layer("leaky_relu", alpha=0.2)``, ``layer("add", inputs=("x", "h"))``.

    `main` is the kind's main setting (the width of a dense layer, the rate of a dropout).
    """
    return Layer(kind, {**({"": main} if main is not None else {}), **settings}, name, tuple(inputs), dict(share or {}))


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

    def changed(self, given: Mapping[str, Any]) -> Optimizer:
        """The optimizer with other settings, its own and its schedule's; ``schedule`` names another schedule.

        Raises InputError for a setting that neither has.
        """
        if "schedule" in given:
            switched = Optimizer.of(self.kind.name, {**self.settings, "schedule": given["schedule"]})
            return switched.changed({n: v for n, v in given.items() if n != "schedule"})
        name, schedule = self.kind.name, self.schedule.name
        owner = name if schedule == "constant" else f"{name} with the schedule {schedule}"
        check.known(owner, given, [*self.settings, *self.schedule_settings])
        its = {n: v for n, v in given.items() if n in self.settings}
        rest = {n: v for n, v in given.items() if n in self.schedule_settings}
        return Optimizer(
            self.kind,
            check.numbers(name, its, self.settings),
            self.schedule,
            check.numbers(f"schedule {schedule}", rest, self.schedule_settings),
        )


@dataclass(frozen=True)
class LossTerm:
    """One of several losses that a network lowers together.

    Parameters
    ----------
    kind : the name of the loss
    of : the name of the layer whose output it compares; nothing for the last layer
    target : what that is compared with: the name of an input or of a layer, or a new name, under which targets are given;
        nothing for ``y`` where there is one term, else for ``y_<of>``
    weight : what it counts
    settings : those of the loss
    """

    kind: str
    of: str = ""
    target: str = ""
    weight: Number = 1
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Term:
    """A term of an objective: its loss, and the tensors that this compares."""

    loss: LossKind
    settings: Mapping[str, Any]
    of: str = "yhat"
    target: str = "y"
    weight: Number = 1


@dataclass(frozen=True)
class Objective:
    """What a network lowers: a loss with its settings, how much each regulariser weighs, and mean or sum over a batch.

    `terms` are its losses where there are several, or where what they compare is not yhat and y; `loss` is then the first.
    """

    loss: LossKind
    settings: Mapping[str, Any]
    regularization: Mapping[str, Number]
    reduction: str
    terms: tuple[Term, ...] = ()

    @property
    def compared(self) -> tuple[Term, ...]:
        """Its terms, one where there is one loss alone."""
        return self.terms or (Term(self.loss, self.settings),)


@dataclass(frozen=True)
class Training:
    """How a network is trained: what is lowered, and by which update."""

    objective: Objective
    optimizer: Optimizer


def catalogue_functions() -> dict[str, ScalarFunction]:
    """The catalogue's activations with their defaults, but for those that the index language calls by itself."""
    own = [a for a in ACTIVATIONS.values() if not a.alias_of and a.name not in CALLS]
    return {a.name: with_constants(a, {}) for a in own}


def with_constants(kind: Activation, values: Mapping[str, Number]) -> ScalarFunction:
    """An activation as a scalar function: its defaults, with `values` in their place, put in."""
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
