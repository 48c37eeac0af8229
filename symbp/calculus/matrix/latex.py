r"""Matrix expressions printed as LaTeX: ``(W^{(2)})^{T} \delta^{(2)} \odot g'(z^{(1)})``.

The sign of the Hadamard product binds more loosely than juxtaposition; ``\oslash`` divides elementwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Expr

from symbp.calculus.indices import Axis
from symbp.calculus.matrix.nodes import (
    SCALAR,
    Diag,
    DiagPart,
    Hadamard,
    Identity,
    Map,
    MatMul,
    Matrix,
    MatTensor,
    Number,
    OfMatrix,
    Ones,
    Plus,
    Power,
    Scale,
    Trace,
    Transpose,
    fraction,
    inverse,
    is_divisor,
    is_negative,
    is_one,
    opposite,
)
from symbp.calculus.primitives import PRIMITIVES
from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.calculus.text import is_size, size_name

SUM, HADAMARD, PRODUCT, ATOM = range(4)
_OPERATORS = {p.name: p.latex for p in PRIMITIVES if p.is_operator}


def plain_symbol(name: str) -> str:
    """A name as LaTeX with nothing known about it: one letter as it is, a longer name upright."""
    return name if len(name) == 1 else r"\mathrm{" + name.replace("_", r"\_") + "}"


def plain_function(name: str) -> str:
    """A function's name as LaTeX."""
    if name in _OPERATORS:
        return _OPERATORS[name]
    return name if len(name) == 1 else r"\operatorname{" + name.replace("_", r"\_") + "}"


def plain_size(axis: Axis) -> str:
    """The length of an axis as LaTeX."""
    name, _, index = size_name(axis).partition("_")
    return f"{name}_{{{index}}}".replace("_{}", "")


@dataclass(frozen=True)
class MatrixNotation:
    r"""How names and signs are written.

    `symbol` writes a tensor's name, `function` a scalar function's, `size` the length of an axis. With `merged`, the transpose of
    a symbol with a superscript goes into it, ``W^{(2)\top}``; else ``(W^{(2)})^{\top}``.
    """

    symbol: Callable[[str], str] = plain_symbol
    function: Callable[[str], str] = plain_function
    size: Callable[[Axis], str] = plain_size
    hadamard: str = r"\odot"
    divide: str = r"\oslash"
    transpose: str = "T"
    ones: str = r"\mathbf{1}"
    identity: str = "I"
    merged: bool = False


def matrix_latex(m: Matrix, notation: MatrixNotation | None = None) -> str:
    """A matrix expression as LaTeX, without dollar signs."""
    return _Printer(notation or MatrixNotation()).show(m, SUM)


