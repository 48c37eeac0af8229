r"""The LaTeX of names: ``W1`` is W^{(1)}, its element w^{(1)}_{ij}, ``yhat`` has its hat, ``gamma`` is Greek."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Indexed, Symbol

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Index
from symbp.calculus.matrix.nodes import Matrix
from symbp.calculus.primitives import PRIMITIVES
from symbp.calculus.program import Statement, Tensor, indices_of, name_of
from symbp.calculus.text import BATCH
from symbp.catalogue import ACTIVATIONS
from symbp.notation import Pattern
from symbp.notation.notation import plain, typeset
from symbp.notes.index_letters import IndexLetters
from symbp.notes.lettering import LITERAL, Written, bold, capital, cased, letter

_SETTINGS = {"l1": r"\lambda_{1}", "l2": r"\lambda_{2}", "theta": r"\theta"}
_FUNCTIONS = {**{p.name: p.latex for p in PRIMITIVES if p.latex}, "identity": r"\mathrm{id}"}


COUPLED = ("softmax", "log_softmax")
"""Activations that couple the units of a layer."""


@dataclass(frozen=True)
class Symbols(IndexLetters):
    """How the names of a derivation are written in a notation."""

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

    def mark(self, layer: str) -> str:
        """A layer as it stands at a letter."""
        return self.notation.style.format(layer)

    def at_layer(self, base: str, layer: str, array: bool = True) -> str:
        """The letter of a role with a layer, ``z^{(k)}``; of an `array` or of a function."""
        below = self.notation.subscript or base in self.notation.below
        its = Written(base, typeset(base), self.mark(layer), below=below)
        text = its.written(its.whole, "")
        return bold(text, self.notation.italic) if self.notation.bold and array else text

    @property
    def text_loss(self) -> str:
        """The loss as plain text."""
        its = self.notation.printed["J"]
        return plain((its.batch or its.whole) if self.derivation.batch else its.whole)

    @property
    def loss(self) -> str:
        """The LaTeX of the loss."""
        its = self.notation.printed["J"]
        return typeset((its.batch or its.whole) if self.derivation.batch else its.element)

    @cached_property
    def losses(self) -> dict[str, str]:
        """The losses of a network that has several, each with the name of what it is of."""
        several = self.derivation.map.training is not None and self.derivation.map.training.objective.terms
        names = [s.target.name for s in self.derivation.forward if several and not s.target.axes]
        return {name: name[2:] for name in names if name.startswith("J_")}

    def as_layer(self, name: str) -> str:
        """The input and the prediction by the names of the layers' activations, where they have no letters of their own."""
        depth = self.derivation.map.depth
        ends = {"x": "a0", "yhat": f"a{depth}"} if depth else {}
        return name if self.has(name) or name in self.notation.patterned else ends.get(name, name)

    def has(self, name: str) -> bool:
        """Whether the notation has a letter for a name; where the map is no network, names are their author's own."""
        return self.derivation.map.depth > 0 and self.notation.has(name)

    def letter(self, name: str) -> Written:
        """The printed form of a tensor's name, adjoints that are written as derivatives excepted."""
        if name.startswith(LITERAL):
            return Written(name[1:], name[1:])
        tensor = self.tensors.get(name)
        batch = tensor is not None and BATCH in [a.name for a in tensor.axes]
        rank = len(tensor.axes) - batch if tensor is not None else 0
        if name in _SETTINGS:
            return cased(_SETTINGS[name], rank, batch)
        if name == self.derivation.backward.loss:
            return Written(self.loss, self.loss)
        if name in self.losses:
            of_one = f"{self.loss}_{{{letter(self.losses[name])}}}"
            return Written(of_one, of_one)
        if name in self._own or re.fullmatch(r"R\d+", name):
            return cased(letter(name), rank, batch)
        for own in self._own:
            if name.startswith(f"{own}_"):
                mark = rf"(\mathrm{{{own.replace('_', chr(92) + '_')}}})"
                base = name[len(own) + 1 :]
                its = self._apart(cased(letter(base), rank, batch), f"{own}_{base.swapcase()}")
                return replace(its, layer=mark)
        name = self.as_layer(name)
        if self.has(name):
            return self._lettered(name, batch)
        again = re.fullmatch(r"([a-z]+\d+)_(\d+)", name)
        base, number = self.number(again[1] if again else name)
        if number is None:
            return self._lettered(base, batch) if self.has(base) else cased(letter(base), rank, batch)
        mark = self.mark(self.layer(number, base) + (f".{again[2]}" if again else ""))
        if base == "b" and self.notation.bias_in_weights:
            weight = self._lettered("W", False)
            its = Written(weight.element, weight.element, zero="0", last=not self.notation.from_to)
        else:
            its = self._lettered(base, batch) if self.has(base) else cased(letter(base), rank, batch)
            its = self._apart(its, f"{base.swapcase()}{number}")
        return replace(its, layer=mark, below=self.notation.subscript or its.whole in self.notation.below)

    def _apart(self, its: Written, other: str) -> Written:
        """A printed name whose elements keep its letter where a tensor of the layer has the one that they would have."""
        return replace(its, element=its.whole) if other in self.tensors else its

    def _lettered(self, name: str, batch: bool) -> Written:
        its = self.notation.printed[name]
        whole = (its.batch or capital(its.whole)) if batch else its.whole
        return Written(typeset(its.element), typeset(whole))

    def of(self, name: str) -> str:
        """The tensor that an adjoint is the derivative with respect to, where it is written as one; else nothing."""
        tensor = self.tensors.get(name)
        if tensor is None or tensor.of is None:
            return ""
        lettered = {self.number(name)[0], name} & {*self.notation.printed, *self.notation.patterned}
        short = lettered and name in self.derivation.map.adjoint.values()
        return "" if short else tensor.of

    def derivative_by(self, name: str) -> str:
        """The tensor that an adjoint is the derivative with respect to, where derivatives are spelled out; else nothing."""
        tensor = self.tensors.get(name)
        return tensor.of or "" if tensor is not None else ""

    def whole(self, name: str) -> str:
        """The LaTeX of a whole tensor; of its element at the usual indices where the notation has letters for elements alone."""
        if self.of(name):
            return self.by_whole(self.whole(self.of(name)))
        if name in self.notation.patterned or name in self.notation.written_out:
            return self.element(name, [Symbol(c) for c in self._usual(name)])
        its = self.letter(name)
        text = its.written(its.whole, "")
        tensor = self.tensors.get(name)
        return bold(text, self.notation.italic) if self.notation.bold and tensor is not None and tensor.axes else text

    def text_name(self, name: str) -> str:
        """The name of a tensor as plain text in the notation."""
        tensor = self.tensors.get(name)
        if name == self.derivation.backward.loss:
            return self.text_loss
        if name in self.losses:
            return f"{self.text_loss}_{self.losses[name]}"
        if name in self.notation.patterned:
            base, pattern = self.notation.patterned[name]
            return plain(base) + "0" * ("0" in pattern.scripts)
        if tensor is None:
            return name
        name = self.as_layer(name)
        if self.has(name):
            said = self.notation.letter(name)
            return said if said.isalpha() else name if name in ("x", "y", "yhat") else plain(said)
        if name in ("x", "y", "yhat"):
            return name
        if self.of(name):
            return f"d{self.text_name(self.of(name))}"
        base, number = self.number(name)
        if number is None:
            return name
        other = plain(self.notation.letter(base))
        base = other if other.isalpha() and tensor.role == "value" else base
        shown = f"<{self.layer(number)}>" if number in self.generic else self.layer(number)
        return f"{base}{shown}"

    def element(self, name: str, indices: Sequence[Expr]) -> str:
        """The LaTeX of one element, its indices in the order in which the tensor is displayed."""
        if self.of(name):
            return self.partial(self.element(self.of(name), indices))
        if name in self.notation.patterned or name in self.notation.written_out:
            return self._patterned(name, indices)
        its = self.letter(name)
        if not indices:
            return self.whole(name)
        if self.single and all(isinstance(i, Symbol) and i.name.isdigit() for i in indices):
            return its.written(its.element, "")
        return its.written(its.element, self.subscript(self.displayed(name, indices)))

    @cached_property
    def single(self) -> bool:
        """Whether every layer has one unit: a chain, whose elements are numbers that need no indices."""
        return self.derivation.map.depth > 0 and all(n == 1 for n in self.derivation.map.sizes.values())

    def _patterned(self, name: str, indices: Sequence[Expr]) -> str:
        """An element in the way that the notation has for it."""
        tensor, example = self.tensors[name], self.notation.example
        shown = {a.name: self.subscript((i,)) for a, i in zip(tensor.axes, indices, strict=True)}
        which = shown.pop(BATCH, example)
        if name in self.notation.written_out:
            biased = f"b{name[1:]}" in self.tensors
            return self.notation.written_out[name][0 if biased else 1].format(*shown.values(), which)
        base, pattern = self.pattern(name)
        given = {**dict(zip(pattern.letters, shown.values(), strict=True)), example: which}
        tail = pattern.tail.replace(f"_{example}", f"_{which}")
        return f"{base}_{{{''.join(given.get(c, c) for c in pattern.scripts)}}}{tail}"

    def pattern(self, name: str) -> tuple[str, Pattern]:
        """The letter and the pattern of a tensor's elements: in a batch, the first that says of which example they are."""
        found = self.notation.patterned[name]
        example, letter = self.notation.example, found[0]
        of_each = self.derivation.batch and BATCH in [a.name for a in self.tensors[name].axes]
        if not of_each or example in found[1].scripts + found[1].tail:
            return found
        others = (p for p in self.notation.patterns[letter] if p.tensor == name and "*" not in p.letters)
        return letter, next((p for p in others if example in p.scripts), found[1])

    def _usual(self, name: str) -> str:
        return "".join(self.preferred[a] for a in self.tensors[name].axes)

    def partial(self, below: str) -> str:
        """The derivative of the loss with respect to something printed."""
        return f"d{below}" if self.notation.differential else rf"\frac{{\partial {self.loss}}}{{\partial {below}}}"

    def by_whole(self, below: str) -> str:
        """The derivative of the loss with respect to a whole array."""
        return rf"\nabla_{{{below}}} {self.loss}" if self.notation.gradient else self.partial(below)

    @cached_property
    def _single(self) -> str:
        """The one activation of the network, where the notation has a letter for it."""
        functions = [f.name for f in self.derivation.forward.functions if f.name != "identity"]
        return functions[0] if len(functions) == 1 and self.notation.activation else ""

    def function(self, name: str, order: int = 0, at: Expr | None = None) -> str:
        """The LaTeX of a scalar function's name, or of its derivative; `at` is its argument, which may say of which layer."""
        layer = self.number(name_of(at))[1] if isinstance(at, Indexed) and name_of(at)[:1] == "z" else None
        if layer is not None and layer in self.layers_of(name):
            units = [i for i in indices_of(at) if not (isinstance(i, Index) and i.axis.name == BATCH)]
            indices = self.subscript(units)
            return self.of_layer(layer, order, indices) or self._plain(name, order)
        return self._plain(name, order)

    def _plain(self, name: str, order: int) -> str:
        return (self.notation.activation if name == self._single else self.own_name(name)) + "'" * order

    def of_layer(self, layer: int, order: int = 0, unit: str = "") -> str:
        """The letter of one layer's activation, of one unit of it where the letter has the unit's index; empty where there is
        none."""
        letter = next((k for k, of in self.notation.functions.items() if of == f"g{layer}"), "")
        if letter:
            below = f"_{{{unit}}}" if unit and letter in self.notation.of_units else ""
            return letter + "'" * order + below
        if not self.notation.marked or not self.notation.activation:
            return ""
        return f"{self.notation.activation}^{{{self.mark(self.layer(layer))}{chr(92) + 'prime' if order == 1 else ''}}}"

    def coupled(self, s: Statement, indices: Sequence[Expr]) -> str:
        """An activation that couples the units of a layer, of one of them: ``g_{k}(T)``; empty where no letter has the unit's
        index, and in a batch."""
        if s.label not in COUPLED or self.derivation.batch:
            return ""
        name = next((n for n in s.reads if self.number(n)[0] == "z"), "")
        letter, layer = self.notation.patterned.get(name, ("", None))[0], self.number(name)[1]
        whole = any(p.tensor == name and not p.scripts for p in self.notation.patterns.get(letter, ()))
        own = self.of_layer(layer, 0, self.subscript(indices)) if whole and layer is not None else ""
        return f"{own}({letter})" if own.endswith("}") else ""

    def layers_of(self, name: str) -> list[int]:
        """The layers whose activation a scalar function is."""
        found = []
        for s in self.derivation.forward:
            applied = s.body if isinstance(s.body, Apply) else None
            arg = applied.arg if applied is not None else None
            if applied is not None and applied.name == name and isinstance(arg, Indexed) and name_of(arg)[:1] == "z":
                layer = self.number(name_of(arg))[1]
                found += [layer] if layer is not None else []
        return found

    @property
    def argument(self) -> str:
        """The letter of a scalar function's argument."""
        n = self.notation
        taken = {*n.fixed, *n.families, *n.patterns, *n.activations, *n.functions}
        return n.letter("z") if n.has("z") else next((c for c in "vutsrq" if c not in taken), "v")

    def spelled(self, e: Expr) -> Expr:
        """A part of an expression as a page writes it, where that is another one."""
        return e

    def means(self, letter: str) -> bool:
        """Whether a letter is one of the author's, and so means nothing else on the page, such as e the base of powers."""
        return False

    def lettered(self, name: str) -> bool:
        """Whether a tensor can stand on the left of an equation: it is not one that is written out wherever it occurs."""
        return name not in self.notation.written_out

    def own_name(self, name: str) -> str:
        """The LaTeX of a scalar function's own name: sigma, tanh, or the word."""
        given = next((letter for letter, of in self.notation.functions.items() if of == name), "")
        if given:
            return given
        symbol = (ACTIVATIONS[name].symbol if name in ACTIVATIONS else "") or _FUNCTIONS.get(name, "")
        layers = {f"g{k}" for k in self.layers_of(name)}
        if symbol and self.notation.functions.get(symbol) in (None, name, *layers):  # no other layer's letter
            return symbol
        return name if len(name) == 1 else r"\mathrm{" + name.replace("_", r"\_") + "}"

    def labelled(self, s: Statement) -> Statement:
        """A statement with the label by which it is read as matrices."""
        return s

    def reads_well(self, m: Matrix) -> bool:
        """Whether a reading as matrices is one that a page has room for beside the index form."""
        return True

    def dimensions(self, t: Tensor) -> tuple[str, str]:
        """The shape of a tensor as it is displayed, as LaTeX and as plain text."""
        places = self.orient(t) if len(t.axes) <= 2 else tuple(range(len(t.axes)))
        sizes = ["1" if p is None else self.size(t.axes[p]) for p in places]
        return r" \times ".join(sizes), " x ".join(re.sub(r"_\{(.*?)\}", r"<\1>", size) for size in sizes)
