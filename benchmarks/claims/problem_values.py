"""A problem's values in floats: forward lines by the bench's interpreter, derivatives by central differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from interpreter import Interpreter
from network_values import FUNCTIONS
from reading import sides, tree

_STEP = 1e-5
_ANY: Callable[[Any], Any] = lambda z: z / 3 + np.sin(1.3 * z + 0.4)  # noqa: E731  stands for a function that is any


def problem_values(table: Mapping[str, Any], seed: int) -> tuple[dict[str, Any], dict[str, Callable[[Any], Any]]]:
    """Every tensor of a problem, the derivative of the loss by each, and the functions; axes have different lengths."""
    axes = dict.fromkeys(a for text in table["tensors"].values() for a in text.split())
    sizes = {a: 1 if a == "one" else k + 2 for k, a in enumerate(axes)}
    functions = {name: FUNCTIONS.get(text, _ANY) for name, text in table.get("functions", {}).items()}
    rng = np.random.default_rng(seed)
    given = {name: rng.normal(size=tuple(sizes[a] for a in text.split())) for name, text in table["tensors"].items()}
    for name in table.get("positive", []):
        given[name] = abs(given[name]) + 0.5

    def forward(nudge: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: value + nudge.get(name, 0) for name, value in given.items()}
        for line in table["problem"]["forward"]:
            left, right = sides(line)
            values[left] = np.asarray(Interpreter(values, values, functions).value(tree(right))) + nudge.get(left, 0)
        return values

    values, loss = forward({}), table["problem"]["loss"]
    slopes = {}
    for name, value in values.items():
        slope = np.empty(np.shape(value))
        for at in np.ndindex(slope.shape):
            nudge = np.zeros(slope.shape)
            nudge[at] = _STEP
            slope[at] = (forward({name: nudge})[loss] - forward({name: -nudge})[loss]) / (2 * _STEP)
        slopes[f"d{name}"] = slope
    lengths = {f"N_{a}": float(n) for a, n in sizes.items()} | {"N": float(sizes.get("n", 1))}
    return {**values, **slopes, **lengths}, functions
