r"""Numbers as a page writes them: to four digits, as small matrices, and put into a formula in the place of its letters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Integer

from symbp.calculus.matrix.nodes import Matrix
from symbp.calculus.program import elements, indices_of, name_of
from symbp.lectures.given import Array
from symbp.notes.blocks import Math
from symbp.notes.symbols import Symbols
from symbp.notes.writer import Writer

APPROX, EQUALS = Math(r"\approx", "≈"), Math("=", "=")
_DIGITS = 4
_SAME = 1e-12  # what rounding leaves of a number that is exact on the page
_MOST, _SHOWN = 6, 3  # rows or columns of a matrix that are written, and those of a larger one before the dots
_PLAIN = re.compile(r"(?:[-+0-9. ()]|\\cdot)+")


def digits(value: float) -> Math:
    """A number to four significant digits."""
    text = f"{value:.{_DIGITS}g}"
    if "e" not in text:
        text = "0" if float(text) == 0 else text
        return Math(text, text)
    front, _, power = text.partition("e")
    return Math(rf"{front} \cdot 10^{{{int(power)}}}", f"{front}e{int(power)}")


def is_exact(value: float) -> bool:
    """Whether four digits are all of a number. Zero is said to be near: where a page is proved, ``= 0`` is a claim."""
    return value != 0 and abs(float(f"{value:.{_DIGITS}g}") - value) <= _SAME * max(1.0, abs(value))


def sign_of(*values: float) -> Math:
    """The sign between a formula and its value."""
    return EQUALS if all(is_exact(v) for v in values) else APPROX


def array(value: Array, places: Sequence[int | None] = (0, None)) -> Math:
    """A tensor as a small matrix in the orientation of the page, a number where it is one; large ones with dots.

    `places` says which axis lies down the rows and which along the columns, None for a length of 1.
    """
    if value.size == 1:
        return digits(float(value.flat[0]))
    if value.ndim > 2:
        shown = [digits(float(v)) for v in value.ravel()[:_SHOWN]]
        return Math(
            rf"\left({', '.join(m.latex for m in shown)}, \ldots\right)", f"({', '.join(m.text for m in shown)}, ...)"
        )
    grid = _grid(value, places)
    kept = [_kept(n) for n in grid.shape]
    cells = [[_cell(grid, r, c) for c in kept[1]] for r in kept[0]]
    latex = r" \\ ".join(" & ".join(m.latex for m in row) for row in cells)
    text = ", ".join("[" + ", ".join(m.text for m in row) + "]" for row in cells)
    return Math(rf"\begin{{pmatrix}} {latex} \end{{pmatrix}}", f"[{text}]")


def in_a_row(value: Array) -> Math:
    """The numbers of a vector side by side, long ones with dots."""
    shown = [digits(float(value[k])) if k is not None else Math(r"\ldots", "...") for k in _kept(len(value))]
    return Math(", ".join(m.latex for m in shown), ", ".join(m.text for m in shown))


def _grid(value: Array, places: Sequence[int | None]) -> Array:
    if value.ndim == 1:
        return value[:, np.newaxis] if places[0] is not None else value[np.newaxis, :]
    return value.T if places[0] == 1 else value


def _kept(n: int) -> list[int | None]:
    """The rows that are written, None for the dots."""
    return [*range(n)] if n <= _MOST else [*range(_SHOWN), None, n - 1]


def _cell(grid: Array, r: int | None, c: int | None) -> Math:
    if r is not None and c is not None:
        return digits(float(grid[r, c]))
    return Math(r"\ddots" if r is c else r"\vdots" if r is None else r"\cdots", "...")


class _Numbers(Symbols):
    """Names that are printed as the numbers that they stand for."""

    values: Mapping[str, Array]

    def element(self, name: str, indices: Sequence[Expr]) -> str:
        """The number of one element; a name without a number stays a name."""
        if name not in self.values:
            return super().element(name, indices)
        return _bracketed(digits(float(self.values[name][_position(indices)])).latex)

    def whole(self, name: str) -> str:
        """The number of a scalar."""
        return self.element(name, ()) if name in self.values and not self.values[name].ndim else super().whole(name)


def _position(indices: Sequence[Expr]) -> tuple[int, ...]:
    """Where an element stands, counted from 0; its indices are numerals that count from 1."""
    return tuple(int(str(i)) - 1 for i in indices)


def _bracketed(number: str) -> str:
    """A number that may stand beside a factor."""
    return f"({number})" if number.startswith("-") or "10^" in number else number


@dataclass(frozen=True)
class Arithmetic(Writer):
    """A writer that puts `values` in the place of letters."""

    values: Mapping[str, Array] = field(default_factory=dict)

    @staticmethod
    def of(writer: Writer, values: Mapping[str, Any]) -> Arithmetic:
        """The writer with numbers for the names of `values`."""
        arrays = {n: np.asarray(v, dtype=np.float64) for n, v in values.items()}
        return Arithmetic(writer.derivation, writer.notation, writer.generic, arrays)

    @cached_property
    def symbols(self) -> Symbols:
        """Names as numbers."""
        made = _Numbers(self.derivation, self.notation, self.generic)
        object.__setattr__(made, "values", self.values)
        return made

    def put(self, expr: Expr) -> Math:
        """An expression over elements at fixed positions with their numbers in their places."""
        shown = self.index(expr)
        names = {e for e in elements(expr) if name_of(e) in self.values}
        text = _replaced(shown.text, {self._text_of(e): _bracketed_text(self._number(e)) for e in names})
        return Math(_tidied(shown.latex), text)

    def _number(self, element: Expr) -> str:
        at = tuple(int(i) for i in indices_of(element) if isinstance(i, Integer))
        return digits(float(self.values[name_of(element)][at])).text

    def _text_of(self, element: Expr) -> str:
        return self.index(element).text

    def matrix(self, m: Matrix) -> Math:
        """Matrix expressions keep their letters."""
        return Writer(self.derivation, self.notation, self.generic).matrix(m)


def _bracketed_text(number: str) -> str:
    return f"({number})" if number.startswith("-") else number


def _replaced(text: str, numbers: Mapping[str, str]) -> str:
    """The text with numbers for names, each name whole."""
    if not numbers:
        return text
    names = "|".join(re.escape(n) for n in sorted(numbers, key=len, reverse=True))
    found = re.sub(rf"(?<![\w.])(?:{names})(?![\w\[(])", lambda m: numbers[m[0]], text)
    found = re.sub(r"\((\(-[\d.]+\))\)", r"\1", found)
    return re.sub(r"\+ \((-[\d.]+)\)(?=$|[ )])(?! \*)", lambda m: f"- {m[1][1:]}", found)


def _tidied(latex: str) -> str:
    r"""Numbers beside numbers with a dot between them; a negative one without its bracket where a sign says enough."""
    latex = re.sub(r"(?<=[\d)}]) (?=[\d(]|\\left\()", r" \\cdot ", latex)
    latex = re.sub(r"(\(|\{)\((-[\d.]+)\)(\)|\})", r"\1\2\3", latex)
    latex = re.sub(r"\+ \(-([\d.]+)\)(?= [+-]|$|\)|\}|\\right)", r"- \1", latex)
    return re.sub(r"^\((-[\d.]+)\)(?= [+-]|$)", r"\1", latex)


def is_plain(latex: str) -> bool:
    """Whether a formula is numbers, sums and products alone."""
    return _PLAIN.fullmatch(latex) is not None


def numbers_of(expr: Expr, values: Mapping[str, Array]) -> list[float]:
    """The numbers that stand in an expression over elements at fixed positions."""
    return [float(values[name_of(e)][tuple(map(int, indices_of(e)))]) for e in elements(expr)]
