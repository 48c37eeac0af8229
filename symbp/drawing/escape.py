"""Plain text for LaTeX: whatever it says, it says it as text."""

from __future__ import annotations

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "^": r"\textasciicircum{}", "_": r"\_",
    "~": r"\textasciitilde{}", "%": r"\%", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "…": r"\ldots{}", '"': r"\textquotedbl{}",
}  # fmt: skip


def latex_text(text: str) -> str:
    """Plain text as LaTeX: no character of it is a command; what pdfLaTeX has no letter for is a question mark."""
    safe = "".join(_TEX.get(c) or (c if c.isprintable() and ord(c) < 0x180 else "?") for c in text)
    return safe.replace("--", "-{}-").replace("--", "-{}-")  # no dashes from options such as --no-bias


def latex_code(line: str) -> str:
    """A line of code as LaTeX for a typewriter font: quotes stay straight."""
    return latex_text(line).replace("'", r"\textquotesingle{}").replace("`", r"\textasciigrave{}")
