"""How the vectors of a page stand, and claims in LaTeX judged as their author has them stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbp.verify.latex.judge import judge_latex
from symbp.verify.verdict import Verdict

if TYPE_CHECKING:
    from symbp.verify.judge import Judge


def judge_page(judge: Judge, text: str, blank: Verdict, more: bool = False) -> Verdict:
    return judge_latex(judge.on_page(frozenset()), text, blank, more)
