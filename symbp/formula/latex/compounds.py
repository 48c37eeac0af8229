r"""Brackets, fractions, roots, norms and letters with an accent: what is more than one sign and has scripts of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.cases import cases
from symbp.formula.latex.derivatives import fraction
from symbp.formula.latex.parse import at
from symbp.formula.latex.reads import Reads
from symbp.formula.latex.slopes import slope_at
from symbp.formula.latex.symbols import symbol
from symbp.formula.latex.trees import Scripts, single, start, word
from symbp.formula.syntax import Binary, Call, Compare, Node, Number, Span, Transpose, transposed

Rule = Callable[[Reads, Any, Scripts, Span], Node]


def compound(reader: Reads, atom: Any, scripts: Scripts, span: Span) -> Node:
    """What is more than one sign, read by the rule for its kind; InputError where there is none."""
    rule = _RULES.get(atom.data)
    if rule is None:  # a sign of our own, written by the author
        raise InputError("a power without what it is of", place=at(start(atom)))
    return rule(reader, atom, scripts, span)


def _scripted(value: Callable[[Reads, Any, Span], Node]) -> Rule:
    """The rule for what may have a power or be transposed, whatever it is."""

    def rule(reader: Reads, atom: Any, scripts: Scripts, span: Span) -> Node:
        return reader.scripted_node(value(reader, atom, span), scripts, start(atom), span)

    return rule


def _group(reader: Reads, atom: Any, scripts: Scripts, span: Span) -> Node:
    """Brackets, around a formula or a condition."""
    cells = reader.cells(atom)
    if len(cells) != 1 or (isinstance(cells[0], Compare) and scripts != Scripts()):
        raise InputError("a bracket that is no factor", place=at(start(atom)))
    if isinstance(cells[0], Compare):
        return cells[0]
    return reader.scripted_node(cells[0], scripts, start(atom), span)


def _accent(reader: Reads, atom: Any, scripts: Scripts, span: Span) -> Node:
    """A letter with an accent, which is another letter."""
    sign, over = atom.children
    token = single(over)
    if token is None:
        raise InputError("an accent over more than a letter", place=at(start(over)))
    accent = {"widehat": "hat", "overline": "bar", "widetilde": "tilde"}.get(sign[1:], sign[1:])
    base = word(token) if accent == "vec" else rf"\{accent}{{{word(token)}}}"
    sym, turned = symbol(base, scripts, span)
    return Transpose(sym, span=span) if turned else sym  # type: ignore[arg-type,return-value]


def _angle(reader: Reads, atom: Any, span: Span) -> Node:
    _, left, right, _ = atom.children
    return Binary("juxt", transposed(reader.sum(left)), reader.sum(right), "angle", span=span)


def _root(reader: Reads, atom: Any, span: Span) -> Node:
    return Call("sqrt", (reader.inner(atom.children[0 if len(atom.children) == 1 else 1]),), span=span)


def _floor(reader: Reads, atom: Any, span: Span) -> Node:
    return Call("floor", (reader.sum(atom.children[1]),), span=span)


def _absolute(reader: Reads, atom: Any, span: Span) -> Node:
    return Call("abs", (reader.sum(atom.children[1]),), style="bars", span=span)


def _norm(reader: Reads, atom: Any, scripts: Scripts, span: Span) -> Node:
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


_RULES: Mapping[str, Rule] = {
    "group": _group,
    "accent": _accent,
    "fraction": _scripted(fraction),
    "angle": _scripted(_angle),
    "evaluated": slope_at,
    "cases": _scripted(cases),
    "root": _scripted(_root),
    "floor": _scripted(_floor),
    "absolute": _scripted(_absolute),
    "norm": _norm,
}
"""The rule for each kind of tree."""
