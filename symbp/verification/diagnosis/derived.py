"""The derived equation that a claim's left side has, in the language of the claim and as a person would write it."""

from __future__ import annotations

import re
from dataclasses import replace

from symbp.calculus.indices import Index
from symbp.calculus.matrix.nodes import matrix_text
from symbp.calculus.matrix.read import orientation, read_matrix
from symbp.calculus.program import Statement
from symbp.calculus.text import expression_text, statement_text
from symbp.errors import InputError
from symbp.formula.grammar import read_claim
from symbp.formula.printing import claim_text, node_text
from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Negate,
    Node,
    Read,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.verification.diagnosis.broadcasting import as_arrays
from symbp.verification.diagnosis.kinds import tensor_of, usual
from symbp.verification.diagnosis.patterns import lettered, renamed
from symbp.verification.diagnosis.presented import letters_of, presented
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Setting
from symbp.verification.proof.compare import EvaluationContext

_FIRST = re.compile(r"= first_max\(")
"""What people call argmax: the first of the largest entries."""
Derived = tuple[str, Claim | None]
"""A derived equation as text, and as it is read; None where it cannot be."""


def expected(setting: Setting, claim: Claim) -> str | None:
    """The derived equation in the language of the claim, None where the left side is not one tensor."""
    text, derived = _derived(setting, claim)
    if derived is None or claim.written is None:
        return text or None
    return claim_text(replace(derived, written=claim.written)) or claim_text(derived)


def derived_right(setting: Setting, claim: Claim) -> Node | None:
    """The right side of the derived equation as a formula; None where it cannot be read."""
    derived = _derived(setting, claim)[1]
    return None if derived is None else derived.right


def _derived(setting: Setting, claim: Claim) -> Derived:
    """The derived equation of a left side, kept; no text where that is not one tensor."""
    on_page = claim.written is not None  # where a row and a column do not make a matrix
    key = claim.left, letters_of(claim), on_page, claim.coded is not None
    if key not in setting.written:
        text, numbers = _made(setting, claim)
        derived = _read(text)
        if derived is not None:
            left, right = (lettered(side, numbers) for side in (derived.left, derived.right))
            made = replace(derived, left=left, right=presented(setting, claim, right))
            if (made.left, made.right) != (derived.left, derived.right):
                derived, text = made, claim_text(made)
        setting.written[key] = _FIRST.sub("= argmax(", text), derived
    found: Derived = setting.written[key]
    return found


def _read(text: str) -> Claim | None:
    """An equation as a claim; None where it cannot be read."""
    try:
        return read_claim(text) if text else None
    except InputError:
        return None


def _made(setting: Setting, claim: Claim) -> tuple[str, dict[str, str]]:
    """The derived equation, with letters for numbers of elements, and which letters stand for which."""
    known = tensor_of(setting, claim.left)
    s = setting.program.definitions.get(known.tensor.name) if known else None
    if s is None:
        return "", {}
    taken = set(setting.known)
    text = statement_text(s, taken)
    if isinstance(claim.left, Read):
        return _of_element(s, claim.left, taken) or (text, {})
    found = read_matrix(s, setting.orient or orientation(setting.layout), setting.layout, setting.program)
    matrix = _fitting(setting, claim, matrix_text(found)) if found is not None else None
    broadcast = _broadcast(setting, claim, text)
    if matrix is None or broadcast is None:
        return matrix or broadcast or text, {}
    own = setting.orient is not None  # a problem's arrays, which need no diag and no vector of ones
    return (broadcast if own and len(broadcast) < len(matrix) else matrix), {}


def _of_element(s: Statement, left: Read, taken: set[str]) -> tuple[str, dict[str, str]] | None:
    """The same at the letters of an element; None where it has others than the tensor has axes."""
    free = iter([c for c in "pqrstuv" if c not in left.letters])
    letters = tuple(next(free) if c.isdigit() else c for c in left.letters)
    indices = tuple(Index(c, a) for c, a in zip(letters, s.target.axes, strict=False))
    if not len(set(indices)) == len(s.indices) == len(letters):
        return None
    numbers = {new: old for new, old in zip(letters, left.letters, strict=True) if old.isdigit()}
    body = expression_text(s.at(indices), taken | {i.name for i in indices})
    return f"{node_text(replace(left, letters=letters))} = {body}", numbers


def _broadcast(setting: Setting, claim: Claim, text: str) -> str | None:
    """The equation of whole arrays that NumPy broadcasts, where there is one."""
    elements = _read(text)
    if elements is None:
        return None
    right = as_arrays(setting, elements.left, elements.right)
    right = elements.right if right is None and not isinstance(elements.left, Read) else right
    return None if right is None else _fitting(setting, claim, node_text(right))


def _fitting(setting: Setting, claim: Claim, right: str) -> str | None:
    """The equation of a claim's left side with whole arrays whose shapes fit in its language, None where they do not."""
    text = f"{node_text(claim.left)} = {right}"
    try:
        EvaluationContext.of(setting, page=claim.written is not None).compare(read_claim(text))
    except (InputError, ShapeClash):
        return None
    return text


def reworded(setting: Setting, claim: Claim, node: Node) -> Node:
    """A formula with the claim's own names, and with sums, or NumPy's broadcasting, instead of products with ones."""
    names = _names(setting, claim)

    def own(name: Name | Gradient) -> Name | Gradient:
        if isinstance(name, Name):
            return replace(name, name=names.get(name.name, name.name))
        return Name(names[f"dJ/d{name.name}"]) if f"dJ/d{name.name}" in names else name

    return _without_ones(renamed(node, own))


def _names(setting: Setting, claim: Claim) -> dict[str, str]:
    """For every tensor the name that the claim has for it, or else the usual one."""
    names: dict[str, str] = {}
    for name in usual(setting) if setting.layers else ():
        tensor = setting.known[name].tensor
        if tensor.of and name[:1] == "e":
            names[tensor.name] = name
    for node in nodes(claim.left, claim.right):
        known = setting.resolve(node.name) if isinstance(node, Name) else None
        if known is not None and isinstance(node, Name):
            names[known.tensor.name] = node.name
    return {name: names[k.tensor.name] for name, k in setting.known.items() if k.tensor.name in names}


def _without_ones(node: Node) -> Node:
    new = with_children(node, tuple(_without_ones(c) for c in children(node)))
    if not isinstance(new, Binary) or new.op not in "@*":
        return new
    a, b = new.left, new.right
    if isinstance(a, Negate):
        inner = _without_ones(replace(new, left=a.arg))
        return Negate(inner) if inner != replace(new, left=a.arg) else new
    if new.op == "*":
        return a if _ones(b) or _row(b) else b if _ones(a) or _row(a) else new
    if _row(a):
        return Call("sum", (b,), axis=0, keepdims=True, style="method")
    if _ones(b):
        return Call("sum", (a,), axis=1, keepdims=True, style="method")
    return a if _row(b) else b if _ones(a) else new


def _ones(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "ones"


def _row(node: Node) -> bool:
    return isinstance(node, Transpose) and _ones(node.arg)
