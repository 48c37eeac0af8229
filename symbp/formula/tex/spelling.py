r"""Other spellings as the LaTeX that the grammar reads: Unicode, ``\over``, boxes and colours, derivatives of packages.

Every character keeps its place in the author's text, so that what is said of the formula points there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from symbp.formula.tex.macros import USUAL, expanded
from symbp.formula.tex.traced import Traced

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
_OVER = re.compile(r"\\over(?![A-Za-z])")


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
    while (m := _OVER.search(text.text)) is not None:
        opened, closed = _brace_before(text.text, m.start()), _brace_behind(text.text, m.end())
        if opened is None or closed is None:
            return text
        above, below = text[opened + 1 : m.start()].stripped(), text[m.end() : closed].stripped()
        first, middle, last = (text.at[k] for k in (opened, m.start(), closed))
        made = Traced(r"\frac{", (first,) * 6) + above + Traced("}{", (middle,) * 2) + below + Traced("}", (last,))
        text = text[:opened] + made + text[closed + 1 :]
    return text


def _brace_before(text: str, at: int) -> int | None:
    """Where the group begins that a place is in."""
    depth = 0
    for k in range(at - 1, -1, -1):
        if text[k] in "{}" and text[k - 1 : k] != "\\":
            depth += 1 if text[k] == "}" else -1
            if depth < 0:
                return k
    return None


def _brace_behind(text: str, at: int) -> int | None:
    """Where the group ends that a place is in."""
    depth = 0
    for k in range(at, len(text)):
        if text[k] in "{}" and text[k - 1] != "\\":
            depth += 1 if text[k] == "{" else -1
            if depth < 0:
                return k
    return None
