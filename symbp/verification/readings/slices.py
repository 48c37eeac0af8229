"""Vectors among elements: ``w_i`` as a row or a column of a matrix, and vectors as wholes; which products of them are numbers.

A slice of a matrix stands as a column or as a row, whichever is consistent throughout the claim; a whole vector stands as it is
displayed. A row times a column is a number, and no other product of two vectors is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.powers import POWER
from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Compare,
    Gradient,
    Name,
    Negate,
    Node,
    Number,
    Read,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.network.forward import BATCH
from symbp.verification.meaning.setting import Setting

OPEN = "*"
"""The index of a vector that stands as a whole."""
Kind = Literal["number", "column", "row"]
_FLIPPED: dict[Kind, Kind] = {"number": "number", "column": "row", "row": "column"}


class Misfit(InputError):
    """A product or a power of vectors that has no meaning, or rows and columns that do not fit together."""


class RowAndColumn(Misfit):
    """A row and a column put together element by element, or claimed to be equal."""


def of_elements(setting: Setting, claim: Claim) -> Claim:
    """The claim with side by side as times, and products of vectors as sums; Misfit where rows and columns do not fit."""
    failure: Misfit | None = None
    kinds: tuple[Kind, ...] = ("column", "row")
    for kind in kinds:
        how = _Slices(setting, kind, taken=frozenset(c for n in nodes(claim.left, claim.right) for c in _letters(n)))
        try:
            (left, a), (right, b) = how.made(claim.left), how.made(claim.right)
            how.alike(claim.right, (a, b))
        except Misfit as e:
            failure = e if failure is None or isinstance(e, RowAndColumn) else failure
            continue
        return replace(claim, left=left, right=right)
    assert failure is not None
    raise failure


@dataclass(frozen=True)
class _Slices:
    """One way in which slices stand; `taken` are the letters of the claim."""

    setting: Setting
    slice: Kind
    taken: frozenset[str]

    def made(self, node: Node) -> tuple[Node, Kind]:
        """A formula without transposes and open products, and how it stands."""
        match node:
            case Read():
                return node, self.stands(node) if OPEN in node.letters else "number"
            case Transpose():
                inner, kind = self.made(node.arg)
                return inner, _FLIPPED[kind]
            case Negate():
                inner, kind = self.made(node.arg)
                return replace(node, arg=inner), kind
            case Binary(op="outer"):
                message = r"\otimes between elements"
                raise InputError(message, place=at(node.span.start), allowed="the elements side by side")
            case Binary(op="juxt" | "cdot"):
                return self.product(node)
            case Binary() | Compare():
                (left, a), (right, b) = self.made(node.left), self.made(node.right)
                if isinstance(node, Binary) and node.op == POWER:
                    if a != "number":
                        raise Misfit(
                            "a power of a vector", place=at(node.span.start), allowed=r"x \odot x, x^{\circ 2}"
                        )
                    node = replace(node, op="**")
                return replace(node, left=left, right=right), self.alike(node, (a, b))
            case Call(name="ones"):
                return Number("1", span=node.span), "number"
            case Call():
                return self.call(node)
        return node, "number"

    def stands(self, node: Read) -> Kind:
        """How a vector stands that is a whole, or a slice."""
        known = self.setting.resolve(node.of.name, isinstance(node.of, Gradient))
        if known is None:
            return self.slice
        others = [a for c, a in zip(node.letters, known.tensor.axes, strict=False) if c != OPEN]
        if others and not (self.setting.orient is None and all(a == BATCH for a in others)):
            return self.slice
        lies = (len(known.shape) > 1 and known.shape[0] is None) or (bool(others) and self.setting.layout == "rows")
        return "row" if lies else "column"

    def product(self, node: Binary) -> tuple[Node, Kind]:
        """Two formulas side by side."""
        (left, a), (right, b) = self.made(node.left), self.made(node.right)
        if "number" in (a, b):
            return replace(node, op="*", left=left, right=right), a if b == "number" else b
        if (a, b) == ("row", "column") or (node.op == "cdot" and a == b):
            return self.summed(Binary("*", left, right, span=node.span)), "number"
        raise Misfit("two vectors side by side", place=at(node.span.start), allowed=r"x^T y, x \odot y")

    def call(self, node: Call) -> tuple[Node, Kind]:
        """A function, or a sum over letters or over the whole of a vector."""
        made = [self.made(arg) for arg in node.args]
        kind = self.alike(node, [k for _, k in made])
        whole = replace(node, args=tuple(arg for arg, _ in made), style="call")
        if node.name == "sum" and len(node.args) == 1 and kind != "number":
            return self.summed(whole.args[0]), "number"
        return whole, kind

    def summed(self, body: Node) -> Node:
        """The sum over the open index of what is multiplied element by element."""
        used = {c for n in nodes(body) for c in _letters(n)} | self.taken
        letter = next(c for c in "qrtuvpmnabcdefgh" if c not in used)
        return Call("sum", (named(body, letter), Name(letter, span=body.span)), span=body.span)

    def alike(self, node: Node, kinds: Iterable[Kind]) -> Kind:
        """How vectors stand that are put together element by element, with numbers among them."""
        found = {k for k in kinds if k != "number"}
        if len(found) > 1:
            message = "a row and a column do not fit together"
            raise RowAndColumn(message, place=at(node.span.start), allowed="x + y, x^T + y^T")
        return found.pop() if found else "number"


def named(node: Node, letter: str) -> Node:
    """The tree with a letter for the open index of vectors."""
    if isinstance(node, Read):
        return replace(node, letters=tuple(letter if c == OPEN else c for c in node.letters))
    return with_children(node, tuple(named(c, letter) for c in children(node)))


def _letters(node: Node) -> tuple[str, ...]:
    return node.letters if isinstance(node, Read) else (node.name,) if isinstance(node, Name) else ()
