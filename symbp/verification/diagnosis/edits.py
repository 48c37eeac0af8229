"""The mistakes people make, as edits of a syntax tree that undo them, the likely ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symbp.formula.syntax import Claim
from symbp.verification.diagnosis.edit import Edit
from symbp.verification.diagnosis.edits_brackets import brackets, exponents, groupings
from symbp.verification.diagnosis.edits_names import functions, layers, letters, names, numbers, pre_and_post, squares
from symbp.verification.diagnosis.edits_scale import constant, factors, multiplied, signs
from symbp.verification.diagnosis.edits_shapes import axes, hadamards, means, products, sums, transposes
from symbp.verification.diagnosis.edits_slopes import missing_in_chains, missing_slopes, spare_slopes, wrong_slopes
from symbp.verification.diagnosis.edits_terms import biases, lacking, regularizers, spare
from symbp.verification.meaning.setting import Setting

__all__ = [
    "ALL",
    "BETWEEN_LOSSES",
    "CLASHING",
    "LACKING",
    "LATER",
    "SCALINGS",
    "Edit",
    "constant",
    "edits",
    "multiplied",
]

Source = Callable[[Setting, Claim], Iterator[Edit]]

ALL: tuple[Source, ...] = (
    brackets, missing_slopes, spare_slopes, transposes, means, factors, regularizers, signs, layers, functions, axes, sums,
    products, hadamards, letters, numbers, pre_and_post, exponents, biases,
)  # fmt: skip
"""Where edits come from, in the order in which they are tried: what people most often get wrong comes first."""

CLASHING: tuple[Source, ...] = (
    axes, transposes, products, hadamards, groupings, means, sums, layers, letters, missing_slopes, spare_slopes, names, spare,
)  # fmt: skip
"""The same for formulas whose shapes do not fit, which these can mend."""

LATER: tuple[Source, ...] = (names, squares, spare, wrong_slopes, missing_in_chains)
"""Those that are less likely than something left out of the derived equation."""

LACKING: tuple[Source, ...] = (lacking,)
"""Those that bring another tensor in; asked last, because they find something for too much."""

SCALINGS: tuple[Source, ...] = (signs, means, factors, sums, brackets, squares, spare)
"""Those that can mend a claim which is off by a constant."""

BETWEEN_LOSSES: tuple[Source, ...] = (missing_slopes, spare_slopes, signs, means, factors)
"""Those by which losses differ."""


def edits(setting: Setting, claim: Claim, sources: tuple[Source, ...] = ALL) -> Iterator[Edit]:
    """Every edit of a claim's right side, in the order in which they are tried, each result once."""
    seen = {claim.right}
    for source in sources:
        for edit in source(setting, claim):
            if edit.right not in seen and edit.right != claim.left:
                seen.add(edit.right)
                yield edit
