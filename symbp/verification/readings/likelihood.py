r"""The log-likelihood, ``\ell(\theta)``, which is minus the loss: a page that maximises it has the other sign throughout."""

from __future__ import annotations

from typing import Any

from symbp.formula.latex.symbols import Sym
from symbp.formula.syntax import Binary, Negate, Node, children, with_children
from symbp.verification.readings.updates import Meant

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
