"""A whole layer as a function of its input and weights, f^1(X, W^1): of its own alone, the way round that the notation has them."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.judge import Judge

NET = sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse")


@pytest.fixture(scope="module", params=["iitkgp", "iitm"])
def judge(request: pytest.FixtureRequest) -> Judge:
    return Judge(NET, notation=notation_named(request.param))


LETTERS = {"iitkgp": (r"\theta_1", r"\theta_2", "f^1", "f^2", "X", "W^1", "W^2"),
           "iitm": ("a^{(1)}", "a^{(2)}", "g^{(1)}", "g^{(2)}", "x", "W^{(1)}", "W^{(2)}")}  # fmt: skip


def claim(judge: Judge, text: str) -> str:
    """A claim in the judge's letters: a, A the outputs, f, F the layers, x the input, w, W the weights."""
    assert judge.notation is not None
    return "".join(dict(zip("aAfFxwW", LETTERS[judge.notation.name], strict=True)).get(c, c) for c in text)


@pytest.mark.parametrize("text", ["a = f(x, w)", "A = F(a, W)"])
def test_its_own_input_and_weights(judge: Judge, text: str) -> None:
    assert judge.judge(claim(judge, text)).how == "exact"


def test_another_layer(judge: Judge) -> None:
    verdict = judge.judge(claim(judge, "A = f(x, w)"))
    assert not verdict.ok and verdict.cause == "shape"


@pytest.mark.parametrize("text", ["a = f(x, W)", "a = f(w, x)", "A = F(x, W)", "a = f(x, w^T)", "a = f'(x, w)"])
def test_what_it_is_no_function_of(judge: Judge, text: str) -> None:
    verdict = judge.judge(claim(judge, text))
    assert not verdict.ok and "a layer is a function of its own input and weights" in str(verdict)
