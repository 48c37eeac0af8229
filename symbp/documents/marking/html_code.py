r"""Code in a LaTeX document, ``\verb|a = b|`` and listings, as typewriter text in LaTeX, so that a page shows it."""

from __future__ import annotations

import re
from collections.abc import Callable

_LISTING = re.compile(
    r"\\begin\s*\{(?P<env>verbatim\*?|lstlisting|minted|Verbatim)\}(?:\[[^\]\n]*\])?(?:\{[^{}\n]*\})?(?P<code>.*?)"
    r"\\end\s*\{(?P=env)\}",
    re.DOTALL,
)
_VERB = re.compile(r"\\verb\*?([^A-Za-z\s*])(?P<code>[^\n]*?)\1|\\lstinline(?:\[[^\]]*\])?([|!+])(?P<inline>[^\n]*?)\3")
_ESCAPED = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "-": "-{}", "`": "`{}", "'": "'{}",
            **{c: "\\" + c for c in "{}%&$#_"}}  # fmt: skip


def code_shown(source: str, shown: str) -> Callable[[int, int], str]:
    """What gives a part of a document with its code as typewriter text; `shown` is the document with blanks for code."""
    found = [
        (m.start(), m.end(), _block(m["code"]))
        for m in _LISTING.finditer(source)
        if shown[m.start() : m.start() + 1] == "\\"
    ]
    inside = [(a, b) for a, b, _ in found]
    for m in _VERB.finditer(source):
        hidden = not shown[m.start() : m.end()].strip() or m["inline"] is not None
        if hidden and not _commented(source, m.start()) and not any(a <= m.start() < b for a, b in inside):
            found.append((m.start(), m.end(), _typewriter(m["code"] if m["code"] is not None else m["inline"])))
    found.sort()

    def part(start: int, stop: int) -> str:
        pieces, at = [], start
        for a, b, text in found:
            if start <= a and b <= stop:
                pieces += [shown[at:a], text]
                at = b
        return "".join([*pieces, shown[at:stop]])

    return part


def _commented(source: str, at: int) -> bool:
    """Whether a place is behind a sign of comment."""
    line = _VERB.sub("", source[source.rfind("\n", 0, at) + 1 : at])
    return re.search(r"(?<!\\)(?:\\\\)*%", line) is not None


def _typewriter(code: str) -> str:
    return r"\texttt{" + "".join(_ESCAPED.get(c, c) for c in code) + "}"


def _block(code: str) -> str:
    """Lines of code, one below the other."""
    lines = code.strip("\n").expandtabs(4).split("\n")
    kept = [(len(line) - len(line.lstrip()), line.strip()) for line in lines]
    return "\n\n" + r" \\ ".join("~" * indent + _typewriter(line) for indent, line in kept) + "\n\n"
