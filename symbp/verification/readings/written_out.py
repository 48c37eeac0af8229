r"""The loss written out where a derivative is taken of it: ``\frac{\partial}{\partial z_i} \frac{1}{2} \|y - \hat y\|^2``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of

_OPERATOR = re.compile(
    r"\\[dt]?frac\s*\{\s*(?P<d>\\partial|d|\\mathrm\s*\{\s*d\s*\})\s*\}\s*(?P<below>\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})"
)


_LETTER = re.compile(r"(?:\\[A-Za-z]+(?:\s*\{\s*[A-Za-z]\s*\})?|[A-Za-z])[^()=+\-]*(?:\([^()]*\))?[^()=+\-]*")
"""The letter of the loss, with what it is a function of."""
_EXAMPLE = re.compile(r"\(\s*([ijmnpqrst])\s*\)\s*\}")


@dataclass(frozen=True)
class WrittenOut:
    """A part of an equation that is a derivative of a formula: where it stands, its operator, and the formula."""

    start: int
    end: int
    d: str
    below: str
    formula: str

    def with_letter(self, text: str, loss: str) -> str:
        """The equation with the letter of the loss instead of the formula, every character behind it in its column."""
        made = rf"\frac{{{self.d} {loss}}}{self.below}"
        return text[: self.start] + made.ljust(self.end - self.start) + text[self.end :]


def of_loss(text: str, letter: str, is_loss: Callable[[str, str], bool]) -> str:
    """The equation with derivatives of the loss written out as those of its letter, where `is_loss` finds what is written to be
    the loss, or that of one example; as it is where there are none."""
    for part in reversed(_parts(text)):
        example = _EXAMPLE.search(part.formula)
        losses = (letter, *([f"{letter}^{{({example[1]})}}"] if example else []))
        found = next((loss for loss in losses if is_loss(loss, part.formula)), None)
        if found is not None:
            text = part.with_letter(text, found)
    return text


def _parts(text: str) -> list[WrittenOut]:
    """The sides of an equation that are derivatives of formulas."""
    if _OPERATOR.search(text) is None:
        return []
    try:
        chain = chain_of(text)
    except InputError:
        return []
    found = []
    for start, end in ((0, chain.left), *chain.rights):
        m = _OPERATOR.match(text, start + len(text[start:end]) - len(text[start:end].lstrip()), end)
        formula = text[m.end() : end].strip(" .,;") if m else ""
        if m and len(formula) > 3 and not _LETTER.fullmatch(formula):
            found.append(WrittenOut(start, end, m["d"], m["below"], formula))
    return found
