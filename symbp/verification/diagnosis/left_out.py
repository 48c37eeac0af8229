"""What is left out of a true equation: one of its terms, factors or sums, or all but the diagonal of a coupled activation.

An edit of a claim cannot guess a term of three factors; but the derived equation has that term, and what remains of it without
the term has the value of the claim. Each way is an equation that holds where that was left out, and the edit that undoes it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from symbp.calculus.contract import contract
from symbp.calculus.indices import Index, fresh
from symbp.calculus.matrix.nodes import matrix_text
from symbp.calculus.matrix.read import orientation, read_matrix
from symbp.calculus.passes import run
from symbp.calculus.program import Program, Statement, Tensor, elements, name_of
from symbp.calculus.reductions import Sum
from symbp.calculus.sweep import reverse
from symbp.calculus.text import expression_text
from symbp.errors import InputError
from symbp.formula.grammar import read_claim
from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Compare,
    Name,
    Node,
    Number,
    Partial,
    Read,
    factors_of,
    nodes,
    places,
    product_of,
    terms_of,
)
from symbp.verification.diagnosis.derived import derived_right, reworded
from symbp.verification.diagnosis.kinds import is_number, is_slope, reads
from symbp.verification.diagnosis.patterns import everywhere, exchanged, lettered, sum_of
from symbp.verification.diagnosis.rows import Edit, Reason, reason
from symbp.verification.meaning.setting import Setting
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.verdict import Cause

Way = tuple[Claim, Edit]
_Chain = tuple[Program, Statement]
_SAME = re.compile(r"(?<![A-Za-z0-9_\])])\[(\w+) = (\w+)\]")
_OFF = "is missing: each output depends on every input"


def left_out(context: EvaluationContext, claim: Claim) -> Iterator[Way]:
    """What may be left out of the derived equation."""
    whole = derived_right(context.setting, claim)
    if whole is None:
        return
    span, several = claim.right.span, any(isinstance(n, Binary) and n.op in "+-" for n in nodes(whole))
    ways = _both(context, claim, whole)
    for base in ways:
        yield from _terms_left_out(claim, base)
    for base in ways:
        yield from _put_back(context.setting, claim, base)
    for base in ways:
        for rest, cause, why in _parts_left_out(base):
            if cause == "missing_sum" and several:  # an edit finds a sum that is left out of a term which stands there
                cause, why = "missing_term", reason(f"what is off the diagonal {_OFF}")
            for full in ways:
                yield _without(claim, rest, Edit(cause, why, full, False, span))


def diagonals(context: EvaluationContext, claim: Claim) -> Iterator[Way]:
    """Parts of a claim that could be a coupled activation's derivative without what is off its diagonal."""
    setting, why = context.setting, reason(f"the part of the activation's derivative off its diagonal {_OFF}")
    for z in setting.own_slopes:
        number = next(k for k, names in setting.layers.items() if names[0] == z)
        for arg, error in zip(reads(setting, claim, f"z{number}"), reads(setting, claim, f"e{number}"), strict=False):
            full = _in_language(context, claim, z, arg)
            if full is None:
                continue
            slope = Binary("*", Call("g", (arg,), primes=1), error)
            lesser = [slope, *(rest for rest, cause, _ in _parts_left_out(full) if cause == "missing_term")]
            written = (reworded(setting, claim, full), full)
            for (node, put), part, whole in itertools.product([*places(claim.right)], lesser, written):
                yield Claim(node, part, claim.text), Edit("missing_term", why, put(whole), True, node.span)


