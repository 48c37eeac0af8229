"""Generated modules with functions of a matrix: what is singular has one message, types stay, stacks of matrices are gone through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb

SOLVE = {"tensors": {"A": "d d", "B": "d k"}, "forward": ["X = np.linalg.solve(A, B)"], "results": ["X"]}
INVERSE = {"tensors": {"A": "d d"}, "forward": ["V = np.linalg.inv(A)"], "results": ["V"]}
LOGDET = {"tensors": {"A": "d d"}, "forward": ["J = np.linalg.slogdet(A)[1]"], "loss": "J"}
MAPS = {"solve": SOLVE, "inverse": INVERSE, "logdet": LOGDET}
SINGULAR = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
"""To working precision; elimination in floats leaves a pivot of about 1e-16."""


def module(name: str) -> Any:
    return from_source(sb.generate(sb.Problem(**MAPS[name])))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["solve", "inverse"])
@pytest.mark.parametrize("matrix", [SINGULAR, np.ones((3, 3)), np.zeros((3, 3))], ids=["nearly", "rank one", "zero"])
def test_what_is_singular_is_said(name: str, dtype: type, matrix: np.ndarray) -> None:
    given = {"A": matrix.astype(dtype), "B": np.arange(6).reshape(3, 2).astype(dtype) ** 2}
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        module(name).forward(**{k: v for k, v in given.items() if k in MAPS[name]["tensors"]})  # type: ignore[operator]


def test_the_logarithm_of_a_determinant_that_is_zero_is_an_error() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="the logarithm of its determinant has no value"):
        module("logdet").forward(A=np.zeros((2, 2)))


@pytest.mark.parametrize("name", MAPS)
def test_types_stay(name: str) -> None:
    m, rng = module(name), np.random.default_rng(1)
    given = {n: rng.standard_normal((3, 3)).astype(np.float32) for n in MAPS[name]["tensors"]}  # type: ignore[union-attr]
    value, cache = m.forward(**given)
    grads = m.backward(cache) if name == "logdet" else m.backward(cache, np.ones_like(value))
    assert all(g.dtype == np.float32 for g in grads.values())


def test_wrong_shapes_are_said() -> None:
    with pytest.raises(ValueError, match=r"A has the shape \(2, 3\), expected \(d, d\)"):
        module("inverse").forward(A=np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"B has the shape \(4, 2\), expected \(d, k\) with d = 3"):
        module("solve").forward(A=np.eye(3), B=np.ones((4, 2)))


def test_stacks_of_matrices() -> None:
    lines = ["y[n,i] = sum(inv(S)[n,i,j]*x[n,j], j)", "t = np.linalg.slogdet(S)[1]"]
    m = from_source(sb.generate(sb.Problem({"S": "n d d", "x": "n d"}, lines, results=["y", "t"])))
    rng = np.random.default_rng(2)
    S, x = rng.standard_normal((4, 3, 3)), rng.standard_normal((4, 3))
    (y, t), _ = m.forward(S, x)
    assert np.allclose(y, np.linalg.solve(S, x[..., None])[..., 0], rtol=1e-12)
    assert np.allclose(t, np.linalg.slogdet(S)[1], rtol=1e-12)
    assert max(m.check().values()) < 1e-6
