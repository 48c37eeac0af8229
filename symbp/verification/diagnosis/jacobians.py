r"""The derivative of a coupled activation between elements, ``\partial \hat y_i / \partial z_j``, and what is left out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from symbp.calculus.contract import contract
from symbp.calculus.indices import Index
from symbp.calculus.program import Program, Statement, Tensor, elements, name_of
from symbp.calculus.text import expression_text
from symbp.errors import InputError
from symbp.formula.grammar import read_claim
from symbp.formula.syntax import Claim, Compare, Name, Node, Number, Partial, Read, children, places, with_children
from symbp.verification.diagnosis.candidates import exchanged
from symbp.verification.diagnosis.left_out import parts_left_out
from symbp.verification.diagnosis.rows import Edit, reason
from symbp.verification.diagnosis.wording import reworded
from symbp.verification.proof.compare import EvaluationContext

_SAME = re.compile(r"(?<![A-Za-z0-9_\])])\[(\w+) = (\w+)\]")


def left_out_of_jacobian(
    context: EvaluationContext, claim: Claim, chain: tuple[Program, Statement] | None
) -> Iterator[tuple[Claim, Edit]]:
    """Equations that hold where something was left out of a coupled activation's derivative between two elements, each with the
    edit that undoes it; `chain` is the chain rule through the activation, derived."""
    whole = _between(context, claim, chain)
    if whole is None:
        return
    span = claim.right.span
    i, j = (side.letters[0] for side in (claim.left.of, claim.left.by))  # type: ignore[union-attr]
    both = (whole, exchanged(whole, i, j))  # it may be symmetric, and written the other way round
    for full in dict.fromkeys(way for w in both for way in (reworded(context.setting, claim, w), w)):
        for node, put in places(full):
            if isinstance(node, Compare) and node.op == "==":
                why = reason("what is 1 on the diagonal is 0 off it: ", node, " is missing")
                yield _way(claim, put(Number("1")), Edit("missing_term", why, full, True, span))
        for rest, cause, said in parts_left_out(full):
            yield _way(claim, rest, Edit(cause, reason(said), full, True, span))
        for old, new in ((j, i), (i, j)):
            why = reason("the part off the diagonal is missing: each output depends on every input")
            yield _way(claim, _renamed(full, old, new), Edit("missing_term", why, full, True, span))


def _way(claim: Claim, right: Node, edit: Edit) -> tuple[Claim, Edit]:
    return replace(claim, left=claim.right, right=right), edit


def _between(context: EvaluationContext, claim: Claim, chain: tuple[Program, Statement] | None) -> Node | None:
    """The derivative as a formula: that of the chain rule, which is linear in the error, by an element of the error."""
    left = claim.left
    if chain is None or not isinstance(left, Partial) or not isinstance(left.of, Read) or not isinstance(left.by, Read):
        return None
    if len(left.of.letters) != 1 or len(left.by.letters) != 1:
        return None
    (i,), (j,) = left.of.letters, left.by.letters
    _, s = chain
    output = context.setting.resolve(left.of.of.name)
    errors = {name_of(e) for e in elements(s.body)} - {output.tensor.name if output else ""}
    if i == j or i.isdigit() or j.isdigit() or len(s.target.axes) != 1 or len(errors) != 1:
        return None
    error = Tensor(errors.pop(), s.target.axes)
    above, below = (Index(c, error.axes[0]) for c in (i, j))
    body = contract(s.at((below,)).diff(error[(above,)]))
    text = _SAME.sub(r"1[\1 == \2]", expression_text(body, {i, j}))
    try:
        return read_claim(f"q = {text}").right
    except InputError:
        return None


def _renamed(node: Node, old: str, new: str) -> Node:
    """The formula with one index for another; two that are the same are equal."""
    if isinstance(node, Read):
        return replace(node, letters=tuple(new if c == old else c for c in node.letters))
    if isinstance(node, Compare) and node.op == "==":
        sides = {new if s.name == old else s.name for s in (node.left, node.right) if isinstance(s, Name)}
        return Number("1") if len(sides) == 1 else node
    return with_children(node, tuple(_renamed(c, old, new) for c in children(node)))
