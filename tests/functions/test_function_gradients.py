"""Functions as people write them, read as text: every gradient against JAX of the very function, upstream gradients random."""

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
from symbp.calculus.numeric.evaluate import evaluate
from symbp.network.derivation import Derivation
from symbp.verification.problems.function import function_problem

FILE = Path(__file__).with_name("written.py")
TEXT = FILE.read_text(encoding="utf-8")
NAMES = [s.name for s in ast.parse(TEXT).body if isinstance(s, ast.FunctionDef)]
LENGTHS = (5, 3, 4, 7, 6, 2, 8, 9)
"""Those of a function's axes in the order of their names, none like another."""
POSITIVE = {"kl_divergence": ("p", "q"), "mahalanobis": (), "glove": ("f",), "rbf_kernel": ("gamma",)}
UNIT = {"bce": ("p", "y"), "dice_loss": ("p", "t"), "bce_with_logits": ("y",), "focal_loss": ("y",)}
IN_PLACE = {"svm_loss", "ranking"}
"""What JAX cannot run or differentiate as it stands: an assignment to all of an array; a comparison of what is differentiated is no
matter, and central differences are asked."""


def jax_module() -> types.ModuleType:
    """The same file with JAX in NumPy's place."""
    text = TEXT.replace("import numpy as np", "import jax.numpy as np")
    text = text.replace("from scipy.special import softmax as sp_softmax", "from jax.nn import softmax as sp_softmax")
    text = text.replace("from scipy.special", "from jax.scipy.special")
    module = types.ModuleType("written_in_jax")
    exec(compile(text, "written_in_jax", "exec"), module.__dict__)
    return module


def numpy_module() -> types.ModuleType:
    module = types.ModuleType("written")
    exec(compile(TEXT, str(FILE), "exec"), module.__dict__)
    return module


JAX, NUMPY = jax_module(), numpy_module()


def derived(name: str) -> Derivation:
    return sb.derive(function_problem(TEXT, "written.py", name))


def drawn(name: str, d: Derivation) -> dict[str, np.ndarray]:
    """Arguments at which the function is smooth, and upstreams."""
    rng, found = np.random.default_rng(11), {}
    axes = sorted({a.name for t in d.map.program.declared for a in t.axes} - {"one"})
    lengths = {**dict(zip(axes, LENGTHS, strict=False)), "one": 1}
    for t in d.map.program.declared:
        if t.name in d.map.defaults:
            continue
        shape = [lengths[a.name] for a in t.axes]
        if t.name in POSITIVE.get(name, ()):
            found[t.name] = rng.uniform(0.3, 2, shape)
        elif t.name in UNIT.get(name, ()):
            found[t.name] = rng.uniform(0.1, 0.9, shape)
        else:
            found[t.name] = rng.normal(size=shape)
    return found


def scalar(module: types.ModuleType, name: str, d: Derivation, values: dict[str, Any], np_: Any) -> Any:
    """The results times their upstreams."""
    arguments = {n: v for n, v in values.items() if n not in d.map.upstream.values()}
    made = getattr(module, name)(**arguments)
    made = made if isinstance(made, tuple) else (made,)
    if not d.map.upstream:
        return made[0]
    return sum(np_.sum(values[d.map.upstream[r]] * y) for r, y in zip(d.map.results, made, strict=True))


def generated(name: str) -> types.ModuleType:
    module = types.ModuleType(f"generated_{name}")
    exec(compile(sb.generate(function_problem(TEXT, "written.py", name)), module.__name__, "exec"), module.__dict__)
    return module


def gradients(
    module: types.ModuleType, d: Derivation, values: dict[str, np.ndarray]
) -> tuple[Any, dict[str, np.ndarray]]:
    """The results of a generated module, and its gradients."""
    upstreams = tuple(values[d.map.upstream[r]] for r in d.map.results) if d.map.upstream else ()
    made, cache = module.forward(**{n: v for n, v in values.items() if n not in d.map.upstream.values()})
    if not upstreams:
        return made, module.backward(cache)
    return made, module.backward(cache, upstreams[0] if len(upstreams) == 1 else upstreams)


@pytest.mark.thinned(30)
@pytest.mark.parametrize("name", NAMES)
def test_gradients(name: str) -> None:
    d = derived(name)
    values = drawn(name, d)
    made, found = gradients(generated(name), d, values)
    arguments = {n: v for n, v in values.items() if n not in d.map.upstream.values()}
    expected_results = getattr(NUMPY, name)(**arguments)
    for mine, theirs in zip(*(r if isinstance(r, tuple) else (r,) for r in (made, expected_results)), strict=True):
        assert np.allclose(mine, theirs, rtol=1e-12, atol=1e-13)
    assert set(found) == set(arguments)
    if name in IN_PLACE:
        by_differences(name, d, values, found)
        return
    expected = jax.grad(lambda v: scalar(JAX, name, d, {**values, **v}, jnp))({n: values[n] for n in found})
    for n, got in found.items():
        assert agree(got, expected[n]), n
        if np.abs(expected[n]).max() > 1e-9:
            assert not any(agree(wrong, expected[n]) for wrong in mutants(np.asarray(got))), n


def agree(got: Any, expected: Any) -> bool:
    """Whether a gradient is the expected one, its shape included."""
    got, expected = np.asarray(got), np.asarray(expected)
    scale = max(1.0, float(np.abs(expected).max()))
    return got.shape == expected.shape and bool(np.abs(got - expected).max() <= 1e-11 * scale)


def mutants(gradient: np.ndarray) -> list[np.ndarray]:
    """The gradient as it is wrong: multiplied by -17, zeroed, transposed."""
    wrong = [-17 * gradient, 0 * gradient]
    return [*wrong, gradient.T] if gradient.ndim > 1 else wrong


@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", ["layer_norm", "gru_cell", "triplet_loss", "info_nce"])
def test_the_equations_are_what_the_module_computes(name: str) -> None:
    d = derived(name)
    values = drawn(name, d)
    found = evaluate(d.program, {**values, **{n: float(v) for n, v in d.map.defaults.items()}})
    for n, got in gradients(generated(name), d, values)[1].items():
        assert np.allclose(found[d.backward.adjoint[n]], got, rtol=1e-11, atol=1e-13), n


def by_differences(name: str, d: Derivation, values: dict[str, np.ndarray], found: dict[str, np.ndarray]) -> None:
    rng = np.random.default_rng(2)
    for n, got in found.items():
        along = rng.normal(size=values[n].shape)

        def moved(h: float, n: str = n, along: np.ndarray = along) -> float:
            return float(scalar(NUMPY, name, d, {**values, n: values[n] + h * along}, np))

        h = 1e-3
        slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
        assert float((got * along).sum()) == pytest.approx(slope, rel=1e-9, abs=1e-9), n
