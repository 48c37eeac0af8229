"""A formula in index notation as whole arrays that NumPy broadcasts, where it has such a form without a reshape."""

from __future__ import annotations

from collections.abc import Iterator

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
    Transpose,
    factors_of,
    nodes,
    product_of,
)
from symbp.verification.meaning.setting import Setting

Scope = tuple[str | None, ...]
"""The letter that each axis of an array runs over, None where its length is 1."""
_OVER = ("sum", "mean", "max", "min", "prod")


def as_arrays(setting: Setting, left: Node, right: Node) -> Node | None:
    """The right side of an equation of elements, or of a number, as one of arrays with the left side's axes; None where there is
    none."""
    scope = _displayed(setting, left) if isinstance(left, Read) else ()
    return None if scope is None else _Reading(setting).of(right, scope)


def _displayed(setting: Setting, node: Read) -> Scope | None:
    """The letters of an element at the places where its tensor is displayed."""
    known = setting.resolve(node.of.name, isinstance(node.of, Gradient))
    if known is None or len(known.order) != len(node.letters) or len({*node.letters}) < len(node.letters):
        return None
    shape: list[str | None] = [None] * len(known.shape)
    for place, letter in zip(known.order, node.letters, strict=True):
        shape[place] = letter
    return tuple(shape)


def letters_of(node: Node) -> set[str]:
    """The letters of a formula, bound ones too."""
    return {c for n in nodes(node) if isinstance(n, Read) for c in n.letters}


class _Reading:
    """Reads parts of a formula at a scope: what they are has that scope's axes, or fewer that broadcast."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def of(self, node: Node, scope: Scope) -> Node | None:
        """The part as an array, None where it has no form."""
        match node:
            case Number():
                return node
            case Name():
                return None if node.name in scope else node
            case Read():
                return self.element(node, scope)
            case Negate():
                inner = self.of(node.arg, scope)
                return None if inner is None else Negate(inner)
            case Binary() | Compare():
                a, b = self.of(node.left, scope), self.of(node.right, scope)
                if a is not None and b is not None:
                    return type(node)(node.op, a, b)
                return self.outer(node, scope)
            case Call() if node.name in _OVER and len(node.args) > 1:
                return self.reduction(node, scope)
            case Call():
                args = [self.of(a, scope) for a in node.args]
                return None if None in args else Call(node.name, tuple(a for a in args if a is not None), node.primes)
        return None

    def outer(self, node: Node, scope: Scope) -> Node | None:
        """A product of elements of two vectors, ``a[i]*b[j]``, as their outer product."""
        factors = factors_of(node)
        if len(scope) != 2 or None in scope or scope[0] == scope[1] or len(factors) < 2:
            return None
        used = [letters_of(f) & {*scope} for f in factors]
        if not all(len(u) == 1 for u in used):
            return None
        sides = []
        for letter in scope:
            own = [f for f, u in zip(factors, used, strict=True) if u == {letter}]
            sides.append(self.of(product_of(tuple(own)), (letter,)) if own else None)
        one, two = sides
        return None if one is None or two is None else Call("outer", (one, two), style="np")

    def element(self, node: Read, scope: Scope) -> Node | None:
        """A tensor, or its transpose, whose axes fall on the scope's from the right."""
        shape = _displayed(self.setting, node)
        if shape is None:
            return None
        if _broadcasts(shape, scope):
            return node.of
        return Transpose(node.of) if len(shape) == 2 and _broadcasts(shape[::-1], scope) else None

    def reduction(self, node: Call, scope: Scope) -> Node | None:
        """A sum (or a mean, ...) over the last of its letters, over the others inside."""
        body, *bound = node.args
        last = bound[-1]
        if not isinstance(last, Name):
            return None
        inside = body if len(bound) == 1 else Call(node.name, (body, *bound[:-1]))
        if not any(scope):
            return self.over_all(node, scope)
        for inner, axis, keep in _inner(scope, last.name, letters_of(inside)):
            found = self.of(inside, inner)
            if found is not None:
                return Call(node.name, (found,), axis=axis, keepdims=keep)
        return None

    def over_all(self, node: Call, scope: Scope) -> Node | None:
        """A number: the sum over all axes of an array."""
        body, *bound = node.args
        names = [n.name for n in bound if isinstance(n, Name)]
        for shape in (tuple(names), tuple(reversed(names))):
            found = self.of(body, shape if not scope else (*shape, *(None,) * max(0, len(scope) - len(shape))))
            if found is not None and letters_of(body) == {*names}:
                return Call(node.name, (found,))
        return None


def _inner(scope: Scope, letter: str, used: set[str]) -> Iterator[tuple[Scope, int, bool]]:
    """Scopes in which a sum's body may be read, with the axis it is summed over and whether that axis stays with length 1."""
    for k, own in enumerate(scope):
        if own is None or own not in used:
            yield (*scope[:k], letter, *scope[k + 1 :]), k, True
    if None not in scope:
        for k in range(len(scope) + 1):
            yield (*scope[:k], letter, *scope[k:]), k, False


def _broadcasts(shape: Scope, scope: Scope) -> bool:
    """Whether an array of a shape takes part in arrays of a scope."""
    if len(shape) > len(scope):
        return not any(shape[: len(shape) - len(scope)]) and _broadcasts(shape[len(shape) - len(scope) :], scope)
    return all(a is None or a == b for a, b in zip(reversed(shape), reversed(scope), strict=False))
