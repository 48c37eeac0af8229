"""The equations of a document judged: those that claim a derivative, a delta, an error or a quantity of the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from symbp.errors import InputError
from symbp.verify.documents import Equation
from symbp.verify.language.syntax import Call, Partial, Transpose
from symbp.verify.latex.claims import links_of
from symbp.verify.latex.names import Vocabulary
from symbp.verify.latex.notations import Notation
from symbp.verify.latex.parse import NotAClaim, parse
from symbp.verify.latex.reader import Reader
from symbp.verify.latex.symbols import Sym
from symbp.verify.latex.updates import changed
from symbp.verify.traced import ADDED
from symbp.verify.verdict import Verdict

if TYPE_CHECKING:
    from symbp.verify.judge import Judge


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
            parts = links_of(equation.text)
        except NotAClaim:
            parts = []
        except InputError:
            parts = [equation.text] if equation.is_claim and r"\begin" not in equation.text else []
        if not parts:
            yield equation, None
        after = 0
        for part in parts:
            located, after = _located(equation, part, after)
            yield located, _verdict(judge, located, file)


def _located(equation: Equation, part: str, after: int) -> tuple[Equation, int]:
    """A part of a chain with the places of its characters, and where in the chain it ends; parts stand there in order."""
    left, _, right = part.partition(" = ")
    at = equation.text.find(right, max(after, len(left)))
    if part == equation.text or not equation.at or at < 0 or not equation.text.startswith(left):
        return Equation(equation.line, part, equation.at if part == equation.text else ()), after
    places = (*equation.at[: len(left)], *(ADDED,) * 3, *equation.at[at : at + len(right)])
    return Equation(equation.line, part, places), at + len(right)


def _verdict(judge: Judge, equation: Equation, file: str | None) -> Verdict | None:
    kind = _kind(equation, judge)
    if kind == "other" or equation.is_number:
        return None
    verdict = judge.judge(equation.text, equation.line, file, latex=True)
    if verdict.verdict == "unreadable" and kind != "claim":
        return None
    return verdict


def _kind(equation: Equation, judge: Judge) -> Literal["claim", "quantity", "other"]:
    """What the left side is: a derivative, a delta or an error; a single letter; or something else."""
    notation: Notation = judge.notation
    words = Vocabulary(notation, judge.example.setting).words
    try:
        node = Reader(notation, words).sum(parse(equation.text).children[0])
    except InputError:
        return "claim" if equation.is_claim else "other"
    node = node.arg if isinstance(node, Transpose) else node
    if changed(node) is not None:
        return "claim"
    if isinstance(node, Partial) or (isinstance(node, Call) and node.primes):
        return "quantity"
    if not isinstance(node, Sym):
        return "other"
    tensors = [p.tensor for p in notation.patterns.get(node.base, ())]
    meant = notation.families.get(node.base, tensors[0].rstrip("0123456789") if tensors else "")
    return "claim" if node.gradient or meant in ("delta", "e") else "quantity"
