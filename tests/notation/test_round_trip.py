"""What a page says in a notation is read back in that notation and proved: the product of notations, details and networks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from own_notations import BATCH_ROWS, OWN, UNITS

import symbp as sb
from symbp.documents.equations import equations
from symbp.documents.judged import judge_equations
from symbp.errors import InputError
from symbp.notation import NOTATIONS, Notation, notation_named
from symbp.notation.file import read
from symbp.notes.formats.latex import latex_page
from symbp.notes.formats.markdown import markdown_page
from symbp.notes.page import page_of
from symbp.verification.judge import Judge

NETWORKS = {
    "sigmoid": sb.Network.parse("3-2:sigmoid-4", loss="sse"),
    "two sigmoids": sb.Network.parse("3-2:sigmoid-4:sigmoid", loss="squared_error"),
    "without biases": sb.Network.parse("2-3:tanh-2", loss="sse", bias=False),
    "probability": sb.Network.parse("3-2:relu-1:sigmoid", loss="binary_cross_entropy"),
    "softmax": sb.Network.parse("4-3:tanh-2:softmax", loss="cross_entropy"),
    "deep": sb.Network.parse("2-3:tanh-4:sigmoid-2", loss="mse"),
    "linear": sb.Network.parse("3-2", loss="squared_error"),
    "log": sb.Network.parse("2-3:sigmoid-4:log_softmax", loss="nll"),
}
ONE_HIDDEN = ("sigmoid", "two sigmoids", "without biases", "probability", "softmax", "log")
DEFAULT = {
    ("iitm", "without biases", "elements"),
    ("iitkgp", "two sigmoids", "steps"),
    ("credit", "sigmoid", "summary"),
    ("esl", "two sigmoids", "steps"),
    ("nielsen", "two sigmoids", "summary"),
    ("ng", "sigmoid", "summary"),
    ("prml", "two sigmoids", "steps"),
    ("goodfellow", "sigmoid", "summary"),
    ("cs231n", "sigmoid", "steps"),
    ("ufldl", "two sigmoids", "summary"),
    ("esl", "softmax", "summary"),
}
"""One page of each notation in every run, and coupled outputs in elements; all of the product in the sweep."""
OFTEN = ("bold", "rows", "units")


def cases():  # type: ignore[no-untyped-def]
    for name in NOTATIONS:
        for network in NETWORKS:
            for detail in ("summary", "steps", "elements"):
                if name == "esl" and network not in ONE_HIDDEN:
                    continue
                marks = () if (name, network, detail) in DEFAULT else (pytest.mark.sweep,)
                yield pytest.param(name, network, detail, marks=marks)


def check(notation: Notation, convention: str, network: str, detail: str, batch: bool = False) -> None:
    net = NETWORKS[network]
    page = page_of(sb.derive(net, batch=batch), convention, detail)
    for text, markdown in ((latex_page(page, False), False), (markdown_page(page, False), True)):
        if markdown and detail != "summary":
            continue  # reasons stand in the rows of an equation there, with formulas of their own
        judge = Judge(net, notation.layout, notation=notation)
        found = [*judge_equations(judge, equations(text, markdown))]
        judged = [v for v in found if v is not None]
        assert not [str(v) for v in judged if not v.ok]
        assert len(judged) > 7 and len(judged) > sum(v is None for v in found)


@pytest.mark.thinned(9)
@pytest.mark.parametrize(("convention", "network", "detail"), [*cases()])
def test_a_page_is_read_back_and_proved(convention: str, network: str, detail: str) -> None:
    check(notation_named(convention), convention, network, detail)


OF_BATCHES = ("iitm", "credit", "nielsen", "prml", "goodfellow", "cs231n", "ufldl", "esl")
"""The notations that have letters for a batch, or numbers of the example at their elements."""


def batches():  # type: ignore[no-untyped-def]
    default = {("iitm", "sigmoid", "steps"), ("cs231n", "without biases", "summary"), ("esl", "softmax", "steps")}
    for name in OF_BATCHES:
        for network in NETWORKS if name != "esl" else ONE_HIDDEN:
            for detail in ("summary", "steps"):
                marks = () if (name, network, detail) in default else (pytest.mark.sweep,)
                yield pytest.param(name, network, detail, marks=marks)


@pytest.mark.parametrize(("convention", "network", "detail"), [*batches()])
def test_a_page_of_a_batch_is_read_back_and_proved(convention: str, network: str, detail: str) -> None:
    check(notation_named(convention), convention, network, detail, batch=True)


@pytest.mark.parametrize("detail", ["summary", pytest.param("steps", marks=pytest.mark.sweep)])
@pytest.mark.parametrize("text", [UNITS, BATCH_ROWS], ids=["columns", "rows"])
def test_a_page_of_a_batch_in_a_notation_of_ones_own(text: str, detail: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    check(read(text, "mine", str(path)), str(path), "sigmoid", detail, batch=True)


@pytest.mark.parametrize(
    ("convention", "says"),
    [
        ("ng", "a loss of its own"),
        ("iitkgp", "no letter for the inputs of a batch"),
    ],
)
def test_a_batch_that_a_notation_cannot_write(convention: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        page_of(sb.derive(NETWORKS["sigmoid"], batch=True), convention)


def test_a_batch_has_the_loss_that_the_notation_has() -> None:
    """A network's own loss is the mean; in ESL and PRML that of a batch is the sum, whatever the network is trained with."""
    of_mean = sb.derive(NETWORKS["sigmoid"], batch=True)
    of_sum = sb.derive(replace(NETWORKS["sigmoid"], reduction="sum"), batch=True)
    for name in ("esl", "prml"):
        assert latex_page(page_of(of_mean, name), False) == latex_page(page_of(of_sum, name), False)
    assert latex_page(page_of(of_mean, "iitm"), False) != latex_page(page_of(of_sum, "iitm"), False)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("own", [pytest.param(name, marks=() if name in OFTEN else pytest.mark.sweep) for name in OWN])
@pytest.mark.parametrize(
    "detail", ["summary", *(pytest.param(d, marks=pytest.mark.sweep) for d in ("steps", "elements"))]
)
def test_a_page_in_a_notation_of_ones_own(own: str, detail: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / f"{own}.toml"
    path.write_text(OWN[own], encoding="utf-8")
    check(read(OWN[own], own, str(path)), str(path), "sigmoid", detail)


@pytest.mark.parametrize("network", [n for n in NETWORKS if n not in ONE_HIDDEN])
def test_a_network_that_a_notation_has_no_letters_for(network: str) -> None:
    with pytest.raises(InputError, match="has letters for 2 layers"):
        page_of(sb.derive(NETWORKS[network]), "esl")


def test_a_layer_without_letters(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "two.toml"
    path.write_text(OWN["by_layer"], encoding="utf-8")
    with pytest.raises(InputError, match="no letter for layer 3"):
        page_of(sb.derive(NETWORKS["deep"]), str(path))
