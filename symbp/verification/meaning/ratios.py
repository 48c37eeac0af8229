"""``dyhat[i]/dz1[k]`` on a left side: the derivative of one tensor by another, and no quotient of two derivatives of the loss."""

from __future__ import annotations

from dataclasses import replace

from symbp.formula.syntax import Binary, Claim, Name, Node, Partial, Read
from symbp.verification.meaning.setting import Setting


def as_derivative(setting: Setting, claim: Claim) -> Claim:
    """The claim with a quotient on its left side as the derivative that it is meant to be."""
    left = claim.left
    if not isinstance(left, Binary) or left.op != "/":
        return claim
    of, by = (_tensor(setting, side) for side in (left.left, left.right))
    return claim if of is None or by is None else replace(claim, left=Partial(of, by, span=left.span))


def _tensor(setting: Setting, node: Node) -> Node | None:
    """What ``dX`` or ``dX[i]`` is the derivative with respect to, with its indices; None for anything else."""
    inner = node.of if isinstance(node, Read) else node
    known = setting.resolve(inner.name) if isinstance(inner, Name) else None
    if known is None or not known.tensor.of or setting.resolve(known.tensor.of) is None:
        return None
    name = Name(known.tensor.of, span=inner.span)
    return Read(name, node.letters, span=node.span) if isinstance(node, Read) else name
