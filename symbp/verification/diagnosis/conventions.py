"""Claims that are right by another convention than the one they are judged by, so that the verdict can say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.syntax import Binary, Claim, Gradient, Name, Node, Read, Transpose, children, nodes, with_children
from symbp.network.forward import BATCH
from symbp.verification.diagnosis.rows import Reason, reason
from symbp.verification.diagnosis.sieve import sieve_of
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Setting
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import decide

LOSSES = {
    "sse": "half the squared error", "squared_error": "squared error", "mse": "mean squared error",
    "cross_entropy": "cross-entropy", "binary_cross_entropy": "binary cross-entropy",
}  # fmt: skip
"""The losses that people mistake for one another, in words."""
WRONG_FOR = ", wrong for "
"""What stands between two losses in the note of a claim that is right for the first."""
_STEPS = 260_000  # of a claim, after which no other reading is tried


def other_reading(
    context: EvaluationContext,
    claim: Claim,
    own: str = "",
    context_with: Callable[[str], EvaluationContext | None] | None = None,
) -> Reason:
    """By which other convention a wrong claim is right, in words; empty where it is by none.

    `own` is the loss that the claim is judged by, and `context_with` the context of the same network with another one.
    """
    for other, words in _readings(context, claim):
        if context.points.budget.spent > _STEPS:
            return reason()
        if holds(context, other):
            return words
    if context_with is None or not _about_loss(context.setting, claim):
        return reason()
    with context.points.budget.start_up():
        for loss, named in LOSSES.items():
            there = context_with(loss) if loss != own else None
            if there is None:
                continue
            there.begin()
            if holds(there, claim):
                return reason(f"right for {named}{WRONG_FOR}{LOSSES.get(own, own.replace('_', ' '))}")
    return reason()


def holds(context: EvaluationContext, claim: Claim) -> bool:
    """Whether a claim is true: in floats at one point first, then as any claim is decided."""
    sieve = sieve_of(context, claim)
    if sieve is None or not sieve.agrees(claim):
        return False
    try:
        return decide(context.points, context.compare(claim), claim.right).equal is True
    except (InputError, ShapeClash):
        return False


def _readings(context: EvaluationContext, claim: Claim) -> Iterator[tuple[Claim, Reason]]:
    """The claim rewritten so that it is judged by another convention, with what to say where it holds."""
    setting = context.setting
    if BATCH in setting.labels:
        found: set[str] = set()
        both = [_times_n(setting, side, found, "*", True) for side in (claim.left, claim.right)]
        if found:
            yield replace(claim, left=both[0], right=both[1]), reason("right for the sum over the batch, not the mean")
            both = [_times_n(setting, side, found, "/", True) for side in (claim.left, claim.right)]
            yield replace(claim, left=both[0], right=both[1]), reason("right for the mean over the batch, not the sum")
        found = set()
        both = [_times_n(setting, side, found, "*", False) for side in (claim.left, claim.right)]
        if found:
            named = [part for name in sorted(found) for part in (", ", Name(name))][1:]
            words = reason("right where ", *named, " is the derivative of each example's own loss, not of the mean")
            yield replace(claim, left=both[0], right=both[1]), words
    if not claim.indexed and isinstance(claim.left, (Name, Gradient)):
        known = setting.resolve(claim.left.name, isinstance(claim.left, Gradient))
        if known is not None and known.tensor.of and len(known.tensor.axes) == 2 and BATCH not in known.tensor.axes:
            words = reason("right in the layout where the derivative is transposed")
            yield replace(claim, right=Transpose(claim.right)), words
    notation = getattr(claim.written, "notation", None)
    if claim.indexed and notation is not None and notation.from_to:
        both = [_other_way(side) for side in (claim.left, claim.right)]
        if both != [claim.left, claim.right]:
            words = reason(
                "right where the first index of a weight is the unit that it leads to; here it comes from there"
            )
            yield replace(claim, left=both[0], right=both[1]), words
    for step, word in ((1, "lower"), (-1, "higher")) if setting.layers else ():
        yield (
            replace(claim, right=_shifted(claim.right, "Wb", step), left=_shifted(claim.left, "Wb", step)),
            reason(f"right if the weights are numbered one {word}"),
        )
        yield (
            replace(claim, right=_shifted(claim.right, "", step), left=_shifted(claim.left, "", step)),
            reason(f"right if the layers are numbered one {word}"),
        )


def _other_way(node: Node) -> Node:
    """The tree with the indices of weights, and of derivatives by them, the other way round."""
    if isinstance(node, Read) and len(node.letters) == 2 and re.fullmatch(r"W\d+", node.of.name):
        return replace(node, letters=node.letters[::-1])
    return with_children(node, tuple(_other_way(child) for child in children(node)))


def _shifted(node: Node, letters: str, step: int) -> Node:
    """The tree with the numbers of layers moved: of the given letters' tensors and their derivatives, or of all."""
    if isinstance(node, (Name, Gradient)):
        wanted = letters or "zaWbe"
        found = re.fullmatch(rf"(d?[{wanted}]|{'delta' if not letters else '-'})(\d+)", node.name)
        return node if found is None else replace(node, name=f"{found[1]}{int(found[2]) + step}")
    if isinstance(node, Read):
        of = _shifted(node.of, letters, step)
        return replace(node, of=of) if isinstance(of, (Name, Gradient)) else node
    return with_children(node, tuple(_shifted(child, letters, step) for child in children(node)))


def _about_loss(setting: Setting, claim: Claim) -> bool:
    """Whether a claim hangs on the loss itself: it names the target or the loss, or gives the error at the output by no other
    error."""
    last = str(len(setting.layers))
    left, right = _names(claim.left), _names(claim.right)
    if {"y", "J"} & (left | right):
        return True
    return bool(left & {f"e{last}", f"delta{last}"}) and not any(re.fullmatch(r"(delta|e)\d+", n) for n in right)


def _names(side: Node) -> set[str]:
    return {node.name for node in nodes(side) if isinstance(node, (Name, Gradient))}


def _times_n(setting: Setting, node: Node, found: set[str], op: str, every: bool) -> Node:
    """The tree with every adjoint, or every one that has an entry for each example, times N or divided by it."""
    inner = node.of if isinstance(node, Read) else node
    if isinstance(inner, (Name, Gradient)):
        known = setting.resolve(inner.name, isinstance(inner, Gradient))
        if known is not None and known.tensor.of and (every or BATCH in known.tensor.axes):
            found.add(inner.name)
            return Binary("*", Name("N"), node) if op == "*" else Binary("/", node, Name("N"))
        return node
    return with_children(node, tuple(_times_n(setting, child, found, op, every) for child in children(node)))
