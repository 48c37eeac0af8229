"""Pages of networks that normalise by the statistics of a batch: for a batch alone, with what training keeps and inference reads."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.errors import InputError

NET = sb.Network(
    3, [sb.Layer("dense", {"units": 4}), sb.Layer("batch_norm", {"momentum": 0.25}), sb.Layer("tanh"), sb.Layer("dense", {"units": 2})]
)  # fmt: skip


@pytest.mark.parametrize("detail", ["summary", "steps"])
def test_training_and_inference_are_told_apart(detail: str) -> None:
    d = sb.derive(NET)
    assert d.batch
    page = d.page("text", detail=detail)
    said = page[page.index("Training and inference") :]
    assert "running_mean2[i] <- " in said and "mu2[i]/4" in said and "(N - 1)" in said
    assert "mu2[i] = running_mean2[i]" in said and "sqrt(1/100000 + running_var2[i])" in said
    assert "no gradient" in said and "The equations are for a batch of N examples" in page
    assert r"\bar{\mu}^{(2)}_{i} &\leftarrow" in d.page("markdown", detail=detail)


def test_layers_of_one_kind_are_said_once() -> None:
    twice = sb.Network(
        3,
        [
            sb.Layer("batch_norm"),
            sb.Layer("tanh"),
            sb.Layer("dense", {"units": 4}),
            sb.Layer("batch_norm"),
            sb.Layer("tanh"),
        ],
    )
    page = sb.derive(twice).page("text", detail="summary")
    assert page.count("<- 9*running_mean") == 1 and "Layers of the same kind have their own" in page


def test_the_three_terms() -> None:
    assert str(sb.derive(NET)["delta1"]) == (
        "delta1[n,i] = gamma2[i]*r2[i]*(N*delta2[n,i] - h2[n,i]*sum(delta2[j,i]*h2[j,i], j) - sum(delta2[j,i], j))/N"
    )


def test_pages_of_one_example_are_refused() -> None:
    with pytest.raises(InputError, match="does not depend on the other ones"):
        sb.derive(NET).page("text", detail="elements")
    with pytest.raises(InputError, match="does not depend on the other ones"):
        sb.derive(NET).page("text", numbers="random:3")


def test_other_networks_say_nothing_of_it() -> None:
    assert "inference" not in sb.derive("3-2:tanh-1").page("text", detail="steps")
