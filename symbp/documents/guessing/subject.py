r"""What the equations of a document without a directive are about: the stretch that they stand in, and the number that they
differentiate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from symbp.documents.equations import Equation
from symbp.documents.guessing.general import General, general_network
from symbp.documents.guessing.guess import Guess, Stretch, stretches
from symbp.documents.guessing.layers import MEAN
from symbp.documents.guessing.renamed import Renamed, renamed
from symbp.documents.guessing.stated import functions_of, name_of, plain, without_arguments
from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of
from symbp.formula.latex.reader import Reader
from symbp.formula.syntax import Sym
from symbp.verification.judge import Judge
from symbp.verification.problems.latex import own_notation
from symbp.verification.problems.problem import Problem
from symbp.verification.verdict import Verdict

_NUMERATOR = re.compile(
    r"\\[dt]?frac\s*\{\s*(?:\\partial|∂|\\mathrm\s*\{\s*d\s*\}|d)\s*(?P<above>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
    r"|\\nabla\s*(?:_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+(?:\s*\{\w\})?|\w))?\s*(?P<nabla>\\(?:mathcal|mathrm)\s*\{?\s*\w\s*\}?|\\?[A-Za-z]+(?:_\{?\w+\}?)?)"
)

_EXAMPLES = re.compile(r"\^\s*\{?\s*\([a-z]\)|\\frac\s*\{?\s*1\s*\}?\s*\{?\s*[mNn]")
"""What is said of examples, ``x^{(i)}``, and of their mean."""


@dataclass(frozen=True)
class Guessed:
    """The stretches of a document, with a judge for each number that is differentiated in them."""

    stretches: Sequence[Stretch]
    functions: frozenset[str]
    defined: dict[int, int]
    renamed: Renamed
    equations: Sequence[Equation] = field(default=(), repr=False)
    made: dict[tuple[int, str], Judge] = field(default_factory=dict)
    means: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @property
    def first(self) -> Judge:
        """The judge of the first stretch."""
        return self._judge(0, self.stretches[0].guess.loss)

    @property
    def said(self) -> str:
        """The forward maps, one after the other."""
        words = "; then ".join(dict.fromkeys(s.guess.said for s in self.stretches))
        return re.sub(r"(?<![A-Za-z])psi(?![A-Za-z])", "sigma", words) if self.renamed.sigma else words

    def judge(self, at: int, equation: Equation) -> Judge:
        """The judge of an equation."""
        k = self._stretch(at)
        guess = self.stretches[k].guess
        if self._of_all(at, equation) and (batch := self._network(k)) is not None:
            return batch
        above = self._differentiated(self.text(at, equation))
        return self._judge(k, above if above in guess.scalars else guess.loss)

    def unknown(self, at: int, equation: Equation) -> str:
        """Why nothing can be said of an equation: it differentiates what the page does not define; empty where that is not so."""
        if self._of_all(at, equation):
            return ""
        guess, above = self.stretches[self._stretch(at)].guess, self._differentiated(self.text(at, equation))
        known = {*guess.problem.tensors, *guess.problem.forward_map.program.definitions, *self.functions, "", "sigma"}
        if above in known or equation.code:
            return ""
        return f"what {above} is, the page does not say in equations that were understood"

    def _of_all(self, at: int, equation: Equation) -> bool:
        """Whether an equation is about the mean over the examples, which the page says, and layers are what it is about."""
        k = self._stretch(at)
        if equation.code or self.stretches[k].guess.network is None:
            return False
        above = self._differentiated(self.text(at, equation))
        left = equation.sides[0].strip()
        if above in self.stretches[k].guess.scalars and not _EXAMPLES.search(equation.text):
            return False
        return any(above == name or left == letter for name, letter in self._means(k))

    def _means(self, k: int) -> tuple[tuple[str, str], ...]:
        """The names and the letters of losses that the page says are the mean over the examples."""
        if k not in self.means:
            found = []
            judge = self._network(k)
            for equation in self.equations if judge is not None else ():
                m = MEAN.match(equation.text)
                if m is not None and judge is not None and judge.judge(equation.text, latex=True).verdict == "correct":
                    found.append((plain(m[1]), m[1]))
            self.means[k] = tuple(found)
        return self.means[k]

    def _network(self, k: int) -> Judge | None:
        """The judge of claims about all examples."""
        known = self.stretches[k].guess.network
        if known is None:
            return None
        if (k, "") not in self.made:
            self.made[k, ""] = Judge(known[0], known[1].layout, None, known[1])
        return self.made[k, ""]

    def _stretch(self, at: int) -> int:
        return next((k for k, s in enumerate(self.stretches) if at < s.until), len(self.stretches) - 1)

    def defining(self, at: int) -> int | None:
        """Which part of a chain says what the page is about."""
        return self.defined.get(at)

    def text(self, at: int, equation: Equation) -> Equation:
        """The equation without the arguments of its variables."""
        if equation.code:
            return equation
        return self.renamed.equation(replace(equation, text=without_arguments(equation.text, self.functions)))

    def back(self, verdict: Verdict) -> Verdict:
        """A verdict in the author's names."""
        back = self.renamed.back
        return replace(verdict, claim=back(verdict.claim) or "", fix=back(verdict.fix), expected=back(verdict.expected),
                       reason=back(verdict.reason) or "")  # fmt: skip

    def _differentiated(self, equation: Equation) -> str:
        """The name of what an equation differentiates first; empty where it is none."""
        found = _NUMERATOR.search(equation.sides[0]) or _NUMERATOR.search(equation.text)
        if found is None:
            return ""
        try:
            node = Reader(own_notation("", {}, ()), frozenset()).sum(
                chain_of(f"{found['above'] or found['nabla']} = 0").links[0].left
            )
        except InputError:
            return ""
        return name_of(node) if isinstance(node, Sym) else ""

    def _judge(self, k: int, loss: str) -> Judge:
        key = k, loss
        if key not in self.made:
            problem: Problem = self.stretches[k].guess.problem
            self.made[key] = Judge.of_problem(
                problem if loss == problem.loss else replace(problem, loss=loss, results=())
            )
        return self.made[key]


