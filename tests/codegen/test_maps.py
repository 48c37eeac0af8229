"""Modules of maps: their gradients beside JAX, at other types and extreme values, what they refuse, and how they read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import numpy as np
import pytest
from generated_module import from_source
from maps import CASES, Case, mapped

import symbp as sb
from symbp.calculus.program import ScalarFunction

jax.config.update("jax_enable_x64", True)
LENGTHS = (5, 3, 4, 7, 2, 6, 8)


@cache
def source(name: str) -> str:
    return sb.generate(mapped(name, CASES[name]))


@cache
def made(name: str) -> Any:
    return from_source(source(name), name)


def drawn(case: Case, rng: np.random.Generator) -> dict[str, np.ndarray]:
    axes = list(dict.fromkeys(a for those in case.axes.values() for a in those.split()))
    sizes = dict(zip(axes, LENGTHS, strict=False))
    shapes = {n: tuple(sizes[a] for a in those.split()) for n, those in case.axes.items()}
    return {
        n: rng.uniform(*case.draw[n], shape) if n in case.draw else rng.normal(size=shape)
        for n, shape in shapes.items()
    }


def gradients(m: Any, values: dict[str, np.ndarray], upstreams: list[np.ndarray]) -> tuple[Any, dict[str, Any]]:
    results, cache = m.forward(**values)
    given = [] if not upstreams else [upstreams[0]] if len(upstreams) == 1 else [tuple(upstreams)]
    return results, m.backward(cache, *given)


@pytest.mark.thinned(8)
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_jax(name: str) -> None:
    case, rng = CASES[name], np.random.default_rng(11)
    values = drawn(case, rng)
    wanted = case.jax(**values)
    single = not isinstance(wanted, tuple)
    scalar = single and not np.shape(wanted)
    upstreams = [] if scalar else [rng.normal(size=np.shape(w)) for w in ([wanted] if single else wanted)]

    def total(given):  # type: ignore[no-untyped-def]
        results = case.jax(**given)
        return (
            results
            if scalar
            else sum((u * r).sum() for u, r in zip(upstreams, [results] if single else results, strict=True))
        )

    expected = jax.grad(total)(values)
    before = {n: v.copy() for n, v in values.items()}
    results, found = gradients(made(name), values, upstreams)
    for got, want in zip([results] if single else results, [wanted] if single else wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)
    assert list(found) == list(case.axes)
    for n, grad in found.items():
        limit = 1e-9 * np.abs(expected[n]).max() + 1e-15
        assert np.shape(grad) == values[n].shape and grad.dtype == np.float64
        assert np.abs(grad - expected[n]).max() <= limit, n
        assert np.abs(-17 * grad - expected[n]).max() > limit, n
        np.testing.assert_array_equal(values[n], before[n])
    if scalar:
        value, grads = made(name).value_and_grad(**values)
        assert value == results and all((grads[n] == found[n]).all() for n in found)


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", CASES)
def test_check(name: str) -> None:
    assert max(made(name).check().values()) < 1e-6
    assert [*made(name).check(seed=3)] == [*CASES[name].axes]


@pytest.mark.parametrize("name", ["layer_norm", "cross_entropy", "attention", "two_results"])
def test_check_finds_a_wrong_gradient(name: str) -> None:
    text = source(name)
    last = next(iter(re.finditer(r"\n    return \{\n((?:        .*,\n)+)    \}", text)))
    for line in last[1].splitlines():
        key = line.split('"')[1]
        m = from_source(text.replace(line, line.replace(": ", ": -17 * "), 1), "mutant")
        assert m.check()[key] > 0.1


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name: str) -> None:
    case = CASES[name]
    values = {n: np.asarray(v, np.float32) for n, v in drawn(case, np.random.default_rng(5)).items()}
    results, kept = made(name).forward(**values)
    every = [
        *kept.values(),
        *([] if isinstance(results, float) else results if isinstance(results, tuple) else [results]),
    ]
    kind = np.float64 if kept else np.float32  # where nothing is kept, the upstream alone says what is computed in
    up = [
        np.ones(np.shape(r), kind)
        for r in (results if isinstance(results, tuple) else [results])
        if not isinstance(r, float)
    ]
    _, grads = gradients(made(name), values, up)
    for array in [*every, *grads.values()]:
        assert (isinstance(array, float) and not isinstance(array, np.floating)) or array.dtype == np.float32


def test_whole_numbers_become_floats() -> None:
    m = made("distances")
    D, cache = m.forward([[1, 2], [3, 5]], np.array([[1, 1]]))
    assert D.dtype == np.float32 and D.tolist() == [[1], [20]]
    assert m.backward(cache, [[1], [1]])["y"].tolist() == [[-4, -10]]
    m = from_source(sb.generate(mapped("distances", CASES["distances"]), dtype="float64"))
    assert m.forward([[1, 2]], [[1, 1]])[0].dtype == np.float64


EXTREME = {
    "softmax": "z", "log_softmax": "z", "cross_entropy": "z", "logsumexp": "z", "binary_cross_entropy": "x", "focal": "z",
    "contrastive": "u", "attention": "Q", "glu": "x", "gelu": "x", "swish": "x", "mixture": "x", "triplet": "a",
    "layer_norm": "x", "rms_norm": "x", "batch_norm": "x", "cosine": "x", "kernel": "x",
    "temperature": "z", "two_softmaxes": "z", "sharpened": "z",
}  # fmt: skip


@pytest.mark.thinned(3)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXTREME)
def test_finite_at_extreme_values(name: str, dtype: Any) -> None:
    case, rng = CASES[name], np.random.default_rng(2)
    values = drawn(case, rng)
    values[EXTREME[name]] *= 1e4 / np.abs(values[EXTREME[name]]).max()
    wanted = case.jax(**values)
    scalar = not isinstance(wanted, tuple) and not np.shape(wanted)
    up = [] if scalar else [rng.normal(size=np.shape(w)) for w in (wanted if isinstance(wanted, tuple) else [wanted])]

    def total(given):  # type: ignore[no-untyped-def]
        results = case.jax(**given)
        if scalar:
            return results
        return sum((u * r).sum() for u, r in zip(up, results if isinstance(results, tuple) else [results], strict=True))

    expected = jax.grad(total)(values)
    given = {n: np.asarray(v, dtype) for n, v in values.items()}
    _, found = gradients(made(name), given, up)
    for n, grad in found.items():
        assert np.isfinite(grad).all(), n
        if dtype == np.float64:
            assert np.abs(grad - expected[n]).max() <= 1e-7 * np.abs(expected[n]).max() + 1e-12, n


def test_closed_forms_and_the_names_of_their_author() -> None:
    lines = {n: {line.strip() for line in source(n).splitlines()} for n in ("layer_norm", "cross_entropy", "attention")}
    assert "# dz[n,k] = (p[n,k]*sum(y[n,i], i) - y[n,k])/N" in lines["cross_entropy"]
    assert {"dP = dO @ V.T", "dS = (dP - (P * dP).sum(axis=1)[:, None]) * P", "dQ = scale * (dS @ K)"} <= lines[
        "attention"
    ]
    three = "# dx[n,d] = (N_d*dy[n,d]*gamma[d] - z_y[n,d]*sum(dy[n,i]*gamma[i]*z_y[n,i], i) - sum(dy[n,i]*gamma[i],"
    assert three in lines["layer_norm"]


@pytest.mark.parametrize(
    "name, most", [("layer_norm", 4), ("cross_entropy", 2), ("attention", 6), ("softmax", 1), ("cosine", 2)]
)
def test_the_fewest_statements(name: str, most: int) -> None:
    body = source(name).split("def backward")[1].split("\n    return")[0].split('"""')[2]
    code = [line for line in body.splitlines() if " = " in line and not re.search(r"# |cache\[|_arrays", line)]
    assert len(code) <= most, code


