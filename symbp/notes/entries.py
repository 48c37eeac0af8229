r"""Matrix equations with their entries written out: ``\begin{pmatrix} ... \end{pmatrix}`` on both sides."""

from __future__ import annotations

from symbp.calculus.matrix.nodes import (
    SCALAR,
    Hadamard,
    Map,
    MatMul,
    Matrix,
    MatTensor,
    Number,
    Plus,
    Scale,
    is_negative,
    opposite,
)
from symbp.calculus.program import Statement
from symbp.notes.blocks import Math
from symbp.notes.expand import Sizes, entry
from symbp.notes.writer import Writer


def written_out(writer: Writer, s: Statement, m: Matrix) -> tuple[Math, Math]:
    """Both sides of a matrix equation, every matrix with its entries."""
    return _entries(writer, MatTensor(m.shape, s.target.name)), _show(writer, m)


def _show(writer: Writer, m: Matrix) -> Math:
    match m:
        case MatMul():
            return _joined([_show(writer, f) for f in m.factors], " ", " @ ")
        case Hadamard() if not any(isinstance(f, Hadamard) for f in m.factors):
            return _joined([_show(writer, f) for f in m.factors], f" {writer.notation.hadamard} ", " * ")
        case Plus() if any(isinstance(p, MatMul) for t in m.terms for p in (t, *t.parts)):
            first, *rest = m.terms
            result = _show(writer, first)
            for t in rest:
                sign = "-" if is_negative(t) else "+"
                result = _joined([result, _show(writer, opposite(t) if sign == "-" else t)], f" {sign} ", f" {sign} ")
            return result
        case Scale() if m.shape != SCALAR and all(isinstance(x, (Number, MatTensor)) for x in m.scalars):
            factors = [
                writer.index(entry(x, 0, 0, writer.symbols.tensors, writer.symbols.orient, _sizes(writer)))
                for x in m.scalars
            ]
            body = _show(writer, m.body)
            if [f.text for f in factors] == ["-1"]:
                return Math(f"-{body.latex}", f"-{body.text}")
            return _joined([*factors, body], " ", " * ")
        case Map() if m.along is not None and m.shape != SCALAR:
            inner = _show(writer, m.args[0])
            name = writer.symbols.function(m.name)
            return Math(rf"{name}{inner.latex}", f"{m.name}({inner.text})")
    return _entries(writer, m)


def _sizes(writer: Writer) -> Sizes:
    return writer.derivation.map.sizes


def _entries(writer: Writer, m: Matrix) -> Math:
    sizes = _sizes(writer)
    lengths = [1 if a is None else sizes[a] for a in m.shape]
    cells = [
        [
            writer.index(writer.put_in(entry(m, r, c, writer.symbols.tensors, writer.symbols.orient, sizes)))
            for c in range(lengths[1])
        ]
        for r in range(lengths[0])
    ]
    if lengths == [1, 1]:
        return cells[0][0]
    between = r" \\[16pt] " if any(r"\frac" in x.latex for row in cells for x in row) else r" \\[2pt] "
    latex = between.join(" & ".join(x.latex.replace(r"\frac", r"\dfrac") for x in row) for row in cells)
    text = ", ".join("[" + ", ".join(x.text for x in row) + "]" for row in cells)
    return Math(rf"\begin{{pmatrix}} {latex} \end{{pmatrix}}", f"[{text}]")


def _joined(parts: list[Math], latex: str, text: str) -> Math:
    return Math(latex.join(p.latex for p in parts), text.join(p.text for p in parts))
