"""An exercise, and what exercises about one derivation are made of: its formulas as claims, and drawn numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from symbp.calculus.program import Statement
from symbp.errors import InputError
from symbp.formula.latex.equation import equation_of
from symbp.formula.printing import node_text
from symbp.formula.syntax import Claim
from symbp.lectures.given import read_given
from symbp.lectures.worked import Worked
from symbp.network.derivation import Derivation
from symbp.notes.blocks import Block, Inline, Math
from symbp.notes.equations import rows
from symbp.notes.writer import Writer
from symbp.verification.diagnosis.rows import Edit, Mistake, edits
from symbp.verification.judge import Judge
from symbp.verification.readings.claims import readings, vocabulary_of
from symbp.verification.verdict import Verdict

ASKED = Math(r"\overset{?}{=}", "=?")
"""The sign of a formula that may be wrong: where a page is proved, it is no claim."""
BLANK = Math(r"\boxed{\quad\ldots\vphantom{\sum_{j}}\quad}", "[ ... ]")
"""What is left out; a formula with dots is no claim either."""
_MOST_PARAMETERS = 40


@dataclass(frozen=True)
class Exercise:
    """A question and its solution; `key` is what it asks, by which two of them are told apart."""

    title: str
    question: tuple[Block, ...]
    solution: tuple[Block, ...]
    key: str


@dataclass(frozen=True)
class Formula:
    """A right equation of a derivation as the page prints it, and as a claim of the verifier."""

    statement: Statement
    left: Math
    right: Math
    claim: Claim


@dataclass(frozen=True)
class Material:
    """What exercises are made of."""

    derivation: Derivation
    writer: Writer
    judged: dict[str, Verdict] = field(default_factory=dict)

    @cached_property
    def _judge(self) -> Judge:
        notation = self.writer.notation
        return Judge(self.derivation.map, notation.layout, notation=notation)

    def verdict(self, latex: str) -> Verdict:
        """The verdict on an equation in LaTeX, each once."""
        if latex not in self.judged:
            self.judged[latex] = self._judge.judge(latex, latex=True)
        return self.judged[latex]

    def proved(self, text: str) -> bool:
        """Whether an equation in index notation is right."""
        if text not in self.judged:
            self.judged[text] = self._judge.judge(text, latex=False)
        return self.judged[text].ok

    @cached_property
    def adjoints(self) -> tuple[Statement, ...]:
        """The equations of errors and gradients that a page shows."""
        d = self.derivation
        return tuple(
            s
            for s in d.backward.statements
            if s.target.name not in self.writer.trivial and s.target.name in d.live and s.target.axes and s.body != 0
        )

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """Equations of errors and gradients that the verifier reads as they are printed, and proves."""
        return tuple(f for s in self.adjoints if (f := self._formula(s)) is not None)

    def _formula(self, s: Statement) -> Formula | None:
        row = rows(self.writer, s)[0]
        assert row.left is not None
        text = f"{row.left.latex} = {row.right.latex}"
        if not self.verdict(text).ok:
            return None
        try:
            vocabulary = vocabulary_of(self._judge)
            found = readings(vocabulary.read(equation_of(text)), vocabulary, self._judge.context_for)
        except InputError:
            return None
        return Formula(s, row.left, row.right, found[0].claim) if len(found) == 1 else None

    def mistakes(self, formula: Formula, sources: tuple[Mistake, ...]) -> list[Edit]:
        """What the edits of a diagnosis make of a right formula."""
        setting = self._judge.example.setting
        return [*edits(setting, formula.claim, sources)]

    def printed(self, formula: Formula, edit: Edit) -> Math | None:
        """The right side that an edit makes, in the words of the page; None where it has none."""
        claim = edit.applied(formula.claim)
        assert claim.written is not None
        latex = claim.written.node_text(claim.right)
        return Math(latex, self._renamed(node_text(claim.right)))

    def _renamed(self, text: str) -> str:
        """Plain text with the names of the notation."""
        names, tensors = self.derivation.names, self.writer.symbols.tensors

        def renamed(m: re.Match[str]) -> str:
            name = names.get(m[0], m[0])
            return self.writer.text_name(name) if name in tensors else m[0]

        return re.sub(r"[A-Za-z]\w*", renamed, text)

    def words(self, sentence: str) -> Inline:
        """A sentence of a verdict, its formulas between dollar signs as formulas."""
        parts = re.split(r"\$([^$]+)\$", sentence)
        return tuple(Math(p, self._plain(p)) if k % 2 else p for k, p in enumerate(parts) if p)

    def _plain(self, latex: str) -> str:
        """A formula of a verdict as plain text: whole tensors by their names, the rest as it is spelled."""
        for letters, text in self._letters:
            latex = latex.replace(letters, f" {text} ")
        text = re.sub(r"\s*\^\{?\s*(?:\\top|T)\}?", ".T", latex.replace(r"\odot", "*"))
        return re.sub(r"\s+", " ", re.sub(r"(?<=\() | (?=\))", "", re.sub(r"[{}\\]", "", text))).strip()

    @cached_property
    def _letters(self) -> list[tuple[str, str]]:
        """The LaTeX of every tensor, the transposed ones too, with its name as text; the longest first."""
        found = {}
        for name in self.writer.symbols.tensors:
            shown = self.writer.whole(name)
            found[shown.latex] = shown.text
            if shown.latex.endswith("}"):
                found[shown.latex[:-1] + r"\top}"] = found[shown.latex[:-1] + "T}"] = f"{shown.text}.T"
        return sorted(found.items(), key=lambda p: -len(p[0]))

    @property
    def is_small(self) -> bool:
        """Whether a reader can compute with all of its numbers."""
        d = self.derivation
        sizes = [1]
        for p in d.map.parameters:
            size = 1
            for a in p.tensor.axes:
                size *= d.map.sizes[a]
            sizes.append(size)
        return sum(sizes) <= _MOST_PARAMETERS

    def worked(self, chance: random.Random) -> Worked | None:
        """An example with drawn numbers; None where it has no value."""
        made = Worked(self.derivation, read_given(f"random:{chance.randrange(10**6)}", self.derivation))
        try:
            return made if made.values else None
        except InputError:
            return None


Make = Callable[[Material, random.Random], Exercise | None]
"""What draws an exercise of one kind; None where there is none this time."""
