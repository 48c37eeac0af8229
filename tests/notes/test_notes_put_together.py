"""What a page puts together: one update as a list, whose equations are proved, and one weight from end to end, against JAX."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy

import symbp as sb
from symbp.lectures.page import PageOptions, printed
from symbp.notation import notation_named
from symbp.notes.blocks import Items, Math
from symbp.notes.one_update import one_update
from symbp.notes.one_weight import one_weight
from symbp.notes.page import writer_of
from symbp.notes.side_by_side import side_by_side
from symbp.notes.softmax import PAIRS
from symbp.verification.judge import Judge

jax.config.update("jax_enable_x64", True)

NETWORKS = {
    "two layers": sb.Network.parse("3-2:tanh-4", loss="squared_error", bias=False),
    "coupled": sb.Network.parse("3-2:sigmoid-4:softmax", loss="squared_error"),
    "three layers": sb.Network.parse("3-2:tanh-5:sigmoid-4:sigmoid", loss="sse"),
}


@pytest.mark.parametrize(
    ("convention", "network"),
    [
        ("credit", "two layers"),
        ("esl", "coupled"),
        ("iitm", "three layers"),
        ("iitkgp", "three layers"),
        ("iitm", "coupled"),
    ],
)
def test_the_equations_of_an_update_are_proved(convention: str, network: str) -> None:
    net = NETWORKS[network]
    _, its = one_update(writer_of(sb.derive(net), convention))
    assert isinstance(its, Items) and its.ordered
    assert len(its.items) == 2 + 2 * net.forward_map.depth
    judge = Judge(net, notation=notation_named(convention))
    claims = [m.latex for item in its.items[1:-1] for m in item if isinstance(m, Math)]
    assert len(claims) >= 2 * net.forward_map.depth
    assert [str(v) for v in map(judge.judge, claims) if not v.ok] == []


def test_a_network_that_stops_or_is_deep_has_no_such_list() -> None:
    for arch in ("3-2:step-1:step", "3-2", "2-2:tanh-2:tanh-2:tanh-2"):
        assert one_update(writer_of(sb.derive(sb.Network.parse(arch, loss="sse")), "iitm")) == []


def test_one_weight_from_end_to_end() -> None:
    """The products of its ways in numbers, as JAX differentiates the network."""
    rng = np.random.default_rng(5)
    x, y, w1, w2 = (jnp.asarray(rng.normal(size=s)) for s in ((4,), (3,), (2, 4), (3, 2)))

    def loss(w: jax.Array) -> jax.Array:
        return ((jax.nn.sigmoid(w2 @ jax.nn.sigmoid(w @ x)) - y) ** 2).sum() / 2

    net = sb.Network.parse("4-2:sigmoid-3:sigmoid", loss="sse", bias=False)
    (_, _, shown) = one_weight(writer_of(sb.derive(net), "iitm"))
    (row,) = shown.rows  # type: ignore[union-attr]
    assert row.left.text == "dJ/dW1[1,1]" and row.right.text.count("x[1]") == 3
    z = jax.nn.sigmoid(w1 @ x)
    out = jax.nn.sigmoid(w2 @ z)
    arrays = {"yhat": out, "y": y, "W2": w2, "a1": z, "x": x}
    value = _value(row.right.text, arrays)
    assert value == pytest.approx(float(jax.grad(loss)(w1)[0, 0]), rel=1e-12)


def _value(text: str, arrays: dict[str, jax.Array]) -> float:
    """A sum of products of elements and of brackets with a difference of two of them."""
    total = 0.0
    for way in text.split(" + "):
        product = 1.0
        for factor in way.split("*"):
            sides = factor.strip("()").split(" - ")
            values = [1.0 if s == "1" else float(arrays[s.split("[")[0]][_at(s)]) for s in sides]
            product *= values[0] - values[1] if len(values) > 1 else values[0]
        total += product
    return total


def _at(element: str) -> tuple[int, ...]:
    return tuple(int(k) - 1 for k in element.split("[")[1].rstrip("]").split(","))


def test_one_weight_in_plain_text_has_the_brackets_of_a_loss_without_a_half() -> None:
    """2 (yhat - y) is spelled 2*yhat - 2*y there, and what is multiplied with it stands behind a bracket."""
    net = sb.Network.parse("3-2:tanh-1", loss="squared_error", bias=False)
    (_, _, shown) = one_weight(writer_of(sb.derive(net), "credit"))
    (row,) = shown.rows  # type: ignore[union-attr]
    w1, w2 = np.array([[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]]), np.array([[0.7, -0.9]])
    x, y = np.array([0.2, -0.4, 0.9]), np.array([0.35])
    hidden = np.tanh(w1 @ x)
    names = {"yhat": w2 @ hidden, "y": y, "W2": w2, "z1": hidden, "x": x}

    def loss(first: float) -> float:
        moved = w1.copy()
        moved[0, 0] = first
        return float(((w2 @ np.tanh(moved @ x) - y) ** 2).sum())

    element = re.compile(r"(\w+)\[([\d,]+)\]")
    numbers = element.sub(
        lambda m: repr(float(names[m[1]][tuple(int(k) - 1 for k in m[2].split(","))])), row.right.text
    )
    assert re.fullmatch(r"[-+*().\de ]+", numbers)
    value = float(sympy.sympify(numbers))  # numbers alone, as just seen
    assert value == pytest.approx((loss(0.3 + 1e-6) - loss(0.3 - 1e-6)) / 2e-6, rel=1e-6)


def test_nothing_is_put_together_where_nothing_comes_back_or_outputs_are_coupled() -> None:
    for arch in ("3-2:step-1:step", "3-2:tanh-4:softmax"):
        net = sb.Network.parse(arch, loss="sse")
        assert one_weight(writer_of(sb.derive(net), "iitm")) == []


def test_a_unit_s_error_in_one_formula_where_the_derivative_between_has_no_letter() -> None:
    d = sb.derive(NETWORKS["two layers"])
    assert r"\tanh'(a^{(1)}_{j}) \sum_{i} w^{(2)}_{ji} \delta^{(2)}_{i}" in printed(
        d, "markdown", PageOptions(convention="credit", detail="steps")
    )
    assert "put in" not in printed(d, "markdown", PageOptions(convention="iitm", detail="steps"))


@pytest.mark.parametrize("convention", ["iitm", "goodfellow", "ufldl"])
def test_the_three_learning_algorithms_side_by_side_are_proved(convention: str) -> None:
    writer = writer_of(sb.derive(sb.Network.parse("4-3:softmax", loss="cross_entropy")), convention)
    _, table = side_by_side(writer)
    columns = list(zip(*table.rows, strict=True))[1:]  # type: ignore[union-attr]
    for (output, loss), column in zip(PAIRS, columns, strict=True):
        judge = Judge(sb.Network.parse(f"2-3:{output}", loss=loss), notation=notation_named(convention))
        claims = [m.latex for cell in column for m in cell if isinstance(m, Math)]
        assert len(claims) == 4
        assert [str(v) for v in map(judge.judge, claims) if not v.ok] == []


def test_other_networks_have_no_such_table() -> None:
    for arch, loss in (("4-3:softmax", "sse"), ("4-3", "huber"), ("4-2:tanh-3:softmax", "cross_entropy")):
        assert side_by_side(writer_of(sb.derive(sb.Network.parse(arch, loss=loss)), "iitm")) == []
