"""The wrong function, layer, tensor, or none: edits that change which names stand in a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from symbp.verify.edit import Edit
from symbp.verify.printing import node_text
from symbp.verify.setting import Setting
from symbp.verify.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Node,
    Number,
    Read,
    Transpose,
    places,
)


def slopes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The activation derivative left out, of the left side's layer before others, or there once too often."""
    own = _number(claim.left)
    for k in sorted(setting.layers, key=lambda k: (k != own, k)):
        arg: Node = Name(f"z{k}")
        if setting.resolve(f"z{k}") is None:
            continue
        for node, put in places(claim.right):
            if isinstance(node, (Number, Name)) and claim.indexed:
                continue
            if claim.indexed:
                letters = _letters_like(claim, node)
                if not letters:
                    continue
                arg = Read(Name(f"z{k}"), letters)
            if k != own and node is not claim.right and not isinstance(node, (Name, Gradient, Read)):
                continue
            slope = Call("g", (arg,), primes=1)
            why = f"the activation derivative {node_text(slope)} is missing"
            yield Edit("activation_derivative", why, put(Binary("*", node, slope)), likely=node is claim.right)
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "*":
            for other, gone in ((node.left, node.right), (node.right, node.left)):
                if isinstance(gone, Call) and gone.primes:
                    yield Edit("activation_derivative", f"{node_text(gone)} does not belong here", put(other))


def _number(node: Node) -> str:
    """The number of the layer that the left side belongs to."""
    inner = node.of if isinstance(node, Read) else node
    name = inner.name if isinstance(inner, (Name, Gradient)) else ""
    found = re.search(r"\d+$", name)
    return found[0] if found else ""


def _letters_like(claim: Claim, node: Node) -> tuple[str, ...]:
    """The letters of the element that an activation derivative would stand beside."""
    if node is claim.right:
        return claim.left.letters if isinstance(claim.left, Read) else ()
    return node.letters if isinstance(node, Read) else ()


def functions(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """g for g', g' for g, the argument's activation for the argument, and the other way round."""
    for node, put in places(claim.right):
        if isinstance(node, Call) and len(node.args) == 1 and node.style == "call":
            if node.primes:
                plain = replace(node, primes=0)
                yield Edit("derivative_for_function", f"{node_text(node)} should be {node_text(plain)}", put(plain))
            elif node.name[:1] == "g" or node.name in setting.functions:
                prime = replace(node, primes=1)
                yield Edit(
                    "derivative_for_function", f"{node_text(node)} should be {node_text(prime)}", put(prime), True
                )
        if claim.indexed or not isinstance(node, Name):
            continue
        for k, (z, a) in setting.layers.items():
            known = setting.resolve(node.name)
            if known is not None and known.tensor.name == a:
                slope = Call("g", (Name(f"z{k}"),), primes=1)
                why = f"{node.name} should be {node_text(slope)}"
                yield Edit("derivative_for_function", why, put(slope), likely=True)
                yield Edit("wrong_variable", f"{node.name} should be z{k}", put(Name(f"z{k}")))
            elif known is not None and known.tensor.name == z:
                yield Edit("wrong_variable", f"{node.name} should be a{k}", put(Name(f"a{k}")))


def layers(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The number of a layer one or two off, at one place or at all."""
    for node, put in places(claim.right):
        inner = node.of if isinstance(node, Read) else node
        if not isinstance(inner, (Name, Gradient)):
            continue
        for other in _neighbours(setting, inner):
            new: Node = replace(node, of=other) if isinstance(node, Read) else other
            yield Edit("wrong_layer", f"{node_text(node)} should be {node_text(new)}", put(new), likely=True)


def _neighbours(setting: Setting, node: Name | Gradient) -> Iterator[Name | Gradient]:
    """The same letter with another layer's number; x is a0, yhat the last a."""
    name = {"x": "a0", "yhat": f"a{len(setting.layers)}"}.get(node.name, node.name)
    found = re.fullmatch(r"([A-Za-z]+?)(\d+)", name)
    for step in (-1, 1, -2, 2) if found else ():
        assert found is not None
        other = f"{found[1]}{int(found[2]) + step}"
        other = "x" if other == "a0" else other
        if setting.resolve(other, isinstance(node, Gradient)) is not None:
            yield replace(node, name=other)


def names(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """One tensor for another of the same shape."""
    for node, put in places(claim.right):
        inner = node.of if isinstance(node, Read) else node
        known = setting.resolve(inner.name) if isinstance(inner, Name) else None
        if known is None:
            continue
        for name, other in setting.known.items():
            usual = re.fullmatch(r"x|y|yhat|(?:[zaWbe]|delta)[1-9]\d*", name)
            if usual and other.shape == known.shape and other.tensor != known.tensor:
                new: Node = replace(node, of=Name(name)) if isinstance(node, Read) else Name(name)
                yield Edit("wrong_variable", f"{node_text(node)} should be {node_text(new)}", put(new))


def terms(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A factor or a term left out, or one too many."""
    right, left = claim.right, claim.left
    for node, put in places(right):
        if isinstance(node, Binary) and node.op in "+-":
            yield Edit("missing_term", f"the term {node_text(node.right)} does not belong here", put(node.left))
        if isinstance(node, Binary) and node.op in ("*", "@"):
            for keep, gone in ((node.left, node.right), (node.right, node.left)):
                yield Edit("missing_factor", f"the factor {node_text(gone)} does not belong here", put(keep))
    if claim.indexed:
        return
    usual = [
        n for n in setting.known if re.fullmatch(r"x|y|yhat|(?:[zaWbe]|delta)[1-9]\d*|l1|l2", n) and Name(n) != left
    ]
    for name in usual:
        new = Name(name)
        yield Edit("missing_factor", f"the factor {name} is missing", Binary("*", right, new))
        yield Edit("missing_factor", f"the factor {name} is missing", Binary("@", right, Transpose(new)))
        yield Edit("missing_factor", f"the factor {name} is missing", Binary("@", Transpose(new), right))
        yield Edit("missing_term", f"the term {name} is missing", Binary("+", right, new))
    for weight in [n for n in usual if n.startswith("W")]:
        for rate in [n for n in ("l2", "l1") if n in setting.known]:
            term: Node = Binary("*", Name(rate), Name(weight) if rate == "l2" else Call("sign", (Name(weight),)))
            yield Edit("missing_term", f"the term {node_text(term)} is missing", Binary("+", right, term), likely=True)
