r"""Where the mathematics of a LaTeX or Markdown document stands: displays, environments and inline formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symbp.documents.markdown import visible_markdown
from symbp.formula.tex.macros import Macro, macros_of

_ENVIRONMENTS = (
    "equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|dmath|IEEEeqnarray|darray|empheq"
)
_ENVIRONMENT = re.compile(rf"(?:{_ENVIRONMENTS})\*?")
_OPENING = re.compile(
    rf"(?<!\\)(?:\\\\)*(?:\\begin\s*\{{(?P<env>(?:{_ENVIRONMENTS})\*?)\}}|(?P<other>\$\$|\\\[|\$|\\\()|\\(?P<macro>[A-Za-z]+))"
)
_CLOSING = {"$$": r"(?<!\\)\$\$", r"\[": r"(?<!\\)\\\]", "$": r"(?<!\\)\$", r"\(": r"(?<!\\)\\\)"}
_GITHUB = re.compile(r"\$`(?P<body>[^`\n]+)`\$")
_ESCAPED = re.compile(r"\\\\([()\[\]])")
_HIDDEN_TEX = re.compile(r"\\begin\s*\{(?P<env>verbatim\*?|lstlisting|minted|comment|Verbatim)\}")
_VERB = re.compile(r"\\verb\*?([^A-Za-z\s*])[^\n]*?\1")
_OVERLAY = re.compile(r"(\\(?:only|onslide|uncover|visible|alert|item|begin\s*\{[A-Za-z]+\}))<[0-9,\-+.]*>")
_BEYOND = re.compile(r"\\end\s*\{document\}")
_COMMENT_TEX = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_PRICE = re.compile(r"\S.*\s\$.?|.*\$[0-9]", re.DOTALL)
"""What stands between two prices, and what follows: mathematics ends neither after a space nor before a digit."""
_PARAGRAPH = re.compile(r"\n ?\n")


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
    shown = visible(text, markdown)
    return [*_mathematics(shown, macros_of(shown), markdown)]


def visible(text: str, markdown: bool) -> str:
    """A document with blanks for what is not its text (comments, code), every other character in its place."""
    text = re.sub(r"\r(?!\n)", "\n", text.replace("\r\n", " \n"))
    if markdown:
        text = visible_markdown(_GITHUB.sub(lambda m: f"$ {m['body']} $", text))
        return _ESCAPED.sub(r" \\\1", text)  # \\( ... \\), as Markdown without mathematics wants it
    shown = _VERB.sub(blanked, _COMMENT_TEX.sub(_comment, _visible_tex(text)))
    shown = _OVERLAY.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), shown)
    end = _BEYOND.search(shown)
    return shown[: end.end()] + blanked(shown[end.end() :]) if end else shown


def blanked(m: re.Match[str] | str) -> str:
    """Blanks for everything but ends of lines."""
    return re.sub(r"[^\n]", " ", m if isinstance(m, str) else m[0])


def _comment(m: re.Match[str]) -> str:
    return m[1] + blanked(m[0][len(m[1]) :])


def _mathematics(text: str, macros: Mapping[str, Macro], markdown: bool) -> Iterator[Mathematics]:
    opening, closing = _aliases(macros)
    at, never = 0, set[str]()
    while (m := _OPENING.search(text, at)) is not None:
        env = m["env"] or opening.get(m["macro"] or "", "")
        if m["macro"] and not env:
            at = m.end()
            continue
        sign = env or m["other"]
        end = re.compile(_end_of(sign, env, closing)).search(text, m.end()) if sign not in never else None
        inline = sign in ("$", r"\(", "math")
        if end is not None and inline and (_PARAGRAPH.search(text, m.end(), end.start()) or m.end() == end.start()):
            at = m.end()  # a sign that opens nothing: a paragraph ends first
            continue
        if end is not None and markdown and sign == "$" and _PRICE.fullmatch(text[m.end() : end.end() + 1]):
            at = m.end()
            continue
        if end is None:
            never.add(sign)
            at = m.end()
            continue
        start = m.start("other") if m["other"] else m.start() + m[0].rindex("\\begin" if m["env"] else "\\")
        yield Mathematics(start, m.end(), end.start(), end.end(), env, inline)
        at = end.end()


def _end_of(sign: str, env: str, closing: Mapping[str, list[str]]) -> str:
    """What ends a piece of mathematics, as a pattern."""
    if not env:
        return _CLOSING[sign]
    names = "".join(rf"|\\{name}(?![A-Za-z])" for name in closing.get(env, ()))
    return rf"\\end\s*\{{{re.escape(env)}\}}{names}"


def _aliases(macros: Mapping[str, Macro]) -> tuple[dict[str, str], dict[str, list[str]]]:
    r"""Macros that are the beginning of an environment (``\be``), and those that are its end."""
    opening: dict[str, str] = {}
    closing: dict[str, list[str]] = {}
    for name, macro in macros.items():
        found = re.fullmatch(r"\\(begin|end)\s*\{([A-Za-z*]+)\}", macro.body.strip()) if macro.count == 0 else None
        if found and _ENVIRONMENT.fullmatch(found[2]):
            if found[1] == "begin":
                opening[name] = found[2]
            else:
                closing.setdefault(found[2], []).append(name)
    return opening, closing


def _visible_tex(text: str) -> str:
    parts, at = [], 0
    while (m := _HIDDEN_TEX.search(text, at)) is not None:
        end = text.find(rf"\end{{{m['env']}}}", m.end())
        end = len(text) if end < 0 else end
        parts += [text[at : m.start()], blanked(text[m.start() : end])]
        at = end
    return "".join([*parts, text[at:]])
