"""Updates judged: a step has to go against the derivative.

A positive constant of the step, and the number of examples, are the rate's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from symbp.errors import InputError
from symbp.formula.printing import node_text
from symbp.formula.syntax import Binary, Claim, Name, Negate, Node, Number, nodes, terms_of
from symbp.network.forward import BATCH
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Setting
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import decide
from symbp.verification.proof.trial import constant_ratio
from symbp.verification.state import State
from symbp.verification.verdict import Verdict

UPHILL = "the step goes up the slope, not down"
"""The reason that an update is wrong which goes along the derivative."""
_RATES = ("lr", "learning_rate", "eta", "alpha", "rate", "step_size", "stepsize", "epsilon", "eps", "gamma", "rho")
"""What code calls its rate."""
_COUNTS = {"/N": "/", "*N": "*"}
"""How the number of examples may be a factor of a step, and the operator by which the step is multiplied by it."""


class Rated(Protocol):
    """How an update was written."""

    def about(self, ratio: str) -> str:
        """What became of a constant by which the step must be multiplied to be the derivative."""
        ...


@dataclass(frozen=True)
class CodedStep:
    """An update in code: what it changes, and its rate as it was written."""

    name: str
    rate: str

    def about(self, ratio: str) -> str:
        """What became of a constant by which the step must be multiplied to be the derivative."""
        return f"the factor {ratio} has gone into {self.rate}: the derivative is {ratio} times what stands beside it"

    def text(self, right: Node) -> str:
        """The update by a derivative."""
        return f"{self.name} -= {node_text(Binary('*', Name(self.rate), right))}"


def coded_step(setting: Setting, claim: Claim) -> tuple[Claim, CodedStep | None]:
    """What ``w -= lr * dw`` and ``w = w - lr * dw`` claim of the derivative by w, a tensor that is given; any other claim, and
    a change without a rate, as it is."""
    left = claim.left
    known = setting.resolve(left.name) if isinstance(left, Name) else None
    if not isinstance(left, Name) or known is None or known.tensor not in setting.program.declared:
        return claim, None
    if setting.layers and BATCH in known.tensor.axes:  # an input, which may be made to go up the slope
        return claim, None
    change = claim.right
    terms = [*(terms_of(change.arg, -1) if isinstance(change, Negate) else terms_of(change))]
    if not claim.adds:
        if terms[0] != (1, left) or len(terms) < 2:
            return claim, None
        terms = terms[1:]
    over = [_without_rate(term, -sign, setting) for sign, term in terms]
    found = [one for one in over if one is not None]
    if len(found) < len(over) or len({rate for rate, _, _ in found}) != 1:
        return claim, None
    rate, sign, first = found[0]
    whole: Node = first if sign > 0 else Negate(first, span=first.span)
    for _, sign, term in found[1:]:
        whole = Binary("+" if sign > 0 else "-", whole, term, span=claim.right.span)
    if {n.name for n in nodes(whole) if isinstance(n, Name)} <= {left.name}:  # decay, which is about no derivative
        return claim, None
    derivative = replace(claim, left=Name(f"d{left.name}", span=left.span), right=whole, adds=False)
    return derivative, CodedStep(left.name, rate)


def _without_rate(node: Node, sign: int, setting: Setting) -> tuple[str, int, Node] | None:
    """The rate of a term, a name that nothing else has or a positive number in front; its sign; and what it is the rate of."""
    if isinstance(node, Negate):
        return _without_rate(node.arg, -sign, setting)
    if not isinstance(node, Binary) or node.op not in ("*", "/", "@"):
        return None
    first = node.left.arg if isinstance(node.left, Negate) else node.left
    if node.op == "*" and _is_rate(first, setting):
        return node_text(first), sign if first == node.left else -sign, node.right
    if node.op == "*" and isinstance(node.right, Name) and _is_rate(node.right, setting):
        return node.right.name, sign, node.left
    inner = _without_rate(node.left, sign, setting)
    return None if inner is None else (inner[0], inner[1], replace(node, left=inner[2]))


def _is_rate(node: Node, setting: Setting) -> bool:
    if isinstance(node, Number):
        return node.value > 0
    return isinstance(node, Name) and node.name in _RATES and setting.resolve(node.name) is None


def stepped(state: State, claim: Claim, step: Rated, verdict: Verdict, turned: Callable[[], str | None]) -> Verdict:
    """The verdict on an update whose claim about the derivative has one; `turned` writes it down the slope where it goes up."""
    if verdict.verdict != "wrong":
        return verdict
    ratio, count = _ratio(state, claim)
    if ratio is None or ratio == 0:
        return verdict
    if ratio < 0:
        return replace(verdict, cause="sign", fix=turned(), reason=UPHILL)
    note = step.about(count.removeprefix("*") if ratio == 1 and count == "*N" else f"{ratio}{count}")
    return replace(verdict, verdict="correct", cause=None, fix=None, expected=None, counterexample=None, reason="",
                   column=None, until=None, note=note)  # fmt: skip


def judged_step(state: State, claim: Claim, step: CodedStep, verdict: Verdict) -> Verdict:
    """The verdict on an update in code, whose mend is an update, too."""
    left, right = claim.left, claim.right
    found = stepped(
        state,
        claim,
        step,
        verdict,
        lambda: step.text(right.arg if isinstance(right, Negate) else Name(node_text(left))),
    )
    own = f"{node_text(left)} = "
    if found.fix is not None and found.fix.startswith(own):
        fix = found.fix.removeprefix(own)
        return replace(found, fix=f"{step.name} -= {step.rate} * {fix if fix.isidentifier() else f'({fix})'}")
    return found


def _ratio(state: State, claim: Claim) -> tuple[Fraction | None, str]:
    """The constant by which a step must be multiplied, and whether the number of examples is another factor."""
    context = state.several if state.about_batch(claim) else state.first
    for where in (state.contexts.numbered(context, claim), state.contexts.narrow(context)):
        try:
            ratio, count = constant_ratio(where.points, where.compare(claim)), ""
            if ratio is None and context is state.several:
                ratio, count = _by_examples(where, claim)
        except (InputError, ShapeClash):
            continue
        if ratio is not None:
            return ratio, count
    return None, ""


def _by_examples(where: EvaluationContext, claim: Claim) -> tuple[Fraction | None, str]:
    """The constant of a step that is also divided by the number of examples, or multiplied by it."""
    for count, operator in _COUNTS.items():
        by_n = replace(claim, right=Binary(operator, claim.right, Name("N")))
        scaled = where.compare(by_n)
        same = decide(where.points, scaled, by_n.right).equal
        ratio = Fraction(1) if same else constant_ratio(where.points, scaled)
        if ratio is not None:
            return ratio, count
    return None, ""
