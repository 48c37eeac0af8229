"""What is left out of the derived equation: one of its terms, factors or sums, or all but the diagonal of a coupled activation.

An edit of a claim cannot guess a term of three factors; but the derived equation has that term, and what remains of it without
the term has the value of the claim.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from symbp.calculus.indices import Index, fresh
from symbp.calculus.matrix.nodes import matrix_text
from symbp.calculus.matrix.read import orientation, read_matrix
from symbp.calculus.passes import run
from symbp.calculus.program import Program, Statement, Tensor
from symbp.calculus.reductions import Sum
from symbp.calculus.sweep import reverse
from symbp.calculus.text import expression_text
from symbp.errors import InputError
from symbp.formula.grammar import read_claim
from symbp.formula.syntax import Binary, Call, Claim, Node, Partial, Read, nodes, places
from symbp.formula.terms import terms_of
from symbp.verification.diagnosis.expected import derived_right
from symbp.verification.diagnosis.jacobians import left_out_of_jacobian
from symbp.verification.diagnosis.kinds import reads
from symbp.verification.diagnosis.left_out import parts_left_out, sum_of
from symbp.verification.diagnosis.rows import Edit, reason
from symbp.verification.diagnosis.wording import reworded
from symbp.verification.meaning.setting import Setting
from symbp.verification.proof.compare import EvaluationContext


def derived(context: EvaluationContext, claim: Claim) -> Node | None:
    """The right side of the derived equation in the language of a claim, None where it cannot be read back."""
    return derived_right(context.setting, claim)


def left_out(context: EvaluationContext, claim: Claim) -> Iterator[tuple[Claim, Edit]]:
    """Equations that hold where something was left out of the derived one, each with the edit that undoes it."""
    whole = derived(context, claim)
    if whole is None:
        return
    span, several = claim.right.span, any(isinstance(n, Binary) and n.op in "+-" for n in nodes(whole))
    ways = dict.fromkeys((reworded(context.setting, claim, whole), whole))
    for base in ways:
        terms = terms_of(base)
        for k, (sign, gone) in enumerate(terms) if len(terms) > 1 else ():  # what stands there stays as it was written
            same = replace(claim, left=claim.right, right=sum_of(terms[:k] + terms[k + 1 :]))
            why, whole = reason("the term ", gone, " is missing"), Binary("+" if sign > 0 else "-", claim.right, gone)
            yield same, Edit("missing_term", why, whole, False, span)
        for rest, cause, said in parts_left_out(base):
            why = reason(said)
            if cause == "missing_sum" and several:  # an edit finds a sum that is left out of a term which stands there
                cause = "missing_term"
                why = reason("what is off the diagonal is missing: each output depends on every input")
            for full in ways:
                yield replace(claim, left=claim.right, right=rest), Edit(cause, why, full, False, span)


def diagonals(context: EvaluationContext, claim: Claim) -> Iterator[tuple[Claim, Edit]]:
    """Parts of a claim that could be a coupled activation's derivative without what is off its diagonal."""
    for z in context.setting.own_slopes:
        number = next(k for k, names in context.setting.layers.items() if names[0] == z)
        whole = _kept_chain(context, z)
        for arg, error in zip(
            reads(context.setting, claim, f"z{number}"), reads(context.setting, claim, f"e{number}"), strict=False
        ):
            full = _written(context.setting, claim, whole, arg)
            if full is None:
                continue
            why = reason(
                "the part of the activation's derivative off its diagonal is missing: each output depends on every input"
            )
            slope = Binary("*", Call("g", (arg,), primes=1), error)
            lesser = [slope, *(rest for rest, cause, _ in parts_left_out(full) if cause == "missing_term")]
            for node, put in places(claim.right):
                for part, written in itertools.product(lesser, (reworded(context.setting, claim, full), full)):
                    yield Claim(node, part, claim.text), Edit("missing_term", why, put(written), True, node.span)


def of_jacobians(context: EvaluationContext, claim: Claim) -> Iterator[tuple[Claim, Edit]]:
    """What is left out of a derivative of a coupled activation's element with respect to one of its argument."""
    left = claim.left
    if not isinstance(left, Partial) or not isinstance(left.of, Read) or not isinstance(left.by, Read):
        return
    for z in context.setting.own_slopes:
        names = next(names for names in context.setting.layers.values() if names[0] == z)
        of, by = (context.setting.resolve(side.of.name) for side in (left.of, left.by))
        if of is not None and by is not None and (by.tensor.name, of.tensor.name) == names:
            yield from left_out_of_jacobian(context, claim, _kept_chain(context, z))


def _kept_chain(context: EvaluationContext, z: str) -> tuple[Program, Statement] | None:
    """The chain rule through a coupled activation, derived once."""
    if f"chain {z}" not in context.kept:
        with context.points.budget.start_up():
            context.kept[f"chain {z}"] = _chain(context.setting, z)
    whole = context.kept[f"chain {z}"]
    assert whole is None or isinstance(whole, tuple)
    return whole


def _chain(setting: Setting, z: str) -> tuple[Program, Statement] | None:
    """The adjoint of a coupled activation's argument in terms of its result's, as a program that is derived."""
    a = next(names[1] for names in setting.layers.values() if names[0] == z)
    s = setting.program.definitions[a]
    adjoint = next((t for t in setting.program.tensors.values() if t.of == a), None)
    if adjoint is None:
        return None
    error = Tensor(adjoint.name, adjoint.axes)
    indices = tuple(fresh(axis) for axis in s.target.axes)
    loss = Statement(Tensor("loss_"), (), Sum.over(s.target[indices] * error[indices], *indices))
    program = Program((setting.program.tensors[z], error), (s, loss), setting.program.functions)
    backward = run(reverse(program, "loss_", wrt=[z]))
    return backward.program, backward.program.definitions[backward.adjoint[z]]


def _written(setting: Setting, claim: Claim, whole: tuple[Program, Statement] | None, arg: Node) -> Node | None:
    """The chain rule through a coupled activation in the language of a claim."""
    if whole is None:
        return None
    program, s = whole
    try:
        if claim.indexed:
            letters = tuple(Index(c, a) for c, a in zip(getattr(arg, "letters", ()), s.target.axes, strict=False))
            if len(letters) != len(s.indices):
                return None
            return read_claim(f"q = {expression_text(s.at(letters), {i.name for i in letters})}").right
        found = read_matrix(s, orientation(setting.layout), setting.layout, program)
        return None if found is None else read_claim(f"q = {matrix_text(found)}").right
    except InputError:
        return None
