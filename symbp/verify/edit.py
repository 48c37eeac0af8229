"""One edit of a claim's syntax tree, which undoes one mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbp.verify.syntax import Claim, Node
from symbp.verify.verdict import Cause


@dataclass(frozen=True)
class Edit:
    """One edit: the cause it stands for, what it says to a person, the new right side, and whether to try it in a pair."""

    cause: Cause
    why: str
    right: Node
    likely: bool = False

    def applied(self, claim: Claim) -> Claim:
        """The edited claim."""
        return replace(claim, right=self.right)
