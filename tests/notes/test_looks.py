"""What was ugly on a page when it was looked at, and is not to come back: each by the LaTeX or the HTML that it depends on."""

from __future__ import annotations

import re

import pytest

from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.notation.mathml import mathml
from symbp.notes import render
from symbp.notes.blocks import Boxed, Display, Folded, Items, Math, Page, Paragraph, Reference, Row, Table
from symbp.notes.formats.beamer import beamer_page
from symbp.notes.formats.html import html_page
from symbp.notes.formats.latex import latex_page

M = Math("x", "x")


def derived(loss: str = "cross_entropy") -> Derivation:
    return derive(Network.parse("3-4:relu-2:softmax", loss=loss))


def test_the_number_of_a_repeated_equation_stands_at_the_edge() -> None:
    rows = (Row(M, M, ("why",), key="a"), Row(M, M, (Reference("a"),)))
    page = Page(("T",), (), (Display(rows[:1]), Boxed(("Box",), (Display(rows[1:]),))))
    latex = latex_page(page, True)
    assert r"\tag{\ref{eq:a}}" in latex and r"\parbox[t]{0.4\linewidth}{\raggedright\small why}" in latex
    assert r"\tag*{\uncover<2->{(1)}}" in beamer_page(page, True).split("Box")[1]
    assert re.search(r'<div class="number"><a [^>]*>\(1\)</a></div>', html_page(page, True).split("Box")[1])


def test_a_figure_or_a_box_may_go_to_the_next_page_without_its_paragraph() -> None:
    latex = render(derived(), "latex", detail="steps")
    boxed = latex.index(r"\fbox{")
    assert r"\csname @beginparpenalty\endcsname=0" in latex[boxed - 120 : boxed]


def test_the_reason_of_a_first_line_is_no_place_to_break_a_page() -> None:
    long = Math(rf"\frac{{{'x' * 60}}}{{y}}", "long")  # no sign to break it at
    latex = latex_page(Page(("T",), (), (Display((Row(M, long, ("first",)), Row(M, long, ("second",)))),)), True)
    assert (
        r"{\small first}" in latex and r"\intertext{\small second}" in latex and "intertext{\\small first" not in latex
    )


def test_what_unfolds_has_its_reasons_beside_the_equations_too() -> None:
    rows = (Row(M, M, ("a reason that is as long as this one",)), Row(M, M, ("right",)))
    latex = latex_page(Page(("T",), (), (Folded(("More",), (Display(rows),)),)), True)
    assert latex.count(r"\parbox[t]{0.4\linewidth}") == 2 and "intertext" not in latex


def test_no_item_of_a_list_is_left_alone() -> None:
    latex = latex_page(Page(("T",), (), (Items((("a",), ("b",), ("c",), ("d",), ("e",))),)), True)
    assert re.findall(r"itempenalty\\endcsname=(-?\d+)", latex) == ["10000", "-51", "-51", "10000"]


def test_rows_with_fractions_or_two_scripts_have_air() -> None:
    fraction, scripts = Math(r"\frac{a}{b}", "a/b"), Math("w^{(1)}_{11}", "w")
    plain, high, tight = (
        latex_page(Page(("T",), (), (Table((("h",),), (((m,),), ((m,),))),)), True) for m in (M, fraction, scripts)
    )
    assert r"\addlinespace" in high and r"\addlinespace" not in plain + tight
    assert "{1.35}" in tight and "{1.15}" in plain


@pytest.mark.parametrize("convention", ["iitm", "goodfellow"])
def test_no_fraction_stands_small_above_a_fraction_line(convention: str) -> None:
    net = Network.parse("3-2:tanh-1:sigmoid", loss="binary_cross_entropy")
    latex = render(derive(net, batch=True), "latex", convention=convention)
    assert not re.search(r"\\frac\{[^{}]*\\frac", latex)


def test_the_letters_of_slopes_are_those_of_the_notation() -> None:
    for convention, letter in (("esl", r"\sigma'"), ("prml", "h'"), ("credit", r"\mathrm{relu}'")):
        latex = render(derived(), "latex", detail="steps", convention=convention)
        assert f"The slope ${letter}$ is at most" in latex


def test_brackets_in_mathml_are_as_high_as_what_they_hold() -> None:
    shown = str(mathml(r"\begin{pmatrix} a & b \end{pmatrix} \begin{pmatrix} c \\ d \end{pmatrix} + \max(0, z)"))
    assert shown.count("<mrow><mo>(</mo><mtable>") == 2 and "<mi>max</mi>" in shown


def test_both_passes_stand_side_by_side_on_a_slide() -> None:
    latex = render(derived(), "beamer", detail="steps")
    (both,) = (f for f in latex.split(r"\begin{frame}") if "\n\\uncover<1->{Forward:}" in f)
    assert both.count(r"\begin{column}") == 2 and "Backward:" in both and both.count(r"\begin{align*}") == 2


def test_words_before_an_item() -> None:
    latex = latex_page(Page(("T",), (), (Paragraph(("So:",)), Items((("a",),)))), True)
    assert "itempenalty" not in latex  # one item has no other beside it