@pytest.mark.parametrize("name", CASES)
def test_no_einsum_where_a_product_will_do(name: str) -> None:
    assert "einsum" not in source(name)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"x": np.ones(3)}, r"x has the shape (3,), expected (n, d)"),
        ({"gamma": np.ones(4)}, r"gamma has the shape (4,), expected (d,) with d = 5"),
        ({"beta": np.ones((1, 5))}, r"beta has the shape (1, 5), expected (d,) with d = 5"),
        ({"x": np.ones((0, 5))}, r"x has the shape (0, 5), expected (n, d)"),
        ({"x": [[1.0, 2.0], [3.0]]}, "x has rows of different lengths, expected an array"),
        ({"beta": ["a"] * 5}, "beta has the dtype <U1, expected numbers"),
    ],
)
def test_arguments_that_do_not_fit(given: dict[str, Any], message: str) -> None:
    values = {"x": np.ones((3, 5)), "gamma": np.ones(5), "beta": np.ones(5)} | given
    with pytest.raises(ValueError) as e:
        made("layer_norm").forward(**values)
    assert str(e.value).startswith(message)


def test_upstreams_that_do_not_fit() -> None:
    _, cache = made("layer_norm").forward(np.ones((3, 5)), np.ones(5), np.ones(5))
    with pytest.raises(ValueError, match=re.escape("dy has the shape (5,), expected (n, d) with n = 3, d = 5")):
        made("layer_norm").backward(cache, np.ones(5))
    _, cache = made("two_results").forward(np.ones((3, 5)), np.ones((2, 5)), np.ones(2))
    with pytest.raises(ValueError, match=re.escape("1 upstreams, expected 2: dy (n,), dh (n, k)")):
        made("two_results").backward(cache, [np.ones(3)])


