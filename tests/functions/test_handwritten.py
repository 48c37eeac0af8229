"""Hand-written backward functions: right ones are right line by line, and whatever is changed in one is found."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from symbp.errors import InputError
from symbp.formula.python.module import read_module
from symbp.verification.handwritten import Judged, judged_backward, judged_own
from symbp.verification.problems.function import function_problem

FILE = Path(__file__).with_name("backwards.py")
TEXT = FILE.read_text(encoding="utf-8")
PAIRS = [
    ("layer_norm", "layer_norm_backward"), ("batchnorm_forward", "batchnorm_backward"), ("affine_forward", "affine_backward"),
    ("affine_relu_forward", "affine_relu_backward"), ("two_layer", "two_layer_backward"), ("attention", "attention_backward"),
    ("dropout_mlp", "dropout_mlp_backward"), ("lstm_step", "lstm_step_backward"),
]  # fmt: skip
OWN = ["ridge", "svm"]
EVERY = [*PAIRS, *(("", name) for name in OWN)]


def judged(forward: str, backward: str, text: str = TEXT) -> list[Judged]:
    module = read_module(text, "ops.py")
    if not forward:
        return judged_own(module, backward)
    return judged_backward(function_problem(text, "ops.py", forward), module, backward)


@pytest.mark.thinned(2)
@pytest.mark.parametrize(("forward", "backward"), EVERY, ids=[b for _, b in EVERY])
def test_right_ones_are_right(forward: str, backward: str) -> None:
    found = judged(forward, backward)
    assert [str(j.verdict) for j in found if not j.verdict.ok] == []
    assert sum(j.verdict.verdict == "correct" for j in found) >= 1


AFFINE = """import numpy as np
def f(x: "n d", w: "d m", b: "m"):
    return x @ w + b
def g(dout, x, w):
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    """
RETURNS = {
    "return dx, dw, db": True,
    'return {"b": db, "w": dw, "x": dx}': True,
    "return dict(dx=dx, dw=dw)": True,
    "return dx, None, db": True,
    "return dx, (dw, db)": True,
    'return dx, {"w": dw, "b": db}': True,
    "return dw, db": True,
    "u = dout @ w.T\n    return u": True,
    "return dw, dx, db": False,
    "return dx, dw, dw": False,
    'return {"x": dw, "w": dx, "b": db}': False,
    'return {"x": dx * 2, "w": dw, "b": db}': False,
    "dw += w\n    return dx, dw, db": False,
    "dx = dx * 2\n    return dx, dw, db": False,
    "return [dx, dw * 0.5, db]": False,
    "return (dx, dw), db * 2": False,
    'return dx, {"w": dw * 3, "b": db}': False,
    'return {"params": {"w": dw * 5, "b": db}, "x": dx}': False,
    "u = dout @ w.T * 7\n    return u": False,
    'return {"first": dx}': False,
    "return dx, dw, db, dw": False,
    "dxx = dx + 1\n    return dxx, dw, db": False,
    "db = dw\n    return dx, dw, db": False,
}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("returned", RETURNS)
def test_everything_that_is_returned_is_judged(returned: str) -> None:
    assert all(j.verdict.ok for j in judged("f", "g", AFFINE + returned)) == RETURNS[returned]


RELU = 'import numpy as np\ndef f(x: "n d"):\n    out = np.maximum(x, 0)\n    cache = x\n    return out, cache\ndef g(dout, cache):\n    '
STYLES = {
    "dx, x = None, cache\n    dx = dout * (x > 0)\n    return dx": True,
    "x = cache\n    dx = dout.copy()\n    dx[x <= 0] = 0\n    return dx": True,
    "x = cache\n    dx = np.zeros_like(x)\n    dx[x > 0] = 1\n    return dx * dout": True,
    "return np.where(cache > 0, dout, 0)": True,
    "x = cache\n    dx = dout.copy()\n    dx[x > 0] = 0\n    return dx": False,
    "x = cache\n    dx = dout.copy()\n    dx[x < 0] = 0\n    return dout": False,
    "x = cache\n    dx = dout.copy()\n    dout[x < 0] = 0\n    return dx": False,
    "x = cache\n    dx = dout\n    dx[dx < 0] = 0\n    return dx": False,
}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("body", STYLES)
def test_copies_and_masks(body: str) -> None:
    assert all(j.verdict.ok for j in judged("f", "g", RELU + body)) == STYLES[body]


LOSS = """import numpy as np
def f(z: "n k", y: "n k"):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.sum(y * np.log(p)) / z.shape[0]
def g(p, y):
    """


@pytest.mark.thinned(2)
@pytest.mark.parametrize(("factor", "ok"), [(" / y.shape[0]", True), ("", False), (" / y.shape[1]", False)])
@pytest.mark.parametrize("form", ["dz = (p - y){}\n    return dz", "return (p - y){}", 'return {{"z": (p - y){}}}'])
def test_a_name_of_ones_own_hides_nothing(form: str, factor: str, ok: bool) -> None:
    assert all(j.verdict.ok for j in judged("f", "g", LOSS + form.format(factor))) == ok


SWAPS: dict[type, type] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult}
SAME = {("batchnorm_backward", "dxmu1 + dxmu2 -> dxmu1 - dxmu2", 1)}
"""Where nothing changes: dxmu2 sums to zero over the batch."""


def mutants(name: str) -> Iterator[tuple[str, str]]:
    """The file with one place of a function changed, a sign, an operation, a mean for a sum; with what was changed."""
    function = next(s for s in ast.parse(TEXT).body if isinstance(s, ast.FunctionDef) and s.name == name)
    stands = ast.get_source_segment(TEXT, function) or ""
    seen: Counter[str] = Counter()
    for node in ast.walk(function):
        original = ast.unparse(node) if isinstance(node, (ast.BinOp, ast.Attribute)) else ""
        if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
            where, was, changed = "op", node.op, SWAPS[type(node.op)]()
        elif isinstance(node, ast.Attribute) and node.attr in ("sum", "mean"):
            where, was, changed = "attr", node.attr, {"sum": "mean", "mean": "sum"}[node.attr]
        else:
            continue
        setattr(node, where, changed)
        what = f"{original} -> {ast.unparse(node)}"
        if (name, what, seen[what]) not in SAME:
            yield what, TEXT.replace(stands, ast.unparse(function))
        seen[what] += 1
        setattr(node, where, was)


@pytest.mark.thinned(48)
@pytest.mark.parametrize(
    ("forward", "backward", "what", "text"),
    [pytest.param(f, b, what, text, id=f"{b}-{what}") for f, b in PAIRS for what, text in mutants(b)],
)
def test_whatever_is_changed_is_found(forward: str, backward: str, what: str, text: str) -> None:
    try:
        found = judged(forward, backward, text)
    except InputError:
        return
    assert any(not j.verdict.ok for j in found), what


def test_an_axis_too_many_is_found() -> None:
    text = TEXT.replace("dbeta = dy.sum(axis=0)", "dbeta = dy.sum(axis=0, keepdims=True)")
    (wrong,) = [j.verdict for j in judged("layer_norm", "layer_norm_backward", text) if not j.verdict.ok]
    assert (wrong.cause, wrong.claim) == ("shape", "dbeta = dy.sum(axis=0, keepdims=True)")
    assert "the shape is 1 x d, and that of beta is d" in wrong.reason


HIDDEN = """import numpy as np
def f(x: "n d", W: "d h", b: "h", V: "h k"):
    z = x @ W + b
    h = np.maximum(z, 0)
    out = h @ V
    return out, (x, z, h, W, V)
