"""What cannot be read is refused with its line and column, and nothing of a file ever runs."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.errors import InputError
from symbp.verification.problems.function import function_problem

HEAD = "import numpy as np\n"
REFUSED = {
    "loop": ('def f(x: "n"):\n    for i in range(1, len(x)):\n        x = x + 1\n    return x', 3, 14, "how often this loop runs"),
    "loop over an array": ('def f(x: "n"):\n    for a in x:\n        x = x + a\n    return x', 3, 5, "a loop over this is not read"),
    "while": ('def f(x: "n"):\n    while True:\n        x = x + 1\n    return x', 3, 5, "a while loop is not read"),
    "a loop that may end early": (
        'def f(x: "n"):\n    for i in range(3):\n        if i == 1:\n            break\n    return x', 3, 5, "may end early"),
    "if on data": ('def f(x: "n"):\n    if x.sum() > 0:\n        x = -x\n    return x', 3, 5, "an if on data is not read yet"),
    "truth values": ('def f(x: "n d"):\n    return x[x > 0]', 3, 14, "picks elements by truth values"),
    "a list": ('def f(x: "n d"):\n    return x[[0, 1]]', 3, 14, "picks elements by a list"),
    "numbers that are not whole": ('def f(x: "n d", i: "n"):\n    return x[i]', 3, 14, "holds no whole numbers"),
    "too many indices": ('def f(x: "n d"):\n    return x[0, 1, 2]', 3, 12, "3 indices of n x d"),
    "an empty slice": ('def f(x: "n d"):\n    return x[:, 3:3]', 3, 12, "a slice of d (one axis) that is empty"),
    "an element that is not there": ('def f(x: "n 3"):\n    return x[:, 3]', 3, 12, "there is no such place"),
    "a slice beyond the end": ('def f(x: "n 3"):\n    return x[:, -4:]', 3, 12, "reaches beyond it"),
    "slices that differ": ('def f(x: "n t"):\n    return x[:, 1:] + x[:, 2:]', 3, 12, "do not fit"),
    "labels": ('def f(p: "n k", y: Int[Array, "n"]):\n    return p', 2, 17, "whole numbers that point into no axis"),
    "labels as numbers": ('def f(p: "n k", y: Int[Array, "n"]):\n    return p * y[:, None]', 3, 12, "stands where a value is needed"),
    "labels of two axes": (
        'def f(p: "n k", E: "v k", y: Int[Array, "n"]):\n    return p[np.arange(len(p)), y][:, None] * E[y]', 3, 47, "y points into k"),
    "roll": ('def f(x: "n"):\n    return np.roll(x, 1)', 3, 12, "goes round the end"),
    "a border that is no zeros": ('def f(x: "n"):\n    return np.pad(x, 1, mode="edge")', 3, 30, "mode="),
    "widths that do not fit": ('def f(x: "n d"):\n    return np.pad(x, ((0, 0), (0, 0), (1, 1)))', 3, 12, "pairs of widths"),
    "joined along the wrong axis": ('def f(x: "n d", y: "n k"):\n    return np.concatenate([x, y])', 3, 12, "do not fit"),
    "put where it does not fit": ('def f(x: "n d", y: "d"):\n    z = x * 2\n    z[:, 0] = y\n    return z', 4, 15, "do not fit"),
    "a view of a part that changes": ('def f(x: "n d"):\n    h = x * 2\n    g = h[:, 1:]\n    g += 1\n    return h', 5, 5, "shares its memory"),
    "no axes": ("def f(x):\n    return x", 2, 7, "says nothing of its axes"),
    "axes": ('def f(x: "n *d"):\n    return x', 2, 10, "the axis '*d' is not read"),
    "a length that is no number": ('def f(x: "n 3k"):\n    return x', 2, 10, "the axis '3k' is not read"),
    "no return": ('def f(x: "n"):\n    y = x', 2, 1, "returns nothing"),
    "unknown name": ('def f(x: "n"):\n    return x + z', 3, 16, "unknown name 'z'"),
    "unknown function": ('def f(x: "n"):\n    return tanhh(x)', 3, 12, "unknown function 'tanhh'"),
    "unknown of numpy": ('def f(x: "n"):\n    return np.tahn(x)', 3, 12, "unknown function 'tahn'"),
    "library": ('import torch\ndef f(x: "n"):\n    return torch.exp(x)', 4, 12, "torch.exp"),
    "shapes": ('def f(x: "n d", b: "n"):\n    return x + b', 3, 12, "do not fit"),
    "matmul": ('def f(x: "n d", w: "n d"):\n    y = x @ w\n    return y', 3, 9, "@"),
    "recursion": ('def f(x: "n"):\n    return f(x)', 3, 12, "calls itself"),
    "lambda": ('def f(x: "n"):\n    g = lambda a: a\n    return x', 3, 9, "lambda"),
    "a view that changes": ('def f(x: "n d"):\n    h = x * 2\n    g = h.T\n    h += 1\n    return g', 5, 5, "shares its memory"),
    "in place and wider": ('def f(b: "d", x: "n d"):\n    b += x\n    return b', 3, 5, "its shape would change"),
    "stars": ('def f(*x):\n    return x', 2, 8, "* and ** arguments"),
    "a default that is called": ('def f(x: "n", e=np.zeros(3)):\n    return x', 2, 17, "the default"),
    "a class": ('def f(x: "n"):\n    class A: pass\n    return x', 3, 5, "is not read"),
    "several values": ('def g(x):\n    return x, x\ndef f(x: "n"):\n    y = g(x)\n    return y + 1', 6, 12, "y"),
    "too many arguments": ('def g(a):\n    return a\ndef f(x: "n"):\n    return g(x, x)', 5, 12, "takes 1 arguments"),
    "a dunder": ('def f(x: "n"):\n    return x.__class__', 3, 12, ".__class__ is not read"),
    "a method": ('def f(x: "n"):\n    return x.tolist()', 3, 12, "tolist"),
    "a walrus": ('def f(x: "n"):\n    return (y := x)', 3, 13, "is not read"),
    "a comprehension": ('def f(x: "n"):\n    return sum([a for a in x])', 3, 16, "is not read"),
    "an async": ('async def f(x: "n"):\n    return x', None, None, "no function in this file"),
    "a global": ('def f(x: "n"):\n    global y\n    return x', 3, 5, "is not read"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_place(name: str) -> None:
    text, line, column, says = REFUSED[name]
    with pytest.raises(InputError) as found:
        sb.derive(function_problem(HEAD + text, "ops.py", "f"))
    assert says in str(found.value)
    assert (found.value.place.file, found.value.place.line, found.value.place.column) == ("ops.py", line, column)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def f(x:\n", "this is no Python"),
        ("x = '\0'", "this is no Python"),
        ("x = " + "(" * 500 + "1" + ")" * 500, "Python"),
        ("x = " + "-" * 5000 + "1", "nested too deeply"),
        ("def f(x: 'n'): return " + "+".join("x" * 3000), "nested too deeply"),
        ("", "there is no function"),
        ("a = 1\n" * 60_000, "too long"),
        ("return 3", "there is no function"),
    ],
)
def test_files_that_are_of_no_use(text: str, says: str) -> None:
    with pytest.raises(InputError) as found:
        function_problem(text, "ops.py", "f")
    assert says in str(found.value) or "nested" in str(found.value)


def test_nothing_of_a_file_runs(tmp_path) -> None:  # type: ignore[no-untyped-def]
    trace = tmp_path / "trace"
    evil = f"open({str(trace)!r}, 'w')"
    text = f"""
