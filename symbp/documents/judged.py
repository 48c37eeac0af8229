"""The equations of a document judged: those that claim a derivative, a delta, an error or a quantity of the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from symbp.documents.code import said_of_code
from symbp.documents.equations import Equation
from symbp.documents.left_alone import LeftAlone, Slope, is_slope, set_up, slope_of, stated_function
from symbp.documents.matrices import entries
from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of
from symbp.formula.latex.parse import NotAClaim, parse
from symbp.formula.latex.reader import Reader
from symbp.formula.latex.symbols import symbols
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


_LAYERS = re.compile(r"\s*(?:\\ell|[lkijn])\s*(?::?=|\\leftarrow)\s*(?:\\ell|[LlkijnNm\d\s,+-]|\\[,;dlc](?:dots)?)*")
_MEASURED = re.compile(r"\d*\.\d{3,}|\d\.\d[^.]*\d\.\d")
_ONE = re.compile(r"(?:\\cdot|\\times)\s*1\s*$")
_APPROXIMATELY = re.compile(r"\\approx(?![A-Za-z])|≈")
Said: TypeAlias = Verdict | LeftAlone


class Subject(Protocol):
    """What the equations of a document are about, which may change from one to the next."""

    def judge(self, at: int, equation: Equation) -> Judge:
        """The judge of the equation that has this number."""

    def defining(self, at: int) -> int | None:
        """Which part of a chain says what the subject is; None where none does."""

    def unknown(self, at: int, equation: Equation) -> str:
        """Why nothing can be said of an equation; empty where something can."""

    def text(self, at: int, equation: Equation) -> Equation:
        """The equation as it is to be read."""

    def back(self, verdict: Verdict) -> Said:
        """A verdict on an equation as it was read, as its author wrote it; why there is none where it would rest on more than
        the page says."""


@dataclass(frozen=True)
class One:
    """One judge for all equations, which define nothing of what they are about."""

    by: Judge

    def judge(self, at: int, equation: Equation) -> Judge:
        """That judge."""
        return self.by

    def defining(self, at: int) -> int | None:
        """None."""
        return None

    def unknown(self, at: int, equation: Equation) -> str:
        """Nothing."""
        return ""

    def text(self, at: int, equation: Equation) -> Equation:
        """The equation as it is."""
        return equation

    def back(self, verdict: Verdict) -> Said:
        """The verdict as it is."""
        return verdict


def judge_equations(judge: Judge, equations: Iterable[Equation], file: str | None = None) -> Iterator[Verdict | None]:
    """A verdict for every equation, each part of a chain by itself; None where it is not a claim."""
    for _, verdict in judged_equations(judge, equations, file):
        yield verdict


def judged_equations(
    judge: Judge, equations: Iterable[Equation], file: str | None = None
) -> Iterator[tuple[Equation, Verdict | None]]:
    """As :func:`judge_equations`, every verdict with the equation, or the part of a chain, that it is on."""
    for equation, said in heard_equations(One(judge), equations, file):
        yield equation, None if isinstance(said, LeftAlone) else said


def heard_equations(
    subject: Subject, equations: Iterable[Equation], file: str | None = None
) -> Iterator[tuple[Equation, Said]]:
    """What is said of every equation, each part of a chain by itself: a verdict, or why there is none."""
    restated: dict[str, str] = {}
    for at, written in enumerate(equations):
        judge = subject.judge(at, written)
        if written.code:
            yield written, said_of_code(judge, written, file)
            continue
        unknown, equation = subject.unknown(at, written), subject.text(at, written)
        if unknown:
            yield equation, LeftAlone(equation.line, written.text, unknown)
            continue
        why = "it is no equation between formulas"
        try:
            parts = _parts(equation)
        except NotAClaim:
            parts = []
        except InputError as e:
            parts, why = (
                ([equation] if equation.is_claim else []),
                f"it has no derivative, and cannot be read: {e.message}",
            )
        defining = subject.defining(at)
        if defining is not None and not parts:
            parts = [equation]
        parts = [entry for part in parts for entry in entries(part) or [part]] or entries(equation)
        if not parts:
            yield equation, LeftAlone(equation.line, written.text, why)
        numbers = any(part.is_number for part in parts)
        for k, part in enumerate(parts):
            if k == defining:
                reason = "it says what the page is about"
                found = Verdict(part.text, "definition", reason=reason, line=part.line, file=file)
                yield part, replace(found, claim=as_written(found.claim, part, written))
            else:
                said = _of_restated(restated, _said(judge, part, file), part)
                if k and _ZERO.fullmatch(part.sides[1]) and isinstance(said, Verdict) and not said.ok:
                    said = LeftAlone(part.line, part.text, "where a minimum is, or where something begins")
                if numbers and isinstance(said, Verdict) and not said.ok and _put_in(part, said):
                    said = LeftAlone(part.line, part.text, "numbers of an example")
                if isinstance(said, Verdict):
                    said = subject.back(replace(said, claim=as_written(said.claim, part, written)))
                else:
                    said = replace(said, text=as_written(said.text, part, written))
                yield part, said


def as_written(text: str, part: Equation, written: Equation) -> str:
    """The text of a part of an equation that was read with other names, as it was written."""
    places = {offset: c for offset, c in zip(written.at, written.text, strict=False)}
    if len(places) != len(written.at) or len(part.at) != len(part.text) or text != part.text:
        return text
    found, last = list[str](), -1
    for offset, c in zip(part.at, part.text, strict=True):
        while offset < 0 <= last and places.get(last + 1, " ") not in " =:":  # what was blank at the end of a side
            last += 1
            found.append(places[last])
        found.append(places.get(offset, c))
        last = offset
    return "".join(found)


def _parts(equation: Equation) -> list[Equation]:
    """The equations of a chain, each part held against the first, with the places of their characters; what a sign of
    approximation introduces are numbers."""
    about = _APPROXIMATELY.search(equation.text, equation.sign[1])
    if about is not None:
        equation = replace(equation, text=equation.text[: about.start()].rstrip(), at=equation.at[: about.start()])
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


def _said(judge: Judge, equation: Equation, file: str | None) -> Said:
    kind, left, right = _kind(equation, judge)

    def alone(why: str) -> LeftAlone:
        return LeftAlone(equation.line, equation.text, why)

    if _LAYERS.fullmatch(equation.text):
        return alone("it says which layer, or which index")
    if kind == "other":
        return alone("its left side is nothing that can be claimed of")
    derives = kind == "claim" or isinstance(left, Partial)
    if equation.is_number and not derives:
        return alone("numbers of an example")
    if _ZERO.fullmatch(equation.sides[1]) and (equation.inline or kind == "quantity"):
        return alone("where a minimum is, or where something begins")
    verdict = judge.judge(equation.text, equation.line, file, latex=True)
    if equation.is_number and equation.sides[1].strip() != "0" and not _constant(verdict):
        return alone("numbers of an example")
    if not verdict.ok and left is not None and right is not None:
        verdict = _of_slope(verdict, slope_of(judge, left, right, equation.text))
    if verdict.verdict == "unreadable" and kind != "claim":
        return alone(f"it has no derivative of the loss, and cannot be read: {verdict.reason}")
    if kind != "quantity" or verdict.verdict != "wrong" or left is None or right is None:
        return verdict
    if not derives and not [*symbols(right)]:
        return alone("numbers of an example")
    if equation.inline and isinstance(right, Sym) and not derives:
        return alone("a condition in the running text")
    why = set_up(judge, left, right, equation.sides[1])
    return replace(alone(why), function=stated_function(left, equation)) if why else verdict


def _of_restated(restated: dict[str, str], said: Said, part: Equation) -> Said:
    """What is said of an equation on a page that has stated another function under a letter, which is kept: of the slope of that
    letter, what holds of the page's own function."""
    if isinstance(said, LeftAlone):
        if said.function:
            restated[said.function[0]] = said.function[1]
        return said
    letter = next((c for c in restated if re.match(rf"\s*{re.escape(c)}\s*(?:'|\^\{{?\s*\\prime)", part.text)), "")
    if not letter or said.verdict not in ("correct", "wrong"):
        return said
    if is_slope(letter, restated[letter], part.text):
        return _right(said, f"for {restated[letter]}, as the page states it")
    return (
        said
        if said.verdict == "wrong"
        else replace(
            said,
            verdict="wrong",
            cause="other",
            reason=f"the page states {restated[letter]} under this letter",
            note="",
        )
    )


