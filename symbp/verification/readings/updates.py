r"""Updates and sums in parts: ``w \leftarrow w - \eta \delta x``, ``\Delta W = -\eta ...``, ``\Delta W \mathrel{+}= \delta a^T``.

An update claims that its step is a rate times the derivative, against it; a sign that adds claims a part of the derivative
(:mod:`symbp.verification.accumulate`). A constant of the step may have gone into the rate: that is said, and is no
mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from symbp.errors import InputError
from symbp.formula.latex.parse import NotAClaim, at
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Negate, Node, Number, Span, Sym, terms_of

RATES = (r"\eta", r"\alpha", r"\epsilon", r"\varepsilon", r"\gamma", r"\rho", "lr")
_CHANGE = r"\Delta"


class Letters(NamedTuple):
    """Letters that have another meaning than a rate, and those that rates have."""

    known: frozenset[str]
    rates: tuple[str, ...] = RATES


@dataclass(frozen=True)
class Step:
    """How an update was written: its rate, whether it gives the change alone (``\\Delta W = ...``), and the sign between its
    sides."""

    rate: str
    change: bool = False
    sign: str = r"\leftarrow"

    def text(self, left: str, right: str, sign: str = "-") -> str:
        """The update with `left` for what is updated and `right` for the derivative, or with another sign for its negative."""
        if self.change:
            return rf"\Delta {left} = {sign.replace('+', '')}{self.rate} {right}"
        return rf"{left} {self.sign} {left} {sign} {self.rate} {right}"

    def about(self, ratio: str) -> str:
        """What became of a constant by which the step must be multiplied to be the derivative."""
        return f"the factor {ratio} has gone into {self.rate}: the derivative is {ratio} times what stands beside it"


@dataclass(frozen=True)
class Meant:
    """The equation that a line claims: its sides, whether it adds to what was claimed before, and of which update it speaks."""

    left: Node
    right: Node
    adds: bool = False
    step: Step | None = None


def meant(sign: str, left: Node, right: Node, letters: Letters) -> Meant:
    """What a line claims, by its sign of equality; `letters` say what is a rate.

    Raises
    ------
    InputError : an update without a rate, or one of no tensor
    """
    found, kind = _meant(sign, left, right, letters), _SIGNS.get(sign, "equal")
    if found.step is None or kind in ("add", "subtract"):
        return found
    return replace(found, step=replace(found.step, sign=sign))


def _meant(sign: str, left: Node, right: Node, letters: Letters) -> Meant:
    kind = _SIGNS.get(sign, "equal")
    of = changed(left)
    if of is not None:
        rest = _without_term(right, lambda n: n == left)
        if right == Number("0"):
            return Meant(replace(of, gradient=True), right)
        if kind == "add" or (rest is not None and kind != "subtract"):
            return Meant(replace(of, gradient=True), rest if rest is not None else right, adds=True)
        return _step(of, right if kind != "subtract" else Negate(right), letters, change_alone=True)
    if changed(left, r"\delta") is not None:
        raise InputError(
            r"\delta W: a change, or a product?", place=at(left.span.start), allowed=r"\Delta W = -\eta ..."
        )
    if not isinstance(left, Sym):
        if kind in ("add", "subtract", "becomes"):
            raise InputError("an update of what?", place=at(left.span.start), allowed=r"W \leftarrow W - \eta ...")
        return Meant(left, right)
    if kind == "becomes" and _without_term(right, lambda n: n == left) is None:
        raise NotAClaim("an arrow makes this no claim", place=at(right.span.start), allowed="left = right")
    if kind in ("add", "subtract"):
        return _added(left, right if kind == "add" else Negate(right), letters)
    rest = _without_term(right, lambda n: n == left)
    if rest is not None:
        return _added(left, rest, letters)
    if kind == "assign" and any(s == left for s in symbols(right)):
        raise InputError(
            "a value that is replaced by one made of it", place=at(left.span.start), allowed="layers, or ="
        )
    return Meant(left, right)


_SIGNS = {
    **dict.fromkeys((r"\to", r"\rightarrow", r"\leadsto", r"\rightsquigarrow"), "becomes"),
    **dict.fromkeys((r"\leftarrow", r"\longleftarrow", r"\gets", "←", ":="), "assign"),
    **dict.fromkeys(("+=", r"\mathrel{+}=", r"\mathrel{+=}"), "add"),
    **dict.fromkeys(("-=", r"\mathrel{-}=", r"\mathrel{-=}"), "subtract"),
}
"""What the signs between two sides say that are no equalities."""


def changed(left: Node, sign: str = _CHANGE) -> Sym | None:
    r"""The letter that ``\Delta W`` is the change of."""
    if isinstance(left, Binary) and left.op == "juxt" and isinstance(left.right, Sym) and left.left == Sym(sign):
        return left.right
    return None


def _added(left: Sym, right: Node, letters: Letters) -> Meant:
    """What a line claims that adds to a letter: a part of a derivative, or a step."""
    if left.gradient:
        return Meant(left, right, adds=True)
    if left.base == _CHANGE:
        message = r"is \Delta the deltas of a batch, or what is added up?"
        raise InputError(message, place=at(left.span.start), allowed=r"\Delta W \mathrel{+}= ...")
    if not _rates(right, letters) and left.base not in letters.known:
        return Meant(left, right, adds=True)
    return _step(left, right, letters, change_alone=False)


def _rates(node: Node, letters: Letters) -> list[Sym]:
    return [
        s
        for s in symbols(node)
        if s.base in letters.rates and s.base not in letters.known and s.layer is None and not s.gradient
    ]


def _step(left: Sym, change: Node, letters: Letters, *, change_alone: bool) -> Meant:
    """The derivative that a change claims: the change over minus its rate."""
    rates = _rates(change, letters)
    if not rates:
        message = "a change without its rate: what it is to be is not known"
        raise InputError(
            message, place=at(change.span.start), allowed=r"\Delta W = -\eta ..., \Delta W \mathrel{+}= ..."
        )
    rate, total = rates[0], None
    for sign, term in terms_of(change):
        inner, turned = (term.arg, -sign) if isinstance(term, Negate) else (term, sign)
        found = _over(inner, rate)
        if found is None or any(s == rate for s in symbols(found)):
            raise InputError(
                "every term of a change has its rate once", place=at(term.span.start), allowed=r"-\eta (...)"
            )
        if total is None:
            total = found if turned < 0 else Negate(found, span=found.span)
        else:
            total = Binary("-" if turned > 0 else "+", total, found, span=change.span)
    assert total is not None
    scripts = f"_{{{''.join(rate.subs)}}}" if rate.subs else ""
    return Meant(replace(left, gradient=True), total, step=Step(rate.base + scripts, change_alone))


def _over(node: Node, rate: Sym) -> Node | None:
    """A product without a factor; None where the factor is not one of it."""
    if node == rate:
        return Number("1", span=node.span)
    if isinstance(node, Negate):
        inner = _over(node.arg, rate)
        return None if inner is None else Negate(inner, span=node.span)
    if isinstance(node, Binary) and node.op in ("*", "juxt", "cdot", "/"):
        found = _over(node.left, rate)
        if found is not None:
            span = Span(found.span.start, node.span.end)
            return node.right if found == Number("1") and node.op != "/" else replace(node, left=found, span=span)
        found = _over(node.right, rate) if node.op != "/" else None
        if found is not None:
            span = Span(node.span.start, found.span.end)
            return node.left if found == Number("1") else replace(node, right=found, span=span)
    return None


def _without_term(node: Node, wanted: Callable[[Node], bool]) -> Node | None:
    """A sum without the one term that is wanted, with the sign that it has; None where that is not one of its terms."""
    terms = [*terms_of(node)]
    places = [k for k, (sign, term) in enumerate(terms) if sign > 0 and wanted(term)]
    if len(places) != 1 or len(terms) < 2:
        return None
    rest = [t for k, t in enumerate(terms) if k != places[0]]
    whole: Node = rest[0][1] if rest[0][0] > 0 else Negate(rest[0][1], span=rest[0][1].span)
    for sign, term in rest[1:]:
        whole = Binary("+" if sign > 0 else "-", whole, term, span=node.span)
    return whole
