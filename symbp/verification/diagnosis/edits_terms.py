"""A factor or a term left out, or one too many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Node,
    Read,
    Transpose,
    factors_of,
    places,
    product_of,
)
from symbp.verification.diagnosis.edit import Edit
from symbp.verification.diagnosis.naming import reads, usual
from symbp.verification.diagnosis.reason import reason
from symbp.verification.meaning.setting import Setting


def regularizers(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The term of a regularizer left out, or its rate without the parameter."""
    rates = [n for n in ("l2", "l1", "lambda", "lam") if n in setting.known and not setting.known[n].tensor.axes]
    weights = [n for n in usual(setting) if n.startswith("W")]
    for rate in rates:
        for weight in [w for name in weights for w in reads(setting, claim, name)]:
            part: Node = Call("sign", (weight,)) if rate == "l1" else weight
            for node, put in places(claim.right):
                if node == Name(rate):
                    term = Binary("*", node, part)
                    why = reason(f"{rate} stands without ", part)
                    yield Edit("missing_factor", why, put(term), True, node.span)
            term = Binary("*", Name(rate), part)
            why = reason("the term ", term, " is missing")
            yield Edit("missing_term", why, Binary("+", claim.right, term), True, claim.right.span)


def biases(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The bias left out of what an activation is applied to."""
    for node, put in places(claim.right):
        if isinstance(node, Call) and len(node.args) == 1 and isinstance(node.args[0], (Binary, Call)):
            for name in [n for n in usual(setting) if n.startswith("b")]:
                for new in reads(setting, claim, name):
                    whole = Binary("+", node.args[0], new)
                    why = reason("the bias ", new, " is missing")
                    yield Edit("missing_term", why, put(replace(node, args=(whole,))), True, node.args[0].span)


def spare(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A term or a factor that does not belong there."""
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op in "+-":
            why = reason("the term ", node.right, " does not belong here")
            yield Edit("missing_term", why, put(node.left), False, node.right.span)
            if node.op == "+":
                why = reason("the term ", node.left, " does not belong here")
                yield Edit("missing_term", why, put(node.right), False, node.left.span)
        factors = factors_of(node)
        for k, gone in enumerate(factors) if len(factors) > 1 else ():
            rest = product_of((*factors[:k], *factors[k + 1 :]))
            yield Edit(
                "missing_factor", reason("the factor ", gone, " does not belong here"), put(rest), False, gone.span
            )
        if isinstance(node, Binary) and node.op in ("@", "/"):
            sides = ((node.left, node.right), (node.right, node.left)) if node.op == "@" else ((node.left, node.right),)
            for keep, gone in sides:
                why = reason("the factor ", gone, " does not belong here")
                yield Edit("missing_factor", why, put(keep), False, gone.span)


def lacking(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A factor or a term left out: any tensor, at the root and, for factors, beside any part."""
    right = claim.right
    left = _tensor(setting, claim.left)  # the equation would say nothing with it on both sides
    names = [name for name in usual(setting) if left is None or _tensor(setting, Name(name)) != left]
    known = [node for name in names for node in reads(setting, claim, name)]
    for new in known:
        why = reason("the factor ", new, " is missing")
        yield Edit("missing_factor", why, Binary("*", right, new), False, right.span)
        if not claim.indexed:
            for a, b in ((right, Transpose(new)), (right, new), (Transpose(new), right), (new, right)):
                yield Edit("missing_factor", why, Binary("@", a, b), False, right.span)
    for new in known:
        for sign, word in (("+", "term"), ("-", "term")):
            why = reason(f"the {word} ", new, " is missing")
            yield Edit("missing_term", why, Binary(sign, right, new), False, right.span)
    for node, put in places(right):
        if node is right or not isinstance(node, (Name, Gradient, Read, Binary, Call)):
            continue
        for new in known:
            why = reason("the factor ", new, " is missing")
            yield Edit("missing_factor", why, put(Binary("*", node, new)), False, node.span)
            yield Edit("missing_factor", why, put(Binary("/", node, new)), False, node.span)
            if isinstance(node, (Name, Gradient, Read)):
                yield Edit(
                    "missing_term",
                    reason("the term ", new, " is missing"),
                    put(Binary("+", node, new)),
                    False,
                    node.span,
                )
                yield Edit(
                    "missing_term",
                    reason("the term ", new, " is missing"),
                    put(Binary("-", node, new)),
                    False,
                    node.span,
                )
        one_less = Binary("-", _one(), node)
        why = reason(node, " should be ", one_less)
        yield Edit("missing_term", why, put(one_less), False, node.span)
        yield Edit(
            "missing_factor",
            reason("the factor ", one_less, " is missing"),
            put(Binary("*", node, one_less)),
            False,
            node.span,
        )
    for new in known:
        yield Edit(
            "missing_factor", reason("the factor 1/", new, " is missing"), Binary("/", right, new), False, right.span
        )


def _tensor(setting: Setting, node: Node) -> str | None:
    """The tensor that a name or an element of it stands for."""
    inner = node.of if isinstance(node, Read) else node
    if not isinstance(inner, (Name, Gradient)):
        return None
    known = setting.resolve(inner.name, isinstance(inner, Gradient))
    return known.tensor.name if known is not None else None


def _one() -> Node:
    from symbp.formula.syntax import Number

    return Number("1")
