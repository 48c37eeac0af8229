"""Tokens of TeX as the grammar of formulas calls them: a table of names, and what is written in several tokens and is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lark import Token
from lark.lexer import Lexer

from symbp.calculus.primitives import PRIMITIVES
from symbp.calculus.primitives.matrices import MATRIX_FUNCTIONS
from symbp.errors import InputError, Place, shown
from symbp.formula.tex.patterns import DIGIT, Pattern, close, either, many, name, optional, sequence
from symbp.formula.tex.tokens import TexToken, Tokens, touching

_ARROWS = (r"\leftarrow", r"\longleftarrow", r"\gets", r"\coloneqq", r"\triangleq", r"\equiv", r"\doteq", "←", "≡")
SUMS: Mapping[str, str] = {
    r"\sum": "sum",
    "∑": "sum",
}
"""Signs of what runs over letters, commands and words, and which of the :data:`symbp.formula.words.REDUCTIONS` is meant."""

RECIPROCALS: Mapping[str, str] = {
    "sech": "cosh", "csch": "sinh", "coth": "tanh", "sec": "cos", "csc": "sin", "cosec": "sin", "cot": "tan",
}  # fmt: skip
"""Functions that are one over another."""

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("=", *_ARROWS), "EQUAL"),
    **dict.fromkeys("+-", "ADD"),
    **dict.fromkeys((r"\odot", r"\circ", r"\ast", r"\oslash", r"\bullet", "*", "⊙", "∘"), "HADAMARD"),
    **dict.fromkeys((r"\cdot", r"\times", "·"), "CDOT"),
    **dict.fromkeys((r"\otimes", "⊗"), "OUTER"),
    **dict.fromkeys((r"\le", r"\leq", r"\ge", r"\geq", r"\lt", r"\gt", r"\leqslant", r"\geqslant", r"\ne", r"\neq", "<", ">"),
                    "COMPARE"),
    **dict.fromkeys((r"\leadsto", r"\to", r"\rightarrow", r"\rightsquigarrow"), "LEADSTO"),
    **dict.fromkeys(SUMS, "BIG"),
    **dict.fromkeys((r"\hat", r"\widehat", r"\bar", r"\overline", r"\tilde", r"\widetilde", r"\dot", r"\vec"), "ACCENT"),
    **dict.fromkeys((r"\frac", r"\dfrac", r"\tfrac"), "FRAC"),
    **dict.fromkeys((r"\langle", "⟨"), "OPENANGLE"), **dict.fromkeys((r"\rangle", "⟩"), "CLOSEANGLE"),
    **dict.fromkeys((r"\lfloor", "⌊"), "OPENFLOOR"), **dict.fromkeys((r"\rfloor", "⌋"), "CLOSEFLOOR"),
    r"\sqrt": "ROOT", "/": "SLASH",
    **{p.latex: "FUNCTION" for p in PRIMITIVES if p.is_operator}, r"\ln": "FUNCTION",
    **{f"\\{row.name}": "FUNCTION" for row in MATRIX_FUNCTIONS if row.is_operator},
    **dict.fromkeys((rf"\{name}" for name in (*RECIPROCALS, "tg", "arctg")), "FUNCTION"),
    r"\mathrel": "",
}  # fmt: skip
"""What the grammar calls a token; nothing, where it has no meaning by itself. Other commands are letters."""

_SIGN = name("-", "+", ":")
_EQUAL = either(
    sequence(_SIGN, name("=")),
    sequence(
        name(r"\mathrel"), name("{"), _SIGN, either(sequence(name("}"), name("=")), sequence(name("="), name("}")))
    ),
)
EQUALITIES = ("=", *_ARROWS)
EQUALITY = either(_EQUAL, name(*EQUALITIES))
"""Every sign of equality, those of one token and all."""
_HALF = sequence(name(r"\frac", r"\dfrac", r"\tfrac"), DIGIT, DIGIT)
_PRIMES = sequence(name("'"), many(name("'")))


_DIGITS = sequence(DIGIT, many(DIGIT))
_NUMBER = close(either(sequence(_DIGITS, optional(sequence(name("."), _DIGITS))), sequence(name("."), _DIGITS)))


def _half(tokens: Tokens, at: int) -> int | None:
    r"""``\frac12``, two digits and no third."""
    end = _HALF(tokens, at)
    third = (
        end is not None and end < len(tokens) and tokens[end].name.isdigit() and touching(tokens[end - 1], tokens[end])
    )
    return None if third else end


COMPOUNDS: Mapping[str, Pattern] = {
    "EQUAL": _EQUAL, "HALF": _half, "NUMBER": _NUMBER, "HADAMARD": close(sequence(name("."), name("*"))), "PRIMES": _PRIMES,
}  # fmt: skip
"""What is written in several tokens and is one to the grammar."""
_BEGINNINGS = frozenset(("-", "+", ":", r"\mathrel", r"\frac", r"\dfrac", r"\tfrac", ".", "'", *"0123456789"))


class Lexing(Lexer):
    """The lexer that is handed to the grammar; the names of the grammar's own signs are read from it."""

    def __init__(self, conf: Any) -> None:
        self._signs: dict[str, str] = {
            t.pattern.value: t.name for t in conf.terminals if t.pattern is not None and t.pattern.type == "str"
        }

    def lex(self, tokens: Tokens) -> Iterator[Token]:  # type: ignore[override]
        """The grammar's tokens; InputError where one has no meaning."""
        k = 0
        while k < len(tokens):
            kind, end = self._kind(tokens, k)
            first, last = tokens[k], tokens[end - 1]
            value = first.name if end == k + 1 else "".join(t.name for t in tokens[k:end])
            yield Token(kind, value, start_pos=first.start, line=1, column=first.start + 1, end_line=1,
                        end_column=last.end + 1, end_pos=last.end)  # fmt: skip
            k = end

    def _kind(self, tokens: Tokens, k: int) -> tuple[str, int]:
        token = tokens[k]
        if token.kind:
            return KINDS.get(token.name, "WORD") if token.kind == "WORD" else token.kind, k + 1
        if token.name in _BEGINNINGS:
            for kind, pattern in COMPOUNDS.items():
                if (end := pattern(tokens, k)) is not None:
                    return kind, end
        known = KINDS.get(token.name) or self._signs.get(token.name) or _letter(token)
        if not known:
            raise InputError(f"{shown(token.name)} has no meaning here", place=Place(None, None, token.start + 1))
        return known, k + 1


def _letter(token: TexToken) -> str:
    r"""What the grammar calls a letter: ``x``, ``\delta`` or ``δ``; nothing for a sign."""
    if token.is_letter:
        return "LETTER"
    greek = "α" <= token.name <= "ω" or "Α" <= token.name <= "Ω" or token.name in "∂∇"
    return "COMMAND" if greek or (token.is_command and token.name not in KINDS) else ""
