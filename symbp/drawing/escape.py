"""Plain text for LaTeX: whatever it says, it says it as text."""

from __future__ import annotations

import unicodedata

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "^": r"\textasciicircum{}", "_": r"\_",
    "~": r"\textasciitilde{}", "%": r"\%", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "…": r"\ldots{}", '"': r"\textquotedbl{}", "\u00a0": "~",
}  # fmt: skip


_WITHOUT = frozenset("ĦħĸŉĿŀŦŧſ")
"""The letters before U+0180 that the encoding T1 has not."""
_MORE = frozenset("ȘșȚțẞ‐‑‒–—‘’‚“”„†‡•‰‹›€№™")
"""What it has further, and the signs of the kernel's companion fonts."""
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".", "\u0308": '"',
    "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0328": "k", "\u0331": "b",
}  # fmt: skip
"""The commands of accents by the marks that combine, for letters that are put together."""
_GREEK = {
    **{c: rf"\ensuremath{{\{unicodedata.name(c).rpartition(' ')[2].lower().replace('lamda', 'lambda')}}}"
       for c in "αβγδεζηθικλμνξπρστυφχψω"},
    **{c: rf"\ensuremath{{\{unicodedata.name(c).rpartition(' ')[2].capitalize().replace('Lamda', 'Lambda')}}}"
       for c in "ΓΔΘΛΞΠΣΥΦΨΩ"},
}  # fmt: skip
"""Greek letters, which mathematics has."""


def latex_text(text: str) -> str:
    """Plain text as LaTeX: no character of it is a command; what pdfLaTeX has no letter for is a question mark."""
    safe = "".join("?" if (its := _letter(c)) is None else its for c in unicodedata.normalize("NFC", text))
    return safe.replace("--", "-{}-").replace("--", "-{}-")  # no dashes from options such as --no-bias


def without_letter(text: str) -> str:
    """The characters of a text that pdfLaTeX has no letter for, each once."""
    return "".join(dict.fromkeys(c for c in unicodedata.normalize("NFC", text) if _letter(c) is None))


def _letter(c: str) -> str | None:
    """A character as LaTeX; None where it has none."""
    if c in _TEX or c in _GREEK:
        return _TEX.get(c) or _GREEK[c]
    if c in _MORE or (c.isprintable() and ord(c) < 0x180 and c not in _WITHOUT):
        return c
    base, mark = unicodedata.normalize("NFD", c)[:-1], unicodedata.normalize("NFD", c)[-1:]
    inner = _letter(unicodedata.normalize("NFC", base)) if base and mark in _ACCENTS else None
    return None if inner is None else rf"\{_ACCENTS[mark]}{{{inner}}}"


def latex_code(line: str) -> str:
    """A line of code as LaTeX for a typewriter font: quotes stay straight."""
    return latex_text(line).replace("'", r"\textquotesingle{}").replace("`", r"\textasciigrave{}")
