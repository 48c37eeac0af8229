"""Which names, letters and activation derivatives an edit may bring into a formula."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis
from symbp.calculus.program import elements, name_of
from symbp.formula.syntax import Call, Claim, Gradient, Name, Node, Read, nodes
from symbp.verification.meaning.setting import Setting

_USUAL = re.compile(r"x|y|yhat|(?:[zaWbe]|delta)[1-9]\d*|l1|l2")


def usual(setting: Setting) -> tuple[str, ...]:
    """The names that people use: a network's own, or all of a problem's, each tensor once."""
    if setting.layers:
        return tuple(n for n in setting.known if _USUAL.fullmatch(n))
    unit = (f"d{setting.loss}", "dJ")  # the derivative of the loss by itself is 1
    return tuple(n for n in setting.known if not n.startswith("dJ/d") and "__" not in n and n not in unit)


def number_of(node: Node) -> str:
    """The number of the layer that a name belongs to."""
    inner = node.of if isinstance(node, Read) else node
    name = inner.name if isinstance(inner, (Name, Gradient)) else ""
    found = re.search(r"\d+$", name)
    return found[0] if found else ""


def axes_of_letters(setting: Setting, claim: Claim) -> dict[str, Axis]:
    """The axis that each letter of a claim in index notation runs over."""
    found: dict[str, Axis] = {}
    for node in nodes(claim.left, claim.right):
        if isinstance(node, Read):
            known = setting.resolve(node.of.name, isinstance(node.of, Gradient))
            for letter, axis in zip(node.letters, known.tensor.axes if known else (), strict=False):
                found.setdefault(letter, axis)
    return found


def reads(setting: Setting, claim: Claim, name: str, gradient: bool = False) -> Iterator[Node]:
    """A tensor as a claim would write it: by its name, or at letters of the claim that run over its axes."""
    inner: Name | Gradient = Gradient(name) if gradient else Name(name)
    known = setting.resolve(name, gradient)
    if known is None:
        return
    if not claim.indexed or not known.tensor.axes:
        yield inner
        return
    letters = axes_of_letters(setting, claim)
    for chosen in itertools.product(*([c for c, a in letters.items() if a == axis] for axis in known.tensor.axes)):
        if len(set(chosen)) == len(chosen):
            yield Read(inner, chosen)


def slopes_of(setting: Setting, claim: Claim) -> Iterator[tuple[bool, Node]]:
    """The activation derivatives that a claim could be about, and whether each is that of the left side's own layer."""
    own = number_of(claim.left)
    for k in sorted(setting.layers, key=lambda k: (k != own, k)):
        for arg in reads(setting, claim, f"z{k}"):
            yield k == own, Call("g", (arg,), primes=1)
    if not setting.layers:
        for s in setting.program.statements:
            if isinstance(s.body, Apply) and not s.target.of and (read := [*elements(s.body)]):
                for arg in reads(setting, claim, name_of(read[0])):
                    yield True, Call(s.body.name, (arg,), primes=1)