import os
import numpy as np
print({evil})
{evil}
os.system("touch {trace}")

def deco(f):
    {evil}
    return f

class Array:
    {evil}

@deco
def f(x: "n d", y: "n d" = 2.0, eps: float = 1e-5):
    print({evil})
    return np.sum(x * x) + eps

if __name__ == "__main__":
    {evil}
"""
    d = sb.derive(function_problem(text, "evil.py", "f"))
    assert str(d["dx"]) == "dx[n,d] = 2*x[n,d]"
    assert not trace.exists()


def test_options_choose_branches() -> None:
    text = HEAD + (
        'def f(x: "n", reduction="mean", mask=None):\n'
        "    if mask is not None:\n        x = x * mask\n"
        '    if reduction == "mean":\n        return x.mean()\n'
        '    elif reduction == "sum":\n        return x.sum()\n'
        "    raise ValueError(reduction)\n"
    )
    assert str(sb.derive(function_problem(text, "ops.py", "f"))["dx"]) == "dx[n] = 1/N"
    assert str(sb.derive(function_problem(text, "ops.py", "f", {"reduction": "sum"}))["dx"]) == "dx[n] = 1"


def test_a_function_at_hand_is_read_and_not_called() -> None:
    from written import batch_norm  # type: ignore[import-not-found]

    d = sb.derive(batch_norm)
    assert d.map.source.name == "batch_norm" and set(d.map.defaults) == {"eps"}
    assert "def backward(cache" in sb.generate(batch_norm)
    assert sb.verify(batch_norm, "dbeta = dout.sum(axis=0)").ok
    with pytest.raises(InputError, match="lambda"):
        sb.derive(lambda x: x)
    with pytest.raises(InputError, match="no source"):
        sb.derive(len)


def test_claims_about_a_function(capsys: pytest.CaptureFixture[str], tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from symbp.commands.main import run

    monkeypatch.chdir(tmp_path)
    (tmp_path / "ops.py").write_text(HEAD + 'def f(x: "n d", b: "d"):\n    return np.tanh(x + b)\n')
    assert run(["verify", "ops.py:f", "--claim", "db = (dy*(1 - y**2)).sum(axis=0)"]) == 0
    assert run(["verify", "--arch", "ops.py:f", "--claim", "db = dy.sum(axis=0)"]) == 1
    assert run(["verify", "ops.py:f"]) == 2
    assert run(["generate", "ops.py:f", "--loss", "mse"]) == 2
    assert run(["train", "ops.py:f", "--data", "x.csv"]) == 2
    assert run(["derive", "ops.py:g"]) == 2
    err = capsys.readouterr().err
    assert "--of FORWARD" in err and "--loss is about a network" in err and "unknown function 'g'" in err
