r"""The signs of an equation that stand outside of braces, brackets and environments: what parts a row into equations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from symbp.formula.latex.lexing import EQUALITIES, EQUALITY
from symbp.formula.tex.patterns import (
    LETTER,
    Pattern,
    absent,
    either,
    group,
    in_braces,
    many,
    name,
    optional,
    sequence,
    that,
    whole,
)
from symbp.formula.tex.remarks import IMPLIED
from symbp.formula.tex.tokens import Tokens, tokens_of, touching

Kind = Literal["relation", "implication", "word", "gap", "comma", "cell", "row"]


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
_IN_WORDS = either(LETTER, that(lambda t: t.name.isdigit()), name("_", r"\_", "."))
_FUNCTION = sequence(in_braces(whole(sequence(LETTER, many(_IN_WORDS)))), name("'", "^", "(", r"\left", r"\big"))
"""What makes a function of a word, ``\\text{softmax}(z)``."""
_WORDS = (r"\text", r"\textrm", r"\textit", r"\textsf", r"\textbf", r"\mbox", r"\hbox", r"\parbox", r"\intertext",
          r"\shortintertext")  # fmt: skip
_LEADS = (r"\to", r"\rightarrow")
_ANY = that(lambda token: True)
_PARTING: tuple[tuple[Kind, Sequence[str], Pattern], ...] = (
    ("row", (r"\\",), sequence(_ANY, optional(group("[", "]")), optional(name("*")))),
    ("cell", ("&",), _ANY),
    ("relation", (*EQUALITIES, "-", "+", ":", r"\mathrel"), _equality),
    ("relation", _LEADS, _ANY),
    ("implication", (*IMPLIED, r"\because"), _ANY),
    ("word", _WORDS, sequence(_ANY, absent(_FUNCTION), _ARGUMENTS)),
    ("gap", (r"\quad", r"\qquad"), _ANY),
    ("comma", (",", ";"), _ANY),
)
"""What parts a row into equations: its kind, what it begins with, and the pattern that it is."""
_BEGINNING: Mapping[str, tuple[Kind, Pattern]] = {
    first: (kind, pattern) for kind, firsts, pattern in _PARTING for first in firsts
}
_OPEN, _CLOSE = ("(", "[", r"\{"), (")", "]", r"\}")


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
