"""Derivatives of single examples as those of each example's own loss, whose mean over the examples is the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symbp.formula.latex.symbols import Sym, symbols
from symbp.formula.syntax import Binary, Call, Negate, Node, Transpose, children, with_children
from symbp.formula.terms import terms_of
from symbp.formula.words import OWN
from symbp.notation import Notation
from symbp.verification.readings.examples import OverExamples
from symbp.verification.readings.indices import of_each


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
    return Binary("/", right, Sym("N"), span=right.span) if each else right  # type: ignore[arg-type]


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
