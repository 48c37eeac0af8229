"""Gradients of NumPy functions: symbp's generated module beside tangent-ad, autograd and JAX.

    python benchmarks/functions/run.py [NAME...] [--json FILE]

For each function: statements of the backward, seconds until there is one, the time of value and gradient (float32, 256 x 512 and
8 x 16) as a ratio to symbp's in the same rounds, whether the gradient is that of JAX, and whether it is finite where entries are
10,000. Exit status 1 where symbp's differs.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import inspect
import json
import statistics
import sys
import time
import types
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import symbp as sb

FILE = Path(__file__).with_name("written.py")
NAMES = [s.name for s in ast.parse(FILE.read_text()).body if isinstance(s, ast.FunctionDef)]
LARGE = {"n": 256, "t": 256, "s": 256, "d": 512, "k": 512, "e": 512, "h": 512}
SMALL = {"n": 8, "t": 8, "s": 8, "d": 16, "k": 16, "e": 16, "h": 16}
Gradient = Callable[..., tuple[Any, list[Any]]]
"""From arguments and the upstream to the value and the gradients of all arguments."""


@dataclass
class Row:
    """What is known of one contender for one function; times are ratios to symbp's."""

    name: str
    statements: int | None = None
    seconds: float = 0.0
    large: float = 0.0
    small: float = 0.0
    finite: bool = True
    agrees: bool = True
    said: str = ""
    times: dict[str, list[float]] = field(default_factory=dict, repr=False)


