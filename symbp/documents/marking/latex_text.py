r"""Text from outside as LaTeX: every character printed, none acted on."""

from __future__ import annotations

from symbp.documents.marking.said import Formula, Sentence
from symbp.documents.marking.structure import typesets

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "\t": " ", "\n": " ", "\u00a0": "~", "“": "``", "”": "''", "‘": "`", "’": "'", "–": "--", "—": "---", "…": r"\dots{}",
}  # fmt: skip
_SIGNS = {
    "∂": r"\partial", "∇": r"\nabla", "⊙": r"\odot", "∘": r"\circ", "·": r"\cdot", "×": r"\times", "÷": r"\div",
    "−": "-", "±": r"\pm", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "∞": r"\infty", "∑": r"\sum",
    "∏": r"\prod", "√": r"\surd", "→": r"\to", "←": r"\gets", "∈": r"\in", "⊤": r"\top", "′": "'", "²": "^2",
    "³": "^3", "½": r"\frac12", "✓": r"\surd", "ℓ": r"\ell",
}  # fmt: skip
_GREEK = {
    **dict(zip("αβγδεζηθικλμνξπρστυφχψω", (
        "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi "
        "chi psi omega"
    ).split(), strict=True)),
    **dict(zip("ΓΔΘΛΞΠΣΥΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split(), strict=True)),
}  # fmt: skip
_ACCENTED = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ")


def escaped(text: str) -> str:
    """Words as LaTeX text; a character that fonts may not have is named by its number."""
    return "".join(map(_character, text))


def code(text: str, limit: int = 600) -> str:
    """A formula as it was written, in a typewriter's letters, which may be broken between signs."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    pieces = []
    for c in shown:
        piece = r"\textquotesingle{}" if c == "'" else r"\textasciigrave{}" if c == "`" else _character(c)
        pieces.append(piece + ("{}" if c in "-,!?" else "") + (r"\allowbreak{}" if c in "+-*/@,=(_^{" else ""))
    return rf"\texttt{{{''.join(pieces)}}}"


def formula(shown: Formula) -> str:
    """A formula as mathematics where it is LaTeX that can be typeset safely, else as it was written."""
    if shown.latex and typesets(shown.text):
        return f"${shown.text}$"
    return code(shown.text)


def sentence(words: Sentence) -> str:
    """Words and formulas."""
    return "".join(escaped(w) if isinstance(w, str) else formula(w) for w in words)


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c in _SIGNS:
        return rf"\ensuremath{{{_SIGNS[c]}}}"
    if c in _GREEK:
        return rf"\ensuremath{{\{_GREEK[c]}}}"
    if " " <= c <= "~" or c in _ACCENTED:
        return c
    return f"[U+{ord(c):04X}]"
