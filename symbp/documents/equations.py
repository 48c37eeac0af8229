r"""Equations in LaTeX and Markdown documents: every displayed and inline one, row by row, with the line where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from symbp.documents.rows import rows
from symbp.documents.source import Document
from symbp.errors import InputError, Place, unknown
from symbp.formula.latex.conditions import SAME, condition_of
from symbp.formula.tex.clean import with_plain_signs
from symbp.formula.tex.macros import expanded
from symbp.formula.tex.traced import Traced

_INNER = re.compile(
    r"\\(?:begin|end)\s*\{(?:aligned|split|gathered|alignedat|subequations|multlined)\*?\}(?:\s*\{\d+\})?"
)
_BRACED = re.compile(
    r"(?:\\left\s*(?:\\\{|[\[(.|])\s*)?\\begin\s*\{(?P<env>aligned|gathered|split|array)\}(?P<arg>\s*\{[rclRCL|@{}!.\s]*\})?"
    r"(?P<body>.*?)\\end\s*\{(?P=env)\}(?:\s*\\right\s*(?:\\\}|[\])|.]))?",
    re.DOTALL,
)
_ARGUMENT = re.compile(r"\s*\{[rclRCLstu\d|@{}!.\s]*\}")
_SETTINGS_TEX = re.compile(r"^[ \t]*%+[ \t]*symbp:(?P<body>[^\n]*)", re.MULTILINE)
_SETTINGS_MD = re.compile(r"<!--\s*symbp:(?P<body>.*?)-->", re.DOTALL)
_SETTING = re.compile(
    r"""\s*([a-z]+[12]?)\s*=\s*(?:"([^"]*)"|'([^']*)'|(true|false|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))\s*(?:[,;]|$)"""
)
_SAID = re.compile(
    rf"(?:if|for|when|where|case|with)\s+(?:\$|\\\()(?P<body>\s*[a-z]\s*(?:{SAME})\s*[a-z]\s*)(?:\$|\\\))",
    re.IGNORECASE,
)
_SAID_BEFORE = re.compile(  # nothing else in the sentence, which may say that it is not so
    rf"\s?(?:(?:and|so|now|also|hence|similarly|or|but|then)[ ,]+)?(?:if|for|when|where|in the case|case)\s"
    rf"(?:\$|\\\()(?P<body>\s?[a-z]\s?(?:{SAME})\s?[a-z]\s?)(?:\$|\\\))"
    r"[ ,:]*(?:we (?:have|get|obtain|find)|this (?:is|gives|becomes)|it is|one (?:has|gets)|then|the derivative is)?[ ,:]*",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\\(?:begin|end|item|par|noindent|(?:sub)*section|paragraph|chapter|frametitle)(?![A-Za-z])\*?\s*(?:\[[^\]]*\])?\s*(?:\{[^{}]*\})?"
    r"|^\s*(?:#+|[-*]|\d+\.)\s",
    re.MULTILINE,
)
_ENTRIES = re.compile(r"\\(?:begin|end)\s*\{[pb]matrix\}|\\[vcd]dots(?![A-Za-z])|\\{1,2}(?:\[[^\]]*\])?(?![A-Za-z\\])")
_CLAIMS = re.compile(r"\\partial|\\nabla|\\[dD]elta|∂|∇|δ|(?<![A-Za-z\\])(?:e|d[A-Z])(?![A-Za-z])")


@dataclass(frozen=True)
class Equation:
    """An equation of a document: the line of its left side, counted from 1, its text on one line, for each character of
    the text its offset in the document (-1 where it does not stand there), and where the sign between its sides stands."""

    line: int
    text: str
    at: tuple[int, ...] = field(default=(), repr=False)
    sign: tuple[int, int] = (0, 0)
    inline: bool = False

    @property
    def sides(self) -> tuple[str, str]:
        """What stands before the sign of equality and behind it."""
        return self.text[: self.sign[0]], self.text[self.sign[1] :]

    @property
    def is_claim(self) -> bool:
        """Whether one of its sides looks like a derivative, a delta or an error, the left one first."""
        left, right = self.sides
        return bool(_CLAIMS.search(left)) and bool(right.strip())

    @property
    def is_number(self) -> bool:
        """Whether its right side is a number or a matrix of numbers, measured or worked out for an example."""
        right = _ENTRIES.sub(" ", self.sides[1])
        plain = re.sub(r"\\(?:approx|dots|ldots|cdot|times|,|;|quad|frac|[dt]frac|text)", " ", right)
        return not re.search(r"[A-Za-z\\\u0370-\u03ff]", plain) and re.search(r"[0-9]", plain) is not None


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
    shown = document.shown
    found: list[Equation] = []
    line, counted = 1, 0
    for piece in document.mathematics:
        line, counted = line + shown.count("\n", counted, piece.inner), piece.inner
        inside = shown[piece.inner : piece.inner_end]
        if "alignat" in piece.env or "IEEE" in piece.env or piece.env == "darray":
            inside = _ARGUMENT.sub(blanked, inside, count=1) if _ARGUMENT.match(inside) else inside
        columns = (
            "eqnarray" in piece.env or piece.env == "darray" or re.match(r"\s*\\begin\s*\{array\}", inside) is not None
        )
        body = Traced.standing(_INNER.sub(blanked, _BRACED.sub(_unbraced, inside)), piece.inner)
        body = expanded(body, document.macros)
        body = Traced(with_plain_signs(body.text), body.at)
        said = _condition(shown, piece.start, piece.end, piece.inline)
        for row in rows(body, line, "multline" in piece.env, columns):
            whole = row.text
            if said and condition_of(whole.text)[1] is None and condition_of(whole.text + said)[1] is not None:
                whole += Traced.added(said)
            found.append(Equation(row.line, whole.text, whole.at, row.sign, piece.inline))
    return found


def blanked(m: re.Match[str] | str) -> str:
    """Blanks for everything but ends of lines."""
    return re.sub(r"[^\n]", " ", m if isinstance(m, str) else m[0])


def _condition(shown: str, start: int, end: int, inline: bool) -> str:
    """The condition on indices that the words around a formula say, "for $i \\neq j$ we have"; empty where there is none."""
    sentence = re.split(r"[.!?;]\s|\n\s*\n|\$\$|\\\]|\\end\b", shown[max(0, start - 150) : start])[-1]
    sentence = _HEADING.split(sentence)[-1]
    before = _SAID_BEFORE.fullmatch(re.sub(r"\s+", " ", sentence))
    behind = _SAID.match(shown[end : end + 80].lstrip(" ,\n"))
    behind = behind if behind and inline and behind[0][0].islower() else None
    found = behind or before
    return rf" \text{{ if }} {found['body'].strip()}" if found else ""


def _unbraced(m: re.Match[str]) -> str:
    """The equations of an inner environment, without the brace before them; a matrix stays as it is."""
    if m["env"] == "array" and "=" not in m["body"]:
        return m[0]
    before, after = m.start("body") - m.start(), m.end() - m.end("body")
    return blanked(m[0][:before]) + m["body"] + (blanked(m[0][-after:]) if after else "")
