"""A formula without one of its parts: a term, a factor, a sum."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.formula.syntax import Binary, Call, Negate, Node, places
from symbp.formula.terms import factors_of, product_of, terms_of
from symbp.verification.diagnosis.rows import Reason, reason
from symbp.verification.verdict import Cause


def parts_left_out(whole: Node) -> Iterator[tuple[Node, Cause, Reason]]:
    """A formula without one of its terms, factors or sums, with the cause."""
    for node, put in places(whole):
        terms = terms_of(node)
        for k, (_, gone) in enumerate(terms) if len(terms) > 1 else ():
            yield put(sum_of(terms[:k] + terms[k + 1 :])), "missing_term", reason("the term ", gone, " is missing")
        if len(terms) > 2:
            for sign, kept in terms:
                yield put(sum_of(((sign, kept),))), "missing_term", reason("all terms but ", kept, " are missing")
        factors = factors_of(node)
        for k, gone in enumerate(factors) if len(factors) > 1 else ():
            slope = isinstance(gone, Call) and gone.primes > 0
            cause: Cause = "activation_derivative" if slope else "missing_factor"
            rest = product_of((*factors[:k], *factors[k + 1 :]))
            yield put(rest), cause, reason("the factor ", gone, " is missing")
        if isinstance(node, Binary) and node.op == "/":
            yield put(node.left), "missing_factor", reason("the factor 1/", node.right, " is missing")
        if isinstance(node, Call) and node.name in ("sum", "mean"):
            yield put(node.args[0]), "missing_sum", reason("the sum ", node, " is missing")


def sum_of(terms: tuple[tuple[int, Node], ...]) -> Node:
    """The sum of terms with their signs."""
    (sign, first), *others = terms
    whole: Node = first if sign > 0 else Negate(first)
    for sign, term in others:
        whole = Binary("+" if sign > 0 else "-", whole, term)
    return whole
