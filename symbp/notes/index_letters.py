r"""The letters of indices and the lengths of axes in a notation: i of a unit, n of an example, 2p + u - 1 of a place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Symbol

from symbp.calculus.indices import Axis, Index
from symbp.calculus.letters import ALPHABET
from symbp.calculus.matrix.read import Orientation, orientation
from symbp.calculus.places import Place
from symbp.calculus.program import Tensor, indices_of, name_of
from symbp.calculus.recurrences import recurrences
from symbp.calculus.text import BATCH, affine_terms, is_size, size_name
from symbp.network.derivation import Derivation
from symbp.notation import Notation
from symbp.notation.notation import PROBABLE
from symbp.notes.lettering import letter

STEP = "t"
"""The letter of the steps of a recurrence."""


@dataclass(frozen=True)
class IndexLetters:
    """The letters of a derivation's indices in a notation, and how its tensors' axes are displayed.

    `generic` maps layer numbers to text, such as ``{2: "k-1", 3: "k"}``, for a layer that stands for several.
    """

    derivation: Derivation
    notation: Notation
    generic: Mapping[int, str] = field(default_factory=dict)

    def element(self, name: str, indices: Sequence[Expr]) -> str:
        """The LaTeX of one element of a tensor, which those say that know its names."""
        raise NotImplementedError

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor of the derivation."""
        return self.derivation.program.tensors

    @cached_property
    def orient(self) -> Orientation:
        """How each tensor is displayed."""
        weights = [p.tensor.name for p in self.derivation.map.parameters if len(p.tensor.axes) == 2]
        return orientation(self.notation.layout, weights if self.notation.from_to else ())

    def layer(self, number: int, base: str = "") -> str:
        """The number of a layer as the notation counts at the letter of a role, or the text that stands for it."""
        below = self.notation.counted("", number) - self.notation.counted(base, number)
        if number in self.generic:
            at = self.generic.get(number - below, f"{self.generic[number]}-{below}")
            return at.replace("k", self.notation.layer_letter)
        return str(self.notation.counted(base, number))

    def one(self, axis: Axis) -> bool:
        """Whether an axis has the length 1: nobody sums over one unit."""
        return not self.generic and self.derivation.map.sizes.get(axis) == 1

    @cached_property
    def preferred(self) -> dict[Axis, str]:
        """The letters of axes: that of the examples, and those of layers, or of elements, that have letters of their own."""
        n, depth = self.notation, self.derivation.map.depth
        found: dict[Axis, str] = {Axis(BATCH): n.example} if depth else {}
        if depth + 1 == len(n.unit_letters):
            found |= {Axis(f"i{k}" if k else "in"): letter for k, letter in enumerate(n.unit_letters)}
        for name, (_, pattern) in self.notation.patterned.items():
            if name in self.tensors:
                axes = [a for a in self.tensors[name].axes if a.name != BATCH]
                found.update(zip(axes, pattern.letters, strict=True))
        for axis in self.steps[:1] if STEP not in {n.example, *n.units, *n.unit_letters, *found.values()} else ():
            found.setdefault(axis, STEP)
        return found

    @cached_property
    def steps(self) -> tuple[Axis, ...]:
        """The axes along which something is read as it was a step before, in the order of the forward pass."""
        return tuple(dict.fromkeys(r.axis for r in recurrences(self.derivation.forward)))

    @property
    def alphabet(self) -> str:
        """The letters of bound indices, the units' own first; those of examples and of single layers are none of them."""
        n = self.notation
        first = [] if n.patterns else sorted(n.units)
        probable = any(s.target.name == "yhat" and s.label in PROBABLE for s in self.derivation.forward)
        taken = {
            n.example,
            n.counts[0],
            *n.unit_letters,
            *("p" if probable else ""),
        }  # p is what many call probabilities
        return "".join(c for c in dict.fromkeys([*first, *ALPHABET]) if c not in taken)

    def free(self, index: Index) -> Index:
        """A free index under the letter that the notation has for it."""
        name = self.preferred.get(index.axis) or self.notation.swaps.get(index.name, index.name)
        return Index(name, index.axis)

    def freed(self, indices: Sequence[Expr]) -> tuple[Index, ...]:
        """Free indices under the letters of the notation: those of one's own layers, in what has at most two, as its units."""
        new = [self.free(i) if isinstance(i, Index) else i for i in indices]
        units = [k for k, i in enumerate(new) if isinstance(i, Index) and i.axis not in self.preferred]
        left = [c for c in self.notation.units if c not in {str(new[k]) for k in units}]
        for k in units if len(units) <= 2 and self.derivation.map.depth and not self.notation.patterns else ():
            if left and new[k].name not in self.notation.units:
                new[k] = Index(left.pop(0), new[k].axis)
        return tuple(new)

    def displayed(self, name: str, indices: Sequence[Expr]) -> tuple[Expr, ...]:
        """Indices in the order of display: row, column."""
        tensor = self.tensors.get(name)
        if tensor is None or len(tensor.axes) != 2 or len(indices) != 2:
            return tuple(indices)
        places = self.orient(tensor)
        return tuple(indices[p] for p in places if p is not None)

    def subscript(self, indices: Sequence[Expr]) -> str:
        """Indices as a subscript; numerals lose the zeros in front."""
        shown = [self.place(i) for i in indices]
        return ("" if all(len(s) == 1 for s in shown) and not self.notation.commas else ", ").join(shown)

    @cached_property
    def first(self) -> int:
        """What indices count from: 1, but 0 where tensors are read at places such as ``2p + u``, which count so."""
        return 0 if any(s.body.has(Place) for s in self.derivation.forward) else 1

    def last(self, axis: Axis) -> str:
        """The last value of an index over an axis."""
        size = self.size(axis)
        return size if self.first else str(int(size) - 1) if size.isdigit() else f"{size} - 1"

    def place(self, place: Expr) -> str:
        """What stands in a slot: a letter, a numeral, whole numbers times letters, or an element of whole numbers."""
        if isinstance(place, Place):
            gather = place.gather
            return (
                self.whole_number(place.where) if gather is None else self.element(name_of(gather), indices_of(gather))
            )
        if isinstance(place, Symbol):
            return str(int(place.name)) if place.name.isdigit() else letter(place.name)
        return str(place)

    def whole_number(self, where: Expr) -> str:
        """Whole numbers times letters: ``2p + u - 1``."""
        text = ""
        for factor, rest in affine_terms(where):
            size = self.size(Axis(rest.name[2:])) if is_size(rest) else letter(rest.name) if rest != 1 else ""
            shown = f"{abs(factor)}{size}" if abs(factor) != 1 or not size else size
            text += (" - " if factor < 0 else " + ") + shown if text else ("-" if factor < 0 else "") + shown
        return text or "0"

    def in_order(self, indices: tuple[Index, ...], body: Expr) -> tuple[tuple[Index, ...], Expr]:
        """Nested sums commute: their indices in alphabetical order, and the innermost, which a body names first, with the first;
        an axis that has a letter of its own keeps it."""
        if any(i.name in (i.axis.name, self.preferred.get(i.axis)) for i in indices):
            return indices, body
        names = sorted(i.name for i in indices)
        new = tuple(Index(name, i.axis) for name, i in zip(names, indices, strict=True))
        return new, body.xreplace({a: b for a, b in zip(indices, new, strict=True) if a != b})

    @property
    def count(self) -> str:
        """The letter of the number of examples."""
        return self.notation.counts[0] if self.derivation.map.depth else "N"

    def length(self, axis: Axis) -> str:
        """The length of an axis as a number, or as the number of examples."""
        return str(self.derivation.map.sizes.get(axis, self.count))

    def text_length(self, axis: Axis) -> str:
        """The same in plain text."""
        return self.length(axis)

    def size(self, axis: Axis) -> str:
        """The length of an axis: a number where it is known."""
        sizes = self.derivation.map.sizes
        if axis in sizes and not self.generic:
            return str(sizes[axis])
        layer = re.fullmatch(r"in|i(\d+)", axis.name)
        if layer:
            return f"{self.notation.width}_{{{self.layer(int(layer[1] or 0))}}}"
        if axis.name == BATCH:
            return self.count
        if axis.name.startswith("in_"):
            return f"{self.notation.width}_{{{letter(axis.name[3:])}}}"
        base, _, below = size_name(axis).partition("_")
        return f"{base}_{{{below}}}" if below else base
