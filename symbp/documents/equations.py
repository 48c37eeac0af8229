r"""Equations in LaTeX and Markdown documents: every displayed and inline one, row by row, with the line where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from symbp.documents.rows import rows, unwrapped
from symbp.documents.source import Document, Node
from symbp.errors import InputError, Place, unknown
from symbp.formula.latex.conditions import INDICES, condition_of
from symbp.formula.tex.clean import with_plain_signs
from symbp.formula.tex.macros import expanded
from symbp.formula.tex.patterns import that, whole
from symbp.formula.tex.tokens import Tokens, closing, tokens_of, touching
from symbp.formula.tex.traced import Traced, blanked

_SETTINGS_TEX = re.compile(r"^[ \t]*%+[ \t]*symbp:(?P<body>[^\n]*)", re.MULTILINE)
_SETTINGS_MD = re.compile(r"<!--\s*symbp:(?P<body>.*?)-->", re.DOTALL)
_SETTING = re.compile(
    r"""\s*([a-z]+[12]?)\s*=\s*(?:"([^"]*)"|'([^']*)'|(true|false|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))\s*(?:[,;]|$)"""
)
_SAID = re.compile(r"(?:if|for|when|where|case|with)\s+", re.IGNORECASE)
_LEAD = re.compile(
    r"\s?(?:(?:and|so|now|also|hence|similarly|or|but|then)[ ,]+)?(?:if|for|when|where|in the case|case)\s",
    re.IGNORECASE,
)
_THEN = re.compile(  # nothing else in the sentence, which may say that it is not so
    r"[ ,:]*(?:we (?:have|get|obtain|find)|this (?:is|gives|becomes)|it is|one (?:has|gets)|then|the derivative is)?[ ,:]*",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\\(?:begin|end|item|par|noindent|(?:sub)*section|paragraph|chapter|frametitle)(?![A-Za-z])\*?\s*(?:\[[^\]]*\])?\s*(?:\{[^{}]*\})?"
    r"|^\s*(?:#+|[-*]|\d+\.)\s",
    re.MULTILINE,
)
_CAPITAL = that(lambda token: token.is_letter and token.name.isupper())
_BEFORE = 150
_DERIVED = (r"\partial", r"\nabla", r"\delta", r"\Delta", "∂", "∇", "δ")
_PLAIN = frozenset(
    (r"\\", r"\approx", r"\dots", r"\ldots", r"\cdots", r"\vdots", r"\ddots", r"\cdot", r"\times", r"\,", r"\;", r"\quad",
     r"\frac", r"\dfrac", r"\tfrac", r"\text", *(rf"\{side}{{{kind}matrix}}" for side in ("begin", "end") for kind in "pb"))
)  # fmt: skip
"""Commands beside numbers."""


@dataclass(frozen=True)
class Equation:
    """An equation of a document: the line of its left side, counted from 1, its text on one line, for each character of
    the text its offset in the document (-1 where it does not stand there), and where the sign between its sides stands;
    `code` is an assignment in a block of Python."""

    line: int
    text: str
    at: tuple[int, ...] = field(default=(), repr=False)
    sign: tuple[int, int] = (0, 0)
    inline: bool = False
    code: bool = False

    @property
    def sides(self) -> tuple[str, str]:
        """What stands before the sign of equality and behind it."""
        return self.text[: self.sign[0]], self.text[self.sign[1] :]

    @property
    def is_claim(self) -> bool:
        """Whether one of its sides looks like a derivative, a delta or an error, the left one first."""
        left, right = self.sides
        tokens = tokens_of(left)
        return bool(right.strip()) and any(t.name in _DERIVED or _is_error(tokens, k) for k, t in enumerate(tokens))

    @property
    def is_number(self) -> bool:
        """Whether its right side is a number or a matrix of numbers, measured or worked out for an example."""
        tokens, k, digits = tokens_of(self.sides[1]), 0, False
        while k < len(tokens):
            name = tokens[k].name
            if (name[0] == "\\" or tokens[k].is_letter or "\u0370" <= name <= "\u03ff") and name not in _PLAIN:
                return False
            digits = digits or name in "0123456789"
            k = 1 + ((name == r"\\" and closing(tokens, k + 1, "[", "]")) or k)
        return digits


