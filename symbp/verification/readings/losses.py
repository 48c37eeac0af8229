r"""Which loss derivatives are those of: each example's own, whose mean over the examples is the loss; the log-likelihood,
``\ell(\theta)``, which is minus the loss; or the loss written
out, ``\frac{\partial}{\partial z_i} \frac{1}{2} \|y - \hat y\|^2``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Call, Negate, Node, Sym, Transpose, children, terms_of, with_children
from symbp.formula.words import OWN
from symbp.notation import Notation
from symbp.verification.readings.examples import OverExamples
from symbp.verification.readings.indices import of_each
from symbp.verification.readings.updates import Meant


def with_own(notation: Notation, over: OverExamples) -> tuple[Node, Node]:
    """Both sides where derivatives of single examples are those of each example's own loss."""
    left = over.left if isinstance(over.left, Sym) else owned(notation, over.left)
    return left, as_own(notation, over) if isinstance(over.left, Sym) else owned(notation, over.right)


def is_adjoint_of_each(notation: Notation, sym: Sym) -> bool:
    """Whether a letter is the derivative by what every example has, and does not say of which loss."""
    plain = not sym.gradient and notation.families.get(sym.base) in ("delta", "e")
    one = notation.own and sym.of_loss in (r"\calL", "L")  # the loss of one example, where J is the cost
    return of_each(notation, sym) and (sym.short or plain or one)


def owned(notation: Notation, node: Node) -> Node:
    """The formula with derivatives of single examples as those of each example's own loss."""
    if isinstance(node, Call) and node.name == OWN:
        return node
    if isinstance(node, Sym):
        return Call(OWN, (node,), span=node.span) if is_adjoint_of_each(notation, node) else node
    return with_children(node, tuple(owned(notation, c) for c in children(node)))


def as_own(notation: Notation, over: OverExamples) -> Node:
    """The right side where derivatives of single examples are those of each example's own loss, and not of the mean."""

    def adjoint(sym: Sym) -> bool:
        return is_adjoint_of_each(notation, sym)

    left: Any = over.left
    each = over.each and isinstance(left, Sym) and adjoint(left) and not _over_n(over.right)
    if each and all(_once(term, adjoint) for _, term in terms_of(over.right)):
        return over.right  # both sides are as many times larger
    right = owned(notation, over.right)
    return Binary("/", right, Sym("N"), span=right.span) if each else right


def _once(node: Node, adjoint: Callable[[Sym], bool]) -> bool:
    """Whether a term is proportional to a derivative."""
    match node:
        case Sym():
            return adjoint(node)
        case Negate() | Transpose():
            return _once(node.arg, adjoint)
        case Binary(op="*" | "juxt" | "cdot"):
            sides = [any(adjoint(s) for s in symbols(side)) for side in (node.left, node.right)]
            return sides.count(True) == 1 and _once(node.left if sides[0] else node.right, adjoint)
        case Binary(op="+" | "-"):
            return _once(node.left, adjoint) and _once(node.right, adjoint)
        case Binary(op="/"):
            return _once(node.left, adjoint) and not any(adjoint(s) for s in symbols(node.right))
        case Call(name="sum"):
            return _once(node.args[0], adjoint)
    return False


def _over_n(node: Node) -> bool:
    """Whether a right side is that of a derivative of an example's own loss already."""
    return isinstance(node, Binary) and node.op == "/" and isinstance(node.right, Sym) and node.right == Sym("N")


LETTERS = (r"\ell",)
"""Letters of the log-likelihood, where a page says so."""


def of_likelihood(likelihood: tuple[str, bool] | None, said: Meant) -> tuple[Node, Node]:
    """The sides of an equation in which derivatives are those of the log-likelihood, as an equation for the loss."""
    if likelihood is None:
        return said.left, said.right
    letter, summed = likelihood
    inner: Any = said.left
    right = _turned(said.right, letter, summed)
    if not isinstance(inner, Sym):
        return _turned(said.left, letter, summed), right
    if said.step is None and _is_of(inner, letter):
        right = _minus(right, summed)
    return said.left, right


def _is_of(sym: Sym, letter: str) -> bool:
    """Whether a letter is the log-likelihood or a derivative of it."""
    return sym.of_loss == letter if sym.gradient else sym.base == letter


def _turned(node: Node, letter: str, summed: bool) -> Node:
    inner: Any = node
    if isinstance(inner, Sym):
        return _times(node, summed) if _is_of(inner, letter) else node
    return with_children(node, tuple(_turned(c, letter, summed) for c in children(node)))


def _times(node: Node, summed: bool) -> Node:
    """Minus a derivative, times the number of examples where the log-likelihood is summed over them."""
    count: Any = Sym("N")
    return Negate(Binary("juxt", count, node, span=node.span) if summed else node, span=node.span)


def _minus(node: Node, summed: bool) -> Node:
    count: Any = Sym("N")
    return Negate(Binary("/", node, count, span=node.span) if summed else node, span=node.span)


_OPERATOR = re.compile(
    r"\\[dt]?frac\s*\{\s*(?P<d>\\partial|d|\\mathrm\s*\{\s*d\s*\})\s*\}\s*(?P<below>\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})"
)


_LETTER = re.compile(r"(?:\\[A-Za-z]+(?:\s*\{\s*[A-Za-z]\s*\})?|[A-Za-z])[^()=+\-]*(?:\([^()]*\))?[^()=+\-]*")
"""The letter of the loss, with what it is a function of."""
_EXAMPLE = re.compile(r"\(\s*([ijmnpqrst])\s*\)\s*\}")


@dataclass(frozen=True)
class WrittenOut:
    """A part of an equation that is a derivative of a formula: where it stands, its operator, and the formula."""

    start: int
    end: int
    d: str
    below: str
    formula: str

    def with_letter(self, text: str, loss: str) -> str:
        """The equation with the letter of the loss instead of the formula, every character behind it in its column."""
        made = rf"\frac{{{self.d} {loss}}}{self.below}"
        return text[: self.start] + made.ljust(self.end - self.start) + text[self.end :]


def of_loss(text: str, letter: str, is_loss: Callable[[str, str], bool]) -> str:
    """The equation with derivatives of the loss written out as those of its letter, where `is_loss` finds what is written to be
    the loss, or that of one example; as it is where there are none."""
    for part in reversed(_parts(text)):
        example = _EXAMPLE.search(part.formula)
        losses = (letter, *([f"{letter}^{{({example[1]})}}"] if example else []))
        found = next((loss for loss in losses if is_loss(loss, part.formula)), None)
        if found is not None:
            text = part.with_letter(text, found)
    return text


def _parts(text: str) -> list[WrittenOut]:
    """The sides of an equation that are derivatives of formulas."""
    if _OPERATOR.search(text) is None:
        return []
    try:
        chain = chain_of(text)
    except InputError:
        return []
    found = []
    for start, end in ((0, chain.left), *chain.rights):
        m = _OPERATOR.match(text, start + len(text[start:end]) - len(text[start:end].lstrip()), end)
        formula = text[m.end() : end].strip(" .,;") if m else ""
        if m and len(formula) > 3 and not _LETTER.fullmatch(formula):
            found.append(WrittenOut(start, end, m["d"], m["below"], formula))
    return found
