"""What an entry of the catalogue is: a name, a few lines of the index language, and the settings that stand in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Number = int | float | str
"""A setting: a number, or its decimal text where a float would round it."""

STARTS = ("glorot", "zeros", "ones")
"""How a parameter can be drawn at first; glorot is uniform (Glorot and Bengio 2010, eq. 16)."""


@dataclass(frozen=True)
class Activation:
    """A scalar function of z applied to every element; `definition` is its forward map, an expression in z.

    `symbol` is the letter that a page writes for it where it has one of its own.
    """

    name: str
    definition: str
    settings: Mapping[str, Number] = field(default_factory=dict)
    symbol: str = ""
    source: str = ""
    alias_of: str = ""


@dataclass(frozen=True)
class Variant:
    """What a setting changes where it is true, or given: lines in the place of those that define the same, others in front of
    them; parameters, lengths and switches; where it has an output of its own, it has all the lines."""

    forward: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    lengths: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    output: str = ""


@dataclass(frozen=True)
class LayerKind:
    """A layer: from the tensor `input` through the statements `forward` to the tensor `output`.

    In `input`, `output` and `forward`, ``...`` stands for all axes that are not written out, the batch axis n among them. A
    letter that several inputs have says that these axes are one.

    Parameters
    ----------
    inputs : the inputs of a kind that takes several, in place of `input`
    joins : of a kind that takes two inputs or more, the sign between them; `forward` is then written for `input` alone, and
        `output` is the letter that a network has for it
    stacks : of a kind that joins, the letter of the axis along which the inputs lie one behind the other; ``before`` in `forward`
        is the length of those in front
    parameters : the parameters' axes, as letters: ``{"W": "i j", "b": "i"}``
    sizes : names of settings that give the length of an axis letter: ``{"units": "i"}``; the first is the main setting. One that
        gives several, ``{"kernel_size": "u v"}``, is a number for all of them or a list; ``shape...`` in the lines stands for as
        many of the letters of ``shape`` as the list has numbers
    variants : by name the settings that change lines; one that is a size as well may be left out
    whole : the inputs that hold whole numbers, which say places in other tensors
    alike : lengths that have to be equal: ``(("a*b", "i"),)``
    no_more : letters of which the first may be no longer than the second, where both have a length, and what is said then
    wholes : settings that are whole numbers, one for all or a list, by the names that stand for them in `forward` and `lengths`,
        and the default, a number or another setting: ``{"stride": ("s1 s2", "1")}``
    settings : numeric settings and their defaults; they may stand in `forward` under their names
    optional : switches that leave parameters out when they are false: ``{"bias": "b"}``; one that starts with ones is then 1
    choices : settings that name an activation, and their defaults; they may be called in `forward` under their names
    lengths : letters whose length follows from others and from settings: ``{"e": "d/h"}``; in `forward` such a letter is its
        length where a number stands, but in the slot of a tensor it is the index
    start : how a parameter is drawn: ``glorot``, ``zeros`` or ``ones``; matrices are glorot and vectors zero by default. Of what
        a line defines, the parameter or the input that it is before the first step, where it is read there: ``{"h": "h0"}``;
        zeros by default
    noise : tensors drawn anew in training: name -> (axes, setting that is the rate); inverted Bernoulli masks
    states : tensors that are kept beside the parameters and not trained, with their axes; zeros at first, or what `start` says
    update : a line for each state, ``<state>_next = ...``: what it is after a step of training
    inference : lines in the place of those of `forward` that define the same, outside training
    """

    name: str
    input: str = ""
    output: str = ""
    forward: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Number] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    start: Mapping[str, str] = field(default_factory=dict)
    noise: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    elementwise: str = ""
    activation: bool = False
    source: str = ""
    inputs: tuple[str, ...] = ()
    joins: str = ""
    stacks: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    lengths: Mapping[str, str] = field(default_factory=dict)
    wholes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    alike: tuple[tuple[str, str], ...] = ()
    variants: Mapping[str, Variant] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    no_more: tuple[tuple[str, str, str], ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    update: tuple[str, ...] = ()
    inference: tuple[str, ...] = ()

    @property
    def takes(self) -> tuple[str, ...]:
        """The inputs, each a tensor with its letters; of a kind that joins, the one that stands for all."""
        return self.inputs or (self.input,)

    @property
    def recurrent(self) -> bool:
        """Whether a line reads what it defines itself or a later one does, as at a step before."""
        left = [line.split("[")[0].strip() for line in self.forward]
        right = [line.partition("=")[2] for line in self.forward]
        return any(re.search(rf"\b{re.escape(n)}\[", r) for k, n in enumerate(left) for r in right[: k + 1] if n)

    @property
    def main(self) -> str:
        """The setting that a bare value gives: the first size, else the first numeric setting."""
        return next(iter([*self.sizes, *self.settings]), "")


@dataclass(frozen=True)
class TargetKind:
    """The numbers that a loss takes as targets; `says` is how a message names them.

    Parameters
    ----------
    low, high : the interval that they lie in, its ends included
    whole : whether they are whole numbers
    values : the only ones, where there are so few
    simplex : whether those of an example sum to one
    pair : for two classes, the targets that stand for the first and the second; empty where classes are not targets
    """

    says: str
    low: float = float("-inf")
    high: float = float("inf")
    whole: bool = False
    values: tuple[int, ...] = ()
    simplex: bool = False
    pair: tuple[int, ...] = ()


REAL = TargetKind("numbers", pair=(0, 1))
UNIT = TargetKind("numbers from 0 to 1, or two classes", 0, 1, pair=(0, 1))
SIMPLEX = TargetKind("shares from 0 to 1 that sum to 1", 0, 1, simplex=True)
SIGNS = TargetKind("-1 and 1, or two classes", -1, 1, values=(-1, 1), pair=(-1, 1))
COUNTS = TargetKind("counts: whole numbers from 0", 0, whole=True)


@dataclass(frozen=True)
class LossKind:
    """A loss for one example, an expression in ``yhat[...]`` and ``y[...]`` with the letters k (or j, k) over the outputs.

    Parameters
    ----------
    domain : where the predictions must lie: (low, high, whether the ends belong to it); `after` names activations that fit
    facts : what is known of targets, as ``left = right | why``
    targets : the numbers that it takes as targets
    labels : whether integer labels are accepted and stand for one-hot targets
    least : how many outputs it takes, at least
    boundary : where a prediction goes over from one class to the other, for losses whose targets are one of two values
    words : what a text calls it
    """

    name: str
    forward: str
    settings: Mapping[str, Number] = field(default_factory=dict)
    domain: tuple[float, float, bool] = (float("-inf"), float("inf"), True)
    after: str = ""
    facts: tuple[str, ...] = ()
    targets: TargetKind = REAL
    labels: bool = False
    least: int = 1
    boundary: float | None = None
    source: str = ""
    words: str = ""


@dataclass(frozen=True)
class OptimizerKind:
    """An update rule for one entry theta of a parameter with gradient g, at step t = 1, 2, ...

    `update` computes ``<state>_next`` for each state and ``theta_next``; states start at zero. `words` is what a text calls it.
    """

    name: str
    settings: Mapping[str, Number]
    update: tuple[str, ...]
    states: tuple[str, ...] = ()
    source: str = ""
    words: str = ""


@dataclass(frozen=True)
class ScheduleKind:
    """The learning rate in epoch t = 0, 1, ..., an expression in lr, t and the settings."""

    name: str
    rate: str
    settings: Mapping[str, Number] = field(default_factory=dict)
    source: str = ""