@dataclass(frozen=True)
class _Printer:
    n: MatrixNotation

    def show(self, m: Matrix, level: int) -> str:
        text, own = self.text(m)
        return self.wrapped(text) if own < level else text

    def wrapped(self, text: str) -> str:
        return rf"\left({text}\right)" if r"\frac" in text or r"\left" in text else f"({text})"

    def raised(self, text: str, exponent: str) -> str:
        """A symbol or a closed expression with a superscript, which LaTeX allows once."""
        if text.startswith(r"\frac"):
            text = self.wrapped(text)
        elif "^" in text and not text.endswith(")"):
            if self.n.merged and exponent == self.n.transpose and text.endswith("}"):
                return f"{text[:-1]}{exponent}}}"
            text = self.wrapped(text)
        return f"{text}^{{{exponent}}}"

    def number(self, value: Expr) -> str:
        names = {s: self.n.size(Axis(s.name.removeprefix("N_"))) for s in value.free_symbols if is_size(s)}
        return str(sympy.latex(value, symbol_names=names))

    def text(self, m: Matrix) -> tuple[str, int]:
        match m:
            case MatTensor():
                symbol = self.n.symbol(m.name)
                return (self.raised(symbol, self.n.transpose) if m.transposed else symbol), ATOM
            case Number():
                atom = (m.value.is_Integer and m.value >= 0) or m.value.is_Symbol
                return self.number(m.value), ATOM if atom else SUM
            case Ones():
                return (self.n.ones if m.shape[0] else self.raised(self.n.ones, self.n.transpose)), ATOM
            case Identity():
                return self.n.identity, ATOM
            case OfMatrix() | Transpose(body=OfMatrix()):
                return self.of_matrix(m)
            case Transpose():
                body = self.show(m.body, ATOM)
                return self.raised(body, self.n.transpose), ATOM
            case Diag() | DiagPart():
                return self.call(r"\operatorname{diag}", m.upright if isinstance(m, Diag) else m.body), ATOM
            case Trace():
                return self.call(r"\operatorname{tr}", m.body), ATOM
            case Map(name="abs"):
                return rf"\left|{self.show(m.args[0], SUM)}\right|", ATOM
            case Map():
                name = self.n.function(m.name) + "'" * m.order
                return self.call(name, *m.args), ATOM
            case Plus():
                text = self.show(m.terms[0], SUM)
                for t in m.terms[1:]:
                    negative = is_negative(t)
                    text += f" - {self.show(opposite(t), HADAMARD)}" if negative else f" + {self.show(t, HADAMARD)}"
                return text, SUM
            case MatMul():
                return " ".join(self.show(f, PRODUCT) for f in m.factors), PRODUCT
            case Hadamard():
                return self.hadamard(m), HADAMARD
            case Power():
                return self.power(m)
            case Scale():
                return self.scale(m)
        raise TypeError(f"no LaTeX for {type(m).__name__}")

    def of_matrix(self, m: OfMatrix | Transpose) -> tuple[str, int]:
        r"""``A^{-1}`` and ``A^{-T}``, ``\det A``; the matrix in brackets where it is no letter."""
        inner = m.body if isinstance(m, Transpose) else m
        assert isinstance(inner, OfMatrix)
        row, inside = MATRIX_CALLS[inner.name], self.show(inner.body, ATOM)
        if row.power:
            sign = self.n.transpose if m is not inner else "1"
            return self.raised(inside, row.power.replace("1", sign)), ATOM
        text = row.written(self.show(inner.body, SUM), inside)
        return (text, ATOM) if m is inner else (self.raised(self.wrapped(text), self.n.transpose), ATOM)

    def call(self, name: str, *args: Matrix) -> str:
        return name + self.wrapped(", ".join(self.show(a, SUM) for a in args))

    def hadamard(self, m: Hadamard) -> str:
        square = [f for f in m.factors if isinstance(f, Power) and f.exponent == 2]
        above = [self.show(f, SUM if f in square else PRODUCT) for f in m.factors if not is_divisor(f)]
        below = [f" {self.n.divide} {self.show(inverse(f), PRODUCT)}" for f in m.factors if is_divisor(f)]
        return (f" {self.n.hadamard} ".join(above) or "1") + "".join(below)

    def power(self, m: Power) -> tuple[str, int]:
        if m.exponent < 0:
            under = inverse(m)
            if m.shape == SCALAR:
                return rf"\frac{{1}}{{{self.show(under, SUM)}}}", PRODUCT
            return f"1 {self.n.divide} {self.show(under, PRODUCT)}", HADAMARD
        if m.exponent == sympy.S.Half:
            return rf"\sqrt{{{self.show(m.base, SUM)}}}", ATOM
        exponent = self.number(m.exponent)
        base = self.show(m.base, ATOM)
        if m.shape == SCALAR:
            return self.raised(base, exponent), ATOM
        if m.exponent == 2 and isinstance(m.base, MatTensor):
            return f"{base} {self.n.hadamard} {base}", HADAMARD
        return self.raised(base, rf"{self.n.hadamard} {exponent}"), ATOM

    def scale(self, m: Scale) -> tuple[str, int]:
        negative, number, above, below, divisors = fraction((*m.scalars, m.body) if m.shape == SCALAR else m.scalars)
        factors = [*above, m.body] if m.shape != SCALAR and not is_one(m.body) else above
        under = [self.number(below)] if below != 1 else []
        under += [self.show(d, SUM if len(divisors) == 1 and not under else PRODUCT) for d in divisors]
        front = [self.number(number)] if number != 1 or not factors else []
        if under:
            if m.shape == SCALAR and len(factors) == 1 and isinstance(factors[0], MatTensor):
                front, factors = [*front, self.show(factors[0], PRODUCT)], []
            front = [rf"\frac{{{' '.join(front) or 1}}}{{{' '.join(under)}}}"]
        elif number.is_Add:
            front = [self.wrapped(p) for p in front]
        hadamard = bool(factors) and isinstance(factors[-1], Hadamard)
        shown = [
            self.wrapped(self.show(f, PRODUCT)) if isinstance(f, MatMul) else self.show(f, PRODUCT)
            for f in factors[:-1]
        ]
        shown += [self.show(f, HADAMARD if hadamard else PRODUCT) for f in factors[-1:]]
        text = " ".join([*front, *shown])
        return ("-" + text, SUM) if negative else (text, HADAMARD if hadamard else PRODUCT)
