"""The activation derivative: left out, there once too often, or written wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Node,
    Number,
    Read,
    Transpose,
    factors_of,
    places,
    product_of,
)
from symbp.network.forward import BATCH
from symbp.verification.diagnosis.edit import Edit, span_of, subsets
from symbp.verification.diagnosis.naming import slopes_of
from symbp.verification.diagnosis.reason import reason
from symbp.verification.meaning.setting import Setting


def missing_slopes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The activation derivative left out, of the left side's layer before others."""
    inner = [(node, put) for node, put in places(claim.right) if node is not claim.right]
    for own, slope in slopes_of(setting, claim):
        why = reason("the activation derivative ", slope, " is missing")
        handed = _handed_on(claim.right)
        if handed is not None:  # before the row that it is multiplied by, so that it holds for a batch too
            part, put = handed
            yield Edit("activation_derivative", why, put(Binary("*", part, slope)), True, part.span)
        yield Edit("activation_derivative", why, Binary("*", claim.right, slope), True, claim.right.span)
        for node, put in inner:
            plain = isinstance(node, (Name, Gradient, Read))
            if isinstance(node, Number) or (claim.indexed and isinstance(node, Name)) or not (own or plain):
                continue
            if isinstance(node, (Name, Gradient)) and _is_weights(setting, node):
                continue
            yield Edit("activation_derivative", why, put(Binary("*", node, slope)), False, node.span)


def _is_weights(setting: Setting, node: Name | Gradient) -> bool:
    """Whether a name is a matrix of units by units, whose rows no slope multiplies."""
    known = setting.resolve(node.name, isinstance(node, Gradient))
    return bool(setting.layers) and known is not None and len([a for a in known.tensor.axes if a != BATCH]) == 2


def _handed_on(node: Node) -> tuple[Node, Callable[[Node], Node]] | None:
    """The column of an outer product, and what puts another in its place; None where a formula is no outer product."""
    if isinstance(node, Binary) and node.op == "@" and isinstance(node.right, Transpose):
        return node.left, lambda new: replace(node, left=new)
    if isinstance(node, Call) and node.name == "outer" and len(node.args) == 2:
        return node.args[0], lambda new: replace(node, args=(new, node.args[1]))
    return None


def missing_in_chains(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """Activation derivatives left out of a matrix product over several layers, ``W2.T @ W3.T @ delta3 @ x.T``."""
    slopes = [slope for _, slope in slopes_of(setting, claim)]
    for node, put in () if claim.indexed else places(claim.right):
        chain = _chain(node)
        if not 3 <= len(chain) <= _LONGEST_CHAIN:
            continue
        last = len(chain) - 1
        columns = [last - 1, *range(last, 0, -1)] if isinstance(chain[-1], Transpose) else range(last, 0, -1)
        for column in dict.fromkeys(columns):
            ways = itertools.product((None, *slopes), repeat=column)
            for chosen in itertools.islice(ways, 1, _MOST_WAYS):
                used = [s for s in chosen if s is not None]
                said = [part for s in used for part in (" and ", s)][1:]
                words = "the activation derivatives " if len(used) > 1 else "the activation derivative "
                why = reason(words, *said, " are missing" if len(used) > 1 else " is missing")
                yield Edit("activation_derivative", why, put(_with_slopes(chain, column, chosen)), False, node.span)


def _chain(node: Node) -> list[Node]:
    """The factors of a matrix product, in order."""
    if isinstance(node, Binary) and node.op == "@":
        return [*_chain(node.left), *_chain(node.right)]
    return [node]


def _with_slopes(chain: list[Node], column: int, slopes: tuple[Node | None, ...]) -> Node:
    """A matrix product from the column that something is handed back from, with slopes behind the factors before it."""
    whole = chain[column]
    for factor, slope in reversed([*zip(chain[:column], slopes, strict=True)]):
        whole = Binary("@", factor, whole)
        whole = whole if slope is None else Binary("*", whole, slope)
    for factor in chain[column + 1 :]:
        whole = Binary("@", whole, factor)
    return whole


_MOST_WAYS, _LONGEST_CHAIN = 100, 6


def spare_slopes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """An activation derivative that does not belong there."""
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "*":
            factors = factors_of(node)
            for k, gone in enumerate(factors):
                if isinstance(gone, Call) and gone.primes:
                    rest = product_of((*factors[:k], *factors[k + 1 :]))
                    yield Edit(
                        "activation_derivative", reason(gone, " does not belong here"), put(rest), True, gone.span
                    )


def wrong_slopes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """One or two factors that stand where the activation derivative should: another activation's, or one written wrong."""
    slopes = [*slopes_of(setting, claim)]
    for node, put in places(claim.right):
        factors = factors_of(node)
        if len(factors) < 2:
            continue
        for gone in subsets(len(factors)):
            rest = tuple(f for k, f in enumerate(factors) if k not in gone)
            old = tuple(factors[k] for k in gone)
            written = product_of(old)
            for _, slope in slopes:
                why = reason(written, " is not the activation derivative ", slope)
                yield Edit("activation_derivative", why, put(product_of((*rest, slope))), False, span_of(old))
            if len(gone) == 2:
                yield Edit(
                    "activation_derivative",
                    reason(written, " does not belong here"),
                    put(product_of(rest)),
                    False,
                    span_of(old),
                )
    for node, put in places(claim.right):
        if isinstance(node, Call) and node.name == "diag" and len(node.args) == 1 and not claim.indexed:
            for _, slope in slopes:
                why = reason(node.args[0], " is not the activation derivative ", slope)
                yield Edit(
                    "activation_derivative", why, put(Call("diag", (slope,), style=node.style)), False, node.span
                )
