"""What pages say in words, in the letters of the notation."""

from __future__ import annotations

import re
from functools import cache

import pytest

from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.notation import NOTATIONS, notation_named
from symbp.notes.blocks import Display, Heading, Inline, Items, Math, Paragraph, Table, flat
from symbp.notes.carried import carried
from symbp.notes.elements import elements
from symbp.notes.fits import fitting
from symbp.notes.general import general
from symbp.notes.steps import steps
from symbp.notes.writer import Writer


@cache
def derived() -> Derivation:
    return derive(Network.parse("3-2:sigmoid-4:softmax", loss="cross_entropy"))


@cache
def spoken(convention: str) -> tuple[Inline, ...]:
    """The sentences of the page of steps, section by section."""
    page = steps(Writer(derived(), fitting(derived(), convention)))
    blocks = [b for section in page for b in flat(section.blocks)]
    return (
        *(b.parts for b in blocks if isinstance(b, Paragraph)),
        *(item for b in blocks if isinstance(b, Items) for item in b.items),
    )


def formulas(line: Inline) -> list[str]:
    return [p.latex for p in line if isinstance(p, Math)]


def sentence(convention: str, words: str) -> Inline:
    return next(line for line in spoken(convention) if words in "".join(p for p in line if isinstance(p, str)))


@pytest.mark.parametrize(
    ("convention", "weights"),
    [
        ("iitm", ["w"]),
        ("nielsen", ["w"]),
        ("iitkgp", ["W_{ij}"]),
        ("goodfellow", ["W_{i, j}"]),
        ("esl", [r"\alpha_{ml}", r"\beta_{km}"]),
    ],
)
def test_what_is_asked_is_asked_of_the_notations_weights(convention: str, weights: list[str]) -> None:
    found = formulas(sentence(convention, "What is wanted is"))
    loss = found[0]
    assert found[2 : 2 + len(weights)] == weights
    assert found[-len(weights) :] == [rf"\frac{{\partial {loss}}}{{\partial {w}}}" for w in weights]


@pytest.mark.parametrize("convention", NOTATIONS)
def test_the_first_step_of_the_algorithm_has_the_letters_of_the_table(convention: str) -> None:
    writer = Writer(derived(), fitting(derived(), convention))
    assert formulas(sentence(convention, "examples, each an input"))[1:3] == [writer.whole(n).latex for n in "xy"]


@pytest.mark.parametrize("convention", NOTATIONS)
def test_a_slope_has_the_letter_of_its_activation(convention: str) -> None:
    """g' is said in notations whose activations are g, and in no other."""
    letters = {notation_named(convention).activation, *notation_named(convention).functions}
    said = {m.group(1) for line in spoken(convention) for f in formulas(line) if (m := re.match(r"(\\?[a-z]+)'", f))}
    assert said <= {re.split(r"[_^]", x)[0] for x in letters if x} | {r"\sigma"}


def test_a_rows_sentence_is_about_its_own_layer_in_a_notation_of_letters_per_layer() -> None:
    """The third equation of esl is that of beta: its error is delta, not that of the hidden units."""
    assert formulas(sentence("esl", "A weight learns slowly"))[-1] == r"\delta_{ki}"


def test_a_novice_finds_what_softmax_is_before_its_paths_are_added() -> None:
    d = derive(Network.parse("2-3:softmax", loss="cross_entropy"))
    page = [s for s in elements(Writer(d, notation_named("iitm"))) if s.blocks]
    names = [s.name for s in page]
    assert names.index("softmax") < names.index("paths") and "pairs" in names
    jacobian = next(s for s in page if s.name == "softmax")
    rows = [r.right.latex for b in jacobian.blocks if isinstance(b, Display) for r in b.rows]
    assert r"\hat{y}_{i} (\mathbf{1}[i = j] - \hat{y}_{j})" in rows
    assert any(isinstance(b, Table) for s in page if s.name == "pairs" for b in s.blocks)
    assert isinstance(jacobian.blocks[0], Heading)


def test_one_vector_carries_the_errors_where_a_notation_has_a_letter_for_it() -> None:
    """With the errors put in their places again the steps are the equations of the general layer."""
    writer = Writer(derived(), notation_named("goodfellow"))
    of = general(writer)
    assert of is not None
    (steps_of_it,) = [b for b in carried(writer, of) if isinstance(b, Items)]
    last, gradients, back = (formulas(item) for item in steps_of_it.items)
    g, error = r"\boldsymbol{g}", r"\nabla_{\boldsymbol{a}^{%s}} J"
    rows = {key: of.row(found[0], shapes=False) for key, found in of.keyed.items()}
    assert last[1:] == [rf"{g} \leftarrow {rows['last'].right.latex}", error % "(L)"]
    assert [f.replace(g, f"({error % '(k)'})", 1) for f in (gradients[2], gradients[4])] == [
        rows["weights"].right.latex,
        f"({rows['biases'].right.latex})",
    ]
    assert back[0].replace(g, f"({error % '(k+1)'})") == rf"({error % '(k+1)'}) \leftarrow {rows['back'].right.latex}"
    assert back[1] == error % "(k)"
    assert carried(Writer(derived(), notation_named("iitm")), of) == []
