r"""Brackets, fractions, roots, norms and letters with an accent: what is more than one sign and has scripts of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from symbp.errors import InputError
from symbp.verify.language.syntax import Binary, Call, Compare, Node, Number, Span, Transpose, transposed
from symbp.verify.latex.cases import cases
from symbp.verify.latex.derivatives import fraction
from symbp.verify.latex.parse import at
from symbp.verify.latex.slopes import slope_at
from symbp.verify.latex.symbols import symbol
from symbp.verify.latex.trees import Scripts, single, start, word

if TYPE_CHECKING:
    from symbp.verify.latex.reader import Reader


def compound(reader: Reader, atom: Any, scripts: Scripts, span: Span) -> Node:
    """Brackets, fractions, roots, norms and letters with an accent."""
    match atom.data:
        case "group":
            cells = reader.cells(atom)
            if len(cells) != 1 or (isinstance(cells[0], Compare) and scripts != Scripts()):
                raise InputError("a bracket that is no factor", place=at(start(atom)))
            if isinstance(cells[0], Compare):
                return cells[0]
            return reader.scripted_node(cells[0], scripts, start(atom), span)
        case "accent":
            sign, over = atom.children
            token = single(over)
            if token is None:
                raise InputError("an accent over more than a letter", place=at(start(over)))
            accent = {"widehat": "hat", "overline": "bar", "widetilde": "tilde"}.get(sign[1:], sign[1:])
            base = word(token) if accent == "vec" else rf"\{accent}{{{word(token)}}}"
            sym, turned = symbol(base, scripts, span)
            return Transpose(sym, span=span) if turned else sym  # type: ignore[arg-type,return-value]
        case "fraction":
            return reader.scripted_node(fraction(reader, atom, span), scripts, start(atom), span)
        case "angle":
            _, left, right, _ = atom.children
            node: Node = Binary("juxt", transposed(reader.sum(left)), reader.sum(right), "angle", span=span)
            return reader.scripted_node(node, scripts, start(atom), span)
        case "evaluated":
            return slope_at(reader, atom, scripts, span)
        case "cases":
            return reader.scripted_node(cases(reader, atom, span), scripts, start(atom), span)
        case "root":
            return reader.scripted_node(
                Call("sqrt", (reader.inner(atom.children[0 if len(atom.children) == 1 else 1]),), span=span),
                scripts,
                start(atom),
                span,
            )
    if atom.data == "floor":
        node = Call("floor", (reader.sum(atom.children[1]),), span=span)
        return reader.scripted_node(node, scripts, start(atom), span)
    if atom.data == "absolute":
        return reader.scripted_node(
            Call("abs", (reader.sum(atom.children[1]),), style="bars", span=span), scripts, start(atom), span
        )
    return _norm(reader, atom, scripts, span)


def _norm(reader: Reader, atom: Any, scripts: Scripts, span: Span) -> Node:
    """The Euclidean or Frobenius norm, or the sum of absolute values; plain, or squared."""
    kind = single(scripts.subs[0]) if scripts.subs else None
    power = single(scripts.sups[0]) if scripts.sups else None
    inside = reader.sum(atom.children[1])
    if (scripts.subs and (kind is None or kind not in ("1", "2", "F"))) or scripts.primes:
        raise InputError("a norm of another kind", place=at(start(atom)), allowed=r"\|x\|, \|W\|_F, \|x\|_1")
    if scripts.sups and (power is None or power != "2" or len(scripts.sups) > 1):
        raise InputError("a norm is squared or plain", place=at(start(atom)))
    if kind == "1":
        total: Node = Call("sum", (Call("abs", (inside,), span=span),), span=span)
        return Binary("**", total, Number("2"), span=span) if power else total
    style = {None: "norm", "2": "norm2"}.get(kind, "call")
    squares: Node = Call("sum", (Binary("**", inside, Number("2"), span=span),), style=style, span=span)
    return squares if power else Call("sqrt", (squares,), span=span)
