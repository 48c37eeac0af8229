"""The activation derivative: left out, there once too often, or written wrong."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.verify.diagnosis.edit import Edit, factors_of, product_of, span_of, subsets
from symbp.verify.diagnosis.naming import slopes_of
from symbp.verify.diagnosis.reason import reason
from symbp.verify.language.syntax import Binary, Call, Claim, Gradient, Name, Number, Read, places
from symbp.verify.meaning.setting import Setting


def missing_slopes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The activation derivative left out, of the left side's layer before others."""
    inner = [(node, put) for node, put in places(claim.right) if node is not claim.right]
    for own, slope in slopes_of(setting, claim):
        why = reason("the activation derivative ", slope, " is missing")
        yield Edit("activation_derivative", why, Binary("*", claim.right, slope), True, claim.right.span)
        for node, put in inner:
            plain = isinstance(node, (Name, Gradient, Read))
            if isinstance(node, Number) or (claim.indexed and isinstance(node, Name)) or not (own or plain):
                continue
            yield Edit("activation_derivative", why, put(Binary("*", node, slope)), False, node.span)


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