def _put_in(part: Equation, verdict: Verdict) -> bool:
    """Whether numbers of an example stand among letters, in a chain that ends in one: several of them, or one of three places and
    more; or 1 for the slope of a function that is 1 where it is not 0."""
    at_a_kink = (
        _ONE.search(part.sides[1]) is not None and verdict.cause == "activation_derivative" and "relu" in verdict.reason
    )
    return at_a_kink or _MEASURED.search(part.sides[1]) is not None


def _constant(verdict: Verdict) -> bool:
    """Whether a number is right for a derivative, or wrong for one that is a number whatever the values."""
    if verdict.verdict != "wrong":
        return verdict.verdict == "correct"
    derived = verdict.expected or verdict.fix or ""
    at = derived.find("=")
    return at >= 0 and Equation(0, derived, sign=(at, at + 1)).is_number


def _right(verdict: Verdict, note: str) -> Verdict:
    """The verdict on the same equation where it is right, with a note."""
    return Verdict(verdict.claim, "correct", how="exact", line=verdict.line, file=verdict.file, note=note)


def _of_slope(verdict: Verdict, slope: Slope) -> Verdict:
    """A verdict on an equation that says a slope by one letter: right where it is right of numbers, and wrong where it could not
    be read and is wrong of numbers."""
    if slope.outcome == "correct":
        return _right(verdict, slope.note)
    if slope.outcome == "wrong" and verdict.verdict == "unreadable":
        return replace(
            verdict, verdict="wrong", how="exact", cause="other", reason="it does not hold of numbers", column=None
        )
    return verdict


