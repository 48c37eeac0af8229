"""What a reader meets on a page is said on it: letters and signs that occur, and no line that says nothing."""

from __future__ import annotations

import re

import pytest
from notes_cases import derivation_of

from symbp.network import Network
from symbp.network.derivation import derive
from symbp.notes import render
from symbp.notes.formats.markdown import markdown_text


def page(network: str, form: str = "text", detail: str = "summary", convention: str = "iitm") -> str:
    return render(derivation_of(network), form, detail=detail, convention=convention)


def test_the_loss_alone_needs_no_chain_rule() -> None:
    for form in ("latex", "text"):
        text = page("activation tanh", form, "steps")
        assert "reaches J directly" not in text and "J$ directly" not in text
        assert re.search(r"through.*z1|z\^\{\(1\)\}", text)
    assert "= yhat[i] - y[i]   # only one term of J has yhat[i] in it" in page("loss sse", detail="steps")


@pytest.mark.parametrize(
    ("network", "sign", "said"),
    [
        ("activation softsign", r"\oslash", "the elementwise quotient"),
        ("activation log_softmax", r"\mathbf{1}^", "among vectors, the vector of ones"),
        ("activation relu", r"\mathbf{1}[", "is 1 where $z > 0$ and 0 elsewhere"),
    ],
)
def test_signs_are_explained_where_they_occur(network: str, sign: str, said: str) -> None:
    with_it, without = page(network, "latex"), page("activation tanh", "latex")
    assert sign in with_it and said in with_it
    assert sign not in without and said not in without


def test_letters_are_those_of_the_page() -> None:
    text = page("activation tanh")
    assert "Here a = tanh(z) is the value" in text and "g(z)" not in text
    assert not re.search(r"(\S+\(z\)) += \1$", text, re.M)
    two = render(derive(Network.parse("3-2:tanh-3:sigmoid-1")), "text")
    assert "a is the activation's value at z" in two and "g(z)" not in two
    assert "Notation: columns, weights to $i$ from $j$." in page("activation tanh", "latex")


def test_updates_are_counted_only_where_the_count_is_used() -> None:
    assert "counts the updates" in page("optimizer adam")
    momentum = page("optimizer momentum")
    assert "0 at the start." in momentum and "counts the updates" not in momentum


def test_one_example_or_a_batch() -> None:
    assert "the loss of a batch is the mean over its examples" in page("activation tanh")
    assert "the loss of a batch is the sum" in render(derive(Network.parse("2-1", reduction="sum")), "text")
    assert "for a batch of N examples" in render(derive(Network.parse("2-1"), batch=True), "text")


def test_lengths_have_the_names_of_layers() -> None:
    text = page("loss mse", detail="steps")
    assert "/n1" in text and "N_i1" not in text and "n<k> is the number of units of layer k" in text
    assert "N_o1 is the length of the axis o1." in page("user")
    assert "n<k> is the number" not in page("activation tanh")


def test_factors_have_one_order() -> None:
    text = page("activation tanh", detail="steps")
    for shown in ("sum(W1[i,j]*x[j], j)", "delta2[1]*W2[1,i]", "delta2[i]*a1[j]", "W1 - lr*dW1"):
        assert shown in text


def test_markdown_says_reasons_beside_the_equations() -> None:
    text = page("activation tanh", "markdown", "steps")
    assert r"&& \quad \text{chain rule: }z^{(1)}_{i}\text{ reaches }J\text{ through }a^{(1)}_{i}" in text
    assert r"\underbrace{W^{(1)}}_{2 \times 3} \underbrace{x}_{3 \times 1}" in text
    assert r"\(" not in text and r"\)" not in text and r"\[" not in text
    assert markdown_text("a[b](c)") == "a&#91;b&#93;(c)"
    for block in re.findall(r"\$\$\n(.*?)\n\$\$", text, re.S):
        lines = block.splitlines()
        assert lines[0] == r"\begin{aligned}" and lines[-1] == r"\end{aligned}"
        assert all(line.endswith(r" \\") for line in lines[1:-2]) and not lines[-2].endswith("\\")


def test_shapes_stand_beside_equations_or_nowhere() -> None:
    for found in re.findall(r"\\intertext\{\\small (.*?)\}\n", page("user", "latex", "steps")):
        assert not found.startswith(r"$(")
