r"""The log-likelihood, ``\ell(\theta)``, which is minus the loss: a page that maximises it has the other sign throughout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symbp.verify.language.syntax import Binary, Negate, Node, children, with_children
from symbp.verify.latex.symbols import Sym
from symbp.verify.latex.updates import Meant

LETTERS = (r"\ell", r"\calL\calL")
"""Letters of the log-likelihood, where a page says so."""


def of_likelihood(likelihood: tuple[str, bool] | None, losses: Sequence[str], said: Meant) -> tuple[Node, Node]:
    """The sides of an equation in which derivatives are those of the log-likelihood, as an equation for the loss."""
    inner: Any = said.left
    own = isinstance(inner, Sym) and inner.base in LETTERS and not inner.gradient
    letters = {*losses, *([inner.base] if own else [])}
    if likelihood is None or letters != {likelihood[0]}:
        return said.left, said.right
    right = _turned(said.right, likelihood[1])
    if said.step is None and isinstance(inner, Sym) and (own or (inner.gradient and not inner.short)):
        right = _minus(right, likelihood[1])
    return said.left, right


def _turned(node: Node, summed: bool) -> Node:
    inner: Any = node
    if isinstance(inner, Sym):
        return _times(node, summed) if inner.gradient and not inner.short and not inner.loss_of else node
    return with_children(node, tuple(_turned(c, summed) for c in children(node)))


def _times(node: Node, summed: bool) -> Node:
    """Minus a derivative, times the number of examples where the log-likelihood is summed over them."""
    count: Any = Sym("N")
    return Negate(Binary("juxt", count, node, span=node.span) if summed else node, span=node.span)


def _minus(node: Node, summed: bool) -> Node:
    count: Any = Sym("N")
    return Negate(Binary("/", node, count, span=node.span) if summed else node, span=node.span)
