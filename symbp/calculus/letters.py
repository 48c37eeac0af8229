"""Letters for bound indices: inside an expression they have numbers only, on a page each one needs a readable name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Expr

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.program import elements, free_indices, name_of
from symbp.calculus.reductions import Reduction

ALPHABET = "ijklmpqrstuv"
"""The letters for bound indices, first choice first."""


@dataclass(frozen=True)
class Letters:
    """The letters that are in use around a place in an expression; every reduction opened takes one more.

    Two sums side by side are opened from the same Letters, so they may use the same letter. `preferred` says which letter an
    axis would like to have, `alphabet` which letters there are, first choice first.
    """

    taken: frozenset[str] = frozenset()
    preferred: Mapping[Axis, str] = field(default_factory=dict)
    alphabet: str = ALPHABET

    def letter(self, axis: Axis) -> str:
        """A free letter for an index over `axis`: the preferred one, else the axis' own one-letter name, or the next one."""
        wanted = [self.preferred.get(axis) or (axis.name if len(axis.name) == 1 else ""), *self.alphabet]
        for letter in wanted:
            if letter and letter not in self.taken:
                return str(letter)
        number = 1
        while f"i{number}" in self.taken:
            number += 1
        return f"i{number}"

    def open(self, reduction: Reduction) -> tuple[Index, Expr, Letters]:
        """The index that a reduction binds with a letter for a name, the body in terms of it, and the letters in use inside."""
        letter = self.letter(reduction.axis)
        index = Index(letter, reduction.axis)
        return index, reduction.open(index), replace(self, taken=self.taken | {letter})

    def open_all(self, reduction: Reduction) -> tuple[tuple[Index, ...], Expr, Letters]:
        """Open directly nested reductions of one kind together; the indices come innermost first, as `over` takes them."""
        kind, indices, body, letters = type(reduction), list[Index](), reduction, self
        while type(body) is kind:
            index, body, letters = letters.open(body)
            indices.insert(0, index)
        return tuple(indices), body, letters


def letters_for(
    expr: Expr, taken: Iterable[str] = (), preferred: Mapping[Axis, str] | None = None, alphabet: str = ALPHABET
) -> Letters:
    """The letters to print `expr` with: those of its free indices, of its tensors and functions, and `taken` are in use."""
    names = {i.name for i in free_indices(expr)} | {name_of(e) for e in elements(expr)}
    names |= {a.name for a in expr.atoms(Apply)}
    return Letters(frozenset({*names, *taken}), dict(preferred or {}), alphabet)
