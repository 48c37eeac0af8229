"""What side by side means in index notation: a product, with repeated indices summed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbp.formula.syntax import Binary, Call, Claim, Name, Negate, Node, Read, children, nodes, with_children
from symbp.verification.meaning.setting import Setting
from symbp.verification.readings.slices import OPEN, named, of_elements


def elementwise(setting: Setting, claim: Claim, sums: bool, example: str = "") -> tuple[Claim, tuple[str, ...]]:
    """A claim about elements: side by side is times; without a sum sign, letters that are repeated in a product and do not
    stand on the left are summed, but for the letter of the `example`. Returns those letters too."""
    free = letters_of(claim.left) | ({example} if example else set())
    summed: list[str] = []
    made = of_elements(setting, claim)
    left, right = made.left, made.right
    if OPEN in letters_of(left):  # a row of a matrix: the open index is one more letter
        letter = next(c for c in "qrtuv" if c not in letters_of(left) | letters_of(right))
        left, right = named(left, letter), named(right, letter)
        free = letters_of(left) | ({example} if example else set())
    if not sums:
        right = _einstein(right, free, summed)
    return replace(claim, left=left, right=right), tuple(dict.fromkeys(summed))


def letters_of(node: Node) -> set[str]:
    """The letters of the elements of a tree."""
    return {c for n in nodes(node) if isinstance(n, Read) for c in n.letters if not c.isdigit()}


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
        return {c for c in node.letters if not c.isdigit()}
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
        return replace(node, letters=tuple(new if c == old else c for c in node.letters))
    if node == Name(old):
        return Name(new, span=node.span)
    return with_children(node, tuple(_with_letter(c, old, new) for c in children(node)))
