r"""Equations in LaTeX and Markdown documents: every displayed and inline one, row by row, with the line where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from symbp.errors import InputError, Place, unknown
from symbp.verify.document_rows import rows
from symbp.verify.traced import Traced

_ENVIRONMENTS = "equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|dmath"
_OPENING = re.compile(
    rf"(?<!\\)(?:\\\\)*(?:\\begin\s*\{{(?P<env>(?:{_ENVIRONMENTS})\*?)\}}|(?P<other>\$\$|\\\[|\$|\\\())"
)
_CLOSING = {"$$": re.compile(r"(?<!\\)\$\$"), r"\[": re.compile(r"(?<!\\)\\\]"), "$": re.compile(r"(?<!\\)\$"),
            r"\(": re.compile(r"(?<!\\)\\\)")}  # fmt: skip
_INNER = re.compile(
    r"\\(?:begin|end)\s*\{(?:aligned|split|gathered|alignedat|subequations|multlined)\*?\}(?:\s*\{\d+\})?"
)
_HIDDEN_TEX = re.compile(r"\\begin\s*\{(?P<env>verbatim\*?|lstlisting|minted|comment|Verbatim)\}")
_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\n]*\1(?!`)")
_VERB = re.compile(r"\\verb\*?([^A-Za-z\s*])[^\n]*?\1")
_BEYOND = re.compile(r"\\end\s*\{document\}")
_COMMENT_TEX = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_PARAGRAPH = re.compile(r"\n ?\n")
_SETTINGS_TEX = re.compile(r"^[ \t]*%+[ \t]*symbp:(?P<body>[^\n]*)", re.MULTILINE)
_SETTINGS_MD = re.compile(r"<!--\s*symbp:(?P<body>.*?)-->", re.DOTALL)
_SETTING = re.compile(r"""\s*([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(true|false))\s*(?:[,;]|$)""")
_CLAIMS = re.compile(r"\\partial|\\nabla|\\[dD]elta|∂|∇|δ|(?<![A-Za-z\\])(?:e|d[A-Z])(?![A-Za-z])")


@dataclass(frozen=True)
class Equation:
    """An equation of a document: the line of its left side, counted from 1, its text on one line, and for each character
    of the text its offset in the document (-1 where it does not stand there)."""

    line: int
    text: str
    at: tuple[int, ...] = field(default=(), repr=False)

    @property
    def is_claim(self) -> bool:
        """Whether its left side looks like a derivative, a delta or an error."""
        left, _, right = self.text.partition("=")
        return bool(_CLAIMS.search(left)) and bool(right.strip())

    @property
    def is_number(self) -> bool:
        """Whether its right side is a number, measured or worked out for an example."""
        right = self.text.partition("=")[2]
        plain = re.sub(r"\\(?:approx|dots|ldots|cdot|times|,|;|quad|frac|[dt]frac|text)", " ", right)
        return not re.search(r"[A-Za-z\\\u0370-\u03ff]", plain) and re.search(r"[1-9]", plain) is not None


def document_settings(text: str, markdown: bool, keys: tuple[str, ...], path: str) -> dict[str, str]:
    """What ``% symbp: arch = "..."`` or ``<!-- symbp: ... -->`` says; InputError where it cannot be read."""
    found: dict[str, str] = {}
    for m in (_SETTINGS_MD if markdown else _SETTINGS_TEX).finditer(text):
        place = Place(path, text[: m.start()].count("\n") + 1)
        body, at = m["body"].strip(), 0
        while at < len(body):
            one = _SETTING.match(body, at)
            if one is None:
                raise InputError(
                    'settings that cannot be read after "symbp:"', place=place, allowed='arch = "...", loss = "..."'
                )
            key, value = one[1], next(v for v in one.groups()[1:] if v is not None)
            if key not in keys:
                raise unknown("setting", key, keys, place)
            if key in found:
                raise InputError(f"{key} is set twice", place=place)
            found[key], at = value, one.end()
    return found


@dataclass(frozen=True)
class Mathematics:
    """A piece of mathematics in a document: what it holds lies between two offsets, and its delimiters around it."""

    start: int
    inner: int
    inner_end: int
    end: int
    env: str
    inline: bool


def mathematics(text: str, markdown: bool) -> list[Mathematics]:
    """Every piece of mathematics of a document, in order."""
    return [*_mathematics(visible(text, markdown))]


def equations(text: str, markdown: bool) -> list[Equation]:
    """Every equation of a document, in order."""
    shown = visible(text, markdown)
    found: list[Equation] = []
    line, counted = 1, 0
    for piece in _mathematics(shown):
        line, counted = line + shown.count("\n", counted, piece.inner), piece.inner
        body = Traced.standing(_INNER.sub(_blank, shown[piece.inner : piece.inner_end]), piece.inner)
        for number, row in rows(body, line, "multline" in piece.env, "eqnarray" in piece.env):
            found.append(Equation(number, row.text, row.at))
    return found


def visible(text: str, markdown: bool) -> str:
    """A document with blanks for what is not its text (comments, code), every other character in its place."""
    text = re.sub(r"\r(?!\n)", "\n", text.replace("\r\n", " \n"))
    if markdown:
        return _visible_markdown(text)
    shown = _VERB.sub(_blank, _COMMENT_TEX.sub(_comment, _visible_tex(text)))
    end = _BEYOND.search(shown)
    return shown[: end.end()] + _blank(shown[end.end() :]) if end else shown


def _blank(m: re.Match[str] | str) -> str:
    return re.sub(r"[^\n]", " ", m if isinstance(m, str) else m[0])


def _comment(m: re.Match[str]) -> str:
    return m[1] + _blank(m[0][len(m[1]) :])


def _mathematics(text: str) -> Iterator[Mathematics]:
    at, never = 0, set[str]()
    while (m := _OPENING.search(text, at)) is not None:
        sign = m["env"] or m["other"]
        closing = _CLOSING[sign] if m["env"] is None else re.compile(rf"\\end\s*\{{{re.escape(sign)}\}}")
        end = closing.search(text, m.end()) if sign not in never else None
        inline = sign in ("$", r"\(", "math")
        if end is not None and inline and (_PARAGRAPH.search(text, m.end(), end.start()) or m.end() == end.start()):
            at = m.end()  # a sign that opens nothing: a paragraph ends first
            continue
        if end is None:
            never.add(sign)
            at = m.end()
            continue
        start = m.start("other") if m["env"] is None else m.start() + m[0].index("\\begin")
        yield Mathematics(start, m.end(), end.start(), end.end(), m["env"] or "", inline)
        at = end.end()


def _visible_tex(text: str) -> str:
    parts, at = [], 0
    while (m := _HIDDEN_TEX.search(text, at)) is not None:
        end = text.find(rf"\end{{{m['env']}}}", m.end())
        end = len(text) if end < 0 else end
        parts += [text[at : m.start()], _blank(text[m.start() : end])]
        at = end
    return "".join([*parts, text[at:]])


def _visible_markdown(text: str) -> str:
    """Markdown without comments and code; a block of code that is called math is mathematics."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        end = len(text) if end < 0 else end + 3
        parts += [text[at:start], _blank(text[start:end])]
        at = end
    lines, fence = [], ""
    for line in "".join([*parts, text[at:]]).split("\n"):
        bare = line.strip()
        if fence:
            closed = bare.startswith(fence[:3]) and not bare.strip(fence[0])
            shown = "$$".ljust(len(line)) if closed else line
            lines.append(shown if fence.endswith("$") else _blank(line))
            fence = "" if closed else fence
        elif bare.startswith(("```", "~~~")):
            fence = bare[:3] + ("$" if bare[3:].strip() == "math" else "")
            lines.append("$$".rjust(len(line)) if fence.endswith("$") else _blank(line))
        else:
            lines.append(_CODE.sub(_blank, line))
    return "\n".join(lines)
