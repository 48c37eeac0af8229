r"""The chain rule as it is written: ``\frac{\partial J}{\partial z} \frac{\partial z}{\partial a} \frac{\partial a}{\partial w}``

A product of derivatives that leads from one tensor to another, each factor beginning where another ends, means the sum over the
elements of everything in between, whatever the layout and the order in which the factors stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbp.calculus.indices import Axis
from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Node,
    Partial,
    Read,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.verification.meaning.setting import Known, Setting

_LETTERS = "pqrstuvabcdefgh"


def chained(setting: Setting, claim: Claim) -> Claim | None:
    """The claim with the product of derivatives on its right side in index notation; None where that is no such product.

    Raises
    ------
    InputError : a chain that does not lead to what the left side is the derivative with respect to
    """
    claim = replace(claim, left=_whole(claim.left), right=_whole(claim.right))
    factors = [*_factors(claim.right)]
    if len(factors) < 2 or not any(isinstance(f, Partial) for f in factors):
        return None
    links = [_ends(setting, f) for f in factors]
    left = _ends(setting, claim.left)
    if left is None or any(link is None for link in links) or not _open(setting, [*factors, claim.left]):
        return None
    path, here = [], left[0]
    remaining = [(f, link) for f, link in zip(factors, links, strict=True) if link is not None]
    while remaining:
        found = [pair for pair in remaining if _tensor(setting, pair[1][0]) == _tensor(setting, here)]
        if len(found) != 1:
            raise InputError(
                "these derivatives are no chain", place=at(claim.right.span.start), allowed="each ends where one begins"
            )
        remaining.remove(found[0])
        path.append(found[0][0])
        here = found[0][1][1]
    if _tensor(setting, here) != _tensor(setting, left[1]):
        raise InputError("the chain leads elsewhere than the left side", place=at(claim.right.span.start))
    return _indexed(setting, claim, factors)


def _indexed(setting: Setting, claim: Claim, factors: list[Node]) -> Claim:
    """The claim with an index at every element, those between summed."""
    used = {c for n in (claim.left, *factors) for part in nodes(n) if isinstance(part, Read) for c in part.letters}
    free = iter([c for c in _LETTERS if c not in used])
    letters: dict[str, tuple[str, ...]] = {}
    for n in (claim.left, *factors):
        for part in nodes(n):
            if isinstance(part, Read):
                name = _tensor(setting, part)
                if letters.setdefault(name, part.letters) != part.letters:
                    raise InputError(
                        "one quantity with different indices", place=at(part.span.start), allowed="the same indices"
                    )

    def read(node: Node) -> Node:
        if isinstance(node, Transpose):
            return read(node.arg)
        if isinstance(node, Partial):
            return replace(node, of=read(node.of), by=read(node.by))
        if isinstance(node, Read):
            return node
        assert isinstance(node, (Name, Gradient))
        name = _tensor(setting, node)
        if name not in letters:
            axes = _known(setting, node).tensor.axes
            found = tuple(next(free, "") for _ in axes)
            if not all(found):
                raise InputError("the chain is too long", place=at(node.span.start), allowed="fewer factors")
            letters[name] = found
        return Read(node, letters[name], span=node.span) if letters[name] else node

    left = read(claim.left)
    own = {c for part in nodes(left) if isinstance(part, Read) for c in part.letters}
    product = read(factors[0])
    for factor in factors[1:]:
        product = Binary("*", product, read(factor), span=claim.right.span)
    given = used - own
    summed = [c for found in letters.values() for c in found if c not in own and c not in given and not c.isdigit()]
    over = tuple(Name(c) for c in dict.fromkeys(summed))
    right: Node = Call("sum", (product, *over), span=claim.right.span) if over else product
    return replace(claim, left=left, right=right)


def _whole(node: Node) -> Node:
    """The tree with vectors whose index is left open as the whole vectors that they are."""
    if isinstance(node, Read) and "*" in node.letters:
        return node.of
    return with_children(node, tuple(_whole(c) for c in children(node)))


def _factors(node: Node) -> Iterable[Node]:
    if isinstance(node, Binary) and node.op in ("juxt", "cdot"):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _ends(setting: Setting, node: Node) -> tuple[Node, Node] | None:
    """What is differentiated, and with respect to what; None where a factor is no derivative."""
    if isinstance(node, Transpose) and isinstance(node.arg, (Gradient, Name)):
        node = node.arg
    if isinstance(node, Partial) and not isinstance(node.of, (Name, Read)):
        return None  # of a formula
    if isinstance(node, Partial):
        return node.of, node.by
    inner = node.of if isinstance(node, Read) else node
    if isinstance(inner, (Name, Gradient)):
        known = setting.resolve(inner.name, isinstance(inner, Gradient))
        of = known.tensor.of if known is not None else None
        if of and setting.resolve(of) is not None:
            return Name(setting.loss), Name(of)
    return None


def _tensor(setting: Setting, node: Node) -> str:
    """The tensor of the forward map that a node names, or that it is the derivative with respect to."""
    if isinstance(node, (Transpose,)):
        return _tensor(setting, node.arg)
    tensor = _known(setting, node).tensor
    return tensor.of or tensor.name


def _known(setting: Setting, node: Node) -> Known:
    inner = node.of if isinstance(node, Read) else node
    assert isinstance(inner, (Name, Gradient))
    known = setting.resolve(inner.name, isinstance(inner, Gradient))
    if known is None:
        raise InputError(f"unknown name {inner.name}", place=at(node.span.start))
    return known


def _open(setting: Setting, roots: Iterable[Node]) -> bool:
    """Whether some quantity stands there as a whole, without its indices."""
    for part in nodes(*roots):
        whole = isinstance(part, (Name, Gradient)) and setting.resolve(part.name, isinstance(part, Gradient))
        if whole and _axes(whole):
            return True
    return False


def _axes(known: Known) -> tuple[Axis, ...]:
    return known.tensor.axes
