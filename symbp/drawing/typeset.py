r"""Formulas as pieces of text with a size and a height, for pictures that no TeX sets: ``\hat{y}^{(1)}_{2}``.

Only what the printers of this package write in a label is understood; of any other command the name is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.S)
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi "
    "omega"
)
_SIGNS: Mapping[str, str] = {
    r"\partial": "∂", r"\leadsto": "⇝", r"\to": "→", r"\top": "⊤", r"\cdot": "·", r"\times": "×", r"\odot": "⊙", r"\sum": "∑",
    r"\ldots": "…", r"\vdots": "⋮", r"\cdots": "⋯", r"\le": "≤", r"\ge": "≥", r"\approx": "≈", r"\prime": "′", r"\infty": "∞",
    r"\ell": "ℓ", r"\,": "\u2009", r"\ ": " ", r"\quad": "  ", r"\_": "_", r"\varepsilon": "ε", r"\varphi": "φ",
    r"\leftarrow": "←", r"\rightarrow": "→", r"\left": "", r"\right": "", "-": "−", "'": "′", "~": " ",
    **{"\\" + n: unicodedata.lookup(f"GREEK SMALL LETTER {n.replace('lambda', 'lamda').upper()}") for n in _GREEK.split()},
    **{"\\" + n.capitalize(): unicodedata.lookup(f"GREEK CAPITAL LETTER {n.replace('lambda', 'lamda').upper()}")
       for n in ("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "phi", "psi", "omega")},
}  # fmt: skip
_ACCENTS = {r"\hat": "\u0302", r"\tilde": "\u0303", r"\bar": "\u0304"}
_UPRIGHT = (r"\mathrm", r"\text", r"\operatorname")
_BOLD = (r"\mathbf", r"\boldsymbol")
_SCRIPT = {"L": "ℒ", "E": "ℰ"}
_SPACED = ("=", "+", "−", "≈", "≤", "≥", "⊙", "×", "<", ">")
_SCRIPT_SIZE, _UP, _DOWN = 0.7, 0.46, -0.28  # of the letter that has the script; heights in its ems
_NARROW = {**dict.fromkeys("ijltfr()[],.;:'′|! ", 0.34), "\u2009": 0.2}
_WIDE = {**dict.fromkeys("mwMW", 0.8), "⇝": 1.0, "→": 1.0, "…": 1.0, "∑": 0.9}


@dataclass(frozen=True)
class Run:
    """A piece of text: its size and its rise in ems of the formula, and how far it goes back before it starts, for a script
    that stands below another."""

    text: str
    italic: bool = False
    bold: bool = False
    size: float = 1.0
    rise: float = 0.0
    back: float = 0.0

    @property
    def width(self) -> float:
        """About how wide it is, in ems."""
        return self.size * sum(map(_width, self.text))


def words_width(text: str) -> float:
    """About how wide plain text is, in ems."""
    return sum(map(_width, text))


def width(runs: Iterable[Run]) -> float:
    """About how wide a formula is, in ems."""
    at = widest = 0.0
    for r in runs:
        at += r.width - r.back
        widest = max(widest, at)
    return widest


def typeset(latex: str) -> tuple[Run, ...]:
    """A formula as pieces of text."""
    return tuple(_merged(_read(_TOKEN.findall(latex), Run(""))))


def _width(c: str) -> float:
    if unicodedata.combining(c):
        return 0.0
    return _NARROW.get(c) or _WIDE.get(c) or (0.7 if c.isupper() else 0.52 if c.isalnum() else 0.62)


def _read(tokens: list[str], like: Run) -> list[Run]:
    """The pieces of some tokens; `like` has the size, the rise and the face that they stand in."""
    found: list[Run] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        if token in ("^", "_"):
            scripts, k = _scripts(tokens, k, like)
            found += scripts
            continue
        if token == "{":
            inner, k = _group(tokens, k)
            found += _read(inner, like)
        elif token == r"\frac":
            above, k = _group(tokens, k + 1)
            below, k = _group(tokens, k)
            found += [*_read(above, like), replace(like, text="/"), *_read(below, like)]
        elif token in _ACCENTS:
            inner, k = _group(tokens, k + 1)
            first, *rest = _read(inner, like) or [replace(like, text=" ")]
            found += [replace(first, text=first.text[:1] + _ACCENTS[token] + first.text[1:]), *rest]
        elif token in (*_UPRIGHT, *_BOLD, r"\mathcal"):
            inner, k = _group(tokens, k + 1)
            found += _faced(token, "".join(inner), inner, like)
        else:
            found += _sign(token, like, first=not found)
            k += 1
    return found


def _faced(command: str, text: str, inner: list[str], like: Run) -> list[Run]:
    if command in _UPRIGHT:
        return [replace(like, text=text.replace("\\_", "_"))]
    if command in _BOLD:
        return _read(inner, replace(like, bold=True))
    return [replace(like, text="".join(_SCRIPT.get(c, c) for c in text), italic=True)]


def _sign(token: str, like: Run, first: bool) -> list[Run]:
    if token.isspace():
        return []
    text = _SIGNS.get(token, token.lstrip("\\"))
    if text in _SPACED and like.size == 1.0 and not first:
        text = f"\u2009{text}\u2009"
    italic = len(text) == 1 and text.isalpha() and not text.isdigit() and not (text.isupper() and ord(text) > 127)
    return [replace(like, text=text, italic=italic)] if text else []


def _scripts(tokens: list[str], k: int, like: Run) -> tuple[list[Run], int]:
    """A superscript and a subscript, one above the other, and the place after them."""
    pairs: list[list[Run]] = []
    while k < len(tokens) and tokens[k] in ("^", "_") and len(pairs) < 2:
        rise = like.rise + like.size * (_UP if tokens[k] == "^" else _DOWN)
        inner, k = _group(tokens, k + 1)
        pairs.append(_read(inner, replace(like, size=like.size * _SCRIPT_SIZE, rise=rise)))
    if len(pairs) < 2 or not pairs[1]:
        return [r for p in pairs for r in p], k
    narrow, wide = sorted(pairs, key=width)  # the narrower one first: what follows stands behind the wider one
    wide = [replace(wide[0], back=wide[0].back + width(narrow)), *wide[1:]]
    return [*narrow, *wide], k


def _group(tokens: list[str], k: int) -> tuple[list[str], int]:
    """The tokens of a group, or the one token that stands for it, and the place after it."""
    while k < len(tokens) and tokens[k].isspace():
        k += 1
    if k >= len(tokens):
        return [], k
    if tokens[k] != "{":
        return [tokens[k]], k + 1
    depth = 0
    for end in range(k, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if depth == 0:
            return tokens[k + 1 : end], end + 1
    return tokens[k + 1 :], len(tokens)


def _merged(runs: list[Run]) -> list[Run]:
    """Neighbours of one face as one piece."""
    found: list[Run] = []
    for r in runs:
        if found and not r.back and replace(found[-1], text="", back=0.0) == replace(r, text=""):
            found[-1] = replace(found[-1], text=found[-1].text + r.text)
        else:
            found.append(r)
    return found
