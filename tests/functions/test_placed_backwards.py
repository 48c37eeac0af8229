"""Hand-written backward functions that write parts of arrays: right ones are right line by line, mistakes are found and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbp.formula.python.module import read_module
from symbp.verification.handwritten import Judged, judged_backward
from symbp.verification.problems.function import function_problem

TEXT = Path(__file__).with_name("placed_backwards.py").read_text(encoding="utf-8")
NAMES = ("lag", "embed", "xent", "conv", "padded", "joined")


def judged(name: str, text: str = TEXT) -> list[Judged]:
    return judged_backward(function_problem(text, "ops.py", name), read_module(text, "ops.py"), f"{name}_backward")


@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", NAMES)
def test_right_ones_are_right(name: str) -> None:
    found = judged(name)
    assert [str(j.verdict) for j in found if not j.verdict.ok] == []
    assert all(j.verdict.how == "exact" for j in found if j.verdict.verdict == "correct")
    assert any(j.verdict.verdict == "correct" for j in found)


WRONG = [
    ("lag", "dx[:, :-1] -= a * dout", "dx[:, :-1] += a * dout", ""),
    ("lag", "dx[:, :-1] -= a * dout", "dx[:, 1:] -= a * dout", "[:, 1:] should be [:, :-1]: the slice is off"),
    ("lag", "    dx[:, 1:] += dout\n", "    dx[:, :-1] += dout\n", ""),
    ("lag", "x[:, :-1]).sum()", "x[:, 1:]).sum()", "[:, 1:] should be [:, :-1]: the slice is off"),
    ("lag", "    dx = np.zeros_like(x)\n", "    dx = np.ones_like(x)\n", ""),
    ("embed", "np.add.at(dE, idx, dout)", "dE[idx] += dout", "what is said twice is added once"),
    ("embed", "np.add.at(dE, idx, dout)", "dE[idx] = dout", "what is said twice is added once"),
    ("embed", "np.add.at(dE, idx, dout)", "np.add.at(dE, idx, -17 * dout)", "-17"),
    ("embed", "np.add.at(dE, idx, dout)", "np.add.at(dE, idx, 0 * dout)", ""),
    ("embed", "dout.sum(axis=0)", "dout.mean(axis=0)", "mean should be sum"),
    ("xent", "y] -= 1", "y] += 1", ""),
    ("xent", "y] -= 1", "y] = 1", ""),
    ("xent", "    dz /= p.shape[0]\n", "    dz /= p.shape[1]\n", ""),
    ("xent", "    dz /= p.shape[0]\n", "", "the mean is missing"),
    ("conv", "+= w[i] * dout", "+= w[2 - i] * dout", ""),
    ("conv", "+= w[i] * dout", "= w[i] * dout", ""),
    ("conv", "x[:, i : i + m])", "x[:, :m])", ""),
    ("conv", "range(3):\n        dw", "range(2):\n        dw", ""),
    ("padded", "@ w[::-1]", "@ w", ""),
    ("padded", "((0, 0), (0, K - 1))", "((0, 0), (K - 1, 0))", ""),
    ("joined", "dc[:, a.shape[1] :]", "dc[:, : b.shape[1]]", ""),
    ("joined", "da = dc[", "da = dout[", "activation derivative"),
]  # fmt: skip


@pytest.mark.thinned(4)
@pytest.mark.parametrize(("name", "right", "wrong", "words"), WRONG)
def test_mistakes_are_found(name: str, right: str, wrong: str, words: str) -> None:
    begin = TEXT.index(f"def {name}_backward")
    assert right in TEXT[begin:]
    found = judged(name, TEXT[:begin] + TEXT[begin:].replace(right, wrong, 1))
    bad = [j for j in found if not j.verdict.ok]
    assert bad and all(j.verdict.verdict == "wrong" for j in bad)
    assert any(words in str(j.verdict) for j in bad)


ONE = """import numpy as np
def f(x: "n t"):
    return {forward}
def g(dout, x):
    {body}
    return dx
"""
STYLES = [
    ("x[:, -1]", "dx = np.zeros_like(x)\n    dx[:, -1] = dout", True),
    ("x[:, -1]", "dx = np.zeros_like(x)\n    dx[:, 0] = dout", False),
    ("x[:, -1]", "dx = dout[:, None] * (np.arange(x.shape[1]) == x.shape[1] - 1)", True),
    ("x[:, ::2]", "dx = np.zeros_like(x)\n    dx[:, ::2] = dout", True),
    ("x[:, ::2]", "dx = np.zeros(x.shape)\n    dx[:, ::2] += dout", True),
    ("x[:, ::-1]", "dx = dout[:, ::-1]", True),
    ("x[:, ::-1]", "dx = np.flip(dout, axis=1)", True),
    ("x[:, ::-1]", "dx = dout", False),
    ("np.cumsum(x, axis=1)", "dx = np.cumsum(dout[:, ::-1], axis=1)[:, ::-1]", True),
    ("np.cumsum(x, axis=1)", "dx = np.cumsum(dout, axis=1)", False),
    ("np.diff(x, axis=1)", "dx = np.pad(dout, ((0, 0), (1, 0))) - np.pad(dout, ((0, 0), (0, 1)))", True),
    ("np.diff(x, axis=1)", "dx = np.pad(dout, ((0, 0), (0, 1))) - np.pad(dout, ((0, 0), (1, 0)))", False),
    ("np.diff(x, axis=1)", "dx = -np.diff(np.pad(dout, ((0, 0), (1, 1))), axis=1)", True),
    ("np.pad(x, ((0, 0), (2, 1)))", "dx = dout[:, 2:-1]", True),
    ("np.pad(x, ((0, 0), (2, 1)))", "dx = dout[:, 1:-2]", False),
    ("x[:, 1:-1]", "dx = np.pad(dout, ((0, 0), (1, 1)))", True),
    ("np.stack([x, 2 * x], axis=0)", "dx = dout[0] + 2 * dout[1]", True),
    ("np.stack([x, 2 * x], axis=0)", "dx = dout[0] + dout[1]", False),
    ("x * np.tril(np.ones((x.shape[0], x.shape[0]))).sum()", "dx = dout * (x.shape[0] * (x.shape[0] + 1) / 2)", True),
    ("x[:, :3].sum(axis=1)", "dx = dout[:, None] * (np.arange(x.shape[1]) < 3)", True),
    ("x[:, :3].sum(axis=1)", "dx = dout[:, None] * (np.arange(x.shape[1]) <= 3)", False),
]


@pytest.mark.thinned(2)
@pytest.mark.parametrize(("forward", "body", "ok"), STYLES)
def test_styles(forward: str, body: str, ok: bool) -> None:
    text = ONE.format(forward=forward, body=body)
    module = read_module(text, "ops.py")
    found = judged_backward(function_problem(text, "ops.py", "f"), module, "g")
    assert all(j.verdict.ok for j in found) == ok
    assert all(j.verdict.verdict in ("correct", "wrong", "definition") for j in found)