def module_of(text: str, name: str) -> types.ModuleType:
    module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def loaded() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("written", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["written"] = module
    spec.loader.exec_module(module)
    return module


def of_symbp(name: str) -> tuple[Gradient, int]:
    text = sb.generate(f"{FILE}:{name}")
    module = module_of(text, f"symbp_{name}")
    backward = next(s for s in ast.parse(text).body if isinstance(s, ast.FunctionDef) and s.name == "backward")
    made = [s for s in ast.walk(backward) if isinstance(s, ast.Assign) and not _reads(s)]
    scalar = hasattr(module, "value_and_grad")

    def run(arguments: list[Any], upstream: Any) -> tuple[Any, list[Any]]:
        value, cache = module.forward(*arguments)
        grads = module.backward(cache) if scalar else module.backward(cache, upstream)
        return value, [grads[n] for n in inspect.signature(module.forward).parameters]

    return run, len(made)


def _reads(s: ast.Assign) -> bool:
    """Whether a statement takes something out of the cache or the arguments."""
    return isinstance(s.targets[0], ast.Tuple) or (
        isinstance(s.value, ast.Subscript) and isinstance(s.value.value, ast.Name)
    )


def of_tangent(name: str) -> tuple[Gradient, int]:
    import tangent

    function = getattr(loaded(), name)
    count = len(inspect.signature(function).parameters)
    gradient = tangent.grad(function, wrt=tuple(range(count)), preserve_result=True)
    made = [s for s in ast.walk(ast.parse(inspect.getsource(gradient))) if isinstance(s, ast.Assign) and _adjoint(s)]

    def run(arguments: list[Any], upstream: Any) -> tuple[Any, list[Any]]:
        *grads, value = gradient(*arguments, upstream)
        return value, grads[0] if isinstance(grads[0], (list, tuple)) else grads

    return run, len(made)


def _adjoint(s: ast.Assign) -> bool:
    target = s.targets[0]
    return isinstance(target, ast.Name) and target.id.startswith(("b", "_b"))


def of_autograd(name: str) -> tuple[Gradient, None]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    module = module_of(FILE.read_text().replace("import numpy as np", "import autograd.numpy as np"), "in_autograd")
    function = getattr(module, name)
    count = len(inspect.signature(function).parameters)

    def scalar(*given: Any) -> Any:
        return anp.sum(given[-1] * function(*given[:-1]))

    gradient = value_and_grad(scalar, argnum=tuple(range(count)))
    return (lambda arguments, upstream: (lambda v, g: (v, [*g]))(*gradient(*arguments, upstream))), None


def of_jax(name: str) -> tuple[Gradient, None]:
    import jax
    import jax.numpy as jnp

    module = module_of(FILE.read_text().replace("import numpy as np", "import jax.numpy as np"), "in_jax")
    function = getattr(module, name)
    count = len(inspect.signature(function).parameters)

    def scalar(*given: Any) -> Any:
        return jnp.sum(given[-1] * function(*given[:-1]))

    gradient = jax.jit(jax.value_and_grad(scalar, argnums=tuple(range(count))))

    def run(arguments: list[Any], upstream: Any) -> tuple[Any, list[Any]]:
        value, grads = gradient(*arguments, upstream)
        return value, [*jax.block_until_ready(grads)]

    return run, None


CONTENDERS: dict[str, Callable[[str], tuple[Gradient, int | None]]] = {
    "symbp": of_symbp, "tangent-ad": of_tangent, "autograd": of_autograd, "JAX jit": of_jax,
}  # fmt: skip


def drawn(name: str, lengths: dict[str, int], scale: float = 1.0) -> tuple[list[Any], Any]:
    """Arguments and an upstream in float32."""
    rng = np.random.default_rng(3)
    function = getattr(loaded(), name)
    arguments = []
    for p in inspect.signature(function).parameters.values():
        shape = [lengths[a] for a in str(p.annotation).strip("'\"").split()]
        array = rng.normal(size=shape) * (scale if p.name in ("x", "z", "q", "a") else 1)
        if p.name == "y":
            array = np.exp(array) / np.exp(array).sum(axis=-1, keepdims=True)
        arguments.append(array.astype(np.float32))
    with np.errstate(all="ignore"):
        value = function(*arguments)
    return arguments, rng.normal(size=np.shape(value)).astype(np.float32) if np.ndim(value) else np.float32(1)


def measured(name: str) -> list[Row]:
    """All contenders on one function, round by round in turn."""
    rows, runs = [], {}
    for label, make in CONTENDERS.items():
        row = Row(label)
        begun = time.perf_counter()
        try:
            runs[label], row.statements = make(name)
            runs[label](*drawn(name, SMALL))
        except Exception as e:  # a contender that cannot is said
            row.said = f"{type(e).__name__}: {e}"[:60]
            runs.pop(label, None)
        row.seconds = time.perf_counter() - begun
        rows.append(row)
    for size, lengths, repeats in (("large", LARGE, 3), ("small", SMALL, 200)):
        given = drawn(name, lengths)
        expected = runs["JAX jit"](*given)[1]
        scale = max(float(np.abs(e).max()) for e in expected)
        for row in rows:
            if row.name in runs:
                pairs = zip(runs[row.name](*given)[1], expected, strict=True)
                row.agrees &= all(np.abs(np.asarray(f) - e).max() <= 1e-3 * scale for f, e in pairs)
        for _ in range(9):
            for row in rows:
                if row.name in runs:
                    begun = time.perf_counter()
                    for _ in range(repeats):
                        runs[row.name](*given)
                    row.times.setdefault(size, []).append(time.perf_counter() - begun)
        for row in rows:
            if row.name in runs:
                ratios = [a / b for a, b in zip(row.times[size], rows[0].times[size], strict=True)]
                setattr(row, size, statistics.median(ratios))
    far = drawn(name, SMALL, 1e4)
    for row in rows:
        if row.name in runs:
            row.finite = all(np.isfinite(np.asarray(g)).all() for g in runs[row.name](*far)[1])
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    found, status = {}, 0
    with np.errstate(all="ignore"):
        for name in args.names or NAMES:
            rows = measured(name)
            status |= not rows[0].agrees
            print(name)
            for r in rows:
                lines = "-" if r.statements is None else str(r.statements)
                words = ["" if r.agrees else "WRONG", "" if r.finite else "not finite at 1e4"]
                text = f"{lines:>4} statements  {r.seconds:6.2f} s until there  {r.large:6.2f}  {r.small:6.2f}  "
                text = r.said or text + ", ".join(w for w in words if w)
                print(f"    {r.name:12}{text}", flush=True)
            found[name] = [{k: v for k, v in asdict(r).items() if k != "times"} for r in rows]
    if args.json:
        Path(args.json).write_text(json.dumps(found, indent=2))
    return status


if __name__ == "__main__":
    sys.exit(main())
