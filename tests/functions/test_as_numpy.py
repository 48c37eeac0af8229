"""What a function is read as is what NumPy computes, or it is refused: memory, truth values, names, options of calls."""

from __future__ import annotations

import types

import numpy as np
import pytest

from symbp.calculus.numeric.evaluate import evaluate
from symbp.errors import InputError
from symbp.verification.problems.function import function_problem

HEAD = "import numpy as np\n"
LENGTHS = {"n": 5, "d": 3, "k": 4}
X = 'def f(x: "n d"):\n    '
XY = 'def f(x: "n d", y: "n d"):\n    '
SAME = {
    "two targets": X + "a = b = x * 2\n    a += 1\n    return b",
    "a copy": X + "h = x.copy()\n    h += 1\n    return x * h",
    "np.array": X + "h = np.array(x, copy=True)\n    h[h > 0] = 0\n    return x + h",
    "astype": X + "h = x.astype(float)\n    h += 1\n    return x + h",
    "a whole slice": X + "h = x[:]\n    h += 1\n    return x + h",
    "asarray": X + "h = np.asarray(x)\n    h += 1\n    return x + h",
    "all of it": X + "a = x\n    x[...] = 2\n    return a",
    "numbers": X + "s = x.sum()\n    t = s\n    s += 1\n    return t * x",
    "constants": X + "a = 1.0\n    b = a\n    a += 1\n    return b * x + a",
    "an argument that is a number": 'def f(x: "n", c: ""):\n    b = c\n    c += 1\n    return b * x + c',
    "a tuple": X + "c = (x, 1.0)\n    x += 1\n    y, _ = c\n    return y * 2",
    "a list twice": X + "a = x * 2\n    c = [a, a]\n    a += 1\n    p, q = c\n    return p + q",
    "a dictionary": X + 'd = {"x": x * 2}\n    h = d["x"]\n    h += 1\n    return d["x"] * 3',
    "in a dictionary": X + 'c = {}\n    c["a"] = x\n    c["a"] *= 2\n    return c["a"] * x',
    "a dictionary in a call": 'def g(c):\n    c["x"] += 1\n    return c["x"]\n'
    + X
    + 'c = {"x": x}\n    y = g(c)\n    return x + y',
    "given back": "def g(a):\n    return a, a * 2\n" + X + "p, q = g(x)\n    p += 1\n    return x * q",
    "a copy given back": "def g(a):\n    return a.copy()\n" + X + "p = g(x)\n    p += 1\n    return x * 2",
    "an argument twice": "def g(a, b):\n    a += b\n    return a\n" + X + "p = g(x, x)\n    return x * p",
    "exchanged": XY + "x, y = y, x\n    x += 1\n    return x * 2 + y",
    "or of masks": XY + "return ((x > 0) | (y > 0)) * x",
    "not of masks": XY + "a = x > 0\n    return (~a & (y > 0)) * x",
    "masks as numbers": XY + "return (x > 0).astype(float) + (y > 0).astype(float)",
    "where of numbers": XY + "return np.where(np.maximum(x, 0), x, y)",
    "Python's sum": X + "return sum(x)",
    "an axis from outside": "axis = 1\ndef g(x, axis):\n    return x.sum(axis=axis)\n" + X + "return g(x, 0)",
    "a default of the file": "EPS = 1.0\ndef g(x, e=EPS):\n    return x + e\n" + X + "EPS = 5.0\n    return g(x) * EPS",
    "is": 'def f(x: "n d", mode=True):\n    if mode is 1:\n        return x\n    return x * 2',
    "keyword arguments": "def g(a, b=2, *, c=3):\n    return a * b + c\n" + X + "return g(x) + g(b=x, a=2) + g(x, c=x)",
    "names alike": X + "x_ = x * 2\n    _x = x * 3\n    return x_ - 5 * _x",
}
REFUSED = {
    "a view given back": (
        "def g(a):\n    return a.T\n" + X + "y = g(x)\n    y += 1\n    return x",
        "shares its memory",
    ),
    "a view in a tuple": (X + "c = (x.T, x)\n    x += 1\n    a, b = c\n    return a @ b", "shares its memory"),
    "einsum's view": (X + 'h = x * 2\n    g = np.einsum("ij->ji", h)\n    h += 1\n    return g', "shares its memory"),
    "changed by a call": ("def g(a):\n    a += 1\n    return a\n" + X + "return x + g(x)", "changes in place"),
    "a mask of rows": ('def f(x: "n n"):\n    m = x.sum(axis=1) > 0\n    x[m] = 0\n    return x', "has another shape"),
    "many numbers": (XY + "x[x > 0] = y\n    return x", "more than one number"),
    "sums of masks": (XY + "a = x > 0\n    return (a + (y > 0)) * x", "truth values"),
    "products of masks": (XY + "return ((x > 0) @ (y > 0).T) * 1.0", "truth values"),
    "einsum of masks": (XY + 'return np.einsum("ij,ij->i", x > 0, y > 0) * 1.0', "truth values"),
    "a mask that changes": (X + "a = x > 0\n    a[x > 0.5] = 0.5\n    return a * x", "holds no such value"),
    "whole numbers": (X + "return np.sum(x, dtype=int) * x", "dtype changes the values"),
    "truth values": (X + "return np.asarray(x, dtype=bool) * x", "dtype changes the values"),
    "softmax of all": ("from scipy.special import softmax\n" + X + "return softmax(x)", "something else"),
    "softmax of a module": ("import scipy.special as sp\n" + X + "return sp.log_softmax(x)", "something else"),
    "an approximation": ("import jax\n" + X + "return jax.nn.gelu(x)", "something else"),
    "a constant twice": ("A = 1.0\nif True:\n    A = 2.0\n" + X + "return x * A", "unknown name 'A'"),
    "a global": ("A = 1.0\ndef h():\n    global A\n    A = 2.0\n" + X + "return x * A", "unknown name 'A'"),
    "a walrus outside": ("A = 1.0\n(A := 2.0)\n" + X + "return x * A", "unknown name 'A'"),
    "a function twice": ("def g(x):\n    return x\ng = np.exp\n" + X + "return g(x)", "several meanings"),
    "another np": ("class np:\n    exp = abs\n" + X + "return np.exp(x)", "np.exp"),
    "np assigned": ("np = object()\n" + X + "return np.pi * x", "np.pi"),
    "np of two": ("def h():\n    import torch as np\n" + X + "return np.exp(x)", "np.exp"),
    "sum is another": ("sum = np.mean\n" + X + "return sum(x) * x", "unknown function 'sum'"),
    "a walrus": (X + "y = x\n    print(y := x * 2)\n    return y", "is not read"),
    "sorted in a message": (X + "print(x.sort())\n    return x", "may change an array"),
    "sorted in a text": (X + 'f"{x.sort()}"\n    return x', "may change an array"),
    "sorted in a check": (X + "assert x.sort() is None\n    return x", "may change an array"),
    "vectorized": ("@np.vectorize\n" + X + "return x + np.sum(x)", "makes another function"),
    "the last two axes": ('def f(x: "n d k"):\n    return x.mT', ".mT is not read"),
    "nothing": (X + "return {}", "returns nothing"),
    "None": (X + "return None", "returns nothing"),
    "calls that double": (
        "def a(x):\n    return b(x) + b(x)\n"
        + "".join(
            f"def {p}(x):\n    return {q}(x) + {q}(x)\n" for p, q in zip("bcdeghijklm", "cdeghijklmo", strict=True)
        )
        + "def o(x):\n    return x\n"
        + X
        + "return a(x)",
        "calls",
    ),
    "an axis that is too large": (X + "return x.sum(axis=99999999999)", "axis takes a whole number"),
    "keys alike": (X + 'c = {"1": x, 1: x * 2}\n    return c["1"] + 0', "the key"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SAME)
def test_as_numpy_computes_it(name: str) -> None:
    problem = function_problem(HEAD + SAME[name], "ops.py", "f")
    m, rng = problem.forward_map, np.random.default_rng(7)
    values = {t.name: rng.normal(size=[LENGTHS[a.name] for a in t.axes]) for t in m.program.declared}
    values |= {n: np.float64(v) for n, v in m.defaults.items()}
    values = {n: np.asarray(v) for n, v in values.items()}
    module = types.ModuleType("ops")
    exec(compile(HEAD + SAME[name], "ops.py", "exec"), module.__dict__)
    arguments = {a.written: values[a.name].copy() if values[a.name].shape else float(values[a.name])
                 for a in problem.function.arguments if a.default is None}  # fmt: skip
    wanted = module.f(**arguments)
    np.testing.assert_allclose(evaluate(m.program, values)[m.results[0]], np.squeeze(wanted), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", REFUSED)
def test_what_numpy_computes_otherwise_is_refused(name: str) -> None:
    text, says = REFUSED[name]
    with pytest.raises(InputError, match=r".*") as found:
        _ = function_problem(HEAD + text, "ops.py", "f").forward_map
    assert says in str(found.value)
    assert found.value.place.line is not None and found.value.place.column is not None
