"""What the letters of rows about products may stand for: their factors, those that are replaced, and where a factor belongs."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from symbp.formula.syntax import (
    Binary,
    Call,
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
from symbp.verification.diagnosis.kinds import is_slope
from symbp.verification.diagnosis.patterns import Bound, everywhere
from symbp.verification.diagnosis.rows import Spot


def factors(spot: Spot) -> Iterator[Bound]:
    """Each factor of an elementwise product, and the rest."""
    found = factors_of(spot.node)
    for k, gone in enumerate(found) if len(found) > 1 else ():
        yield {"gone": gone, "rest": product_of((*found[:k], *found[k + 1 :]))}


def spare_slopes(spot: Spot) -> Iterator[Bound]:
    """The same, of derivatives of functions."""
    return (way for way in factors(spot) if is_slope(way["gone"]))


def grouped(spot: Spot) -> Iterator[Bound]:
    """The factors of a product that holds a matrix product, one of them taken into that one's second operand."""
    found = factors_of(spot.node)
    for k, product in enumerate(found) if len(found) > 1 else ():
        if isinstance(product, Binary) and product.op == "@":
            for j, factor in enumerate(found):
                if j != k and not isinstance(factor, Number):
                    inner = Binary("*", product.right, factor)
                    rest = [Binary("@", product.left, inner) if i == k else f for i, f in enumerate(found) if i != j]
                    yield {"inner": inner, "whole": product_of(tuple(rest))}


def ungrouped(spot: Spot) -> Iterator[Bound]:
    """A matrix product whose second operand is an elementwise product, with one factor of that alone in it."""
    node = spot.node
    found = factors_of(node.right) if isinstance(node, Binary) else ()
    for k, kept in enumerate(found) if len(found) > 1 else ():
        inner = Binary("@", node.left, kept) if isinstance(node, Binary) else node
        yield {"inner": inner, "whole": product_of((inner, *found[:k], *found[k + 1 :]))}


def inside_reduction(spot: Spot) -> Iterator[Bound]:
    """A factor of a product that holds a sum or a mean, taken into that."""
    found = factors_of(spot.node)
    for k, call in enumerate(found) if len(found) > 1 else ():
        if isinstance(call, Call) and call.name in ("sum", "mean"):
            for j, gone in enumerate(found):
                if j != k and not isinstance(gone, Number):
                    inner = replace(call, args=(product_of((gone, *factors_of(call.args[0]))), *call.args[1:]))
                    rest = tuple(inner if i == k else f for i, f in enumerate(found) if i != j)
                    yield {"gone": gone, "name": call.name, "whole": product_of(rest)}


def inside_throughout(spot: Spot) -> Iterator[Bound]:
    """A factor of a product taken away, and multiplied to a name that occurs several times in the rest."""
    found = factors_of(spot.node)
    for k, gone in enumerate(found) if len(found) > 1 else ():
        if isinstance(gone, (Name, Read)):
            rest = product_of((*found[:k], *found[k + 1 :]))
            yield from ({**way, "gone": gone} for way in _multiplied(rest, (gone,)))


def factors_throughout(spot: Spot) -> Iterator[Bound]:
    """Any tensor multiplied to a name that occurs several times."""
    return _multiplied(spot.node, spot.scene.others)


def _multiplied(whole: Node, factors: Iterable[Node]) -> Iterator[Bound]:
    """A name, or an element, that occurs several times with a factor at all of them."""
    several = [
        n for n, count in Counter(n for n in nodes(whole) if isinstance(n, (Name, Gradient, Read))).items() if count > 1
    ]
    for factor, one in itertools.product(factors, several):
        if factor != one:
            other = Binary("*", factor, one)
            yield {"factor": factor, "one": one, "other": other, "whole": everywhere(whole, partial(_put, one, other))}


def _put(one: Node, other: Node, node: Node) -> Node | None:
    return other if node == one else node if isinstance(node, Read) else None


def replaced_factors(spot: Spot) -> Iterator[Bound]:
    """One or two factors, not all of them, and the rest with an activation derivative instead; for two also the rest alone."""
    found = factors_of(spot.node)
    slopes = [slope for _, slope in spot.scene.slopes] if len(found) > 1 else []
    for count in range(1, min(2, len(found) - 1) + 1):
        for chosen in itertools.combinations(range(len(found)), count):
            gone = tuple(found[k] for k in chosen)
            kept = tuple(f for k, f in enumerate(found) if k not in chosen)
            way = {"gone": gone, "written": product_of(gone)}
            for slope in slopes:
                yield {**way, "slope": slope, "whole": product_of((*kept, slope))}
            if count == 2:
                yield {**way, "rest": product_of(kept)}


def is_factor(spot: Spot) -> bool:
    """Whether a formula is a factor of the whole, so that its sign is that of the whole."""

    def within(whole: Node) -> bool:
        match whole:
            case _ if whole is spot.node:
                return True
            case Binary(op="*" | "@" | "/"):
                return within(whole.left) or within(whole.right)
            case Negate() | Transpose():
                return within(whole.arg)
        return False

    return within(spot.claim.right)


def is_no_number(spot: Spot) -> bool:
    """Whether a quotient is not one by a number, which stands where it does for another reason."""
    return not (isinstance(spot.node, Binary) and isinstance(spot.node.right, Number))


def is_below(spot: Spot) -> bool:
    """Whether a formula stands in what something is divided by."""
    below = [n.right for n in nodes(spot.claim.right) if isinstance(n, Binary) and n.op == "/"]
    return any(n is spot.node for divisor in below for n in nodes(divisor))
