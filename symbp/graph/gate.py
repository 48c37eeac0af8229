"""A gate: one elementary node of a computational graph, the operands that it reads, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

INFIX = {"+": " + ", "-": " - ", "*": "*", "/": "/", "**": "**", ">": " > ", "<": " < ", ">=": " >= ", "<=": " <= "}
"""The gates of two operands that stand between them, as they are written there."""

COMMUTATIVE = ("+", "*", "max", "min")
COMPARISONS = (">", "<", ">=", "<=")


@dataclass(frozen=True)
class Operand:
    """What a gate reads: the node called `text`, or a constant written so (`compound` where it is no single number)."""

    text: str
    is_node: bool = True
    compound: bool = False


@dataclass(frozen=True)
class Gate:
    """``name = op(operands)``.

    `op` is an operator of :data:`INFIX`, ``negate``, ``copy``, ``constant``, or the name of a scalar function of the
    index language; `fresh` says that the name was made up for a part of a compound expression.
    """

    name: str
    op: str
    operands: tuple[Operand, ...]
    fresh: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The nodes that are read, in order; a node that is read twice stands twice."""
        return tuple(o.text for o in self.operands if o.is_node)

    @property
    def expression(self) -> str:
        """The right side in the index language."""
        return self.over([o.text for o in self.operands])

    @property
    def is_plain(self) -> bool:
        """Whether the sign of the gate alone says it all: a sum, a difference, a product, or one operand."""
        alone = self.op not in INFIX and len(self.operands) == 1 and self.op != "constant"
        return len(self.sources) == len(self.operands) and (alone or self.op in (*COMMUTATIVE, "-"))

    @property
    def shift(self) -> Operand | None:
        """The number that a sum adds to its one node, or a difference takes from it."""
        nodes, numbers = [o for o in self.operands if o.is_node], [o for o in self.operands if not o.is_node]
        ordered = self.op == "+" or (self.op == "-" and self.operands[0].is_node)
        if not ordered or len(nodes) != 1 or len(numbers) != 1 or numbers[0].compound:
            return None
        return numbers[0] if numbers[0].text[0] in "0123456789." else None

    def over(self, texts: Sequence[str]) -> str:
        """The right side with other texts for the operands, one for each."""
        if self.op in INFIX:
            return INFIX[self.op].join(_bracketed(o, t) for o, t in zip(self.operands, texts, strict=True))
        if self.op in ("copy", "constant"):
            return texts[0]
        if self.op == "negate":
            return f"-{_bracketed(self.operands[0], texts[0])}"
        return f"{self.op}({', '.join(texts)})"


def _bracketed(operand: Operand, text: str) -> str:
    return f"({text})" if operand.compound else text
