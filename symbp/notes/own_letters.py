r"""The letters of a map that is no network: its author's own, ``xhat`` as \hat{x} and ``W_out`` as W_{\mathrm{out}}.

Nothing has a layer, an axis of examples or a letter that a notation has for a role. What is left of a notation is how it sets
what is written: bold or not, which sign stands for transposes, products by element and logarithms, how a derivative is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from sympy import Add, Expr, exp

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.lengths import is_derived
from symbp.calculus.letters import ALPHABET
from symbp.calculus.matrix.nodes import (
    SCALAR,
    Diag,
    DiagPart,
    Hadamard,
    Identity,
    MatMul,
    Matrix,
    Number,
    Ones,
    Plus,
    Power,
    Trace,
    flips,
)
from symbp.calculus.matrix.read import Orientation, orientation
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.program import Statement, Tensor
from symbp.calculus.reductions import LogSumExp
from symbp.calculus.text import size_name
from symbp.network.derivation import Derivation
from symbp.notation import Notation
from symbp.notation.notation import LOSSES, Letter, plain, typeset
from symbp.notes.lettering import LITERAL, Written, letter
from symbp.notes.symbols import Symbols

_SHORT = {"eps": r"\epsilon", "lam": r"\lambda", "ell": r"\ell"}
"""Names that are short for a letter's."""
KNOWN = frozenset({"exp", "log", "sqrt", "abs", "square"})
"""Functions that are written out, and whose derivatives nobody needs to be told."""
_ARGUMENTS = "zvutsrqxy"
"""What the argument of a scalar function may be called, first choice first."""


def of_author(notation: Notation) -> Notation:
    """A notation without its letters: what it says of how formulas are set."""
    return replace(
        notation, families={}, fixed={}, batched=frozenset(), functions={}, patterns={}, spelled=False, below=frozenset(),
        sums=False, written_out={}, own=False, printed={"J": notation.printed["J"]}, subscript=False, of_units=frozenset(),
        ends=False, units=("i", "j"), unit_letters=(), numbered_from=None, bias_in_weights=False, weights_below=False,
        beyond=False, iteration="", carried="", said={}, activation="", marked=False, whole_layers=False,
    )  # fmt: skip


def symbols_of(derivation: Derivation, notation: Notation, generic: Mapping[int, str]) -> Symbols:
    """How the names of a derivation are written: those of a network by the letters of the notation, others by their author's."""
    return (Symbols if derivation.map.layers else OwnSymbols)(derivation, notation, generic)


def own_letter(name: str) -> str:
    r"""A name as LaTeX: ``dot`` stands upright, ``norm_a`` is \mathrm{norm}_{a}, ``s_1`` is s_{1}, ``eps`` \epsilon."""
    parts = [p for p in name.split("_") if p]
    if len(parts) > 1 and parts[1] in ("hat", "bar", "tilde"):
        parts[:2] = [parts[0] + parts[1]]
    if len(parts) > 1:
        return f"{own_letter(parts[0])}_{{{', '.join(map(own_letter, parts[1:]))}}}"
    return _SHORT.get(parts[0]) or letter(parts[0]) if parts else literally(name)


def literally(name: str) -> str:
    """A name as it stands in the code."""
    return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def _parts(m: Matrix) -> Iterator[Matrix]:
    """An expression and everything in it."""
    yield m
    for p in m.parts:
        yield from _parts(p)


