"""Markdown: the commands of its formulas are known to MathJax and to KaTeX, and nothing in it is undone by Markdown."""

from __future__ import annotations

import re

import pytest
from notes_cases import NETWORKS, derivation_of

from symbp.errors import InputError
from symbp.notation import NOTATIONS
from symbp.notes import render

KNOWN = frozenset(
    r"""alpha beta gamma delta varepsilon epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega partial nabla infty ell prime top intercal
    frac dfrac sqrt sum prod max min ln log exp tanh sinh cosh sin cos arctan arg lim
    left right Bigl Bigr big Big begin end hat bar tilde mathbf mathrm mathcal mathsf boldsymbol text underbrace overbrace
    odot oslash cdot times le ge lt gt ne approx leftarrow rightarrow leadsto to in quad qquad enspace ldots cdots vdots ddots
    lVert rVert lvert rvert lfloor rfloor boxed displaystyle color textcolor operatorname""".split()
)
"""What the tables of supported functions of both have (KaTeX 0.16, MathJax 3)."""
ENVIRONMENTS = {"aligned", "pmatrix", "cases", "array", "bmatrix"}


def formulas(page: str) -> list[str]:
    displayed = re.findall(r"\$\$(.+?)\$\$", page, re.S)
    rest = re.sub(r"\$\$.+?\$\$", " ", page, flags=re.S)
    return displayed + re.findall(r"(?<!\\)\$((?:[^$\\]|\\.)+?)\$", rest)


@pytest.mark.parametrize(
    ("network", "convention", "detail"),
    [
        ("activation leaky_relu", "iitm", "steps"),
        ("user", "ng", "summary"),
        *(
            pytest.param(n, c, d, marks=pytest.mark.sweep)
            for n in NETWORKS
            for c in NOTATIONS
            for d in ("summary", "steps")
        ),
    ],
)
def test_formulas_use_what_both_know(network: str, convention: str, detail: str) -> None:
    try:
        page = render(derivation_of(network), "markdown", convention=convention, detail=detail)
    except InputError:
        return  # a notation that has no letters for this network
    found = formulas(page)
    assert len(found) > 10
    for formula in found:
        assert {*re.findall(r"\\([A-Za-z]+)", formula)} <= KNOWN, formula
        assert {*re.findall(r"\\begin\{(\w+)\}", formula)} <= ENVIRONMENTS
        assert not re.search(r"\\[_,;:!# ]|<|\\\\\[(?!\d)", formula), "Markdown would undo it, or read it as markup"