def of_jacobians(context: EvaluationContext, claim: Claim) -> Iterator[Way]:
    r"""What is left out of the derivative of a coupled activation between elements, ``\partial \hat y_i / \partial z_j``."""
    whole, left = jacobian_of(context, claim), claim.left
    if whole is None or not (isinstance(left, Partial) and isinstance(left.of, Read) and isinstance(left.by, Read)):
        return
    span, (i,), (j,) = claim.right.span, left.of.letters, left.by.letters
    both = (whole, exchanged(whole, i, j))  # it may be symmetric, and written the other way round
    for full in dict.fromkeys(way for w in both for way in _both(context, claim, w)):
        for node, put in places(full):
            if isinstance(node, Compare) and node.op == "==":
                why = reason("what is 1 on the diagonal is 0 off it: ", node, " is missing")
                yield _without(claim, put(Number("1")), Edit("missing_term", why, full, True, span))
        for rest, cause, why in _parts_left_out(full):
            yield _without(claim, rest, Edit(cause, why, full, True, span))
        for old, new in ((j, i), (i, j)):
            edit = Edit("missing_term", reason(f"the part off the diagonal {_OFF}"), full, True, span)
            yield _without(claim, _at_one_letter(full, old, new), edit)


def jacobian_of(context: EvaluationContext, claim: Claim) -> Node | None:
    r"""The derivative of a coupled activation between two elements, ``\partial \hat y_i / \partial z_j``; None for any other left
    side."""
    left, setting = claim.left, context.setting
    if not isinstance(left, Partial) or not isinstance(left.of, Read) or not isinstance(left.by, Read):
        return None
    of, by = (setting.resolve(side.of.name) for side in (left.of, left.by))
    z = by.tensor.name if by is not None else ""
    if of is None or z not in setting.own_slopes or (z, of.tensor.name) not in setting.layers.values():
        return None
    return _between(context, z, of.tensor.name, left.of.letters, left.by.letters)


def _without(claim: Claim, rest: Node, edit: Edit) -> Way:
    """The claim's right side, equal to what is left."""
    return replace(claim, left=claim.right, right=rest), edit


def _both(context: EvaluationContext, claim: Claim, whole: Node) -> tuple[Node, ...]:
    """A formula with the names of the claim, and as it is."""
    return tuple(dict.fromkeys((reworded(context.setting, claim, whole), whole)))


def _parts_left_out(whole: Node) -> Iterator[tuple[Node, Cause, Reason]]:
    """A formula without one of its terms, factors or sums, with the cause."""
    for node, put in places(whole):
        terms, factors = terms_of(node), factors_of(node)
        for k, (_, gone) in enumerate(terms) if len(terms) > 1 else ():
            yield put(sum_of(terms[:k] + terms[k + 1 :])), "missing_term", reason("the term ", gone, " is missing")
        for term in terms if len(terms) > 2 else ():
            yield put(sum_of((term,))), "missing_term", reason("all terms but ", term[1], " are missing")
        for k, gone in enumerate(factors) if len(factors) > 1 else ():
            cause: Cause = "activation_derivative" if is_slope(gone) else "missing_factor"
            yield put(product_of(factors[:k] + factors[k + 1 :])), cause, reason("the factor ", gone, " is missing")
        if isinstance(node, Binary) and node.op == "/":
            yield put(node.left), "missing_factor", reason("the factor 1/", node.right, " is missing")
        if isinstance(node, Call) and node.name in ("sum", "mean"):
            yield put(node.args[0]), "missing_sum", reason("the sum ", node, " is missing")


def _terms_left_out(claim: Claim, whole: Node) -> Iterator[Way]:
    """A term of the derived equation, or all but one; what stands there stays as it was written."""
    terms, span = terms_of(whole), claim.right.span
    for k, (sign, gone) in enumerate(terms) if len(terms) > 1 else ():
        more = Binary("+" if sign > 0 else "-", claim.right, gone)
        edit = Edit("missing_term", reason("the term ", gone, " is missing"), more, False, span)
        yield _without(claim, sum_of(terms[:k] + terms[k + 1 :]), edit)
    for k, there in enumerate(terms) if len(terms) > 2 else ():
        others = terms[:k] + terms[k + 1 :]
        why = reason("all terms but ", claim.right, " are missing")
        yield _without(
            claim, sum_of((there,)), Edit("missing_term", why, sum_of((*terms_of(claim.right), *others)), False, span)
        )


