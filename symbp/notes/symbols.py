r"""The LaTeX of names: ``W1`` is W^{(1)}, its element w^{(1)}_{ij}, ``yhat`` has its hat, ``gamma`` is Greek."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Symbol

from symbp.calculus.indices import Axis
from symbp.calculus.matrix.read import Orientation, orientation
from symbp.calculus.primitives import PRIMITIVES
from symbp.calculus.program import Tensor
from symbp.calculus.text import BATCH, size_name
from symbp.catalogue import ACTIVATIONS
from symbp.network.derivation import Derivation
from symbp.notes.conventions import Convention

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split()
)
_ACCENTS = ("hat", "bar", "tilde")
_SETTINGS = {"l1": r"\lambda_{1}", "l2": r"\lambda_{2}", "yhat": r"\hat{y}", "theta": r"\theta"}
_FUNCTIONS = {**{p.name: p.latex for p in PRIMITIVES if p.latex}, "identity": r"\mathrm{id}"}


_LITERAL = "@"


def literal(latex: str) -> Symbol:
    """A symbol that is printed as `latex`: no name of a tensor begins with its sign."""
    return Symbol(_LITERAL + latex, real=True)


def letter(name: str) -> str:
    r"""A name without a layer number: Greek where it is spelled out, hats, a subscript for digits, upright where it is a word."""
    if len(name) == 1:
        return name
    if name in GREEK:
        return "\\" + name
    for accent in _ACCENTS:
        rest = name.removesuffix(accent).rstrip("_")
        if name.endswith(accent) and (len(rest) == 1 or rest in GREEK):
            return rf"\{accent}{{{letter(rest)}}}"
    base, _, sub = name.partition("_")
    if sub and (len(base) == 1 or base in GREEK):
        return f"{letter(base)}_{{{letter(sub)}}}"
    base, sub = re.fullmatch(r"(.*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
    if sub and base:
        return f"{letter(base)}_{{{sub}}}"
    return r"\mathrm{" + name.replace("_", r"\_") + "}"


@dataclass(frozen=True)
class Letter:
    """A printed name: the letter of its elements, that of the whole, and its superscript."""

    element: str
    whole: str
    layer: str = ""

    def written(self, base: str, below: str) -> str:
        """The letter with its scripts."""
        scripted = re.fullmatch(r"(.*?)_\{(.*)\}", base)
        if scripted:
            base, below = scripted[1], f"{scripted[2]}, {below}" if below else scripted[2]
        return base + (f"^{{({self.layer})}}" if self.layer else "") + (f"_{{{below}}}" if below else "")


@dataclass(frozen=True)
class Symbols:
    """How the names of a derivation are written in a convention.

    `generic` maps layer numbers to text, such as ``{2: "k-1", 3: "k"}``, for a layer that stands for several.
    """

    derivation: Derivation
    convention: Convention
    generic: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor of the derivation."""
        return self.derivation.program.tensors

    @cached_property
    def orient(self) -> Orientation:
        """How each tensor is displayed."""
        weights = [p.tensor.name for p in self.derivation.map.parameters if len(p.tensor.axes) == 2]
        return orientation(self.convention.layout, weights if self.convention.weights_from_to else ())

    @cached_property
    def _own(self) -> set[str]:
        return {x.name for x in self.derivation.map.layers if not isinstance(x, str) and x.name}

    def number(self, name: str) -> tuple[str, int | None]:
        """A name of the network as its base and its layer number, where it has one."""
        for size in (4, 3, 2, 1):
            base, digits = name[:-size], name[-size:]
            if base and digits.isdigit() and str(int(digits)) == digits and int(digits) <= self.derivation.map.depth:
                return base.rstrip("_"), int(digits)
        return name, None

    def letter(self, name: str) -> Letter:
        """The printed form of a tensor's name, adjoints that are written as derivatives excepted."""
        if name.startswith(_LITERAL):
            return Letter(name[1:], name[1:])
        tensor = self.tensors.get(name)
        batch = tensor is not None and BATCH in [a.name for a in tensor.axes]
        rank = len(tensor.axes) - batch if tensor is not None else 0
        if name in _SETTINGS:
            return _cased(_SETTINGS[name], rank, batch)
        if name == self.derivation.backward.loss:
            return Letter(self.convention.loss, self.convention.loss)
        if name in self._own or re.fullmatch(r"R\d+", name):
            return _cased(letter(name), rank, batch)
        for own in self._own:
            if name.startswith(f"{own}_"):
                return _cased(
                    letter(name[len(own) + 1 :]), rank, batch, rf"\mathrm{{{own.replace('_', chr(92) + '_')}}}"
                )
        again = re.fullmatch(r"([a-z]+\d+)_(\d+)", name)
        base, number = self.number(again[1] if again else name)
        layer = "" if number is None else self.generic.get(number, str(number)) + (f".{again[2]}" if again else "")
        known = {**self.convention.symbols, **self.convention.adjoints}
        return _cased(known.get(base) or letter(base), rank, batch, layer)

    def of(self, name: str) -> str:
        """The tensor that an adjoint is the derivative with respect to, where it is written as one; else nothing."""
        tensor = self.tensors.get(name)
        if tensor is None or tensor.of is None:
            return ""
        short = self.number(name)[0] in self.convention.adjoints and name in self.derivation.map.adjoint.values()
        return "" if short else tensor.of

    def whole(self, name: str) -> str:
        """The LaTeX of a whole tensor."""
        if self.of(name):
            return self.partial(self.whole(self.of(name)))
        its = self.letter(name)
        return its.written(its.whole, "")

    def element(self, name: str, indices: Sequence[Expr]) -> str:
        """The LaTeX of one element, its indices in the order in which the tensor is displayed."""
        if self.of(name):
            return self.partial(self.element(self.of(name), indices))
        its = self.letter(name)
        return its.written(its.element if indices else its.whole, self.subscript(self.displayed(name, indices)))

    def displayed(self, name: str, indices: Sequence[Expr]) -> tuple[Expr, ...]:
        """Indices in the order of display: row, column."""
        tensor = self.tensors.get(name)
        if tensor is None or len(tensor.axes) != 2 or len(indices) != 2:
            return tuple(indices)
        places = self.orient(tensor)
        return tuple(indices[p] for p in places if p is not None)

    @staticmethod
    def subscript(indices: Sequence[Expr]) -> str:
        """Indices as a subscript; numerals lose the zeros in front."""
        shown = [str(int(i.name)) if i.name.isdigit() else letter(i.name) for i in indices]
        return ("" if all(len(s) == 1 for s in shown) else ", ").join(shown)

    def partial(self, below: str) -> str:
        """The derivative of the loss with respect to something printed."""
        return rf"\frac{{\partial {self.convention.loss}}}{{\partial {below}}}"

    @cached_property
    def _single(self) -> str:
        """The one activation of the network, where the convention has a letter for it."""
        functions = [f.name for f in self.derivation.forward.functions if f.name != "identity"]
        return functions[0] if len(functions) == 1 and self.convention.activation else ""

    def function(self, name: str) -> str:
        """The LaTeX of a scalar function's name."""
        return self.convention.activation if name == self._single else self.own_name(name)

    def own_name(self, name: str) -> str:
        """The LaTeX of a scalar function's own name: sigma, tanh, or the word."""
        if name in ACTIVATIONS and ACTIVATIONS[name].symbol:
            return ACTIVATIONS[name].symbol
        if name in _FUNCTIONS:
            return _FUNCTIONS[name]
        return name if len(name) == 1 else r"\mathrm{" + name.replace("_", r"\_") + "}"

    def size(self, axis: Axis) -> str:
        """The length of an axis: a number where it is known."""
        sizes = self.derivation.map.sizes
        if axis in sizes and not self.generic:
            return str(sizes[axis])
        layer = re.fullmatch(r"in|i(\d+)", axis.name)
        if layer:
            number = int(layer[1] or 0)
            return f"n_{{{self.generic.get(number, number)}}}"
        base, _, below = size_name(axis).partition("_")
        return f"{base}_{{{below}}}" if below else base


def _cased(base: str, rank: int, batch: bool, layer: str = "") -> Letter:
    """Matrices have capitals, their elements small letters; so has a batch of vectors."""
    if rank >= 2 and not batch:
        return Letter(base.lower() if len(base) == 1 else base, base, layer)
    return Letter(base, _capital(base) if batch else base, layer)


def _capital(base: str) -> str:
    inner = re.fullmatch(r"(\\(?:hat|tilde|bar)\{)(\w)\}", base)
    if inner:
        return f"{inner[1]}{inner[2].upper()}}}"
    return {r"\delta": r"\Delta"}.get(base, base.upper() if len(base) == 1 else base)
