"""Markdown: the commands of its formulas are known to MathJax and to KaTeX, and nothing in it is undone by Markdown."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from notes_cases import NETWORKS, derivation_of

from symbp.errors import InputError
from symbp.notation import NOTATIONS
from symbp.notes import render
from symbp.notes.blocks import Display, Folded, Items, Math, Page, Paragraph, Reference, Row
from symbp.notes.formats.markdown import markdown_page

KNOWN = frozenset(
    r"""alpha beta gamma delta varepsilon epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega partial nabla infty ell prime top intercal
    frac dfrac sqrt sum prod max min ln log exp tanh sinh cosh sin cos arctan arg lim
    left right Bigl Bigr big Big begin end hat bar tilde mathbf mathrm mathcal mathsf boldsymbol text underbrace overbrace
    odot bullet oslash cdot times thinspace le ge lt gt ne approx leftarrow rightarrow leadsto to in quad qquad enspace ldots cdots vdots ddots
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
    words = re.sub(r"\$\$.+?\$\$", " ", page, flags=re.S)
    assert "<em>" not in MarkdownIt("commonmark").enable("table").render(words), "Markdown would read emphasis"
    for formula in found:
        assert {*re.findall(r"\\([A-Za-z]+)", formula)} <= KNOWN, formula
        assert {*re.findall(r"\\begin\{(\w+)\}", formula)} <= ENVIRONMENTS
        assert not re.search(r"(?<!\\)\\[_,;:!# ]|<|\\\\\[(?!\d)", formula), (
            "Markdown would undo it, or read it as markup"
        )


def test_what_unfolds_is_html_whose_title_is_text() -> None:
    hostile = "</summary><img src=x onerror=alert(1)> $x$ *b* `c` \\input"
    inner = (Paragraph(("Because.",)), Items((("one",), ("two",)), ordered=True))
    page = markdown_page(Page(("T",), (), (Folded((hostile, Math("x", "a<b")), inner), Paragraph(("After.",)))), True)
    assert page.count("<") == 4 and "\n\nBecause.\n" in page and "1. one\n1. two\n\n</details>\n\nAfter." in page
    shown = MarkdownIt("commonmark", {"html": True}).render(page)
    assert "<img" not in shown and "<ol>" in shown and "<p>After.</p>" in shown


def test_numbers_stand_in_a_column_behind_the_notes() -> None:
    m = Math("x", "x")
    rows = (Row(m, m, ("why",), key="a"), Row(m, m, key="b"), Row(m, m))
    page = markdown_page(Page(("T",), (), (Display(rows), Paragraph(("By ", Reference("b"), ".")))), True)
    assert (
        r"x &= x && \quad \text{why} && \quad (1) \\" in page
        and r"x &= x && && \quad (2) \\" in page
        and "By (2)." in page
    )