def _put_back(setting: Setting, claim: Claim, whole: Node) -> Iterator[Way]:
    """A factor, term or sum of the derived equation beside whatever part of the claim is what it belongs to; all else stays as it
    was written."""
    for node, _ in places(whole):
        for rest, cause, why, more in _lacking(setting, node):
            for part, put in places(claim.right):
                if not isinstance(part, Number):
                    yield Claim(part, rest, claim.text), Edit(cause, why, put(more(part)), False, part.span)


def _lacking(setting: Setting, node: Node) -> Iterator[tuple[Node, Cause, Reason, Callable[[Node], Node]]]:
    """A part of a formula without one of its factors, its divisor, or the sum around it, with what puts that back."""
    factors = factors_of(node)
    for k, gone in enumerate(factors) if len(factors) > 1 else ():
        cause: Cause = "activation_derivative" if is_slope(gone) else "missing_factor"
        yield (
            product_of(factors[:k] + factors[k + 1 :]),
            cause,
            reason("the factor ", gone, " is missing"),
            partial(_in_front if is_number(setting, gone) else _times, gone),
        )
    if isinstance(node, Binary) and node.op == "/":
        why = reason("the factor 1/", node.right, " is missing")
        yield node.left, "missing_factor", why, partial(_over, node.right)


def _times(factor: Node, part: Node) -> Node:
    return Binary("*", part, factor)


def _in_front(factor: Node, part: Node) -> Node:
    return Binary("*", factor, part)


def _over(divisor: Node, part: Node) -> Node:
    return Binary("/", part, divisor)


def _chain_rule(context: EvaluationContext, z: str) -> _Chain | None:
    """The adjoint of a coupled activation's argument in terms of its result's, as a program that is derived, once."""
    if f"chain {z}" not in context.kept:
        with context.points.budget.start_up():
            context.kept[f"chain {z}"] = _derived_chain(context.setting, z)
    found = context.kept[f"chain {z}"]
    assert found is None or isinstance(found, tuple)
    return found


def _derived_chain(setting: Setting, z: str) -> _Chain | None:
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


def _in_language(context: EvaluationContext, claim: Claim, z: str, arg: Node) -> Node | None:
    """The chain rule through a coupled activation in the language of a claim."""
    chain = _chain_rule(context, z)
    if chain is None:
        return None
    program, s = chain
    if not claim.indexed:
        found = read_matrix(s, orientation(context.setting.layout), context.setting.layout, program)
        return None if found is None else _formula(matrix_text(found))
    letters = tuple(Index(c, a) for c, a in zip(getattr(arg, "letters", ()), s.target.axes, strict=False))
    return (
        _formula(expression_text(s.at(letters), {i.name for i in letters})) if len(letters) == len(s.indices) else None
    )


def _between(context: EvaluationContext, z: str, a: str, of: tuple[str, ...], by: tuple[str, ...]) -> Node | None:
    """The derivative between two elements: that of the chain rule, which is linear in the error, by an element of the error."""
    chain = _chain_rule(context, z)
    if chain is None or len(of) != 1 or len(by) != 1 or of == by or of[0].isdigit() or by[0].isdigit():
        return None
    s = chain[1]
    errors = {name_of(e) for e in elements(s.body)} - {a}
    if len(s.target.axes) != 1 or len(errors) != 1:
        return None
    error = Tensor(errors.pop(), s.target.axes)
    above, below = (Index(c, error.axes[0]) for c in (*of, *by))
    text = expression_text(contract(s.at((below,)).diff(error[(above,)])), {*of, *by})
    return _formula(_SAME.sub(r"1[\1 == \2]", text))


def _formula(text: str) -> Node | None:
    try:
        return read_claim(f"q = {text}").right
    except InputError:
        return None


def _at_one_letter(node: Node, old: str, new: str) -> Node:
    """The formula with one index for another; two that are the same are equal."""

    def put(part: Node) -> Node | None:
        if isinstance(part, Compare) and part.op == "==":
            sides = {new if s.name == old else s.name for s in (part.left, part.right) if isinstance(s, Name)}
            return Number("1") if len(sides) == 1 else part
        return None

    return lettered(everywhere(node, put), {old: new})
