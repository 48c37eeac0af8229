"""Claims that are right by another convention than the one they are judged by, so that the verdict can say so."""

from __future__ import annotations

from symbp.assemble import BATCH
from symbp.errors import InputError
from symbp.verify.arrays import ShapeClash
from symbp.verify.compare import Bench
from symbp.verify.decide import decide
from symbp.verify.setting import Setting
from symbp.verify.syntax import Binary, Claim, Gradient, Name, Node, Read, children, with_children


def each_example(bench: Bench, claim: Claim) -> str:
    """Whether a claim about a batch is right where deltas and errors are derivatives of each example's own loss instead of the
    mean over the batch: ``dW1 = delta1 @ x.T / N``. Empty where it is not."""
    found: set[str] = set()
    other = Claim(_times_n(bench.setting, claim.left, found), _times_n(bench.setting, claim.right, found), claim.text)
    if not bench.setting.batch or not found:
        return ""
    try:
        right = decide(bench.points, bench.compare(other), other.right).equal
    except (InputError, ShapeClash):
        return ""
    names = ", ".join(sorted(found))
    return f"right where {names} is the derivative of each example's own loss, not of the mean" if right else ""


def _times_n(setting: Setting, node: Node, found: set[str]) -> Node:
    """The tree with every adjoint that has one column for each example replaced by N times itself."""
    inner = node.of if isinstance(node, Read) else node
    if isinstance(inner, (Name, Gradient)):
        known = setting.resolve(inner.name, isinstance(inner, Gradient))
        if known is not None and known.tensor.of and BATCH in known.tensor.axes:
            found.add(inner.name)
            return Binary("*", Name("N"), node)
        return node
    return with_children(node, tuple(_times_n(setting, child, found) for child in children(node)))
