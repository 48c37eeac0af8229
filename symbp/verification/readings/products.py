r"""What side by side means in index notation: a product, with repeated indices summed; and which products of vectors are numbers.

A slice of a matrix, ``w_i``, stands as a column or as a row, whichever is consistent throughout the claim; a whole vector stands
as it is displayed. A row times a column is a number, and no other product of two vectors is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.sums import OPEN_SUM, over_what
from symbp.formula.latex.symbols import POWER
from symbp.formula.slots import letters_in, renamed_in
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
    Partial,
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
    """A row and a column put together element by element, or claimed to be equal; and what cause that is."""

    cause: Literal["transpose", "shape"] = "transpose"


class NumberAndVector(RowAndColumn):
    """A vector claimed to be an element of one."""

    cause = "shape"


def of_elements(setting: Setting, claim: Claim) -> Claim:
    """The claim with side by side as times, and products of vectors as sums; Misfit where rows and columns do not fit."""
    failure: Misfit | None = None
    kinds: tuple[Kind, ...] = ("column", "row")
    for kind in kinds:
        how = _Slices(setting, kind, taken=frozenset(c for n in nodes(claim.left, claim.right) for c in _letters(n)))
        try:
            (left, a), (right, b) = how.made(claim.left), how.made(claim.right)
            how.alike(claim.right, (a, b))
            if a == "number" and b != "number" and isinstance(left, Read):
                message = f"the left side is an element, and the right side is a {b}"
                raise NumberAndVector(message, place=at(claim.right.span.start), allowed="elements")
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
            case Partial() if not isinstance(node.of, (Name, Read)) and isinstance(node.by, Read):
                of, kind = self.made(node.of)
                if kind != "number":
                    raise Misfit("a derivative of a vector", place=at(node.span.start), allowed="of its elements")
                return replace(node, of=of), self.stands(node.by) if OPEN in node.by.letters else "number"
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


def elementwise(setting: Setting, claim: Claim, sums: bool, example: str = "") -> tuple[Claim, tuple[str, ...]]:
    """A claim about elements: side by side is times; without a sum sign, letters that are repeated in a product and do not
    stand on the left are summed, but for the letter of the `example`. Returns those letters too."""
    free = letters_of(claim.left) | ({example} if example else set())
    summed: list[str] = []
    claim = replace(claim, right=_over_all(claim.right, free))
    made = of_elements(setting, claim)
    left, right = made.left, made.right
    if OPEN in letters_of(left):  # a row of a matrix: the open index is one more letter
        letter = next(c for c in "qrtuv" if c not in letters_of(left) | letters_of(right))
        left, right = named(left, letter), named(right, letter)
        free = letters_of(left) | ({example} if example else set())
    if not sums:
        right = _einstein(right, free, summed)
    return replace(claim, left=left, right=right), tuple(dict.fromkeys(summed))


def _over_all(node: Node, free: set[str]) -> Node:
    """The tree with each sum that does not say over what as one over all letters that the left side has not.

    Raises
    ------
    InputError : where there is none
    """
    node = with_children(node, tuple(_over_all(c, free) for c in children(node)))
    if not isinstance(node, Call) or node.style != OPEN_SUM:
        return node
    letters = sorted(loose(node.args[0]) - free - {OPEN})
    if not letters:
        raise over_what(node.span.start)
    return replace(node, args=(*node.args, *(Name(c, span=node.span) for c in letters)), style="call")


def letters_of(node: Node) -> set[str]:
    """The letters of the elements of a tree."""
    return {c for n in nodes(node) if isinstance(n, Read) for slot in n.letters for c in letters_in(slot)}


def _factors(node: Node) -> Iterable[Node]:
    if isinstance(node, Binary) and node.op in ("*", "/"):
        yield from _factors(node.left)
        yield from _factors(node.right)
    elif isinstance(node, Negate):
        yield from _factors(node.arg)
    else:
        yield node


def _einstein(node: Node, free: set[str], summed: list[str]) -> Node:
    """Repeated letters of every product summed, from the inside out."""
    if isinstance(node, Binary) and node.op in ("*", "/"):
        made = _inside(node, free, summed)
        counts: dict[str, int] = {}
        for factor in _factors(made):
            for c in loose(factor):
                counts[c] = counts.get(c, 0) + 1
        found = [c for c, n in counts.items() if n > 1 and c not in free]
        summed += found
        return Call("sum", (made, *(Name(c, span=node.span) for c in found)), span=node.span) if found else made
    if isinstance(node, Call) and node.name == "sum":
        free = free | {a.name for a in node.args[1:] if isinstance(a, Name)}
    return with_children(node, tuple(_einstein(c, free, summed) for c in children(node)))


def _inside(node: Node, free: set[str], summed: list[str]) -> Node:
    """The factors of a product, each by itself."""
    if isinstance(node, Binary) and node.op in ("*", "/"):
        return with_children(node, tuple(_inside(c, free, summed) for c in children(node)))
    if isinstance(node, Negate):
        return with_children(node, (_inside(node.arg, free, summed),))
    return _einstein(node, free, summed)


def loose(node: Node) -> set[str]:
    """The letters of a factor that no sum of its own binds."""
    if isinstance(node, Read):
        return {c for slot in node.letters for c in letters_in(slot)}
    if isinstance(node, Call) and node.name == "sum" and len(node.args) > 1:
        return loose(node.args[0]) - {a.name for a in node.args[1:] if isinstance(a, Name)}
    return {c for child in children(node) for c in loose(child)}


def without_letter(claim: Claim, letter: str) -> Claim:
    """The claim with another letter in the sums over this one."""
    return replace(claim, right=_renamed(claim.right, letter, letters_of(claim.left) | letters_of(claim.right)))


def _renamed(node: Node, letter: str, taken: set[str]) -> Node:
    node = with_children(node, tuple(_renamed(c, letter, taken) for c in children(node)))
    if isinstance(node, Call) and Name(letter) in node.args[1:]:
        new = next(c for c in "jklqrstuvpmn" if c not in taken)
        return _with_letter(node, letter, new)
    return node


def _with_letter(node: Node, old: str, new: str) -> Node:
    if isinstance(node, Read):
        return replace(node, letters=tuple(renamed_in(c, old, new) for c in node.letters))
    if node == Name(old):
        return Name(new, span=node.span)
    return with_children(node, tuple(_with_letter(c, old, new) for c in children(node)))
