"""Derivations as pages: LaTeX, Markdown, plain text and JSON, in a lecturer's notation and at three levels of detail."""

from __future__ import annotations

from symbp.calculus.program import Statement
from symbp.network.derivation import Derivation
from symbp.notation import DEFAULT
from symbp.notes.equations import sides
from symbp.notes.fits import check_fits, fitting
from symbp.notes.page import DETAILS, render
from symbp.notes.writer import Writer

__all__ = ["DETAILS", "equation_latex", "render"]


def equation_latex(derivation: Derivation, statement: Statement, convention: str = DEFAULT) -> str:
    """One equation of a derivation as LaTeX without dollar signs, as matrices where they read well, else in index form."""
    writer = Writer(derivation, fitting(derivation, convention))
    check_fits(writer.symbols)
    left, right, _ = sides(writer, statement)
    return f"{left.latex} = {right.latex}"
