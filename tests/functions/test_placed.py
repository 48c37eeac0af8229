"""Functions that read and write parts of arrays: every gradient against JAX of the very function, the generated module's too."""

from __future__ import annotations

import ast
import types
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symbp as sb
from symbp.calculus.lengths import Lengths
from symbp.calculus.numeric.evaluate import evaluate
from symbp.network.derivation import Derivation
from symbp.verification.problems.function import function_problem

FILE = Path(__file__).with_name("placed.py")
TEXT = FILE.read_text(encoding="utf-8")
NAMES = [s.name for s in ast.parse(TEXT).body if isinstance(s, ast.FunctionDef)]
IN_PLACE = {"hinge", "taps", "shifted_into", "ends", "woven", "one_frame", "histogram"}
"""What changes arrays in place, which JAX's do not: central differences are asked."""
LENGTHS = {"n": 4, "t": 6, "d": 5, "k": 3, "v": 7, "m": 2, "h": 5, "w": 8, "one": 1}
OTHERS = {"average_pool": {"t": 6}, "every_third": {"t": 7}, "taps": {"k": 4}}


def module_of(text: str, name: str) -> types.ModuleType:
    module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
    return module


JAX = module_of(
    TEXT.replace("import numpy as np", "import jax.numpy as np").replace("np.lib.stride_tricks.", ""), "placed_in_jax"
)
JAX.sliding_window_view = lambda x, k, axis: x[:, np.arange(x.shape[1] - k + 1)[:, None] + np.arange(k)]  # JAX has none
NUMPY = module_of(TEXT, "placed")


def derived(name: str) -> Derivation:
    return sb.derive(function_problem(TEXT, "placed.py", name))


def drawn(name: str, d: Derivation, lengths: dict[str, int] | None = None) -> dict[str, Any]:
    """Arguments, whole numbers with repetitions among them, and upstreams."""
    rng, found = np.random.default_rng(5), {}
    sizes = Lengths({**LENGTHS, **OTHERS.get(name, {}), **(lengths or {})})
    whole = function_problem(TEXT, "placed.py", name).setting.whole
    for t in d.map.program.declared:
        if t.name not in d.map.defaults:
            shape = [sizes[a.name] for a in t.axes]
            real = rng.normal(size=shape)
            found[t.name] = rng.integers(0, max(1, sizes[whole[t.name].name] - 1), shape) if t.integer else real
    return found


def split(d: Derivation, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values as the function takes them, axes of length one and all, and the upstreams."""
    shaped = {n: np.expand_dims(v, d.map.ones[n]) if n in d.map.ones else v for n, v in values.items()}
    ups = {*d.map.upstream.values()}
    return {n: v for n, v in shaped.items() if n not in ups}, {n: v for n, v in shaped.items() if n in ups}


def scalar(made: Any, d: Derivation, upstreams: dict[str, Any], library: Any) -> Any:
    if not d.map.upstream:
        return made
    return library.sum(library.reshape(upstreams[d.map.upstream[d.map.results[0]]], made.shape) * made)


def agree(got: Any, expected: Any, tolerance: float = 1e-11) -> bool:
    got, expected = np.asarray(got), np.asarray(expected)
    scale = max(1.0, float(np.abs(expected).max()))
    return got.shape == expected.shape and bool(np.abs(got - expected).max() <= tolerance * scale)


@pytest.mark.thinned(16)
@pytest.mark.parametrize("name", NAMES)
def test_gradients(name: str) -> None:
    d = derived(name)
    arguments, upstreams = split(d, drawn(name, d))
    module = module_of(sb.generate(function_problem(TEXT, "placed.py", name)), f"{name}_grad")
    with np.errstate(all="raise", under="ignore"):
        result, cache = module.forward(**arguments)
        found = module.backward(cache, *upstreams.values())
    wanted = getattr(NUMPY, name)(**{n: np.copy(v) for n, v in arguments.items()})
    assert agree(result, wanted, 1e-12)
    real = {n: v for n, v in arguments.items() if v.dtype.kind == "f"}
    assert found.keys() == real.keys()
    if name in IN_PLACE:
        by_differences(name, d, arguments, upstreams, found)
        return
    expected = jax.grad(lambda v: scalar(getattr(JAX, name)(**{**arguments, **v}), d, upstreams, jnp))(real)
    for n, got in found.items():
        assert agree(got, expected[n]), n
        assert not agree(-17 * got, expected[n]) and not agree(0 * got, expected[n]), n


def by_differences(
    name: str, d: Derivation, arguments: dict[str, Any], upstreams: dict[str, Any], found: dict[str, Any]
) -> None:
    rng = np.random.default_rng(2)
    for n, got in found.items():
        along = rng.normal(size=arguments[n].shape)

        def moved(h: float, n: str = n, along: Any = along) -> float:
            given = {k: np.copy(v) for k, v in {**arguments, n: arguments[n] + h * along}.items()}
            return float(scalar(getattr(NUMPY, name)(**given), d, upstreams, np))

        h = 1e-4
        slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
        assert np.shape(got) == arguments[n].shape
        assert float((got * along).sum()) == pytest.approx(slope, rel=1e-8, abs=1e-8), n


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", NAMES)
def test_the_equations_are_what_the_module_computes(name: str) -> None:
    d = derived(name)
    values = drawn(name, d)
    sizes = {**LENGTHS, **OTHERS.get(name, {})}
    found = evaluate(d.program, {**values, **{n: float(v) for n, v in d.map.defaults.items()}}, sizes)
    arguments, upstreams = split(d, values)
    module = module_of(sb.generate(function_problem(TEXT, "placed.py", name)), f"{name}_grad")
    _, cache = module.forward(**arguments)
    for n, got in module.backward(cache, *upstreams.values()).items():
        assert np.allclose(np.squeeze(found[d.backward.adjoint[n]]), np.squeeze(got), rtol=1e-10, atol=1e-12), n


def test_what_is_joined_is_concatenated_forward_and_cut_backward() -> None:
    """Of lengths that are read off the arrays: no borders of zeros, and each gradient reads its own part of the other's."""
    text = 'import numpy as np\n\n\ndef f(a: "n d", b: "n e", c: "n k"):\n    return np.tanh(np.concatenate([a, b, c], axis=1))\n'
    code = sb.generate(function_problem(text, "f.py", "f"))
    a, b, c = (np.random.default_rng(k).normal(size=(4, k + 2)) for k in range(3))
    made = module_of(code, "f_grad")
    y, cache = made.forward(a, b, c)
    dy = np.random.default_rng(5).normal(size=y.shape)
    wanted = dy * (1 - np.tanh(np.concatenate([a, b, c], 1)) ** 2)
    assert np.array_equal(y, np.tanh(np.concatenate([a, b, c], 1)))
    for name, part in zip("abc", np.split(wanted, [2, 5], 1), strict=True):
        assert np.allclose(made.backward(cache, dy)[name], part, rtol=1e-14), name
    assert "np.concatenate((a, b, c), axis=1)" in code and "windows(" not in code
