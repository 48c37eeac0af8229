"""Powers as the reader leaves them: open, as ``Binary("^", ...)``, until the shapes of what stands there are known."""

from __future__ import annotations

from typing import Any

from lark import Tree

from symbp.formula.syntax import Binary, Node, children, with_children

POWER = "^"
"""The sign of a power that is open."""


def of_elements(tree: Any) -> bool:
    r"""Whether a superscript is a power of each element, ``{\circ 2}``."""
    return isinstance(tree, Tree) and tree.data == "each"


def as_of_numbers(node: Node) -> Node:
    """The tree with open powers as those of numbers, as in index notation."""
    new = with_children(node, tuple(as_of_numbers(c) for c in children(node)))
    return Binary("**", new.left, new.right, span=new.span) if isinstance(new, Binary) and new.op == POWER else new
