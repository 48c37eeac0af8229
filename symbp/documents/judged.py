"""The equations of a document judged: those that claim a derivative, a delta, an error or a quantity of the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from symbp.documents.equations import Equation
from symbp.documents.matrices import entries
from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of
from symbp.formula.latex.parse import NotAClaim, parse
from symbp.formula.latex.reader import Reader
from symbp.formula.syntax import Binary, Call, Negate, Node, Partial, Sym, Transpose
from symbp.formula.tex.traced import ADDED, Traced
from symbp.notation import Notation
from symbp.verification.judge import Judge
from symbp.verification.readings.claims import is_adjoint
from symbp.verification.readings.iterations import without_iterations
from symbp.verification.readings.names import Vocabulary
from symbp.verification.readings.updates import changed
from symbp.verification.verdict import Verdict

_ZERO = re.compile(r"\s*(?:0|\\(?:mathbf|boldsymbol|bm|vec)\s*(?:\{\s*0\s*\}|0))\s*")


def judge_equations(judge: Judge, equations: Iterable[Equation], file: str | None = None) -> Iterator[Verdict | None]:
    """A verdict for every equation, each part of a chain by itself; None where it is not a claim."""
    for _, verdict in judged_equations(judge, equations, file):
        yield verdict


def judged_equations(
    judge: Judge, equations: Iterable[Equation], file: str | None = None
) -> Iterator[tuple[Equation, Verdict | None]]:
    """As :func:`judge_equations`, every verdict with the equation, or the part of a chain, that it is on."""
    for equation in equations:
        try:
            parts = _parts(equation)
        except NotAClaim:
            parts = []
        except InputError:
            parts = [equation] if equation.is_claim else []
        parts = [entry for part in parts for entry in entries(part) or [part]] or entries(equation)
        if not parts:
            yield equation, None
        for part in parts:
            yield part, _verdict(judge, part, file)


def _parts(equation: Equation) -> list[Equation]:
    """The equations of a chain, each part held against the first, with the places of their characters."""
    chain = chain_of(equation.text)
    if len(chain.rights) == 1:
        return [equation]
    whole = Traced(equation.text, equation.at or (ADDED,) * len(equation.text))
    left, found = whole[: chain.left].stripped(), []
    for k, (start, end) in enumerate(chain.rights):
        sign = whole[chain.left : chain.sign] if k == 0 else Traced.added("=")
        text = left + Traced.added(" ") + sign + Traced.added(" ") + whole[start:end].stripped()
        at = len(left.text) + 1
        found.append(Equation(equation.line, text.text, text.at if equation.at else (), (at, at + len(sign.text))))
    return found


def _verdict(judge: Judge, equation: Equation, file: str | None) -> Verdict | None:
    kind, bare = _kind(equation, judge)
    if kind == "other" or (equation.is_number and not (kind == "claim" and equation.sides[1].strip() == "0")):
        return None
    if _ZERO.fullmatch(equation.sides[1]) and (equation.inline or kind == "quantity"):
        return None  # where a minimum is, or where something begins
    verdict = judge.judge(equation.text, equation.line, file, latex=True)
    if verdict.verdict == "unreadable" and kind != "claim":
        return None
    if kind == "quantity" and verdict.verdict == "wrong" and equation.inline and bare:
        return None  # a condition in the running text, "where y = t"
    return verdict


def _kind(equation: Equation, judge: Judge) -> tuple[Literal["claim", "quantity", "other"], bool]:
    """What one side is, the left one first: a derivative, a delta or an error; a single letter; or something else; and whether
    the right side is a single letter."""
    notation: Notation = judge.notation
    words = Vocabulary(notation, judge.example.setting).words
    try:
        tree = parse(without_iterations(notation, Traced.standing(equation.text, 0)).text)
        left, right = (Reader(notation, words).sum(tree.children[k]) for k in (0, 2))
    except InputError:
        return "claim" if equation.is_claim else "other", False
    bare = isinstance(right, Sym)
    if changed(left) is not None or is_adjoint(notation, left) or (_is_product(left) and is_adjoint(notation, right)):
        return "claim", bare
    if isinstance(left, Partial) or (isinstance(left, Call) and (left.primes or left.name == "sigmoid")):
        return "quantity", bare
    return "quantity" if isinstance(left.arg if isinstance(left, Transpose) else left, Sym) else "other", bare


def _is_product(node: Node) -> bool:
    return isinstance(node, (Binary, Negate))
