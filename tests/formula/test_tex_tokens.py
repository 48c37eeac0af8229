"""Tokens of TeX: names, places, arguments; and the passes that leave what has a meaning."""

from __future__ import annotations

import pytest

from symbp.errors import InputError
from symbp.formula.latex.conditions import condition_of
from symbp.formula.latex.parse import parse
from symbp.formula.tex.clean import cleaned, with_plain_signs
from symbp.formula.tex.macros import expanded, macros_of
from symbp.formula.tex.patterns import LETTER, absent, ended, in_braces, many, name, optional, replaced, sequence, whole
from symbp.formula.tex.spelling import spelled
from symbp.formula.tex.tokens import argument, closing, source_tokens, tokens_of, words_of
from symbp.formula.tex.traced import Traced


def names(text: str) -> list[str]:
    return [t.name for t in tokens_of(text)]


def kept(text: str) -> str:
    """What is left of a text, marks by their kinds."""
    return " ".join(f"<{t.kind}>" if t.kind and t.kind != "WORD" else t.name for t in cleaned(tokens_of(text)))


def test_commands_braces_and_signs_are_tokens_with_their_places() -> None:
    text = r"\delta^{(1)}_i  = \lVert x\rVert"
    assert names(text) == [r"\delta", "^", "{", "(", "1", ")", "}", "_", "i", "=", r"\|", "x", r"\|"]
    assert [text[t.start : t.end] for t in tokens_of(text)][-3:] == [r"\lVert", "x", r"\rVert"]


def test_an_environment_is_one_token() -> None:
    assert names(r"\begin {cases} 1 \\ 2 \end{cases}") == [r"\begin{cases}", "1", r"\\", "2", r"\end{cases}"]


def test_arguments_are_groups_or_single_tokens() -> None:
    tokens = tokens_of(r"\frac{a{b}}c}")
    assert ["".join(t.name for t in argument(tokens, k)[0]) for k in (1, 7, 8)] == ["a{b}", "c", ""]
    assert closing(tokens, 1) == 6 and closing(tokens, 0) is None and closing(tokens_of("{a"), 0) is None
    assert words_of(tokens_of("if   it is so")) == "if it is so"


