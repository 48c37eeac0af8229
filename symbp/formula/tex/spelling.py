r"""Other spellings as the LaTeX that the grammar reads: Unicode, ``\over``, boxes and colours, derivatives of packages.

Every character keeps its place in the author's text, so that what is said of the formula points there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from symbp.formula.tex.macros import USUAL, expanded
from symbp.formula.tex.tokens import tokens_of
from symbp.formula.tex.traced import Traced, joined

_ACCENTS = {
    "\u0302": r"\hat",
    "\u0304": r"\bar",
    "\u0303": r"\tilde",
    "\u0307": r"\dot",
    "\u0305": r"\bar",
    "\u20d7": r"\vec",
}
_SIGNS = {"⋅": r"\cdot ", "∙": r"\cdot ", "•": r"\cdot ", "×": r"\times ", "⊤": r"\top ", "→": r"\to ", "⟵": r"\leftarrow ",
          "∗": "*", "⨀": r"\odot ", "≔": ":=", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∈": r"\in ", "⟹": r"\Rightarrow ",
          "∀": r"\forall ", "∴": r"\therefore ", "…": r"\dots ", "⋯": r"\cdots ", "‖": r"\|", "∥": r"\|", "ℓ": r"\ell ",
          "ℒ": r"\mathcal{L}", "√": r"\sqrt ", "ϵ": r"\epsilon ", "ε": r"\epsilon ", "ϕ": r"\phi ", "ϑ": r"\theta ",
          "⁄": "/", "∕": "/", "ₗ": "_l", "′": "'", "″": "''", "∑": r"\sum ",
          "Σ": r"\sum ", "⟨": r"\langle ", "⟩": r"\rangle ", "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}"}  # fmt: skip


def spelled(text: Traced) -> Traced:
    """The text as the grammar reads it."""
    if not text.text.isascii():
        text = _plain(text)
    if "\\" in text.text:
        text = _fractions(expanded(text, USUAL))
    return text


def is_mathematical(text: str) -> bool:
    """Whether a text has letters, scripts or signs of mathematics beyond ASCII, which no NumPy-like text has."""
    return any(_script(c) is not None or c in _SIGNS or c in "⊙∘∂∇⊗←" or "GREEK" in unicodedata.name(c, "")
               for c in text if not c.isascii())  # fmt: skip


def _plain(text: Traced) -> Traced:
    """Unicode's letters, scripts and signs in LaTeX: what stands for a character has its place."""
    parts, places = list[str](), list[int]()
    last: str | None = None  # the kind of script that is open
    for c, place in zip(text.text, text.at, strict=True):
        script = _script(c)
        kind = script[0] if script else None
        if last is not None and kind != last:
            parts[-1] += "}"
            places.append(places[-1])
        if script is not None:
            made = script[1] if kind == last else f"{script[0]}{{{script[1]}"
            parts.append(made)
            places += [place] * len(made)
        elif c in _ACCENTS and parts and re.fullmatch(r"[A-Za-z]|\\[A-Za-z]+ ?", parts[-1]):
            made = f"{_ACCENTS[c]}{{{parts[-1].strip()}}}"
            start = places[-1]
            del places[len(places) - len(parts[-1]) :]
            parts[-1] = made
            places += [start] * len(made)
        else:
            made = _sign(c)
            parts.append(made)
            places += [place] * len(made)
        last = kind
    if last is not None:
        parts.append("}")
        places.append(places[-1])
    return Traced("".join(parts), tuple(places))


@lru_cache(maxsize=4096)
def _script(c: str) -> tuple[str, str] | None:
    """A raised or lowered character: ``_`` or ``^``, and what it is a small form of; None for any other."""
    if c in "ᵀ⊺":
        return "^", "T"
    form, _, points = unicodedata.decomposition(c).partition(" ")
    if form not in ("<sub>", "<super>"):
        return None
    return "_" if form == "<sub>" else "^", _sign("".join(chr(int(p, 16)) for p in points.split())).strip()


@lru_cache(maxsize=4096)
def _sign(c: str) -> str:
    """A character as LaTeX has it, or as it is."""
    if c.isascii():
        return c
    if c in _SIGNS:
        return _SIGNS[c]
    name = unicodedata.name(c, "")
    if name.startswith("MATHEMATICAL") or name.startswith("DOUBLE-STRUCK") or name.startswith("SCRIPT"):
        plain = unicodedata.normalize("NFKC", c)
        return plain if plain.isascii() or plain == c else _sign(plain)
    decomposed = unicodedata.normalize("NFD", c)
    if len(decomposed) == 2 and decomposed[1] in _ACCENTS and decomposed[0].isascii():
        return f"{_ACCENTS[decomposed[1]]}{{{decomposed[0]}}}"
    return c


def _fractions(text: Traced) -> Traced:
    r"""``{a \over b}`` as ``\frac{a}{b}``."""
    if r"\over" not in text.text:
        return text
    frames, last = [_Frame([])], 0
    for token in tokens_of(text.text):
        frame = frames[-1]
        frame.parts.append(text[last : token.start])
        last = token.end
        if token.name == "}" and len(frames) > 1:
            whole = joined([*frames.pop().parts, text[token.start : token.end]], "")
            frames[-1].parts.append(frame.fraction(text.at[token.start]) if frame.over else whole)
            continue
        if token.name == "{":
            frames.append(_Frame([]))
        elif token.name == r"\over" and len(frames) > 1 and not frame.over:
            frame.over = len(frame.parts)
        frames[-1].parts.append(text[token.start : token.end])
    return joined([part for frame in frames for part in frame.parts] + [text[last:]], "")


@dataclass
class _Frame:
    """A group that is open: its parts so far, the brace first, and which of them is the sign of a fraction."""

    parts: list[Traced]
    over: int = 0

    def fraction(self, closed: int) -> Traced:
        """The fraction that the group is, its last brace at a place."""
        above, below = (joined(p, "").stripped() for p in (self.parts[1 : self.over], self.parts[self.over + 1 :]))
        first, middle = self.parts[0].at[0], self.parts[self.over].at[0]
        signs = Traced(r"\frac{", (first,) * 6), Traced("}{", (middle,) * 2), Traced("}", (closed,))
        return joined([signs[0], above, signs[1], below, signs[2]], "")
