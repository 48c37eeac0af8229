r"""How a claim in LaTeX was written: enough to write another one, or a part of it mended, in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symbp.formula.syntax import Claim, Gradient, Node, Read, Transpose
from symbp.notation import Notation
from symbp.verification.meaning.setting import Setting
from symbp.verification.readings.letters import updated, writable
from symbp.verification.readings.printer import Printer
from symbp.verification.readings.products import without_letter
from symbp.verification.readings.scripts import Habits, Spelling
from symbp.verification.readings.updates import Step


@dataclass(frozen=True)
class Written:
    """A notation, and how a claim used it.

    `style` holds ``{}`` for the layer, `variable` is the letter that a layer's number has in this reading of the claim, with
    the number, and `batch` says whether its letters stand for a whole batch. `example` is the letter that counts examples where
    they are written one by one, `own` says that their derivatives are those of each one's own loss, and `count` is the letter for
    how many there are; with `example_last` its index stands behind the unit's. `habits` says which of several signs the author
    takes.
    """

    notation: Notation
    setting: Setting = field(repr=False)
    style: str = "({})"
    below: bool = False
    loss: str = "J"
    variable: tuple[str, int] | None = None
    batch: bool = False
    indexed: bool = False
    step: Step | None = None
    columns: bool = False
    example: str = ""
    own: bool = False
    count: str = "N"
    example_last: bool = False
    habits: Habits = field(default_factory=Habits)

    @property
    def steps(self) -> bool:
        """Whether the claim is about an update."""
        return self.step is not None

    def claim_text(self, claim: Claim, kept: Mapping[Node, str] | None = None) -> str:
        """The equation as LaTeX; empty where this notation has no way to write it."""
        if not all(writable(self.notation, self.setting, side) for side in (claim.left, claim.right)):
            return ""
        if self.notation.patterns and not self.batch:
            claim = without_letter(claim, self.notation.example)
        printer = self._printer(kept)
        if self.step is not None and isinstance(claim.left, (Gradient, Read, Transpose)):
            return self.step.text(printer.text(updated(claim.left)), printer.factor(claim.right))
        return f"{printer.text(claim.left)} = {printer.text(claim.right)}"

    def node_text(self, node: Node, kept: Mapping[Node, str] | None = None) -> str:
        """An expression as LaTeX."""
        return self._printer(kept).text(node)

    def factor_text(self, node: Node) -> str:
        """An expression as LaTeX that may stand beside a factor."""
        return self._printer(None).factor(node)

    def _printer(self, kept: Mapping[Node, str] | None) -> Printer:
        habits = self.habits.seen_in(kept) if kept else self.habits
        spelling = Spelling(
            self.notation,
            self.setting,
            self.style,
            self.below,
            self.loss,
            self.variable,
            self.batch and not self.example,
            self.columns,
            self.example,
            self.batch,
            self.count,
            self.example_last,
            habits,
        )
        return Printer(spelling, self.indexed, kept or {})