def test_axes_of_length_one_are_those_of_the_author() -> None:
    case = Case(
        "m[n] = mean(x[n,d], d)\ny[n,d] = s*tanh(x[n,d] - m[n] + b[d])",
        {"x": "n d", "b": "d", "s": ""},
        ("y", "m"),
        None,
    )
    text = sb.generate(replace(mapped("ones", case), ones={"b": (0,), "s": (0, 1), "m": (1,)}))
    m = from_source(text)
    assert max(m.check().values()) < 1e-6 and "b (1, d); s (1, 1)" in text
    results, kept = m.forward(np.ones((3, 4)), np.ones((1, 4)), np.ones((1, 1)))
    grads = m.backward(kept, results)
    assert [r.shape for r in results] == [(3, 4), (3, 1)] and {n: g.shape for n, g in grads.items()} == {
        "x": (3, 4), "b": (1, 4), "s": (1, 1),
    }  # fmt: skip
    with pytest.raises(ValueError, match=re.escape("b has the shape (4,), expected (1, d) with d = 4")):
        m.forward(np.ones((3, 4)), np.ones(4), np.ones((1, 1)))


def test_many_arguments_stand_on_lines_of_their_own(folder: Any) -> None:
    names = [f"a_long_name_{k}" for k in range(12)]
    case = Case("J = " + " + ".join(f"sum({n}[i], i)" for n in names), dict.fromkeys(names, "i"), ("J",), None)
    text = sb.generate(mapped("many", case))
    (folder / "many.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "120", "--check", "many.py"]
    assert subprocess.run(command, cwd=folder, capture_output=True).returncode == 0
    assert max(from_source(text).check().values()) < 1e-6


def test_gradients_share_no_memory() -> None:
    dy = np.ones(4)
    grads = made("a_sum").backward(made("a_sum").forward(np.ones(4), np.ones(4))[1], dy)
    assert not any(np.shares_memory(a, b) for a, b in ((grads["x"], dy), (grads["w"], dy), (grads["x"], grads["w"])))


def test_a_gain_of_zero_has_a_gradient() -> None:
    m = made("rms_norm")
    x, g = np.random.default_rng(0).normal(size=(3, 5)), np.array([0.0, 1, 2, 0, -1])
    assert np.isfinite(m.backward(m.forward(x, g)[1], np.ones((3, 5)))["x"]).all()


def test_an_uninterpreted_function() -> None:
    case = Case("y[n] = g(x[n])", {"x": "n"}, ("y",), lambda x: x)
    with pytest.raises(sb.InputError, match="the function g has no definition, so no code can be made for it"):
        sb.generate(mapped("any", case, (ScalarFunction("g"),)))


def test_a_map_without_a_point_says_so() -> None:
    case = Case("y[n] = log(-1 - x[n]**2)", {"x": "n"}, ("y",), lambda x: x)
    m = from_source(sb.generate(mapped("nowhere", case)))
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="no arguments were found"):
        m.check()


def test_names_may_be_those_of_the_code() -> None:
    lines = "forward[n] = np[n]*cache[n] + given[n]*O\nJ = sum(forward[n]**2, n)"
    case = Case(lines, {"np": "n", "cache": "n", "given": "n", "O": ""}, ("J",), lambda **_: 0)
    m = from_source(sb.generate(mapped("names", case)))
    assert max(m.check().values()) < 1e-6 and [*m.check()] == ["np", "cache", "given", "O"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    there = tmp_path_factory.mktemp("maps")
    for name in CASES:
        (there / f"{name}.py").write_text(source(name), encoding="utf-8")
    return there


@pytest.mark.parametrize(
    "tool",
    [
        ["ruff", "check", "--isolated", "--no-cache", "--line-length", "120", "--select", "E,F,W,I,B,UP,D1,RUF"],
        ["ruff", "format", "--isolated", "--no-cache", "--line-length", "120", "--check"],
        pytest.param(["mypy", "--strict", "--cache-dir", os.devnull], marks=pytest.mark.sweep),
    ],
    ids=lambda tool: " ".join(tool[:2]),
)
def test_tools_have_nothing_to_say(tool: list[str], folder: Any) -> None:
    done = subprocess.run([sys.executable, "-m", *tool, "."], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_module_is_a_program(folder: Any) -> None:
    def call(*args: str) -> tuple[int, str, str]:
        command = [sys.executable, "-W", "error", "layer_norm.py", *args]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    status, out, err = call("check", "--seed", "4")
    assert (status, err) == (0, "") and [line.split()[0] for line in out.splitlines()] == ["x", "gamma", "beta", "the"]
    assert call("check", "--seed", "-1")[0] == 2
    assert call("train")[0] == 2
