"""Claims that are right by another convention than the one they are judged by, so that the verdict can say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from symbp.errors import InputError
from symbp.formula.syntax import Binary, Claim, Gradient, Name, Node, Read, Transpose, nodes
from symbp.network.forward import BATCH
from symbp.verification.diagnosis.kinds import tensor_of
from symbp.verification.diagnosis.patterns import everywhere, renamed
from symbp.verification.diagnosis.rows import Reason, reason
from symbp.verification.diagnosis.sieve import sieve_of
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Known, Setting
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
    if BATCH in setting.labels and (found := _adjoints(setting, claim)):
        of_examples = {name for name, known in found.items() if BATCH in known.tensor.axes}
        yield _times_n(claim, {*found}, "*"), reason("right for the sum over the batch, not the mean")
        yield _times_n(claim, {*found}, "/"), reason("right for the mean over the batch, not the sum")
        if of_examples:
            named = [part for name in sorted(of_examples) for part in (", ", Name(name))][1:]
            words = reason("right where ", *named, " is the derivative of each example's own loss, not of the mean")
            yield _times_n(claim, of_examples, "*"), words
    if not claim.indexed:
        known = tensor_of(setting, claim.left)
        if known is not None and known.tensor.of and len(known.tensor.axes) == 2 and BATCH not in known.tensor.axes:
            words = reason("right in the layout where the derivative is transposed")
            yield replace(claim, right=Transpose(claim.right)), words
    notation = getattr(claim.written, "notation", None)
    if claim.indexed and notation is not None and notation.from_to:
        other = _changed(claim, lambda side: everywhere(side, _other_way))
        if other != claim:
            words = reason(
                "right where the first index of a weight is the unit that it leads to; here it comes from there"
            )
            yield other, words
    for step, word in ((1, "lower"), (-1, "higher")) if setting.layers else ():
        for what, tensors in (("weights", "d?[Wb]"), ("layers", "d?[zaWbe]|delta")):
            words = reason(f"right if the {what} are numbered one {word}")
            yield _changed(claim, partial(_shifted, tensors=tensors, step=step)), words


def _changed(claim: Claim, change: Callable[[Node], Node]) -> Claim:
    """The claim with both sides changed."""
    return replace(claim, left=change(claim.left), right=change(claim.right))


def _other_way(node: Node) -> Node | None:
    """A weight, or a derivative by it, with its indices the other way round."""
    if isinstance(node, Read) and len(node.letters) == 2 and re.fullmatch(r"W\d+", node.of.name):
        return replace(node, letters=node.letters[::-1])
    return None


def _shifted(node: Node, tensors: str, step: int) -> Node:
    """The tree with the numbers of layers moved, of some tensors."""

    def moved(name: Name | Gradient) -> Name | Gradient:
        found = re.fullmatch(rf"({tensors})(\d+)", name.name)
        return name if found is None else replace(name, name=f"{found[1]}{int(found[2]) + step}")

    return renamed(node, moved)


def _adjoints(setting: Setting, claim: Claim) -> dict[str, Known]:
    """The adjoints that a claim names."""
    inner = [n.of if isinstance(n, Read) else n for n in nodes(claim.left, claim.right)]
    found = {n.name: tensor_of(setting, n) for n in inner if isinstance(n, (Name, Gradient))}
    return {name: known for name, known in found.items() if known is not None and known.tensor.of}


def _times_n(claim: Claim, names: set[str], op: str) -> Claim:
    """The claim with some tensors times N, or divided by it."""

    def put(node: Node) -> Node | None:
        inner = node.of if isinstance(node, Read) else node
        if isinstance(inner, (Name, Gradient)) and inner.name in names:
            return Binary("*", Name("N"), node) if op == "*" else Binary("/", node, Name("N"))
        return None

    return _changed(claim, lambda side: everywhere(side, put))


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