def _is_error(tokens: Tokens, k: int) -> bool:
    """Whether an error, ``e``, or a derivative in one word, ``dW``, stands at a place."""
    end = k + 1 if tokens[k].name == "e" else k + 2 if tokens[k].name == "d" and _CAPITAL(tokens, k + 1) else None
    if end is None or any(not touching(a, b) for a, b in pairwise(tokens[k:end])):
        return False
    around = [tokens[k - 1 : k + 1], tokens[end - 1 : end + 1]]
    return not any(len(p) == 2 and touching(*p) and p[side].is_letter for side, p in enumerate(around))


def document_settings(
    text: str, markdown: bool, keys: tuple[str, ...], path: str
) -> tuple[dict[str, str], dict[str, Place]]:
    """What ``% symbp: arch = "..."`` or ``<!-- symbp: ... -->`` says, and where each value stands; InputError where it cannot be
    read."""
    found: dict[str, str] = {}
    places: dict[str, Place] = {}
    for m in (_SETTINGS_MD if markdown else _SETTINGS_TEX).finditer(text):
        place = Place(path, text[: m.start()].count("\n") + 1)
        body, at = m["body"].strip(), 0
        while at < len(body):
            one = _SETTING.match(body, at)
            if one is None:
                raise InputError(
                    'settings that cannot be read after "symbp:"',
                    place=place,
                    allowed='arch = "...", loss = "...", with commas between them',
                )
            key, which = one[1], next(k for k in (2, 3, 4) if one[k] is not None)
            value, start = one[which], text.index(body, m.start("body")) + one.start(which)
            if key not in keys:
                raise unknown("setting", key, keys, place)
            if key in found:
                raise InputError(f"{key} is set twice", place=place)
            before = text[:start]
            found[key], at = value, one.end()
            places[key] = Place(path, before.count("\n") + 1, start - before.rfind("\n"))
    return found, places


def equations(text: str, markdown: bool) -> list[Equation]:
    """Every equation of a document, in order, its macros expanded."""
    document = Document(text, markdown)
    shown, found = document.shown, list[Equation]()
    line, counted = 1, 0
    for k, piece in enumerate(document.mathematics):
        line, counted = line + shown.count("\n", counted, piece.inner), piece.inner
        inside = shown[piece.inner : piece.inner_end]
        first = tokens_of(inside)
        if "alignat" in piece.env or "IEEE" in piece.env or piece.env == "darray":
            end = closing(first, 0)
            inside = blanked(inside, [(0, first[end].end)] if end is not None else [])
        columns = "eqnarray" in piece.env or piece.env == "darray" or (first and first[0].name == r"\begin{array}")
        body = expanded(Traced.standing(unwrapped(inside), piece.inner), document.macros)
        body = Traced(_hats(with_plain_signs(body.text)), body.at)
        said = _condition(document, k)
        for row in rows(body, line, "multline" in piece.env, bool(columns)):
            whole = row.text
            if said and condition_of(whole.text)[1] is None and condition_of(whole.text + said)[1] is not None:
                whole += Traced.added(said)
            found.append(Equation(row.line, whole.text, whole.at, row.sign, piece.inline))
    return found


def _hats(text: str) -> str:
    r"""A text with ``\hat{y_i}`` as ``\hat{y}_i``, which is as long."""
    return re.sub(r"(\\(?:hat|bar|tilde)\{)(\w)_(\w)\}", r"\1\2}_\3", text)


def _condition(document: Document, k: int) -> str:
    """The condition on indices that the words around a formula say, "for $i \\neq j$ we have"; empty where there is none."""
    pieces, shown, piece = document.mathematics, document.shown, document.mathematics[k]
    if piece.inline and k + 1 < len(pieces):
        words = shown[piece.end : pieces[k + 1].start].lstrip(" ,\n")
        if words[:1].islower() and _SAID.fullmatch(words) and (behind := _indices(document, pieces[k + 1])):
            return behind
    if k and _THEN.fullmatch(shown[pieces[k - 1].end : piece.start].replace("\n", " ")):
        end = pieces[k - 1].start
        start = max(end - _BEFORE, pieces[k - 2].end if k > 1 and not pieces[k - 2].inline else 0)
        sentence = _HEADING.split(re.split(r"[.!?;]\s|\n\s*\n", shown[start:end])[-1])[-1]
        return _indices(document, pieces[k - 1]) if _LEAD.fullmatch(re.sub(r"\s+", " ", sentence)) else ""
    return ""


def _indices(document: Document, piece: Node) -> str:
    """The condition that a formula is; empty where it is none."""
    text = document.shown[piece.inner : piece.inner_end].strip()
    return rf" \text{{ if }} {text}" if piece.inline and whole(INDICES)(tokens_of(text)) else ""
