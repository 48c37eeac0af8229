r"""Equations between matrices with their entries, ``\begin{pmatrix} ...`` on both sides: an equation for each entry."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from symbp.documents.equations import Equation
from symbp.formula.tex.traced import ADDED, Traced

_MATRIX = re.compile(r"\\begin\{(?P<kind>[pb]?matrix)\}(?P<body>.*?)\\end\{(?P=kind)\}", re.S)
_ROW = re.compile(r"\\\\(?:\[[^\]]*\])?")
_NUMBER = re.compile(r"-?\s*(?:\d+(?:\.\d+)?|\\[dt]?frac\{\d+\}\{\d+\})?")
_LETTER = r"\\?[A-Za-z]+(?:\{[A-Za-z]+\})?(?:\^\{[^{}]*\})?_\{?\d+\}?(?:\^\{[^{}]*\})?"
_ELEMENT = re.compile(rf"{_LETTER}|\\frac\{{\\partial [^{{}}]*\}}\{{\\partial {_LETTER}\}}")
_MOST = 400  # products in all entries of one equation

Cells = list[list[Traced]]


def entries(equation: Equation) -> list[Equation]:
    """The equations of the entries of a matrix equation, each with the places of its characters; none where it is no equation
    between one matrix and a product, by rows and columns or by elements, of others."""
    whole = Traced(equation.text, equation.at or (ADDED,) * len(equation.text))
    left, right = whole[: equation.sign[0]].stripped(), whole[equation.sign[1] :].stripped()
    target = _MATRIX.fullmatch(left.text)
    if target is None or r"\begin" in target["body"]:
        return []
    made, value = _cells(left, target), _product(right)
    if value is None or [len(r) for r in made] != [len(r) for r in value]:
        return []
    found = []
    for row, over in zip(made, value, strict=True):
        for cell, formula in zip(row, over, strict=True):
            text = cell + Traced.added(" = ") + formula
            start = len(cell.text) + 1
            found.append(replace(equation, text=text.text, at=text.at if equation.at else (), sign=(start, start + 1)))
    return found


def _cells(side: Traced, matrix: re.Match[str]) -> Cells:
    """The entries of a matrix, row by row."""
    rows, start = [], matrix.start("body")
    for m in [*_ROW.finditer(side.text, start, matrix.end("body")), None]:
        end = m.start() if m is not None else matrix.end("body")
        rows.append(_row(side[start:end]))
        start = m.end() if m is not None else end
    return [r for r in rows if r != [Traced("", ())]]


def _row(text: Traced) -> list[Traced]:
    ends = [*(m.start() for m in re.finditer(r"(?<!\\)&", text.text)), len(text.text)]
    starts = [0, *(e + 1 for e in ends[:-1])]
    return [text[a:b].stripped() for a, b in zip(starts, ends, strict=True)]


def _product(side: Traced) -> Cells | None:
    r"""The entries of matrices side by side, which are multiplied, or with \odot between them, a number or one element in front,
    one element behind; None for any other formula."""
    matrices = [*_MATRIX.finditer(side.text)]
    if not matrices:
        return None
    front, behind = side[: matrices[0].start()].stripped(), side[matrices[-1].end() :].stripped()
    if not (_NUMBER.fullmatch(front.text) or _ELEMENT.fullmatch(front.text)) or not (
        behind.text == "" or _ELEMENT.fullmatch(behind.text)
    ):
        return None
    if any(r"\begin" in m["body"] for m in matrices):
        return None
    between = {side.text[a.end() : b.start()].strip() for a, b in pairwise(matrices)}
    if between - {"", r"\odot", r"\circ", r"\bullet", r"\ast"} or len(between) > 1:
        return None
    values = [_cells(side, m) for m in matrices]
    if len({len(r) for m in values for r in m}) == 0 or any(len({len(r) for r in m}) != 1 for m in values):
        return None
    result, multiplied = values[0], between == {""}
    for value in values[1:]:
        fits = len(result[0]) == len(value) if multiplied else [*map(len, result)] == [*map(len, value)]
        if not fits or len(result) * len(value[0]) * len(value) > _MOST:
            return None
        result = _matmul(result, value) if multiplied else _hadamard(result, value)
    return [[_scaled(front, cell, behind) for cell in row] for row in result]


def _scaled(front: Traced, cell: Traced, behind: Traced) -> Traced:
    """An entry with what stands in front of its matrix and the element behind it."""
    if not front.text and not behind.text:
        return cell
    sign = front + Traced.added(" ") if front.text else front
    return sign + Traced.added("(") + cell + Traced.added(")") + (Traced.added(" ") + behind if behind.text else behind)


def _matmul(one: Cells, two: Cells) -> Cells:
    return [[_sum([_times(row[k], two[k][c]) for k in range(len(two))]) for c in range(len(two[0]))] for row in one]


def _hadamard(one: Cells, two: Cells) -> Cells:
    return [[_times(a, b) for a, b in zip(r, s, strict=True)] for r, s in zip(one, two, strict=True)]


def _times(one: Traced, two: Traced) -> Traced:
    return _closed(one) + Traced.added(" ") + _closed(two)


def _closed(cell: Traced) -> Traced:
    """A factor, in parentheses where it may be a sum or a product that a sign ends."""
    return Traced.added("(") + cell + Traced.added(")") if re.search(r"[+\-]|\\sum", cell.text) else cell


def _sum(terms: list[Traced]) -> Traced:
    total = terms[0]
    for term in terms[1:]:
        total = total + Traced.added(" + ") + term
    return total