def test_patterns_end_where_they_match() -> None:
    tokens = tokens_of(r"i, j {k}")
    pattern = sequence(LETTER, many(sequence(name(","), LETTER)), optional(name("!")), in_braces(whole(LETTER)), ended)
    assert pattern(tokens, 0) == len(tokens) and pattern(tokens, 1) is None
    assert absent(name("j"))(tokens, 0) == 0 and absent(name("i"))(tokens, 0) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\left( \mathbf{x} \right)\;", "( { x } )"),
        (r"\operatorname*{argmax} \text{ReLU}(z)", "argmax ReLU ( z )"),
        (r"\mathcal L = \mathbf{1}^T a", r"\calL = <ONES> ^ T a"),
        (r"\implies \forall i \in \{1, \dots, n\}: \quad a_i = b", "a _ i = b"),
        (r"a_i = b, \quad i = 1, \dots, n.", "a _ i = b"),
        (r"a = b \quad \text{(chain rule)}", "a = b"),
        (r"\sum_{k \in \text{outputs}} a_k", r"\sum _ { k } a _ k"),
        (r"\stackrel{(a)}{=} b", "= b"),
        (r"\stackrel{?}{=} b", r"\stackrel { ? } { = } b"),
        (r"\left. f \right|_{x}", "<OPENAT> f <CLOSEAT> _ { x }"),
        (r"\begin{cases} 1 & \text{if } z > 0 \\[2pt] 0 & \text{otherwise.} \end{cases}",
         "<OPENCASES> 1 <NEXTCELL> z > 0 <NEXTROW> 0 <NEXTCELL> <OTHERWISE> <CLOSECASES>"),
        (r"|x| + \|y\|^2", "<OPENBAR> x <CLOSEBAR> + <OPENNORM> y <CLOSENORM> ^ 2"),
        (r"A^{\circ 2} + A^{\circ}", r"A ^ { <EACH> 2 } + A ^ { \circ }"),
        (r"$$ a \label{eq:a} = b \tag*{(1)} .$$", "a = b"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_goes(text: str, expected: str) -> None:
    assert kept(text) == expected


def test_a_condition_in_words_is_refused_where_it_stands() -> None:
    with pytest.raises(InputError, match="a condition or a remark in words") as e:
        cleaned(tokens_of(r"a = b \text{, if it rains}"))
    assert e.value.place.column == 7


@pytest.mark.parametrize(
    ("text", "named", "column"),
    [
        (r"a = \begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix}", 5),
        ("a = ⟦y⟧", "⟦", 5),  # a sign that only looks like one of a reader's own
        (r"a = b \\ c", r"\\", 7),
    ],
)
def test_what_has_no_meaning_is_named_where_it_stands(text: str, named: str, column: int) -> None:
    with pytest.raises(InputError) as e:
        parse(text)
    assert (
        named in e.value.message and e.value.message.endswith("has no meaning here") and e.value.place.column == column
    )


def test_plain_signs_keep_every_column() -> None:
    assert with_plain_signs(r"a \overset{\text{def}}{=} b") == "a " + "=".ljust(23) + " b"


def test_the_source_of_a_document_has_tokens_for_all_of_it() -> None:
    text = "a b\n \n\\emph {c} \\begin{x}[1] $ \\% \\"
    tokens = [*source_tokens(text)]
    assert "".join(text[t.start : t.end] for t in tokens) == text
    assert [t.name for t in tokens if t.kind != "text"] == ["\n \n", r"\emph", "{", "}", r"\begin{x}", "$", r"\%"]
    assert [t.name for t in tokens if t.kind == "text"] == ["a b", " ", "c", " ", "[", "1", "]", " ", " ", " ", "\\"]


@pytest.mark.parametrize(
    ("definition", "call", "expected"),
    [
        (r"\newcommand*{\a}[2]{#2 #1}", r"\a{x}y", "y x"),
        (r"\newcommand\a[1][d]{<#1>}", r"\a \a[e]", "<d> <e>"),
        (r"\providecommand{\a}{b}", r"x_\a", "x_{b }"),
        (r"\def\a#1{\b{#1}} \def\b#1{(#1)}", r"\a c", "(c)"),
        (r"\let\a=\nabla", r"\a W", r"\nabla W"),
        (r"\DeclareMathOperator*{\a}{arg\,max}", r"\a z", r"\operatorname{arg\,max} z"),
        (r"\newcommand{\a}{", r"\a x", r"\a x"),
        (r"\newcommand{\a}[2]{#1}", r"{\a x}", r"{\a x}"),
    ],
)
def test_macros_are_expanded(definition: str, call: str, expected: str) -> None:
    found = expanded(Traced.standing(call, 10), macros_of(definition))
    assert found.text.replace("  ", " ") == expected and len(found.at) == len(found.text)
    assert {*found.at} <= {-1, *range(10, 10 + len(call))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"{a \over {b \over c}} x", r"\frac{a}{\frac{b}{c}} x"),
        (r"a \over b", r"a \over b"),
        (r"{a \over b", r"{a \over b"),
        (r"δ⁽¹⁾ = ŷ ½", r"δ^{(1)} = \hat{y} \frac{1}{2}"),
    ],
)
def test_other_spellings_are_latex(text: str, expected: str) -> None:
    found = spelled(Traced.standing(text, 0))
    assert found.text == expected and len(found.at) == len(found.text)


def test_what_a_pattern_matches_is_replaced_in_its_place() -> None:
    found = replaced(Traced.standing(r"a \label{x} = b", 5), sequence(name(r"\label"), in_braces()), lambda found: "?")
    assert found.text == "a ? = b" and found.at[2:5] == (7, 16, 17)


@pytest.mark.parametrize(
    ("text", "plain", "condition"),
    [
        (r"w_{ij} = 0 \quad \text{if } i \neq j.", "w_{ij} = 0", r"$i \neq j$"),
        (r"w_{ij} = 0, \; (j \not= i)", "w_{ij} = 0", r"$j \neq i$"),
        (r"w_{ij} = a_{i = j}", r"w_{ij} = a_{i = j}", "None"),
        (r"w_{ij} = 0 \quad i = k", r"w_{ij} = 0 \quad i = k", "None"),
    ],
)
def test_a_condition_behind_an_equation(text: str, plain: str, condition: str) -> None:
    found = condition_of(text)
    assert found[0].rstrip() == plain and str(found[1]) == condition and len(found[0]) == len(text)
