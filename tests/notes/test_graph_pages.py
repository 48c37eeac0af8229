"""Pages of graphs: every format and detail, what they say of joins, and their equations judged."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import symbp as sb
from symbp.calculus.text import statement_text
from symbp.verification.judge import Judge

EXAMPLES = Path(__file__).parents[2] / "examples"
FORMATS = ("text", "latex", "beamer", "html", "markdown", "ipynb", "json")
L = sb.layer
SMALL = sb.Network(
    {"a": 2, "b": 3},
    [
        L("dense", 2, inputs=("a",), name="u"),
        L("dense", 2, inputs=("b",)),
        L("tanh", name="v"),
        L("add", inputs=("u", "v")),
        L("dense", 2, name="out"),
    ],
    losses=[sb.LossTerm("sse", of="out"), sb.LossTerm("sse", of="u", target="v", weight=0.5)],
)
RESIDUAL = sb.Network(3, [L("dense", 4, name="h"), "tanh", L("add", inputs=("h", 2)), L("dense", 2), "softmax"])


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("format", "batch"), [*zip(FORMATS, itertools.cycle((False, True)))])
@pytest.mark.parametrize("detail", ["summary", "steps"])
def test_every_format_of_a_network_with_several_ends(format: str, batch: bool, detail: str) -> None:
    page = sb.derive(SMALL, batch=batch).page(format, detail=detail)
    assert "Traceback" not in page and len(page) > 1000


def test_neuron_by_neuron() -> None:
    page = sb.derive(RESIDUAL).page("text", detail="elements")
    assert "s1[1] = a1[1] + h[1]" in page or "s1[1] = h[1] + a1[1]" in page


def test_what_the_page_of_a_join_says() -> None:
    page = sb.derive(RESIDUAL).page("text", detail="steps")
    assert "h[i] reaches J through a1[i] and s1[i]: the paths add" in page
    assert "reads" in page.split("Architecture")[1].split("Forward pass")[0]
    for wrong in ("What vanishes", "its embedding, which the last layer reads out", "Let k be any layer"):
        assert wrong not in page


def test_what_a_page_says_of_inputs_outputs_and_losses() -> None:
    page = sb.derive(SMALL).page("text", detail="steps")
    assert "each inputs a and b with their target y_out" in page
    assert "the sum of the losses below, each times its weight" in page
    assert "J_u                  half the sum of squared errors of u and v" in page
    assert "The last layer" not in page


@pytest.mark.parametrize("name", ["residual", "autoencoder", "towers"])
def test_numbers_go_through_the_pages_of_the_examples(name: str) -> None:
    page = sb.derive(sb.Network.load(EXAMPLES / f"{name}.toml")).page("text", detail="summary")
    assert "Backward pass" in page


def test_numbers_agree_with_differences() -> None:
    page = sb.derive(SMALL).page("text", detail="steps", numbers="random:1")
    assert "No two of them differ by more than" in page


@pytest.mark.parametrize("net", [SMALL, RESIDUAL], ids=["several", "residual"])
def test_every_equation_is_proved_and_its_multiple_is_not(net: sb.Network) -> None:
    judge = Judge(net)
    for s in sb.derive(net).backward.statements:
        if not s.target.axes:
            continue
        text = statement_text(s)
        left, right = text.split(" = ", 1)
        assert judge.judge(text).ok, text
        assert not judge.judge(f"{left} = -17*({right})").ok, text


def test_a_term_left_out_where_paths_meet_is_named() -> None:
    block = [L("dense", 4, name="h"), L("dense", 4), L("tanh", name="t"), L("add", inputs=("h", "t")), L("dense", 2)]
    verdict = sb.verify(sb.Network(3, block), "dh = W2.T @ delta2")
    assert (verdict.verdict, verdict.cause, verdict.fix) == ("wrong", "missing_term", "dh = W2.T @ delta2 + ds2")


def test_figures_of_units_say_that_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    from symbp.commands.main import run

    assert run(["figure", "weight", str(EXAMPLES / "towers.toml")]) == 2
    assert "this network has no figure weight" in capsys.readouterr().err
