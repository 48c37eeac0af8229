r"""Braces, brackets, fractions, roots, norms, cases and letters with an accent: what is more than one sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.derivatives import differential, fraction, slope_at
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import is_transposition, layer_of, pieces, prefixed, symbol
from symbp.formula.latex.trees import Reads, Scripts, links, scripts_of, single, span_of, start, word
from symbp.formula.syntax import Binary, Call, Compare, Node, Number, Span, Transpose, transposed


def braces(reader: Reads, parts: list[Any], k: int, scripts: Scripts, before: Node | None) -> tuple[Node | None, int]:
    """Braces: empty ones carry the scripts of what stands before them; one letter's scripts add up with its own."""
    atom = parts[k].children[0]
    if atom.children[0] is None:
        if before is None or prefixed(scripts):
            return _turned(reader, parts, k, scripts)
        return None, 1
    inner = links(atom)
    if inner is not None and len(inner) == 1 and isinstance(inner[0], Tree) and inner[0].data == "scripted":
        power = scripts.sups[0] if len(scripts.sups) == 1 and not scripts.subs and not scripts.primes else None
        own = [p for s in scripts_of(inner[0].children[1:]).sups for p in pieces(s) if layer_of(p) is not None]
        if own and isinstance(power, Token) and power.isdigit():
            return reader.scripted_node(reader.inner(atom), scripts, start(atom), span_of(parts[k])), 1  # {a^{(1)}}^2
        merged = Tree("scripted", [*inner[0].children, *parts[k].children[1:]], parts[k].meta)
        return reader.factor([*parts[:k], merged, *parts[k + 1 :]], k, before)
    if inner is not None and len(inner) == 2 and differential(inner[0]) and not scripts.primes:
        whole = Tree("scripted", [*inner[1].children, *parts[k].children[1:]], inner[1].meta)
        return reader.factor([inner[0], whole], 0, before)[0], 1  # {dW}^{[1]}
    return reader.scripted_node(reader.inner(atom), scripts, start(atom), span_of(parts[k])), 1


def _turned(reader: Reads, parts: list[Any], k: int, scripts: Scripts) -> tuple[Node, int]:
    r"""``{}^T W``, the transpose of what follows."""
    where = at(start(parts[k]))
    if (
        not scripts.sups
        or scripts.subs
        or not all(prefixed(Scripts((), (s,))) or is_transposition(s) for s in scripts.sups)
    ):
        raise InputError("nothing stands here", place=where)
    if k + 1 >= len(parts) or isinstance(parts[k + 1], Token):
        raise InputError("the transpose of what?", place=where)
    node, used = reader.factor(parts, k + 1, None)
    assert node is not None
    return transposed(node), used + 1


_REST = {">": ("<=", "<"), ">=": ("<", "<="), "<": (">=", ">"), "<=": (">", ">=")}
"""For each sign the ones that hold elsewhere; what holds at the kink alone is not asked."""


def cases(reader: Reads, atom: Any, span: Span) -> Node:
    """The value in each case; InputError where a case is without a condition, or the last one is not all the rest."""
    rows = [c for c in atom.children if isinstance(c, Tree) and c.data == "row"]
    read: list[tuple[Node, Node | None]] = []
    for row in rows:
        value, condition = row.children[0], next(c for c in row.children[1:] if not _sign(c))
        if isinstance(condition, Token):
            read.append((reader.sum(value), None))
            continue
        if len(condition.children) != 3:
            raise InputError(
                "a case without a condition", place=at(start(condition)), allowed=r"z > 0, \text{otherwise}"
            )
        read.append((reader.sum(value), reader.cell(condition)))
    *first, (last, rest) = read
    if not first or any(c is None for _, c in first):
        raise InputError(
            "two cases or more, the last for all the rest", place=at(start(atom)), allowed=r"\text{otherwise}"
        )
    if rest is not None and not (len(first) == 1 and _opposite(first[0][1], rest)):
        raise InputError("is the last case all the rest?", place=at(start(rows[-1])), allowed=r"\text{otherwise}")
    node = last
    for value, condition in reversed(first):
        assert condition is not None
        node = Call("where", (condition, value, node), span=span)
    return node


def _sign(part: Any) -> bool:
    """Whether a part of a row is a sign alone."""
    return part is None or (isinstance(part, Token) and part.type != "OTHERWISE")


def _opposite(one: Node | None, other: Node) -> bool:
    """Whether one of two conditions always holds, and never both."""
    if isinstance(one, Compare) and isinstance(other, Compare):
        return (one.left, one.right) == (other.left, other.right) and other.op in _REST.get(one.op, ())
    same, differs = (one, other) if isinstance(one, Compare) else (other, one)
    return same is not None and differs == Binary("-", Number("1"), same)  # i = j, and i different from j


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
    return Transpose(sym, span=span) if turned else sym


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
