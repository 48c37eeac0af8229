r"""Sums in LaTeX: over which letters they run, from where, to where, and what they leave out (``\sum_{i \ne k}``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.derivatives import over_sum
from symbp.formula.latex.lexing import SUMS
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import LAYER_LETTERS, layer_of, subscripts, substituted, symbols
from symbp.formula.latex.trees import Limit, Reads, links, scripts_of, single, span_of, start
from symbp.formula.syntax import Binary, Call, Compare, Layer, Name, Node, Number, Span, Sym

OPEN_SUM = "open"
"""How a sum is written that does not say over what."""
_UPPER = r"\sum_{k=1}^{K}"


@dataclass(frozen=True)
class _Range:
    """What stands below a sum: the letters that it runs over, where it begins, and what the one letter must differ from."""

    letters: tuple[str, ...]
    first: int = 1
    but: tuple[str, ...] = ()


def opened(reader: Reads, tree: Any) -> Node:
    """A sum over letters, with what stands before it."""
    before, function, big, *scripts, sign, body = tree.children
    given, span = scripts_of(scripts), span_of(tree)
    if not given.subs and (given.sups or function is not None):
        raise over_what(start(big))
    inside = reader.product(body)
    if sign is not None and sign != "+":
        inside = Binary("juxt", Number("-1"), inside, span=span_of(body))
    if not given.subs:
        reader.sums = True
        node: Node | None = Call(SUMS[str(big)], (inside,), style=OPEN_SUM, span=span)
        return node if before is None else _beside(reader, before.children, node, body, span)  # type: ignore[arg-type, return-value]
    run, zero = _run(given.subs[0]), None
    if run.first == 0 and (zero := _unit_zero(reader, run, inside)) is not None:
        run = replace(run, first=1)
    node = _over_layers(reader, run, given.sups, inside, span)
    if node is None:
        reader.sums = True
        for sup in given.sups:
            reader.limits += [_limit(reader, c, run.first, inside, sup) for c in run.letters]
        if run.first != 1 and not given.sups:
            raise InputError("a sum from 0 that does not say to where", place=at(start(big)), allowed=_UPPER)
        for other in run.but:
            same = Compare("==", Name(run.letters[0]), Name(other), span=span_of(big))
            inside = Binary("juxt", Binary("-", Number("1"), same), inside, span=inside.span)
        node = Call(SUMS[str(big)], (inside, *(Name(c, span=span_of(big)) for c in run.letters)), span=span)
        node = node if zero is None else Binary("+", node, zero, span=span)
    if function is not None:
        node = Call({r"\ln": "log", r"\log": "log"}.get(str(function), function[1:]), (node,), span=span)
    if before is None:
        return node
    return _beside(reader, before.children, node, body, span)


def over_what(column: int) -> InputError:
    """The error for a sum that does not say over what, where nothing else does."""
    return InputError("a sum that does not say over what", place=at(column), allowed=r"\sum_j")


def _unit_zero(reader: Reads, run: _Range, body: Node) -> Node | None:
    """The weight from unit 0, which is always 1, where a sum begins with it; None where it is a sum of something else."""
    n = reader.notation
    if not n.bias_in_weights or len(run.letters) != 1 or not isinstance(body, Binary):
        return None
    factors: tuple[Any, ...] = (body.left, body.right)
    place, syms = 0 if n.from_to else 1, [f for f in factors if isinstance(f, Sym)]
    weights = [
        f for f in syms if n.families.get(f.base) == "W" and len(f.subs) == 2 and f.subs[place] == run.letters[0]
    ]
    if body.op not in ("juxt", "cdot", "*") or len(syms) != 2 or len(weights) != 1:
        return None
    weight: Any = weights[0]
    zero: Node = replace(weight, subs=tuple("0" if k == place else c for k, c in enumerate(weight.subs)))
    return zero


def _beside(reader: Reads, parts: list[Any], node: Node, body: Any, span: Span) -> Node:
    """What stands before a sum, times the sum; or over it, where the sum is of one factor."""
    differentiated = over_sum(reader, parts, node, span)
    if differentiated is not None:
        return differentiated
    last = parts[-1]
    if not isinstance(last, Token) or last.type == "CDOT":
        times = parts[:-1] if isinstance(last, Token) else parts
        return reader.joined(reader.chain(times), node, "juxt", span)
    if last.type != "SLASH" or len(parts) < 2:
        raise InputError(f"{last} before a sum", place=at(start(last)), allowed=r"\frac, \cdot")
    inner = links(body)
    if inner is None or len(inner) != 1:
        raise InputError("where does the sum below the line end?", place=at(start(body)), allowed=r"\frac, ( )")
    return Binary("/", reader.chain(parts[:-1]), node, span=span)


def _run(sub: Any) -> _Range:
    """What a sum's subscript says."""
    cells: Any = sub.children[0].children if isinstance(sub, Tree) and sub.children and sub.children[0] else ()
    if len(cells) != 1 or len(cells[0].children) != 3:
        return _Range(_letters(sub))
    left, sign, right = cells[0].children
    named = _letters(Tree("braces", [Tree("cells", [Tree("cell", [left], left.meta)], left.meta)], sub.meta))
    value = single(right)
    if sign == "=" and value is not None and value in ("0", "1"):
        return _Range(named, int(value))
    if sign.lstrip("\\") in ("ne", "neq") and value is not None and len(named) == 1:
        return _Range(named, 1, subscripts(value))
    allowed = rf"{_UPPER}, \sum_{{k=0}}^{{K-1}}, \sum_{{k \ne i}}"
    raise InputError(
        "a sum over all values of a letter is read, or over all but one", place=at(start(sub)), allowed=allowed
    )