def _kind(equation: Equation, judge: Judge) -> tuple[Literal["claim", "quantity", "other"], Node | None, Node | None]:
    """What one side is, the left one first: a derivative, a delta or an error; a single letter; or something else; and both
    sides, where they can be read."""
    notation: Notation = judge.notation
    words = Vocabulary(notation, judge.example.setting).words
    try:
        tree = parse(without_iterations(notation, Traced.standing(equation.text, 0)).text)
        left, right = (Reader(notation, words).sum(tree.children[k]) for k in (0, 2))
    except InputError:
        return "claim" if equation.is_claim or _claims(equation, notation, words) else "other", None, None
    if changed(left) is not None or is_adjoint(notation, left) or (_is_product(left) and is_adjoint(notation, right)):
        return "claim", left, right
    if isinstance(left, Partial) or (isinstance(left, Call) and (left.primes or left.name == "sigmoid")):
        return "quantity", left, right
    single = isinstance(left.arg if isinstance(left, Transpose) else left, Sym)
    return "quantity" if single else "other", left, right


def _claims(equation: Equation, notation: Notation, words: frozenset[str]) -> bool:
    """Whether the left side of an equation that cannot be read is a derivative, a delta or an error by itself."""
    try:
        tree = parse(without_iterations(notation, Traced.standing(f"{equation.sides[0]} = 0", 0)).text)
        return is_adjoint(notation, Reader(notation, words).sum(tree.children[0]))
    except InputError:
        return False


def _is_product(node: Node) -> bool:
    return isinstance(node, (Binary, Negate))
