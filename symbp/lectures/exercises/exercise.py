"""An exercise, and what exercises about one derivation are made of: its formulas as claims, and drawn numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from symbp.calculus.matrix.nodes import SCALAR, MatTensor
from symbp.calculus.program import Statement
from symbp.errors import InputError
from symbp.formula.latex.equation import equation_of
from symbp.formula.printing import node_text
from symbp.formula.source import kept_formulas
from symbp.formula.syntax import Claim, Gradient, Name, Node, Transpose, children, nodes, with_children
from symbp.lectures.given import read_given
from symbp.lectures.worked import Worked
from symbp.network.derivation import Derivation
from symbp.notes.blocks import Block, Inline, Math
from symbp.notes.equations import rows
from symbp.notes.lettering import spaced
from symbp.notes.writer import Writer
from symbp.verification.diagnosis.rows import Edit, Mistake, edits
from symbp.verification.judge import Judge
from symbp.verification.readings.claims import OneExample, readings, vocabulary_of
from symbp.verification.readings.reading import Reading
from symbp.verification.readings.written import Written
from symbp.verification.state import State
from symbp.verification.verdict import Verdict

ASKED = Math(r"\overset{?}{=}", "=?")
"""The sign of a formula that may be wrong: where a page is proved, it is no claim."""
BLANK = Math(r"\boxed{\quad\ldots\vphantom{\sum_{j}}\quad}", "[ ... ]")
"""What is left out; a formula with dots is no claim either."""
_MOST_PARAMETERS = 40


_CALLED = re.compile(r"([A-Za-z]\w*)'*\(")


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
            found = self._read(self._judge, text)
        except OneExample:
            found = self._read(self._judge.of_one, text)
        except InputError:
            return None
        return Formula(s, row.left, row.right, found[0].claim) if len(found) == 1 else None

    def _read(self, state: State, text: str) -> list[Reading]:
        vocabulary = vocabulary_of(state)
        return readings(vocabulary.read(equation_of(text)), vocabulary, state.context_for)

    def mistakes(self, formula: Formula, sources: tuple[Mistake, ...]) -> list[Edit]:
        """What the edits of a diagnosis make of a right formula."""
        setting = self._judge.example.setting
        return [*edits(setting, formula.claim, sources)]

    def printed(self, formula: Formula, edit: Edit) -> Math | None:
        """The right side that an edit makes, in the words of the page: nobody is to tell a wrong one by its letters."""
        claim = edit.applied(formula.claim)
        assert isinstance(claim.written, Written)
        right = settled(claim.right)
        whole = self._letters_of(right, claim.written).get(right)
        if whole is not None:
            return Math(whole, self._renamed(formula, node_text(right)))  # alone it needs no brackets
        kept = {**kept_formulas(formula.claim), **self._letters_of(right, claim.written, bracketed=True)}
        return Math(spaced(claim.written.node_text(right, kept)), self._renamed(formula, node_text(right)))

    def _letters_of(self, right: Node, written: Written, *, bracketed: bool = False) -> dict[Node, str]:
        """The arrays of a formula and their transposes as the page prints them; where they are `bracketed`, so that they may
        stand beside a factor."""
        tensors, found = self.writer.symbols.tensors, dict[Node, str]()
        for node in nodes(right):
            name = self.derivation.names.get(f"d{node.name}") if isinstance(node, Gradient) else None
            name = node.name if isinstance(node, Name) else name
            if not isinstance(node, (Name, Gradient)) or name is None:
                continue
            name = self.derivation.names.get(name, name)
            if name not in tensors:
                continue
            plain = MatTensor(SCALAR, name, adjoint=isinstance(node, Gradient))
            turned = self.writer.matrix(replace(plain, transposed=True)).latex
            straight = self.writer.matrix(plain).latex
            if bracketed and straight.startswith(r"\nabla"):  # what follows is no part of it
                straight = f"({straight})"
            if written.is_turned(node):
                straight, turned = turned, straight
            found |= {node: straight, Transpose(node): turned}
        return found

    def _renamed(self, formula: Formula, text: str) -> str:
        """Plain text with the names of the notation, and functions as the right formula has them."""
        names, tensors = self.derivation.names, self.writer.symbols.tensors
        pairs = zip(_CALLED.findall(node_text(formula.claim.right)), _CALLED.findall(formula.right.text), strict=False)
        functions = dict(pairs)

        def renamed(m: re.Match[str]) -> str:
            name = names.get(m[0], m[0])
            return self.writer.text_name(name) if name in tensors else functions.get(m[0], m[0])

        whole = re.sub(r"\((dJ/d\w+)\)|(dJ/d\w+)", lambda m: f"d{(m[1] or m[2])[4:]}", text)
        return re.sub(r"[A-Za-z]\w*", renamed, whole)

    def words(self, sentence: str) -> Inline:
        """A sentence of a verdict, its formulas between dollar signs as formulas, the lengths of this network as numbers."""
        parts = re.split(r"\$([^$]+)\$", sentence)
        return tuple(self._shown(p) if k % 2 else self._counted(p) for k, p in enumerate(parts) if p)

    def _shown(self, latex: str) -> Math:
        """A formula of a verdict, its derivatives of the loss as the page writes them."""
        for its, ours in self._derivatives:
            latex = latex.replace(its, ours)
        return Math(latex, self._plain(latex))

    @cached_property
    def _derivatives(self) -> list[tuple[str, str]]:
        """How a verdict spells derivatives of the loss by itself, with how the page does; the longest first."""
        written = self.formulas[0].claim.written if self.formulas else None
        if not isinstance(written, Written) or self.writer.notation.patterns:
            return []
        found = dict[str, str]()
        for tensor in self.writer.symbols.tensors.values():
            if tensor.of is not None:
                letters = self._letters_of(Gradient(tensor.of), written)
                found |= {written.node_text(node): latex for node, latex in letters.items()}
        return sorted(((its, ours) for its, ours in found.items() if its != ours), key=lambda p: -len(p[0]))

    def _counted(self, words: str) -> str:
        """Words in which the length of an axis is its number, ``n1 columns`` are 3, where no two axes are equally long: a judge
        tells axes apart, and not their lengths."""
        lengths, sizes = self._judge.example.setting.lengths, self.derivation.map.sizes
        if len({*sizes.values()}) < len(sizes):
            return words
        known = {name: str(sizes[axis]) for name, axis in lengths.items() if axis in sizes}
        return re.sub(r"\b[nN]_?\w*\b", lambda m: known.get(m[0], m[0]), words)

    def _plain(self, latex: str) -> str:
        """A formula of a verdict as plain text: whole tensors by their names, the rest as it is spelled."""
        names = dict(self._letters)
        letters = "|".join(re.escape(shown) for shown, _ in self._letters)
        latex = re.sub(rf"(?<![A-Za-z\\])(?:{letters})", lambda m: f" {names[m[0]]} ", latex)
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


def settled(node: Node) -> Node:
    """A formula in which nothing is transposed twice."""
    node = with_children(node, tuple(map(settled, children(node))))
    inner = node.arg if isinstance(node, Transpose) else None
    return inner.arg if isinstance(inner, Transpose) else node


Make = Callable[[Material, random.Random], Exercise | None]
"""What draws an exercise of one kind; None where there is none this time."""