@dataclass(frozen=True)
class OneOfAll:
    """A page that has the loss of one example, ``L_i``, beside that of all: what the one is about, and what the rest is."""

    one: Guessed
    rest: Guessed | None
    renamed: Renamed

    @property
    def first(self) -> Judge:
        """The judge of the first stretch."""
        return (self.rest or self.one).first

    @property
    def said(self) -> str:
        """The forward maps."""
        rest = f"{self.rest.said}; " if self.rest is not None else ""
        return f"{rest}of one example {self.one.said}"

    def _of(self, at: int, equation: Equation) -> Guessed:
        if self.rest is None or self.renamed.of_one.search(equation.text):
            return self.one
        if self.rest.unknown(at, equation) and not self.one.unknown(at, equation):
            return self.one
        return self.rest

    def judge(self, at: int, equation: Equation) -> Judge:
        """The judge of an equation."""
        found = self._of(at, equation)
        return found.judge(at, equation)

    def unknown(self, at: int, equation: Equation) -> str:
        """Why nothing can be said of an equation."""
        found = self._of(at, equation)
        return found.unknown(at, equation)

    def defining(self, at: int) -> int | None:
        """Which part of a chain says what the page is about."""
        mine = self.one.defining(at)
        return mine if mine is not None or self.rest is None else self.rest.defining(at)

    def text(self, at: int, equation: Equation) -> Equation:
        """The equation as it is to be read."""
        return self._of(at, equation).text(at, equation)

    def back(self, verdict: Verdict) -> Verdict:
        """A verdict in the author's names."""
        return self.one.back(verdict)


def guessed_subject(equations: Sequence[Equation], text: str) -> Guessed | OneOfAll | General | None:
    """What a document is about; None where its equations define nothing."""
    general = general_network(equations)
    if general is not None:
        return general
    named = renamed(equations)
    if not named.example:
        return _subject(equations, text, named)
    one = _subject(_of_one(equations, named), text, named)
    rest = _subject([_blank(e) if named.of_one.search(e.text) else e for e in equations], text, named.others())
    return rest if one is None else OneOfAll(one, rest, named)


def _of_one(equations: Sequence[Equation], named: Renamed) -> list[Equation]:
    """The equations without those of letters that stand for one example elsewhere and for all here."""
    letters = {m[1] for e in equations for m in re.finditer(rf"([A-Za-z])_\{{?{named.example}(?![A-Za-z,])", e.text)}
    losses = {m[0][0] for e in equations if (m := named.of_one.search(e.text))}

    def of_all(e: Equation) -> bool:
        bare = re.findall(r"(?<![A-Za-z\\])([A-Za-z])(?![A-Za-z_^{]|\s*_)", re.sub(r"\\[A-Za-z]+", " ", e.text))
        return bool({*bare} & (letters | losses)) and not named.of_one.search(e.text)

    return [_blank(e) if of_all(e) else e for e in equations]


def _blank(equation: Equation) -> Equation:
    """An equation that defines nothing."""
    return replace(equation, text="0 = 0", sign=(2, 3))


def _subject(equations: Sequence[Equation], text: str, named: Renamed) -> Guessed | None:
    equations = [named.equation(e) for e in equations]
    found = stretches(equations, text)
    if not found:
        return None
    defined = dict[int, int]()
    for stretch in found:
        defined |= stretch.guess.defining
    return Guessed(found, frozenset(functions_of(equations)), defined, named, equations)


__all__ = ["Guess", "Guessed", "OneOfAll", "guessed_subject"]
