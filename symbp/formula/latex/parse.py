"""An equation in LaTeX taken apart by a grammar: what belongs to what, with the columns kept; what letters mean comes later."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Tree
from lark.exceptions import UnexpectedToken

from symbp.errors import InputError, Place, shown
from symbp.formula.latex.lexing import Lexing
from symbp.formula.tex.clean import cleaned
from symbp.formula.tex.spelling import is_mathematical
from symbp.formula.tex.tokens import tokens_of

_LONGEST, _DEEPEST = 4000, 150

_NOT_A_CLAIM = frozenset(
    (r"\mapsto", r"\approx", r"\propto", r"\sim", r"\simeq", r"\in", r"\Rightarrow", r"\implies", r"\iff", r"\ll", r"\gg",
     r"\cong", r"\forall", r"\Longrightarrow", r"\Leftrightarrow", r"\hookleftarrow", r"\dots", r"\ldots", r"\cdots",
     r"\vdots", "≈", "∈", "⇒", "∝")
)  # fmt: skip
_OPEN, _CLOSE = ("{", "(", "[", r"\{"), ("}", ")", "]", r"\}")
_WORDS = {"_LBRACE": "{", "LBRACE": "{", "RBRACE": "}", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]",
          "__ANON_0": r"\{", "__ANON_1": r"\}", "EQUAL": "=", "ADD": "+ or -", "HADAMARD": r"\odot", "CDOT": r"\cdot",
          "SLASH": "/", "COMPARE": "<, >", "LEADSTO": r"\leadsto", "BIG": r"\sum", "FUNCTION": r"\tanh, \ln, ...",
          "ACCENT": r"\hat", "HALF": "", "FRAC": r"\frac", "ROOT": r"\sqrt", "OPENNORM": r"\|", "CLOSENORM": r"\|",
          "OPENBAR": "|", "CLOSEBAR": "|", "OUTER": "", "OPENANGLE": "", "CLOSEANGLE": r"\rangle", "OPENAT": "", "CLOSEAT": "|",
          "OPENFLOOR": "", "CLOSEFLOOR": r"\rfloor", "OPENCASES": "", "NEXTROW": r"\\", "NEXTCELL": "&",
          "OTHERWISE": "otherwise", "CLOSECASES": r"\end{cases}",
          "ONES": "", "WORD": "", "COMMAND": r"a Greek letter", "LETTER": "a letter", "PRIMES": "'", "NUMBER": "a number",
          "UNDERSCORE": "_", "CIRCUMFLEX": "^", "COMMA": "a comma", "SEMICOLON": ";", "$END": "the end"}  # fmt: skip


class NotAClaim(InputError):
    """Text that is readable as mathematics and claims no equality: an update, a definition with a colon, an estimate."""


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = files("symbp.formula.latex").joinpath("latex.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer=Lexing, propagate_positions=True, maybe_placeholders=True)


def is_latex(text: str) -> bool:
    """Whether a claim is written in LaTeX: NumPy-like text has no backslash, no braces, no script that is no power, and no
    letter with a subscript beside signs that LaTeX does not know."""
    if "\\" in text or "^{" in text or "_{" in text or re.search(r"\^\s*[(\[T]|\b[A-Za-z]\^[0-9A-Za-z]", text):
        return True
    if is_mathematical(text) and not re.search(r"@|\.T\b|\*\*|\bsum\(", text):
        return True
    letters = re.search(r"(?<![A-Za-z0-9_])[A-Za-z]_[A-Za-z0-9](?![A-Za-z0-9_])", text)
    return letters is not None and not re.search(r"[@*\[]|\.T\b", text)


def at(column: int) -> Place:
    """The place of a column counted from 0."""
    return Place(None, None, column + 1)


def check_length(text: str) -> None:
    """InputError where a formula is too long to be one."""
    if len(text) > _LONGEST:
        raise InputError(f"the formula has {len(text)} characters", allowed=f"at most {_LONGEST}")


@lru_cache(
    maxsize=256
)  # an equation is looked at for its kind, its links and in each reading: the tree is the same, and is only read
def parse(text: str) -> Tree[Any]:
    """The tree of an equation; InputError with the column where it cannot be read."""
    check_length(text)
    tokens = cleaned(tokens_of(text))
    other = next((t for t in tokens if t.name in _NOT_A_CLAIM), None)
    if other:
        raise NotAClaim(f"{shown(other.name)} makes this no claim", place=at(other.start), allowed="left = right")
    depth = deepest = 0
    for t in tokens:
        depth += (t.name in _OPEN) - (t.name in _CLOSE)
        deepest = max(deepest, depth)
    if deepest > 60:
        raise InputError("the formula is nested too deeply", allowed="60 brackets")
    try:
        tree = _grammar().parse(tokens)
    except UnexpectedToken as e:
        ended = e.token.type == "$END"
        read = "the formula ends" if ended else f"{shown(str(e.token))} stands"
        words = (_WORDS.get(name, name.lower()) for name in sorted(e.accepts or e.expected))
        column = (tokens[-1].end if tokens else 0) if ended else int(e.token.start_pos or 0)
        allowed = ", ".join(w for w in dict.fromkeys(words) if w)
        raise InputError(f"{read} where it cannot", place=at(column), allowed=allowed) from None
    if len(tree.children) < 2:
        raise NotAClaim("there is no equality sign", allowed="left = right")
    return tree
