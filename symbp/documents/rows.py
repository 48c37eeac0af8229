r"""The equations of one piece of mathematics, row by row; a row that begins with = goes on with the left side above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from typing import Literal

from symbp.formula.latex.conditions import INDICES
from symbp.formula.latex.lexing import EQUALITIES, EQUALITY
from symbp.formula.tex.patterns import (
    ANY,
    DIGIT,
    LETTER,
    Pattern,
    absent,
    either,
    ended,
    group,
    in_braces,
    many,
    name,
    optional,
    replaced,
    sequence,
    whole,
)
from symbp.formula.tex.remarks import IMPLIED
from symbp.formula.tex.tokens import Tokens, tokens_of, touching
from symbp.formula.tex.traced import Traced, blanked, joined

Kind = Literal["relation", "implication", "word", "gap", "comma", "cell", "row"]


@dataclass(frozen=True)
class Row:
    """An equation: its line, its text on one line, and where the sign between its sides stands in it."""

    line: int
    text: Traced
    sign: tuple[int, int]


@dataclass(frozen=True)
class Sign:
    """A sign, where it stands, and whether no brace and environment is open there (`alone`), and no bracket (`outside`)."""

    kind: Kind
    start: int
    end: int
    alone: bool
    outside: bool


def _equality(tokens: Tokens, at: int) -> int | None:
    """A sign of equality that is no part of another sign, ``==`` or ``<=``."""
    end = EQUALITY(tokens, at)
    if end is None or tokens[end - 1].name != "=":
        return end
    first, last = tokens[end - 1], tokens[end] if end < len(tokens) else None
    before = tokens[end - 2] if end > 1 else None
    doubled = last is not None and last.name == "=" and touching(first, last)
    part = before is not None and before.name in ("<", ">", "!", "=") and touching(before, first)
    return None if doubled or part else end


_ARGUMENTS = many(either(group("[", "]"), in_braces()))
_IN_WORDS = either(LETTER, DIGIT, name("_", r"\_", "."))
_FUNCTION = sequence(in_braces(whole(sequence(LETTER, many(_IN_WORDS)))), name("'", "^", "(", r"\left", r"\big"))
"""What makes a function of a word, ``\\text{softmax}(z)``."""
_WORDS = (r"\text", r"\textrm", r"\textit", r"\textsf", r"\textbf", r"\mbox", r"\hbox", r"\parbox", r"\intertext",
          r"\shortintertext")  # fmt: skip
_ARROWS = (r"\to", r"\rightarrow", r"\longrightarrow", "→")
"""What is set to something new, ``w \\to w - ...``, or what follows from a statement."""
_PARTING: tuple[tuple[Kind, Sequence[str], Pattern], ...] = (
    ("row", (r"\\",), sequence(ANY, optional(group("[", "]")), optional(name("*")))),
    ("cell", ("&",), ANY),
    ("relation", (*EQUALITIES, "-", "+", ":", r"\mathrel"), _equality),
    ("relation", _ARROWS, ANY),
    ("implication", (*IMPLIED, r"\because"), ANY),
    ("word", _WORDS, sequence(ANY, absent(_FUNCTION), _ARGUMENTS)),
    ("gap", (r"\quad", r"\qquad"), ANY),
    ("comma", (",", ";"), ANY),
)
"""What parts a row into equations: its kind, what it begins with, and the pattern that it is."""
_BEGINNING: Mapping[str, tuple[Kind, Pattern]] = {
    first: (kind, pattern) for kind, firsts, pattern in _PARTING for first in firsts
}
_OPEN, _CLOSE = ("(", "[", r"\{"), (")", "]", r"\}")
_OPERATORS = ("+", "-", "*", "/", r"\odot", r"\circ", r"\bullet", r"\ast", r"\cdot", r"\times", r"\oslash")
_GOES_ON = name(*_OPERATORS, r"\Bigl", r"\bigl", r"\left")
_UNFINISHED = sequence(either(name(*_OPERATORS, "(", "="), sequence(name(r"\left"), ANY)), ended)
_UNNUMBERED = either(
    name(r"\nonumber", r"\notag", r"\qed", r"\qedhere", r"\blacksquare", r"\square"),
    sequence(name(r"\label", r"\tag"), optional(name("*")), in_braces()),
)
_ONLY_INDICES = whole(sequence(optional(name("(")), INDICES, optional(name(")")), optional(name(".", ",", ";", ":"))))
_IF = Traced.added(r"\text{ if }")
_ENDING = (".", ",", ";", ":", r"\,", r"\;", r"\:", r"\!", r"\>")
_INNER = frozenset(
    f"{name}{star}"
    for name in ("aligned", "split", "gathered", "alignedat", "subequations", "multlined", "array")
    for star in ("", "*")
)
"""Environments in mathematics that hold rows, or with a sign of equality in it an array."""
_COLUMNS = in_braces(lambda inside: all(t.name in "{}rclRCLstu|@!." or t.name.isdigit() for t in inside))
_BRACKET = sequence(name(r"\left", r"\right"), ANY)


def unwrapped(text: str, arrays: bool = True) -> str:
    r"""Mathematics without the environments in it that hold rows, and where these may be `arrays` without the brace before them;
    a matrix stays as it is, and every character in its column."""
    tokens = tokens_of(text)
    spans = set[tuple[int, int]]()
    for k, token in enumerate(tokens):
        side, _, env = token.name.rstrip("}").partition("{")
        if env not in _INNER:
            continue
        end = next((j for j in range(k + 1, len(tokens)) if tokens[j].name == rf"\end{{{env}}}"), None)
        pair = end is not None and side == r"\begin"
        if env == "array" and not (arrays and pair and any(t.name == "=" for t in tokens[k:end])):
            continue
        spans.add((token.start, tokens[(_COLUMNS(tokens, k + 1) or k + 1) - 1].end))
        if arrays and pair and end is not None:
            spans.add((tokens[end].start, tokens[end].end))
            spans |= {(tokens[j].start, tokens[j + 1].end) for j in (k - 2, end + 1) if j >= 0 and _BRACKET(tokens, j)}
    return blanked(text, sorted(spans))


def signs(text: str) -> Iterator[Sign]:
    r"""The signs of a text in order; one that belongs to a word in braces (``\text{...}``) ends behind it."""
    tokens = tokens_of(text)
    deep = round_ = k = 0
    while k < len(tokens):
        called = tokens[k].name
        found = _BEGINNING.get(called)
        end = found[1](tokens, k) if found is not None else None
        if found is not None and end is not None:
            kind = found[0]
            round_ = 0 if kind == "row" and deep == 0 else round_
            yield Sign(kind, tokens[k].start, tokens[end - 1].end, deep == 0, deep == round_ == 0)
            k = end
            continue
        if called == "{" or called.startswith(r"\begin{"):
            deep += 1
        elif called == "}" or called.startswith(r"\end{"):
            deep = max(0, deep - 1)
        elif called in (r"\left", r"\right"):
            round_ = max(0, round_ + (1 if called == r"\left" else -1))
            k += 1  # the bracket behind it
        elif called in _OPEN:
            round_ += 1
        elif called in _CLOSE:
            round_ = max(0, round_ - 1)
        k += 1


def relation(text: str) -> Sign | None:
    """The first sign of equality that stands outside of all brackets; None where there is none."""
    return next((s for s in signs(text) if s.kind == "relation" and s.outside), None)


def rows(body: Traced, line: int, joined_rows: bool, columns: bool) -> Iterator[Row]:
    """The equations of one piece of mathematics, which begins in a line, each with its own line; `joined_rows` of multline,
    `columns` of eqnarray, which has one equation a row however many cells."""
    left, top = None, line
    for number, piece in _pieces(body, line, joined_rows, columns):
        text = _without_end(replaced(piece.single_spaced(), _UNNUMBERED))
        sign = relation(text.text)
        before, after = (text[: sign.start].stripped(), text[sign.end :].stripped()) if sign else (text[:0], text[:0])
        if sign is None or not after.text:
            continue
        if before.text:
            left, top = before, number
            yield Row(top, text, (sign.start, sign.end))
        elif left is not None:
            middle = Traced.added(" = ")
            yield Row(number, left + middle + after, (len(left.text), len(left.text) + 3))


def _pieces(body: Traced, line: int, joined_rows: bool, columns: bool) -> list[tuple[int, Traced]]:
    """The parts of rows that are equations, with their lines; what goes on with the one above, or says for which indices it
    holds, is a part of that one."""
    found: list[tuple[int, Traced]] = []
    for at, row in split(replaced(body, _empty, lambda found: "  "), "row", r"\\"):
        cells = [cell for _, cell in split(row, "cell", "&")]
        pairs = [cells] if columns or joined_rows else [cells[k : k + 2] for k in range(0, len(cells), 2)]
        blank = row.text[: len(row.text) - len(row.text.lstrip())]
        number = line + body.text[:at].count("\n") + blank.count("\n")
        for pair in pairs:
            for k, part in enumerate(_parts(joined(pair))):
                tokens = tokens_of(part.text)
                aside = k == 0 and pair is not pairs[0] and _ONLY_INDICES(tokens)
                if found and (
                    aside
                    or joined_rows
                    or (k == 0 and _unfinished(found[-1][1].text))
                    or (_GOES_ON(tokens, 0) and relation(part.text) is None)
                ):
                    above, text = found.pop()
                    found.append((above, joined([text, *([_IF] if aside else []), part])))
                else:
                    found.append((number, part))
    return found


def _unfinished(text: str) -> bool:
    """Whether a row ends with a sign that something has to follow."""
    tokens = tokens_of(_without_end(Traced.added(text)).text)
    return any(_UNFINISHED(tokens, k) is not None for k in range(max(0, len(tokens) - 2), len(tokens)))


def _empty(tokens: Tokens, k: int) -> int | None:
    """Empty braces behind a sign, ``={}``."""
    around = tokens[max(0, k - 1) : k + 2]
    close = all(touching(a, b) for a, b in pairwise(around))
    return k + 2 if close and "".join(t.name for t in around) in ("={}", "+{}", "-{}", "&{}") else None


def _without_end(text: Traced) -> Traced:
    """A text without the points, and the spaces, at its end and the white space before it."""
    tokens = tokens_of(text.text)
    last = next((t for t in reversed(tokens) if t.name not in _ENDING), None)
    return text[tokens[0].start : last.end] if last else text[:0]


def _parts(whole: Traced) -> list[Traced]:
    """The equations that stand side by side, parted by words, wide gaps, commas, or signs of implication, which are left out."""
    parts, last = list[Traced](), 0
    for s in _parting(whole.text):
        if s.kind in ("word", "gap", "comma", "implication"):
            parts.append(whole[last : s.start])
            last = s.end
    parts.append(whole[last:])
    return _with_conditions([p for p in parts if p.text.strip()])


def _parting(text: str) -> Iterator[Sign]:
    """The signs outside of brackets, an arrow between two statements as a sign of implication: what stands before it since the
    last sign that parts has a sign of equality, and so has what stands behind it."""
    found = [s for s in signs(text) if s.outside]
    stated = False
    for k, s in enumerate(found):
        arrow = s.kind == "relation" and text[s.start : s.end] in _ARROWS
        if arrow and stated:
            behind = takewhile(lambda other: other.kind in ("relation", "gap", "word"), found[k + 1 :])
            if any(_equates(text, other) for other in behind):
                s, stated = replace(s, kind="implication"), False
        elif _equates(text, s):
            stated = True
        elif s.kind not in ("relation", "gap"):
            stated = False
        yield s


def _equates(text: str, sign: Sign) -> bool:
    return sign.kind == "relation" and text[sign.start : sign.end] not in _ARROWS


def _with_conditions(parts: list[Traced]) -> list[Traced]:
    """The equations with conditions on their indices, which stand behind them or before the first."""
    found, waiting = list[Traced](), list[Traced]()
    for part in parts:
        if not _ONLY_INDICES(tokens_of(part.text)):
            found.append(joined([part, _IF, waiting.pop()]) if waiting else part)
        elif found and "=" in found[-1].text:
            found[-1] = joined([found[-1], _IF, part])
        else:
            waiting = [part]
    return [*found, *waiting]


def split(text: Traced, kind: Kind, sign: str) -> list[tuple[int, Traced]]:
    """The text parted at the signs of a kind outside of braces and inner environments, with the places of the parts."""
    parts, last = [], 0
    for s in signs(text.text) if sign in text.text else ():
        if s.kind == kind and s.alone:
            parts.append((last, text[last : s.start]))
            last = s.end
    return [*parts, (last, text[last:])]
