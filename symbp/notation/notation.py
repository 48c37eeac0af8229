r"""A lecturer's notation as one frozen value: which letter of a page is which tensor, for printing and for reading.

A printer asks for the letter of a role, a reader looks letters up the other way round; neither ever asks which notation it has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from symbp.calculus.matrix.read import Layout

LOSSES = ("J", r"\calL", "L", "E", "C", r"\calJ", r"\ell", r"\calE", r"\calC")
"""The letters that losses have, the commonest first."""

ROLES: Mapping[str, str] = {
    "input": "x", "target": "y", "prediction": "yhat", "loss": "J", "pre_activation": "z", "activation": "a", "delta": "delta",
    "error": "e", "weight": "W", "bias": "b", "rate": "rate", "dropout": "dropout", "mask": "mask",
    "probabilities": "probabilities",
}  # fmt: skip
"""What a letter may stand for, and the name that it has in a network."""

UNIT_ZERO = "W0"
"""What a reader calls the weights from a unit 0, where biases are those: no letter of a page is spelled so."""

PROBABLE = ("softmax", "sigmoid")
"""The activations whose values are probabilities."""

LAST = "L"
"""What stands for the number of the last layer where a letter is that of the last layer, whatever its number."""

LAYERED = ("z", "a", "delta", "e", "W", "b")
"""The names that every layer has one of."""

OF_EACH = ("x", "y", "yhat", "z", "a", "delta", "e")
"""The names that every example has one of."""


@dataclass(frozen=True)
class Letter:
    """A letter as it is printed: of a whole array, of its elements, and of the array for a whole batch; where the last is empty,
    the batch has the capital."""

    whole: str
    element: str
    batch: str = ""


@dataclass(frozen=True)
class Pattern:
    """How elements of a tensor are written.

    `scripts` are the subscripts (the notation's letter of the example, ``0`` a zero, anything else any other letter), `tensor`
    the network's name, `letters` the tensor's own indices, ``*`` for one that is left open: a vector; and `tail` is what
    follows the scripts in print, ``(x_i)``.
    """

    scripts: str
    tensor: str
    letters: str
    tail: str = ""


@dataclass(frozen=True)
class Notation:
    r"""A lecturer's letters.

    Parameters
    ----------
    loss : letters of the loss, the one to print first
    families : letters that carry a layer number, and the network's letter: ``{"\\delta": "delta"}``
    fixed : letters without a layer number, and the network's name
    batched : letters that stand for a whole batch
    activations : letters of "the layer's activation"
    functions : letters of other scalar functions; ``g2`` is the activation of layer 2
    from_to : weights are (in x out), w_ij leads from i to j
    style : how a layer number is printed, with ``{}`` for it
    patterns : letters whose elements are written in ways of their own, for networks with one hidden layer
    below : letters whose subscript is a layer wherever it is a number
    sums : the loss of a batch is the sum over its examples
    written_out : elements that have no letter, in full, with biases and without; ``{0}`` is their index, ``{1}`` the example's
    spelled : letters side by side that spell a name of the subject are that name
    rows : letters of the rows and elements of a matrix, with its name: ``x_i`` is a row of X
    own : derivatives by what every example has are those of each example's own loss, whose mean is the loss
    counts : letters of the number of examples, the one to print first
    example : the letter of the index that runs over the examples
    printed : the letters to print by the network's name without its layer number, or with it: ``W``, ``W1``
    subscript : layer numbers stand below
    layer_letter : the letter of a layer
    of_units : letters of functions that carry the index of their unit
    ends : the input and the prediction are said to be activations of the first and the last layer
    first : the number of the first layer that has weights
    units : the letters of the unit that a weight leads to, and of the one that it comes from
    unit_letters : the letters of the units of each layer, the input's first; empty where all layers have the same
    numbered_from : the number of the first unit, where units are numbered through the whole network; else None
    bias_in_weights : biases are the weights of a unit 0
    bold, italic : whole arrays are set in bold, upright or italic
    differential : derivatives of the loss are written ``dW``
    gradient : derivatives of the loss by whole arrays are written with a nabla
    weights_below : weights have the number of the layer that they come from, not of the one that they lead to
    beyond : in a network of another depth, letters of single layers give way to those that all layers have
    commas : indices stand with commas between them
    hadamard : the sign of the product of elements
    width : the letter of the number of units of a layer
    iteration : the letter of the number of an update, where updates count: ``W^{(r+1)} = W^{(r)} - ...``
    carried : the letter of the one vector that the way back overwrites layer by layer, where errors have none
    said : what the input or the prediction is called beside, by the network's name: ``h_{W,b}(x)``
    activation : the letter to print for the activation where a network has only one; empty: always its own name
    marked : that letter carries the layer's mark
    whole_layers : that letter with the layer's number is a whole layer, too, a function of its input and weights, ``f^1(X, W^1)``
    layout : whether vectors are columns or rows
    transpose, log : the signs for them; where a prime is that of the transpose, it is read so at names and formulas
    """

    name: str
    title: str
    source: str
    loss: tuple[str, ...]
    families: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    batched: frozenset[str] = frozenset()
    activations: tuple[str, ...] = ("g", "f")
    functions: Mapping[str, str] = field(default_factory=dict)
    from_to: bool = False
    style: str = "({})"
    patterns: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    spelled: bool = False
    rows: Mapping[str, str] = field(default_factory=dict)
    below: frozenset[str] = frozenset()
    sums: bool = False
    written_out: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    own: bool = False
    counts: tuple[str, ...] = ("N", "m", "M")
    example: str = "n"
    printed: Mapping[str, Letter] = field(default_factory=dict)
    subscript: bool = False
    layer_letter: str = "k"
    of_units: frozenset[str] = frozenset()
    ends: bool = False
    first: int = 1
    units: tuple[str, str] = ("i", "j")
    unit_letters: tuple[str, ...] = ()
    numbered_from: int | None = None
    bias_in_weights: bool = False
    bold: bool = False
    italic: bool = False
    differential: bool = False
    gradient: bool = False
    weights_below: bool = False
    beyond: bool = False
    commas: bool = False
    hadamard: str = r"\odot"
    width: str = "n"
    iteration: str = ""
    carried: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    activation: str = ""
    marked: bool = False
    whole_layers: bool = False
    layout: Layout = "columns"
    transpose: str = r"\top"
    log: str = r"\ln"

    @cached_property
    def stems(self) -> frozenset[str]:
        """What stands before the subscript of names that have one, ``W`` of W_f."""
        return frozenset(name.partition("_")[0] for name in self.fixed if "_" in name)

    @property
    def steps(self) -> bool:
        """Whether names speak of one step and the one before it, h_prev."""
        return any(name.endswith(("prev", "_t")) for name in self.fixed)

    def has(self, name: str) -> bool:
        """Whether there is a letter for a name of the network's."""
        return name in self.printed

    def letter(self, name: str) -> str:
        """The letter of a whole array, or of a scalar; the name itself where there is none."""
        return self.printed[name].whole if name in self.printed else name

    @cached_property
    def patterned(self) -> Mapping[str, tuple[str, Pattern]]:
        """The letter and the pattern that elements of a tensor are printed with, by the network's name."""
        found: dict[str, tuple[str, Pattern]] = {}
        for letter, patterns in self.patterns.items():
            for p in patterns:
                if "*" not in p.letters and p.tensor not in self.written_out:
                    found.setdefault(p.tensor, (letter, p))
        return found

    @property
    def bare(self) -> bool:
        """Whether the number of a layer looks like a power."""
        return self.style == "{}" and not self.subscript

    @property
    def swaps(self) -> Mapping[str, str]:
        """The letters of free indices, i for the unit that a weight leads to and j for where it comes from, exchanged for
        those of the notation; what gives its letter away takes what is free."""
        swaps = dict(zip("ij", self.units, strict=True))
        left = [c for c in swaps.values() if c not in swaps]
        freed = [c for c in swaps if c not in swaps.values()]
        return {a: b for a, b in {**swaps, **dict(zip(left, freed, strict=True))}.items() if a != b}

    def counted(self, base: str, layer: int) -> int:
        """The number that a page has for a layer at the letter of a role: as the notation counts, weights from where they do."""
        return layer + self.first - 1 - (self.weights_below and base in ("W", "b"))

    def fitted(self, depth: int, probable: bool = False) -> Notation:
        """The notation for a network of as many layers: letters of the last layer have its number, the prediction has the letter
        of probabilities where it is `probable` that it is those, and what belongs to single layers goes in a network of
        another depth, if the notation says so."""
        if not depth:
            return self
        names = {
            name: re.sub(rf"(?<=[a-z]){LAST}$", str(depth), name) for name in (*self.printed, *self.fixed.values())
        }
        if "probabilities" in self.printed:
            names |= {"probabilities": "yhat", "yhat": ""} if probable else {"probabilities": ""}
        last = {names[n] for n in names if n.endswith(LAST) and n != names[n]}
        if self.beyond and self._numbered not in (0, depth):
            names |= {n: "" for n in names if re.search(r"\d$", n) and n not in last}
        printed = {names[n]: letter for n, letter in self.printed.items() if names[n]}
        units = self.unit_letters if len(self.unit_letters) == depth + 1 or not self.beyond else ()
        fixed = {letter: names[n] for letter, n in self.fixed.items() if names[n]}
        return replace(self, printed=printed, fixed=fixed, unit_letters=units)

    @property
    def _numbered(self) -> int:
        """How many layers the letters of single layers, or of their units, are for."""
        return max(self.layers + any(n.endswith(LAST) for n in self.printed), len(self.unit_letters) - 1)

    @property
    def layers(self) -> int:
        """How many layers there are letters for, where letters belong to single layers; else 0."""
        names = [*self.printed, *(p.tensor for patterns in self.patterns.values() for p in patterns)]
        return max((int(m[1]) for n in names if (m := re.fullmatch(r"[A-Za-z]+(\d+)", n))), default=0)


def typeset(letter: str) -> str:
    r"""A letter as LaTeX knows it: ``\calL`` is \mathcal{L}, a word stands upright."""
    upright = rf"\mathrm{{{letter}}}" if len(letter) > 1 and letter.isalpha() else letter
    return re.sub(r"\\cal([A-Z])", r"\\mathcal{\1}", upright)


def plain(letter: str) -> str:
    r"""A letter as plain text: ``\calL`` is L, ``\delta`` is delta."""
    return re.sub(r"\\cal([A-Z])", r"\1", letter).lstrip("\\")