def g(dout, cache):
    x, z, h, W, V = cache
    dV = h.T @ dout
    dh = dout @ V.T
    dz = dh * (z > 0)
    dW = x.T @ dz
    db = dz.sum(axis=0)
    dx = dz @ W.T
    return dx, dW, db, dV
"""
RIDGE = """import numpy as np
def f(w: "d", X: "n d", y: "n", lam=0.5):
    r = X @ w - y
    return np.mean(r**2) + lam * np.sum(w**2)
def g(w, X, y, r, lam):
    dw = 2 * X.T @ r / len(y)
    dw += 2 * lam * w
    dX = 2 * np.outer(r, w) / len(y)
    dy = -2 * r / len(y)
    return dw, dX, dy
"""
MENDS = [
    (HIDDEN, "dV = h.T @ dout", "dV = z.T @ dout", "z should be h", "dV = h.T @ dout"),
    (HIDDEN, "dz = dh * (z > 0)", "dz = dh", "the factor z >= 0 is missing", "dz = dh * (z >= 0)"),
    (HIDDEN, "dV = h.T @ dout", "dV = h.T @ dout / x.shape[0]", "the factor 1/x.shape[0] does not belong here", "dV = h.T @ dout"),
    (HIDDEN, "db = dz.sum(axis=0)", "db = dz.mean(axis=0)", "mean should be sum", "db = dz.sum(axis=0)"),
    (HIDDEN, "dx = dz @ W.T", "dx = dz @ W", "W should be transposed", "dx = dz @ W.T"),
    (RIDGE, "dw += 2 * lam * w", "dw += lam * w", "a factor 2 is missing at lam * w", "dw += 2 * lam * w"),
    (RIDGE, "dy =", "dX = dX / len(y)\n    dy =", "the factor 1/len(y) does not belong here", "dX without this line"),
]  # fmt: skip


@pytest.mark.thinned(2)
@pytest.mark.parametrize(("text", "right", "wrong", "reason", "mended"), MENDS, ids=[m[2] for m in MENDS])
def test_the_line_that_is_wrong_is_mended_in_its_own_words(
    text: str, right: str, wrong: str, reason: str, mended: str
) -> None:
    assert all(j.verdict.ok for j in judged("f", "g", text))
    (found,) = [j.verdict for j in judged("f", "g", text.replace(right, wrong)) if not j.verdict.ok]
    assert reason in found.reason
    assert found.fix == mended