class OwnSymbols(Symbols):
    """How the names of a map are written that is no network."""

    @cached_property
    def orient(self) -> Orientation:
        """Matrices as their author has them; vectors as the notation has them."""
        return orientation(self.notation.layout, (), "")

    @cached_property
    def _named(self) -> dict[str, str]:
        """The letters of the tensors and of the functions that the author has named, each another one."""
        d, found = self.derivation, dict[str, str]()
        for name in (*d.forward.tensors, *d.map.functions):
            if name != d.backward.loss or not d.map.upstream:
                written = own_letter(name)
                found[name] = literally(name) if written in found.values() else written
        return found

    @cached_property
    def _letters(self) -> frozenset[str]:
        return frozenset(self._named.values())

    def letter(self, name: str) -> Written:
        """The printed form of a tensor's name, which is the same for all of it and for its elements."""
        if name.startswith(LITERAL):
            return Written(name[1:], name[1:])
        tensor = self.tensors.get(name)
        if name == self.derivation.backward.loss:
            text = self.loss
        elif tensor is not None and tensor.of and tensor.role == "adjoint":
            text = rf"\bar{{{self._named[tensor.of]}}}"
        else:
            text = self._named.get(name) or own_letter(name)
        return Written(text, text)

    def of(self, name: str) -> str:
        """The tensor that an adjoint is the derivative with respect to; none for an upstream that is a part of it."""
        tensor = self.tensors.get(name)
        whole = tensor is not None and tensor.of is not None and self.derivation.backward.adjoint.get(tensor.of) == name
        return tensor.of or "" if whole and tensor is not None else ""

    def derivative_by(self, name: str) -> str:
        """The same: an upstream that is a part of a derivative is none."""
        return self.of(name)

    @cached_property
    def _scalar(self) -> Letter:
        """The letter of the scalar: its author's, or where the map has none, the notation's or another one that is free."""
        d, its = self.derivation, self.notation.printed["J"].whole
        if not d.map.upstream:
            return Letter(self._named[d.backward.loss], d.backward.loss)
        free = next(c for c in (its, *LOSSES, d.backward.loss) if typeset(c) not in self._letters)
        return Letter(typeset(free), plain(free))

    @property
    def loss(self) -> str:
        """The LaTeX of the scalar."""
        return self._scalar.whole

    @property
    def text_loss(self) -> str:
        """The scalar as plain text."""
        return self._scalar.element

    def text_name(self, name: str) -> str:
        """The name as its author has it."""
        return self.text_loss if name == self.derivation.backward.loss else name

    @cached_property
    def preferred(self) -> dict[Axis, str]:
        """The letters of axes whose names are words: those with which their elements are first read."""
        found: dict[Axis, str] = {}
        for index in self._indices():
            if len(index.axis.name) > 1 and len(index.name) == 1:
                found.setdefault(index.axis, index.name)
        taken = {*found.values(), *(a.name for a in self._axes)}
        for axis in self._axes:
            if len(axis.name) > 1 and axis not in found:
                found[axis] = next(
                    (c for c in (*axis.name.lower(), *ALPHABET) if c.isalpha() and c not in taken), axis.name
                )
                taken.add(found[axis])
        return found

    def _indices(self) -> Iterable[Index]:
        return (i for s in self.derivation.program for i in s.indices)

    @cached_property
    def _axes(self) -> tuple[Axis, ...]:
        """The axes of what comes in, and of what is computed, in their order."""
        return tuple(dict.fromkeys(a for t in self.derivation.forward.tensors.values() for a in t.axes))

    @cached_property
    def axes(self) -> dict[Axis, str]:
        """The letter of the index over each axis."""
        return {a: self.preferred.get(a, a.name) for a in self._axes}

    @property
    def alphabet(self) -> str:
        """The letters of bound indices, those first that stand for nothing else."""
        taken = {*self.axes.values(), *self._letters, self.loss}
        free = [c for c in (*ALPHABET, *"wxyzabcefgh") if c not in taken]
        return "".join(dict.fromkeys([*free, *ALPHABET]))

    def freed(self, indices: Sequence[Expr]) -> tuple[Index, ...]:
        """Free indices under their letters, each another one."""
        found: list[Index] = []
        for i in indices:
            assert isinstance(i, Index)
            taken = {f.name for f in found}
            wanted = (i.name if len(i.name) == 1 else self.axes.get(i.axis, ""), *self.alphabet)
            found.append(Index(next((c for c in wanted if c and c not in taken), i.name), i.axis))
        return tuple(found)

    def displayed(self, name: str, indices: Sequence[Expr]) -> tuple[Expr, ...]:
        """Indices in the order of the axes."""
        return tuple(indices)

    def own_name(self, name: str) -> str:
        """The LaTeX of a scalar function's name, which is no tensor's."""
        if name in self.derivation.map.functions:
            return self._named[name]
        text = super().own_name(name)
        return rf"\mathrm{{{name}}}" if text in self._letters else text

    def function(self, name: str, order: int = 0, at: Expr | None = None) -> str:
        """The LaTeX of a scalar function's name, or of its derivative."""
        return self.own_name(name) + "'" * order

    def layers_of(self, name: str) -> list[int]:
        """None: there are no layers."""
        return []

    @property
    def argument(self) -> str:
        """The letter of a scalar function's argument."""
        return next((c for c in _ARGUMENTS if c not in self._letters), "z")

    def size(self, axis: Axis) -> str:
        """The length of an axis, a number where it is known: N for n, and N_d for d."""
        known = self.derivation.map.sizes.get(axis)
        if known is not None:
            return str(known)
        if is_derived(axis):
            text = re.sub(r"[A-Za-z]\w*", lambda m: self.size(Axis(m[0])), axis.name.replace(" // ", "//"))
            text = re.sub(r"\(([^()]*)\)//(\d+)|(\S+)//(\d+)", r"\\lfloor (\1\3)/\2\4 \\rfloor", text)
            return text if text.isdigit() else f"({text})"
        name = size_name(axis)
        return name if "_" not in name and not self.means(name) else f"N_{{{letter(self.axes.get(axis, axis.name))}}}"

    def spelled(self, e: Expr) -> Expr:
        """A function that everybody knows as what it is."""
        g = self.derivation.program.function.get(e.name) if isinstance(e, Apply) and e.name in KNOWN else None
        written = g.at(e.arg, e.order) if g is not None and e.name not in self.derivation.map.functions else None
        return e if written is None else written

    def in_order(self, indices: tuple[Index, ...], body: Expr) -> tuple[tuple[Index, ...], Expr]:
        """The indices of nested sums in alphabetical order, each with its letter."""
        return tuple(sorted(indices, key=lambda i: i.name)), body

    def means(self, letter: str) -> bool:
        """Whether a letter is one of the author's."""
        return letter in self._letters

    def labelled(self, s: Statement) -> Statement:
        """A statement as softmax, or its logarithm, where that is what it is."""
        inner = s.body.args[0] if isinstance(s.body, exp) else s.body
        totals = [t for t in Add.make_args(inner) if isinstance(-t, LogSumExp)]
        if len(totals) != 1 or s.label:
            return s
        return replace(s, label="softmax" if isinstance(s.body, exp) else "log_softmax")

    def reads_well(self, m: Matrix) -> bool:
        """Whether the products are of arrays: what is a sum, a quotient by element, or the same for a whole row, is told better
        by its indices."""
        nodes = [*_parts(m)]
        if isinstance(m, Number) or all(n.shape == SCALAR for n in nodes):
            return False  # numbers are no matrices
        if self._of_matrices and isinstance(m, Plus):
            nodes = [n for n in nodes if not isinstance(n, Identity)]  # X^T X + \lambda I
        if any(
            isinstance(n, (Diag, DiagPart, Identity))
            or (isinstance(n, Trace) and flips(n))
            or (isinstance(n, Power) and n.shape != SCALAR)
            for n in nodes
        ):
            return False
        products = [n for n in nodes if isinstance(n, MatMul) and not any(isinstance(f, Ones) for f in n.factors)]
        plain = sum(isinstance(n, Hadamard) for n in nodes) <= 1
        return bool(products) or (plain and not any(isinstance(n, Ones) for n in nodes))

    @cached_property
    def _of_matrices(self) -> bool:
        """Whether the map has functions of whole matrices."""
        return any(s.body.has(MatrixFunction) for s in self.derivation.forward)

    def length(self, axis: Axis) -> str:
        """The length of an axis."""
        return self.size(axis)

    def text_length(self, axis: Axis) -> str:
        """The length of an axis as plain text."""
        return str(self.derivation.map.sizes.get(axis, size_name(axis)))

    def dimensions(self, t: Tensor) -> tuple[str, str]:
        """The lengths of a tensor's axes in their order."""
        return r" \times ".join(map(self.size, t.axes)), " x ".join(map(self.text_length, t.axes))
