r"""Updates that number their steps, ``w^{(t+1)} = w^{(t)} - \eta ...``, or call them, ``\theta_{new} = \theta_{old} - ...``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symbp.formula.tex.tokens import TexToken, Tokens, argument, tokens_of
from symbp.formula.tex.traced import Traced
from symbp.notation import Notation
from symbp.verification.readings.updates import RATES

_WORDS = {"new": "old", "next": "current"}
_FONTS = (r"\text", r"\mathrm", r"\textrm", r"\mathit", r"\rm", r"\operatorname", r"\mbox", "{", "}")
_AROUND = ("(", ")", "[", "]", r"\langle", r"\rangle")
_LETTERS = ("t", "k", "n", "r", "i", "j", "s", "m", r"\tau")


class _Script(NamedTuple):
    """A script, from one token to another, and what it says without brackets and fonts."""

    start: int
    end: int
    says: str


def without_iterations(notation: Notation, text: Traced) -> Traced:
    r"""The equation without the numbers of iterations where its left side is the next one's and its right side begins with the
    one before, less a rate times something; else as it is: ``\beta^{(r+1)} = \beta^{(r)} - \gamma_r ...`` is
    ``\beta \leftarrow \beta - \gamma_r ...``."""
    tokens: Tokens = tokens_of(text.text)
    sign = next((k for k, t in enumerate(tokens) if t.name == "="), None)
    if sign is None or not _has_rate(notation, tokens):
        return text
    scripts = [*_scripts(tokens)]
    for after, before in _steps(
        notation, [s for s in scripts if s.end <= sign], [s for s in scripts if s.start > sign]
    ):
        gone = [s for s in scripts if s.says == (after if s.end <= sign else before)]
        taken = {k for s in gone for k in range(s.start, s.end)}
        left, right = ([t.name for k, t in side if k not in taken] for side in _sides(tokens, sign))
        if right[: len(left)] == left and right[len(left) : len(left) + 1] in (["-"], ["+"]):
            return _without(text, tokens, sign, gone)
    return text


def _has_rate(notation: Notation, tokens: Tokens) -> bool:
    own = [notation.printed["rate"].whole] if "rate" in notation.printed else []
    rates = {*RATES, *own, *(letter.partition("_")[0] for letter in own)}
    names = "".join(t.name for t in tokens)
    return any(t.name in rates for t in tokens) or "lr" in names


def _sides(tokens: Tokens, sign: int) -> tuple[list[tuple[int, TexToken]], list[tuple[int, TexToken]]]:
    numbered = [*enumerate(tokens)]
    return numbered[:sign], numbered[sign + 1 :]


def _scripts(tokens: Tokens) -> Iterator[_Script]:
    """The scripts of a line."""
    for k, token in enumerate(tokens):
        if token.name in ("^", "_"):
            inside, end = argument(tokens, k + 1)
            says = "".join(t.name for t in inside if t.name not in (*_FONTS, *_AROUND))
            if end > k + 1:
                yield _Script(k, end, says)


def _steps(notation: Notation, left: list[_Script], right: list[_Script]) -> Iterator[tuple[str, str]]:
    """What the next step may be called, and the one before it."""
    letters = (*_LETTERS, *([notation.iteration] if notation.iteration else []))
    here = {s.says for s in right}
    for said in (s.says for s in left):
        if said.endswith("+1") and said[:-2] in letters:
            yield said, said[:-2]
        elif said in _WORDS:
            yield said, _WORDS[said]
        elif said in letters and f"{said}-1" in here:
            yield said, f"{said}-1"


def _without(text: Traced, tokens: Tokens, sign: int, gone: list[_Script]) -> Traced:
    """The line without some scripts, an arrow for its sign of equality."""
    result, last = Traced.added(""), 0
    ends = {s.start: s.end for s in gone}
    k = 0
    while k < len(tokens):
        end = ends.get(k, k + 1 if k == sign else None)
        if end is not None:
            result += text[last : tokens[k].start] + Traced.added(r"\leftarrow " if k == sign else "")
            last = tokens[end - 1].end
        k = end or k + 1
    return result + text[last:]
