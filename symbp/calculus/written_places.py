"""Places as they are written: ``2*p + u - pad``, ``token[n,t]``, and comparisons of them, ``r <= t``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy
from lark import Token, Tree
from sympy import Expr, Indexed, Integer, KroneckerDelta

from symbp.calculus.indices import Axis, Index
from symbp.calculus.places import Place, Within, affine_of
from symbp.calculus.program import Tensor
from symbp.calculus.syntax import Node, place_of
from symbp.errors import InputError, nearest, shown

_ALLOWED = "a letter, whole numbers times letters (2*p + u - 1), or an element of a tensor of whole numbers"


@dataclass(frozen=True)
class Places:
    """Reads whole numbers made of letters; `letters` are the indices in scope, `constants` the numbers that have names,
    `sizes` the lengths that are known."""

    tensors: Mapping[str, Tensor]
    constants: Mapping[str, Expr]
    letters: Mapping[str, Index]
    sizes: Mapping[Axis, int] = field(default_factory=dict)

    def of(self, node: Node, tensor: Tensor, slot: int) -> Expr:
        """What stands in a slot of a tensor: the plain index over its axis, or a place along it.

        Raises
        ------
        InputError : what is no whole number, products of letters, letters that are not in scope
        """
        where = self.whole(node)
        if affine_of(where) is None and not isinstance(where, Indexed):
            raise InputError("this is no place in a tensor", place=place_of(node), allowed=_ALLOWED)
        axis = tensor.axes[slot]
        return where if where.is_Integer and where >= 0 else Place(where, axis)

    def whole(self, node: Node) -> Expr:
        """A whole number: letters, numbers, constants, elements of integer tensors, their sums and products."""
        kids = node.children
        match node.data:
            case "name":
                return self._name(kids[0])
            case "number" if str(kids[0]).isdigit():
                return Integer(str(kids[0]))
            case "add":
                return self.whole(kids[0]) + self.whole(kids[1])
            case "subtract":
                return self.whole(kids[0]) - self.whole(kids[1])
            case "multiply":
                return self.whole(kids[0]) * self.whole(kids[1])
            case "negate":
                return -self.whole(kids[0])
            case "read" if (tensor := self.tensors.get(str(kids[0]))) is not None and tensor.integer:
                return self.gather(tensor, kids[0], kids[1:])
            case "call" if str(kids[0]) == "ravel":
                return self._counted(kids[1:])
        raise InputError("this is no place in a tensor", place=place_of(node), allowed=_ALLOWED)

    def gather(self, tensor: Tensor, token: Token, slots: list[Node]) -> Expr:
        """An element of a tensor of whole numbers."""
        if len(slots) != len(tensor.axes):
            message = f"{token} is read with {len(slots)} indices and has {len(tensor.axes)} axes"
            raise InputError(message, place=place_of(token))
        return tensor[tuple(self.of(slot, tensor, k) for k, slot in enumerate(slots))]

    def _counted(self, nodes: list[Node]) -> Expr:
        """``ravel(c, p, q)``: the number of a place where all are counted through, the last letter fastest; the first may be a
        number, as no length of its is asked for."""
        total, step = sympy.S.Zero, 1
        for node in reversed(nodes):
            letter = self.whole(node)
            if node is nodes[0] and letter.is_Integer and len(nodes) > 1:
                return total + step * letter
            if not isinstance(letter, Index) or letter.axis not in self.sizes:
                raise InputError("ravel counts letters of known length", place=place_of(node), allowed="ravel(i, j)")
            total += step * letter
            step *= self.sizes[letter.axis]
        return total

    def _name(self, token: Token) -> Expr:
        name = str(token)
        if name in self.letters:
            return self.letters[name]
        value = self.constants.get(name)
        if value is not None and value.is_Integer:
            return value
        if value is not None:
            raise InputError(f"{name} is {value}, which is no whole number", place=place_of(token))
        raise InputError(
            f"index {token} is neither on the left nor bound by a reduction",
            place=place_of(token),
            allowed=", ".join(self.letters) or "no index here",
            nearest=nearest(name, self.letters),
        )

    def are_places(self, *nodes: Node) -> bool:
        """Whether expressions are whole numbers made of letters, one letter or gather at least among them."""
        return all(map(self._is_whole, nodes)) and any(map(self._has_letter, nodes))

    def _is_whole(self, node: Node) -> bool:
        match node.data:
            case "name":
                name = str(node.children[0])
                return name in self.letters or getattr(self.constants.get(name), "is_Integer", False)
            case "number":
                return str(node.children[0]).isdigit()
            case "add" | "subtract" | "multiply" | "negate":
                return all(self._is_whole(k) for k in node.children)
            case "read":
                return self._is_integer(str(node.children[0]))
            case "call":
                return str(node.children[0]) == "ravel"
        return False

    def _has_letter(self, node: Node) -> bool:
        names = [str(t) for t in node.scan_values(lambda t: isinstance(t, Token))] if isinstance(node, Tree) else []
        return any(n in self.letters or self._is_integer(n) for n in names)

    def _is_integer(self, name: str) -> bool:
        return name in self.tensors and self.tensors[name].integer

    def compared(self, left: Node, sign: str, right: Node) -> Expr:
        """1 where a comparison of whole numbers holds, else 0."""
        a, b = self.whole(left), self.whole(right)
        match sign:
            case "<=":
                return Within(b - a)
            case ">=":
                return Within(a - b)
            case "<":
                return Within(b - a - 1)
            case ">":
                return Within(a - b - 1)
            case "==":
                return equal_places(a, b)
            case "!=":
                return 1 - equal_places(a, b)
        raise InputError(f"{shown(sign)} compares no places", allowed="<, <=, >, >=, ==, !=")


def equal_places(a: Expr, b: Expr) -> Expr:
    """1 where two whole numbers are the same, else 0."""
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Index) and not other.has(one):
            return KroneckerDelta(one, other if other.is_Integer else Place(other, one.axis))
    return Within(a - b) * Within(b - a)
