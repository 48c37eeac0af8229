"""Functions that loop over the steps of an axis: every gradient against JAX of the very function, the generated module's too."""

from __future__ import annotations

import ast
import re
import types
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symbp as sb
from symbp.calculus.numeric.evaluate import evaluate
from symbp.errors import InputError
from symbp.formula.python.module import read_module
from symbp.verification.handwritten import judged_backward
from symbp.verification.problems.function import function_problem

FILE = Path(__file__).with_name("stepped.py")
TEXT = FILE.read_text(encoding="utf-8")
NAMES = [s.name for s in ast.parse(TEXT).body if isinstance(s, ast.FunctionDef) and s.name != "sigmoid"]
LENGTHS = {"n": 2, "k": 4, "j": 5, "o": 6}


def module_of(text: str, name: str) -> types.ModuleType:
    module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
    return module


JAX = module_of(
    re.sub(r"(\w+)\[:, t\] = (\w+)", r"\1 = \1.at[:, t].set(\2)", TEXT.replace("import numpy", "import jax.numpy")),
    "jax",
)


@pytest.mark.thinned(9)
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_the_function(name: str, steps: int) -> None:
    problem = function_problem(TEXT, "stepped.py", name)
    d = sb.derive(problem)
    rng = np.random.default_rng(5)
    shapes = {t.name: [{**LENGTHS, "t": steps}[a.name] for a in t.axes] for t in d.map.program.declared}
    values: dict[str, Any] = {n: rng.normal(size=shape) / 2 for n, shape in shapes.items()}
    ups = {*d.map.upstream.values()}
    given = {n: v for n, v in values.items() if n not in ups}
    up = next((values[u] for u in ups), np.ones(()))

    def loss(arguments: dict[str, Any]) -> Any:
        return jnp.sum(getattr(JAX, name)(**arguments) * up)

    value, expected = jax.value_and_grad(loss)(given)
    found = evaluate(d.program, values)
    module = module_of(sb.generate(problem), name)
    forward = module.forward(**given)
    np.testing.assert_allclose(np.sum(forward[0] * up), value, rtol=1e-9)
    made = module.backward(forward[-1], *(values[u] for u in ups))
    for n in given:
        np.testing.assert_allclose(found[f"d{n}"], expected[n], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(made[n], expected[n], rtol=1e-9, atol=1e-9)


LOOP = 'import numpy as np\ndef f(x: "n t k", U: "k k", h0: "n k"):\n    h = h0\n    hs = np.zeros_like(x)\n    for t in range(x.shape[1]):\n'
REFUSED = {
    "at the step before": ("h = np.tanh(h @ U + x[:, t - 1])", 5, "x is read at a place that is beyond it"),
    "at a step so far": ("h = h + np.sum(x[:, :t], axis=1)", 5, "as long as the steps so far"),
    "an if on the step": ("h = h if t == 0 else h + x[:, t]", 6, "an if on the step t"),
    "the step as a number": ("h = np.tanh(h @ U + t * x[:, t])", 5, "the number of the step"),
    "what it writes": ("hs[:, t] = hs[:, t - 1] + x[:, t]", 6, "hs is written at the step t and used"),
    "elsewhere": ("h = np.tanh(h + x[:, t])\n        hs[:, t + 1] = h", 7, "writes at another place"),
    "a part of a step": ("h = np.tanh(h + x[:, t])\n        hs[:, t, 1:] = h[:, 1:]", 7, "writes at another place"),
    "twice": ("h = np.tanh(h + x[:, t])\n        hs[:, t] = h\n        hs[:, t] = h * 2", 8, "written twice"),
    "another shape": ("h = np.sum(h, axis=1) * x[0, t, 0]", 5, "h is "),
    "another name": ("h = np.tanh(h + x[:, t])\n        h += 1\n        g = h", 8, "gives it another name"),
    "a loop in a loop": ("for s in range(x.shape[1]):\n            h = h + x[:, t]", 6, "within another"),
    "a list that has parts": ("hs.append(h)", 6, "a list that is empty before"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_place(name: str) -> None:
    body, line, says = REFUSED[name]
    with pytest.raises(InputError) as found:
        function_problem(f"{LOOP}        {body}\n    return hs * 2 + h[:, None]", "ops.py", "f")
    assert says in str(found.value)
    assert (found.value.place.file, found.value.place.line) == ("ops.py", line), str(found.value)


def test_what_goes_from_turn_to_turn_has_not_the_axis_of_the_steps() -> None:
    text = 'import numpy as np\ndef f(A: "t t", h: "t"):\n    for i in range(len(A)):\n        h = np.tanh(A[i] * h)\n    return h'
    with pytest.raises(InputError, match="has the axis of the steps besides"):
        function_problem(text, "ops.py", "f")


def test_loops_of_backward_functions_are_refused_with_their_place() -> None:
    text = TEXT + "\n\ndef back(dh, x, W):\n    for t in range(x.shape[1]):\n        dh = dh @ W.T @ W\n    return dh\n"
    with pytest.raises(InputError, match="in a backward function its lines are not judged yet") as found:
        judged_backward(function_problem(text, "ops.py", "last"), read_module(text, "ops.py"), "back")
    assert found.value.place.line == text.count("\n") - 2
