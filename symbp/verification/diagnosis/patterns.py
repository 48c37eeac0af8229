"""Patterns of formulas, in the formulas' own language: where one matches a tree, and what is made of it.

``a @ b.T`` matches a matrix product with a transpose at its right. A letter of a pattern stands for any formula, and for the
same one wherever it stands; `f` for any function without primes and ``f'`` for one with any (no method), and `more` for
whatever else a function is given. In ``t[i,j]`` the tensor and the letters are any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from symbp.formula.grammar import read_claim
from symbp.formula.syntax import (
    Binary,
    Call,
    Compare,
    Gradient,
    Name,
    Negate,
    Node,
    Number,
    Read,
    Span,
    children,
    nodes,
    transposed,
    with_children,
)

Bound = Mapping[str, Any]
"""What the letters of a pattern stand for: formulas, several of them, the name of an index; `f` for what a function makes."""
Accepts = Callable[[str, Node], bool]
"""Whether a letter of a pattern may stand for a formula."""
_REST = Name("more")


@lru_cache(maxsize=1024)
def pattern(text: str) -> Node:
    """A pattern, or what is made of one, read once; it has no place in any text."""
    return everywhere(read_claim(f"q = {text}").right, lambda node: None, placeless=True)


def everywhere(node: Node, change: Callable[[Node], Node | None], placeless: bool = False) -> Node:
    """The tree with others in the place of some of its nodes: `change` gives what stands in the place of one, and None where it
    is to be asked about what is below."""
    new = change(node)
    if new is not None:
        return new
    below = children(node)
    inner = tuple(everywhere(child, change, placeless) for child in below)
    made = with_children(node, inner) if any(a is not b for a, b in zip(inner, below, strict=True)) else node
    return replace(made, span=Span()) if placeless else made


def renamed(node: Node, change: Callable[[Name | Gradient], Node]) -> Node:
    """The tree with the names of tensors changed, wherever they stand."""

    def put(node: Node) -> Node | None:
        if isinstance(node, (Name, Gradient)):
            return change(node)
        if isinstance(node, Read):
            of = change(node.of)
            return replace(node, of=of) if isinstance(of, (Name, Gradient)) else node
        return None

    return everywhere(node, put)


def lettered(node: Node, letters: Mapping[str, str]) -> Node:
    """The tree with other letters, or numbers, at its elements."""

    def put(node: Node) -> Node | None:
        if isinstance(node, Read):
            return replace(node, letters=tuple(letters.get(c, c) for c in node.letters))
        return None

    return everywhere(node, put)


def exchanged(node: Node, a: str, b: str) -> Node:
    """The formula with two letters of indices exchanged."""
    return lettered(node, {a: b, b: a})


def matched(wanted: Node, node: Node, bound: Bound, accepts: Accepts) -> Bound | None:
    """What the letters of a pattern stand for where it matches a formula, with what they stand for already; None where it
    does not."""
    if isinstance(wanted, Name):
        if wanted.name in bound:
            return bound if bound[wanted.name] == node else None
        return {**bound, wanted.name: node} if accepts(wanted.name, node) else None
    node = as_product(node)
    if type(wanted) is not type(node):
        return None
    match wanted, node:
        case Number(), Number():
            return bound if wanted == node else None
        case Read(), Read():
            if len(wanted.letters) != len(node.letters):
                return None
            return {**bound, wanted.of.name: node.of, **dict(zip(wanted.letters, node.letters, strict=True))}
        case ((Binary() | Compare()), (Binary() | Compare())) if wanted.op != node.op:
            return None
        case Call(), Call():
            return _matched_call(wanted, node, bound, accepts)
    return _matched_parts(children(wanted), children(node), bound, accepts)


def _matched_call(wanted: Call, node: Call, bound: Bound, accepts: Accepts) -> Bound | None:
    """The same for the value of a function; a method is none of any function, but one of arrays."""
    known = wanted.name == node.name or (wanted.name == "f" and node.style != "method")
    if not known or bool(wanted.primes) != bool(node.primes):
        return None
    if wanted.args[-1] != _REST:
        return _matched_parts(wanted.args, node.args, {**bound, "f": node}, accepts)
    count = len(wanted.args) - 1
    further = {**bound, "f": node, "more": node.args[count:]}
    return _matched_parts(wanted.args[:count], node.args[:count], further, accepts)


def _matched_parts(wanted: tuple[Node, ...], parts: tuple[Node, ...], bound: Bound, accepts: Accepts) -> Bound | None:
    found: Bound | None = bound if len(wanted) == len(parts) else None
    for part, child in zip(wanted, parts, strict=False):
        found = matched(part, child, found, accepts) if found is not None else None
    return found


def filled(wanted: Node, bound: Bound, old: Node | None = None) -> Node:
    """What a pattern makes with what its letters stand for. Of the `old` formula everything is kept that the pattern does not
    speak of: how it was written, and along which axis a sum runs. What has no letters stands as it is."""
    if isinstance(wanted, Name):
        found = bound.get(wanted.name, wanted)
        assert not isinstance(found, (str, tuple))
        return found  # type: ignore[no-any-return]
    if isinstance(wanted, Read):
        letters = tuple(bound.get(letter, letter) for letter in wanted.letters)
        return replace(old, letters=letters) if isinstance(old, Read) else Read(bound[wanted.of.name], letters)
    if not names_of(wanted):
        return wanted
    new = tuple(filled(part, bound) for part in children(wanted) if part != _REST)
    match wanted:
        case Negate():
            return negative(*new)
        case Call():
            like = bound["f"] if wanted.name == "f" else old if isinstance(old, Call) else wanted
            name = like.name if wanted.name == "f" else wanted.name
            style = "call" if wanted.primes else like.style  # no function of NumPy's has primes
            args = (*new, *(bound["more"] if _REST in wanted.args else ()))
            return replace(like, name=name, args=args, primes=wanted.primes, style=style)
        case Binary():
            if wanted.op == "@" and isinstance(old, Call):
                return replace(old, args=new)
            return Binary(wanted.op, new[0], new[1], old.style if isinstance(old, Binary) else "")
    return turned(*new)


@lru_cache(maxsize=1024)
def names_of(wanted: Node) -> frozenset[str]:
    """The letters of a pattern that stand for formulas."""
    return frozenset(n.of.name if isinstance(n, Read) else n.name for n in nodes(wanted) if isinstance(n, (Name, Read)))


def negative(node: Node) -> Node:
    """The negative, as one would write it."""
    match node:
        case Negate():
            return node.arg
        case Binary(op="-"):
            return Binary("-", node.right, node.left)
        case Binary(op="*" | "/" | "@"):
            return replace(node, left=negative(node.left))
    return Negate(node)


def sum_of(terms: Sequence[tuple[int, Node]]) -> Node:
    """The sum of terms with their signs."""
    (sign, first), *others = terms
    whole: Node = first if sign > 0 else Negate(first)
    for sign, term in others:
        whole = Binary("+" if sign > 0 else "-", whole, term)
    return whole


def flat(node: Node) -> Node:
    """A product of a number and a product with the number before that one's first factor, ``2*a*b`` and not ``2*(a*b)``."""
    match node:
        case Binary(op="*", left=Number() as number, right=Binary(op="*") as product):
            return replace(product, left=flat(Binary("*", number, product.left)), span=Span())
    return node


def unnested(node: Node) -> Node:
    """A formula without brackets that an edit has brought in and nobody needs, ``x*(s*t)`` for ``x*s*t``; the author's stay."""
    below = children(node)
    inner = tuple(map(unnested, below))
    made = with_children(node, inner) if any(a is not b for a, b in zip(inner, below, strict=True)) else node
    match made:
        case Binary(op="*", right=Binary(op="*", span=span) as product) if span == Span():
            return unnested(replace(product, left=replace(made, right=product.left, span=span)))
    return made


def as_product(node: Node) -> Node:
    """A matrix product that is written as a function, ``np.dot(a, b)``, as ``a @ b``; anything else as it is."""
    if isinstance(node, Call) and node.name in ("dot", "matmul") and len(node.args) == 2:
        return Binary("@", *node.args, span=node.span)
    return node


def turned(node: Node) -> Node:
    """The transpose, of what a sign or a number stands before."""
    match node:
        case Negate():
            return replace(node, arg=turned(node.arg))
        case Binary(op="*", left=Number()):
            return replace(node, right=turned(node.right))
        case Binary(op="*" | "/", right=Number()):
            return replace(node, left=turned(node.left))
    return transposed(node)
