r"""Equations between matrices with their entries, ``\begin{pmatrix} ...`` on both sides: an equation for each entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

from symbp.documents.equations import Equation
from symbp.documents.rows import split
from symbp.formula.tex.patterns import (
    COMMAND,
    DIGIT,
    LETTER,
    either,
    in_braces,
    many,
    name,
    optional,
    sequence,
    whole,
)
from symbp.formula.tex.tokens import tokens_of
from symbp.formula.tex.traced import ADDED, Traced, joined

_MATRICES = {rf"\begin{{{kind}}}": rf"\end{{{kind}}}" for kind in ("matrix", "pmatrix", "bmatrix")}
_DIGITS = sequence(DIGIT, many(DIGIT))
_FRACTION = sequence(name(r"\frac", r"\dfrac", r"\tfrac"), in_braces(whole(_DIGITS)), in_braces(whole(_DIGITS)))
_NUMBER = whole(
    sequence(
        optional(name("-")), optional(either(_FRACTION, sequence(_DIGITS, optional(sequence(name("."), _DIGITS)))))
    )
)
_POWER = optional(sequence(name("^"), in_braces()))
_LETTER = sequence(
    either(COMMAND, sequence(LETTER, many(LETTER))),
    optional(in_braces(whole(many(LETTER)))),
    _POWER,
    name("_"),
    either(in_braces(whole(_DIGITS)), _DIGITS),
    _POWER,
)
_PARTIAL = sequence(
    name(r"\frac"),
    in_braces(lambda inside: [t.name for t in inside[:1]] == [r"\partial"]),
    in_braces(whole(sequence(name(r"\partial"), _LETTER))),
)
_ELEMENT = whole(either(_PARTIAL, _LETTER))
_ELEMENTWISE = (r"\odot", r"\circ", r"\bullet", r"\ast")
_SUMS = frozenset(("+", "-", r"\sum"))
_MOST = 400  # products in all entries of one equation

Cells = list[list[Traced]]


@dataclass(frozen=True)
class _Matrix:
    """A matrix: where it begins and ends, and its entries."""

    start: int
    end: int
    cells: Cells


def entries(equation: Equation) -> list[Equation]:
    """The equations of the entries of a matrix equation, each with the places of its characters; none where it is no equation
    between one matrix and a product, by rows and columns or by elements, of others."""
    text = Traced(equation.text, equation.at or (ADDED,) * len(equation.text))
    left, right = text[: equation.sign[0]].stripped(), text[equation.sign[1] :].stripped()
    made = _matrices(left)
    if [(m.start, m.end) for m in made] != [(0, len(left.text))]:
        return []
    value = _product(right)
    if value is None or [len(r) for r in made[0].cells] != [len(r) for r in value]:
        return []
    found = []
    for row, over in zip(made[0].cells, value, strict=True):
        for cell, formula in zip(row, over, strict=True):
            part = cell + Traced.added(" = ") + formula
            start = len(cell.text) + 1
            found.append(replace(equation, text=part.text, at=part.at if equation.at else (), sign=(start, start + 1)))
    return found


def _matrices(side: Traced) -> list[_Matrix]:
    """The matrices of a formula, in order; none where one holds an environment."""
    found: list[_Matrix] = []
    borders = [t for t in tokens_of(side.text) if t.name.startswith((r"\begin", r"\end"))]
    for start, end in zip(borders[::2], borders[1::2], strict=False):
        if _MATRICES.get(start.name) != end.name:
            return []
        rows = [row for _, row in split(side[start.end : end.start], "row", r"\\") if row.text.strip()]
        found.append(_Matrix(start.start, end.end, [[c.stripped() for _, c in split(r, "cell", "&")] for r in rows]))
    return found


def _product(side: Traced) -> Cells | None:
    r"""The entries of matrices side by side, which are multiplied, or with \odot between them, a number or one element in front,
    one element behind; None for any other formula."""
    matrices = _matrices(side)
    if not matrices:
        return None
    front, behind = side[: matrices[0].start].stripped(), side[matrices[-1].end :].stripped()
    before, after = tokens_of(front.text), tokens_of(behind.text)
    between = {side.text[a.end : b.start].strip() for a, b in pairwise(matrices)}
    if not (
        (_NUMBER(before) or _ELEMENT(before))
        and (not after or _ELEMENT(after))
        and between <= {"", *_ELEMENTWISE}
        and len(between) < 2
        and all(m.cells and len({len(r) for r in m.cells}) == 1 for m in matrices)
    ):
        return None
    result, multiplied = matrices[0].cells, between == {""}
    for value in (m.cells for m in matrices[1:]):
        fits = len(result[0]) == len(value) if multiplied else [*map(len, result)] == [*map(len, value)]
        if not fits or len(result) * len(value[0]) * len(value) > _MOST:
            return None
        columns = [*zip(*value, strict=True)]
        result = [
            [_sum(map(_times, r, c)) for c in columns] if multiplied else [*map(_times, r, value[k])]
            for k, r in enumerate(result)
        ]
    return [[_scaled(front, cell, behind) for cell in row] for row in result]


def _scaled(front: Traced, cell: Traced, behind: Traced) -> Traced:
    """An entry with what stands in front of its matrix and the element behind it."""
    if not front.text and not behind.text:
        return cell
    return joined(part for part in (front, _bracketed(cell), behind) if part.text)


def _times(one: Traced, two: Traced) -> Traced:
    """A product; a factor that may be a sum, or a product that a sign ends, stands in parentheses."""
    return joined(_bracketed(f) if any(t.name in _SUMS for t in tokens_of(f.text)) else f for f in (one, two))


def _bracketed(cell: Traced) -> Traced:
    return Traced.added("(") + cell + Traced.added(")")


def _sum(terms: Iterable[Traced]) -> Traced:
    return reduce(lambda total, term: total + Traced.added(" + ") + term, terms)