def _letters(sub: Any) -> tuple[str, ...]:
    letters = subscripts(sub)
    if any(c.isdigit() for c in letters):
        raise InputError("a sum runs over a letter", place=at(start(sub)), allowed=r"\sum_j")
    return letters


def _limit(reader: Reads, letter: str, first: int, body: Node, sup: Any) -> Limit:
    """The upper limit of a sum; InputError where it is no length: a sum over a part of an axis is not read."""
    where = start(sup)
    refused = InputError("a sum runs to the length of its axis", place=at(where), allowed=f"{_UPPER}, or no limits")
    try:
        upper = reader.inner(sup)
    except InputError:
        raise refused from None
    if first == 0:  # from 0 to K-1 are K values
        if isinstance(upper, Number) and upper.text.isdigit():
            return Limit(letter, body, where, number=int(upper.text) + 1)
        if not isinstance(upper, Binary) or upper.op != "-" or upper.right != Number("1"):
            raise refused
        upper = upper.left
    if isinstance(upper, Number) and upper.text.isdigit():
        return Limit(letter, body, where, number=int(upper.text))
    if not isinstance(upper, Sym) or upper.power is not None or upper.base.lstrip("\\") in ("infty", "L", "l", "ell"):
        raise refused
    return Limit(letter, body, where, length=upper)


def _over_layers(reader: Reads, run: _Range, sups: tuple[Any, ...], body: Node, span: Span) -> Node | None:
    r"""A sum over layers written out, ``\sum_{l=1}^{L} \|W^{(l)}\|^2``; None where the letter is no layer's in what is summed."""
    if len(run.letters) != 1 or run.letters[0] not in LAYER_LETTERS:
        return None
    (letter,) = run.letters
    layered = [s for s in symbols(body) if s.layer is not None and s.layer.letter == letter]
    if not layered:
        return None
    last = layer_of(sups[0]) if len(sups) == 1 else Layer("L", 0)
    if last is None or last.letter not in ("", "L") or run.first != 1 or run.but:
        raise InputError("over which layers?", place=at(span.start), allowed=r"\sum_{l=1}^{L}, \sum_l")
    count = last.number({"L": reader.depth})
    if not 1 <= count <= _MOST_LAYERS:
        raise InputError("over which layers?", place=at(span.start), allowed=f"at most {_MOST_LAYERS}")
    terms = [substituted(body, _at_layer(letter, k)) for k in range(1, count + 1)]
    whole = terms[0]
    for term in terms[1:]:
        whole = Binary("+", whole, term, span=span)
    return whole


_MOST_LAYERS = 20


def _at_layer(letter: str, number: int) -> Callable[[Sym], Node]:
    """What puts a number for the letter of a layer."""

    def put(sym: Sym) -> Node:
        layer = sym.layer
        if layer is None or layer.letter != letter:
            return sym
        return replace(sym, layer=Layer("", number + layer.offset))

    return put
