"""What is wrong with a claim, in words and formulas; a formula is written in the claim's language when the reason is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbp.formula.syntax import Node


@dataclass(frozen=True)
class Reason:
    """Words, and formulas between them."""

    parts: tuple[str | Node, ...]

    def __add__(self, other: str | Reason) -> Reason:
        return Reason((*self.parts, *reason(other).parts))

    def __bool__(self) -> bool:
        return bool(self.parts)

    def shown(self, show: Callable[[Node], str]) -> str:
        """The reason as text, its formulas written by `show`."""
        return "".join(part if isinstance(part, str) else show(part) for part in self.parts)


def reason(*parts: str | Node | Reason) -> Reason:
    """A reason put together from words, formulas and other reasons."""
    found: list[str | Node] = []
    for part in parts:
        found += part.parts if isinstance(part, Reason) else [part] if part != "" else []
    return Reason(tuple(found))
