r"""Printed letters: a name as LaTeX, its scripts, words with room around them, bold, capitals."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sympy import Symbol

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split()
)
_ACCENTS = ("hat", "bar", "tilde")
_WAYS = {"forward": r"\overrightarrow", "backward": r"\overleftarrow"}
"""The signs of the two directions of a recurrence."""
LITERAL = "@"
"""What the name of a symbol begins with that is printed as the rest of it."""


_NAMED = {"running_mean": r"\bar{\mu}", "running_var": r"\bar{v}"}
"""The letters of names that are words and have one."""


def literal(latex: str) -> Symbol:
    """A symbol that is printed as `latex`: no name of a tensor begins with its sign."""
    return Symbol(LITERAL + latex, real=True)


def letter(name: str) -> str:
    r"""A name without a layer number: Greek where it is spelled out, hats, a subscript for digits, upright where it is a word."""
    if len(name) == 1 or name in _NAMED:
        return _NAMED.get(name, name)
    if name in GREEK:
        return "\\" + name
    for accent in _ACCENTS:
        rest = name.removesuffix(accent).rstrip("_")
        if name.endswith(accent) and (len(rest) == 1 or rest in GREEK):
            return rf"\{accent}{{{letter(rest)}}}"
    base, _, sub = name.partition("_")
    if sub in _WAYS and (len(base) == 1 or base in GREEK):
        return f"{_WAYS[sub]}{{{letter(base)}}}"
    if sub and (len(base) == 1 or base in GREEK):
        return f"{letter(base)}_{{{letter(sub)}}}"
    base, sub = re.fullmatch(r"(.*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
    if sub and base:
        return f"{letter(base)}_{{{sub}}}"
    return r"\mathrm{" + name.replace("_", r"\_") + "}"


@dataclass(frozen=True)
class Written:
    """A printed name: the letter of its elements, that of the whole, the mark of its layer, and what its subscript begins or,
    with an index in front, ends with."""

    element: str
    whole: str
    layer: str = ""
    zero: str = ""
    last: bool = False
    below: bool = False

    def written(self, base: str, indices: str) -> str:
        """The letter with its scripts."""
        under = indices + self.zero if self.last else self.zero + indices
        scripted = re.fullmatch(r"(.*?)_\{(.*)\}", base)
        if scripted:
            base, under = scripted[1], f"{scripted[2]}, {under}" if under else scripted[2]
        if self.layer and self.below and not under:
            return f"{base}_{{{self.layer.strip('()')}}}"
        return base + (f"^{{{self.layer}}}" if self.layer else "") + (f"_{{{under}}}" if under else "")


_SIGN = r"\\(?:odot|oslash|circ|bullet|ast|cdot|leftarrow|le|ge|top|quad|right|Bigr)(?![A-Za-z])|[-+=&<>,)\]}]"
_WORD = re.compile(rf"(\\mathrm\{{[A-Za-z]{{2,}}\}}(?:[_^]\{{[^{{}}]*\}})*) (?!{_SIGN})")
_BEFORE = re.compile(r"(?<=[}\])]) (?=d?\\mathrm\{[A-Za-z]{2,}\}(?!\())")


def spaced(latex: str) -> str:
    r"""A formula with a little space around letters that are words, which else would run into what they are multiplied with:
    ``\mathrm{hidden} \thinspace W_{2}``."""
    return _BEFORE.sub(r" \\thinspace ", _WORD.sub(lambda m: rf"{m[1]} \thinspace ", latex))


def bold(text: str, italic: bool = False) -> str:
    r"""A printed letter in bold, its scripts as they are: ``\hat{y}`` is \hat{\mathbf{y}}; Greek in \boldsymbol, as are all
    letters where they stay italic."""
    base, scripts = re.fullmatch(r"(.*?)([_^].*)?", text).groups()  # type: ignore[union-attr]
    accent = re.fullmatch(r"(\\(?:hat|tilde|bar)\{)(.*)(\})", base)
    if accent:
        return accent[1] + bold(accent[2], italic) + accent[3] + (scripts or "")
    return rf"\{'boldsymbol' if italic or base.startswith(chr(92)) else 'mathbf'}{{{base}}}{scripts or ''}"


def cased(base: str, rank: int, batch: bool) -> Written:
    """Matrices have capitals, their elements small letters; so has a batch of vectors."""
    if rank >= 2 and not batch:
        return Written(base.lower() if len(base) == 1 else base, base)
    return Written(base, capital(base) if batch else base)


def capital(base: str) -> str:
    """The capital of a letter, its accent as it is."""
    inner = re.fullmatch(r"(\\(?:hat|tilde|bar)\{)(\w)\}", base)
    if inner:
        return f"{inner[1]}{inner[2].upper()}}}"
    return {r"\delta": r"\Delta"}.get(base, base.upper() if len(base) == 1 else base)
