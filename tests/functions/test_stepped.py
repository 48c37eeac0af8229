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
    re.sub(r"(\w+)\[:, t\] = (\w+)", r"\1 = \1.at[:, t].set(\2)", TEXT.replace("import numpy", "import jax.numpy")), "jax"
)


@pytest.mark.thinned(3)
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
