"""Derived equations as a person would write them: sums instead of products with ones, and the names that the claim uses."""

from __future__ import annotations

from dataclasses import replace

from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Negate,
    Node,
    Read,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.verification.diagnosis.kinds import usual
from symbp.verification.meaning.setting import Setting


def reworded(setting: Setting, claim: Claim, node: Node) -> Node:
    """The formula with the claim's own names, and without ones where NumPy's broadcasting does the same."""
    return _broadcast(_renamed(node, _names(setting, claim)))


def _names(setting: Setting, claim: Claim) -> dict[str, str]:
    """For every tensor the name that the claim has for it, or else the usual one."""
    names: dict[str, str] = {}
    for name in usual(setting) if setting.layers else ():
        tensor = setting.known[name].tensor
        if tensor.of and name[:1] == "e":
            names[tensor.name] = name
    for node in nodes(claim.left, claim.right):
        known = setting.resolve(node.name) if isinstance(node, Name) else None
        if known is not None and isinstance(node, Name):
            names[known.tensor.name] = node.name
    return {name: names[k.tensor.name] for name, k in setting.known.items() if k.tensor.name in names}


def _renamed(node: Node, names: dict[str, str]) -> Node:
    if isinstance(node, Name):
        return replace(node, name=names.get(node.name, node.name))
    if isinstance(node, Gradient) and f"dJ/d{node.name}" in names:
        return Name(names[f"dJ/d{node.name}"])
    if isinstance(node, Read):
        of = _renamed(node.of, names)
        return replace(node, of=of) if isinstance(of, (Name, Gradient)) else node
    return with_children(node, tuple(_renamed(c, names) for c in children(node)))


def _broadcast(node: Node) -> Node:
    new = with_children(node, tuple(_broadcast(c) for c in children(node)))
    if not isinstance(new, Binary) or new.op not in "@*":
        return new
    a, b = new.left, new.right
    if isinstance(a, Negate):
        inner = _broadcast(replace(new, left=a.arg))
        return Negate(inner) if inner != replace(new, left=a.arg) else new
    if new.op == "*":
        return a if _ones(b) or _row(b) else b if _ones(a) or _row(a) else new
    if _row(a):
        return Call("sum", (b,), axis=0, keepdims=True, style="method")
    if _ones(b):
        return Call("sum", (a,), axis=1, keepdims=True, style="method")
    return a if _row(b) else b if _ones(a) else new


def _ones(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "ones"


def _row(node: Node) -> bool:
    return isinstance(node, Transpose) and _ones(node.arg)
