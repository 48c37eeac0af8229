"""Formulas on a page: what can be marked in them, what may be typeset, and how words and MathML are printed."""

import re

import pytest

from symbp.documents.marking.latex_text import code, escaped
from symbp.documents.marking.said import Formula, _sentence
from symbp.documents.marking.structure import markable, typesets
from symbp.drawing.escape import latex_text
from symbp.notation.mathml import mathml


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        (r"a = W^{(2)} b", "W^{(2)}", ["W^{(2)}"]),
        (r"a = W^{(2)T} b", "W^{(", ["W^{(2)T}"]),
        (r"a = \hat y - y", "y -", [r"\hat y -"]),
        (r"a = \frac12 x", "2", [r"\frac12"]),
        (r"a = \frac{b}{c d} x", "d", ["d"]),
        (r"a = \left( b c \right) d", "b c", ["b c"]),
        (r"a = \left( b c \right) d", r"c \right) d", [r"\left( b c \right) d"]),
        (r"a = b & + c \\ & d", "b & + c \\\\ & d", ["b", "+ c", "d"]),
        (r"a = {b", "b", []),
        (r"a = b \left( c", "b", []),
        (r"a = g'(z)", "g'(z)", ["g'(z)"]),
    ],
)
def test_what_is_marked_can_stand_between_braces(text, part, found):
    at = text.index(part, text.index("="))
    assert [text[a:b] for a, b in markable(text, at, at + len(part))] == found


def test_only_known_whole_formulas_are_typeset():
    right = [
        r"\delta^{(1)} = W^{(2)T} \delta^{(2)} \odot g(z^{(1)})",
        r"W^{(1)} \leftarrow W^{(1)} - \eta \delta^{(1)} x^T",
        r"\frac{\partial J}{\partial w_{ij}} = \delta_i a_j",
        r"f'(z)^2",
        r"\left\{ x \right\}",
        r"\hat{y}_i^{(2)}",
        r"g'(z_i) = \begin{cases} 1 & z_i > 0 \\ 0 & \text{otherwise} \end{cases}",
    ]
    wrong = [r"\input{x}", "a % b", "a $ b", "#1", "a_b_c", "a^b^c", "a^b'", "{a", r"\left( a", r"\frac{a}", r"\csname x\endcsname", "a & b",
             r"\begin{x}\end{x}", r"\begin{cases} \input{x} \end{cases}", r"= \begin{cases} a & b & c \end{cases}", r"\begin{cases} a^b^c \end{cases}",
             r"\hat\begin{cases} a \end{cases}", r"a_\begin{cases} a \end{cases}", r"\begin{cases} a", r"= \begin{cases} \begin{cases} a \end{cases} \end{cases} b",
             r"= \\begin{cases} a \end{cases}", r"a \\ b", "x^", "é", r"\right)", r"\catcode`\%=12"]  # fmt: skip
    assert all(map(typesets, right)) and not any(map(typesets, wrong))


def test_words_in_latex_are_printed_and_not_acted_on():
    text = r"50% of \input{x} & $y$ #1 a_b^c ~ <é> “x” 数 δ"
    for shown in (escaped(text), code(text)):
        assert not re.search(r"(?<!\\)[%&$#_]", shown) and "数" not in shown and r"\input" not in shown


def test_a_space_that_is_kept_and_a_letter_of_latex_alone_are_printed():
    assert escaped("n0\u00a0=\u00a02") in ("n0~=~2", r"n0~=~2")
    assert latex_text("n0\u00a0=\u00a02") == "n0~=~2"
    assert _sentence(r"the factor 2 has gone into \eta: $x$ is it") == (
        "The factor 2 has gone into ", Formula(r"\eta", True), ": ", Formula("x", True), " is it.",
    )  # fmt: skip


def test_a_minus_before_a_number_has_no_room_around_it():
    assert mathml("a = -b").count('<mo form="prefix">−</mo>') == mathml("(-b)").count('<mo form="prefix">−</mo>') == 1
    assert not any("prefix" in mathml(x) for x in ("a - b", "(a) - b", "g'(z)' - b", r"A^\top - b"))
    assert '<mo lspace="0em" rspace="0em">/</mo>' in mathml("a / b")


def test_labels_of_braces_side_by_side_keep_apart():
    made = mathml(r"\underbrace{W}_{4 \times 3} \underbrace{x}_{3 \times 1}")
    assert made is not None and made.count('<mspace width="0.3em"></mspace>') == 4
    assert mathml(r"\lim_{n} x").count("mspace") == mathml(r"\sum_{i} x", display=True).count("mspace") == 0


def test_mathml_has_primes_letters_and_columns():
    assert "<mrow><mi>g</mi><mo>′</mo></mrow>" in mathml("g'(z)")
    assert "𝐱" in mathml(r"\mathbf{x}") and "𝑾" in mathml(r"\boldsymbol{W}")
    assert 'class="to-right"' in mathml(r"\begin{align*}a &= b\\ &= c\end{align*}", display=True)
    assert mathml(r"\nosuch x") is None and mathml("{" * 50 + "}" * 50) is None and mathml("x" * 5000) is None
