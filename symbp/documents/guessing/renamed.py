r"""Names with scripts that are no indices: the loss ``J_\\lambda``, and what belongs to the one example of ``L_i``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbp.documents.equations import Equation
from symbp.documents.left_alone import states_another

_LOSS = r"(?<![A-Za-z\\])(?:[JLEC]|\\ell|\\(?:mathcal|cal)\s*\{?\s*[JLEC]\s*\}?)"
_OTHER = re.compile(rf"(?P<loss>{_LOSS})\s*_\s*(?:\{{\s*)?\\(?:lambda|theta|alpha|beta)(?:\s*\}})?")
_OF_ONE = re.compile(rf"{_LOSS}\s*_\s*(?:\{{\s*)?(?P<letter>[in])(?![A-Za-z])(?:\s*\}})?\s*(?:\([^()=]*\))?\s*=")


_WORDS = re.compile(
    r"\\(?:text|mathrm|operatorname|mathit|textrm)\s*\{\s*(?:CE|BCE|MSE|SSE|RSS|NLL|Loss|loss|Cost|cost|Error|error)\s*\}(?:\s*\([^()=]*\))?"
    r"|(?<![A-Za-z\\{])(?:CE|BCE|MSE|RSS|NLL)(?![A-Za-z])(?:\s*\([^()=]*\))?"
)
_HYPOTHESIS = re.compile(
    r"(?<![A-Za-z\\])h_\s*(?:\{\s*)?(?:\\(?:theta|mathbf\{w\})|w)(?:\s*\})?\s*(?:\\left)?"
    r"\(\s*(?:\\mathbf\{x\}|x)\s*(?P<of>[\^_]\s*(?:\{[^{}]*\}|\w))?\s*(?:\\right)?\)"
)


_PROBABLE = re.compile(r"(?<![A-Za-z\\])([pP])\(\s*[yY]\s*=\s*1\s*(?:\\mid|\||\\vert)[^()]*\)")


@dataclass(frozen=True)
class Renamed:
    """The letter of an example for which a page says the loss, ``L_i = ...``, empty where it does not; a letter for a loss that
    has a word; and whether the page states another function than the logistic one under its letter."""

    example: str = ""
    word: str = ""
    sigma: bool = False

    def text(self, text: str) -> str:
        """A text in which ``J_\\lambda`` is J, and what is the example's has the number 1, every character in its column."""
        text = _OTHER.sub(lambda m: m["loss"].ljust(len(m[0])), text)
        text = _HYPOTHESIS.sub(lambda m: f"h{m['of'] or ''}".ljust(len(m[0])), text)
        text = _PROBABLE.sub(lambda m: m[1].ljust(len(m[0])), text)
        text = _WORDS.sub(lambda m: self.word.ljust(len(m[0])), text) if self.word else text
        text = re.sub(r"\\sigma(?![A-Za-z])", lambda m: r"\psi  ", text) if self.sigma else text
        c = self.example
        if not c or re.search(rf"\\sum\s*(?:\\limits)?\s*_\s*\{{?\s*{c}(?![A-Za-z])", text):
            return text
        text = re.sub(
            rf"(?P<loss>{_LOSS})\s*_\s*(?:\{{\s*)?{c}(?![A-Za-z,])(?:\s*\}})?",
            lambda m: m["loss"].ljust(len(m[0])),
            text,
        )
        return re.sub(rf"_(\s*\{{\s*)?{c}(?![A-Za-z,])", lambda m: f"_{m[1] or ''}1", text)

    @property
    def of_one(self) -> re.Pattern[str]:
        """The loss of the example."""
        return re.compile(rf"{_LOSS}\s*_\s*(?:\{{\s*)?{self.example}(?![A-Za-z,])")

    def others(self) -> Renamed:
        """The same without the example."""
        return Renamed("", self.word, self.sigma)

    def back(self, text: str | None) -> str | None:
        """A text that was made, with the author's letters."""
        if text and self.sigma:
            text = re.sub(r"\\?(?<![A-Za-z])psi(?![A-Za-z])", lambda m: r"\sigma", text)
        if not text or not self.example:
            return text
        return re.sub(r"_(\s*\{\s*)?1(?=\s*\}|(?![0-9}]))", lambda m: f"_{m[1] or ''}{self.example}", text)

    def equation(self, equation: Equation) -> Equation:
        """An equation with its names so."""
        return equation if equation.code else replace(equation, text=self.text(equation.text))


def renamed(equations: Sequence[Equation]) -> Renamed:
    """What the names of a document are: the loss of one example has its letter where it is one of all that have it."""
    letters = (c for c in "JLEC" if not any(re.search(rf"(?<![A-Za-z\\]){c}(?![A-Za-z])", e.text) for e in equations))
    word = next(letters, "")
    sigma = any(states_another(e.text) for e in equations if not e.code)
    for equation in equations:
        found = _OF_ONE.match(equation.text.strip())
        if found is not None and not re.search(rf"\\sum\s*_\s*\{{?\s*{found['letter']}(?![A-Za-z])", equation.text):
            return Renamed(found["letter"], word, sigma)
    return Renamed("", word, sigma)
