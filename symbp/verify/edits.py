"""The mistakes people make, as edits of a syntax tree that undo them, the likely ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symbp.verify.edit import Edit
from symbp.verify.edits_names import functions, layers, names, slopes, terms
from symbp.verify.edits_scale import factors, multiplied, signs
from symbp.verify.edits_shapes import products, sums, transposes
from symbp.verify.setting import Setting
from symbp.verify.syntax import Claim

__all__ = ["Edit", "edits", "multiplied", "scalings"]

Source = Callable[[Setting, Claim], Iterator[Edit]]

ALL: tuple[Source, ...] = (slopes, transposes, signs, factors, functions, layers, products, sums, names, terms)
"""Where edits come from, in the order in which they are tried: what people most often get wrong comes first."""

SCALINGS: tuple[Source, ...] = (signs, factors)
"""Those that can mend a claim which is off by a constant."""


def edits(setting: Setting, claim: Claim, sources: tuple[Source, ...] = ALL) -> Iterator[Edit]:
    """Every edit of a claim's right side, in the order in which they are tried, each result once."""
    seen = {claim.right}
    for source in sources:
        for edit in source(setting, claim):
            if edit.right not in seen and edit.right != claim.left:
                seen.add(edit.right)
                yield edit


def scalings(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The edits for a claim that is off by a constant."""
    return edits(setting, claim, SCALINGS)
