"""Generated modules read as somebody's code: their backward is judged by their forward, line by line, and a changed one is found."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import symbp as sb
from symbp.errors import InputError
from symbp.formula.python.module import read_module
from symbp.verification.handwritten import Judged, judged_backward
from symbp.verification.problems.function import function_problem

TEXT = Path(__file__).with_name("written.py").read_text(encoding="utf-8")
UNREAD = ("matched", "clip_loss", "barlow", "ridge_regression", "distances", "discounted")
"""Their modules choose a diagonal, or a triangle, by an array of truth values, np.eye(n, dtype=bool), which is not read."""
NAMES = [s.name for s in ast.parse(TEXT).body if isinstance(s, ast.FunctionDef) and s.name not in UNREAD]

PLAIN = {
    "safe_exp": "def safe_exp(x): return np.exp(x)",
    "positive": "def positive(x, power=1): return x",
    "inverse": "def inverse(a): return np.linalg.inv(a)",
    "solve": "def solve(a, b): return np.linalg.solve(a, b)",
    "logdet": "def logdet(a): return np.linalg.slogdet(a)[1]",
}
"""What helpers are but for the range of floats."""


def module_of(name: str) -> ast.Module:
    """A generated module with the axes of its arguments, and without the checks of arguments, which are no formulas."""
    module = ast.parse(sb.generate(function_problem(TEXT, "written.py", name)))
    axes = next(
        ast.literal_eval(s.value) for s in module.body if isinstance(s, ast.AnnAssign) and "AXES" in ast.unparse(s)
    )
    kept: list[ast.stmt] = []
    for s in module.body:
        if isinstance(s, ast.FunctionDef) and s.name in ("forward", "backward"):
            upstreams = ["upstreams"]
            for k in s.body:
                if "_arrays(" in ast.unparse(k) and isinstance(k, ast.Assign):
                    upstreams = [ast.unparse(e) for e in k.targets[0].elts]  # type: ignore[attr-defined]
            s.body = [
                k
                for k in s.body
                if "_arrays(" not in ast.unparse(k) and not isinstance(k, ast.If) and "dict(zip" not in ast.unparse(k)
            ]
            if s.name == "forward":
                for arg in s.args.args:
                    arg.annotation = ast.Constant(" ".join(axes[arg.arg])) if axes[arg.arg] else ast.Constant("")
            elif len(s.args.args) > 1:
                s.args.args = [s.args.args[0], *(ast.arg(u) for u in upstreams)]
        if isinstance(s, ast.FunctionDef) and s.name in PLAIN:
            s = ast.parse(PLAIN[s.name]).body[0]
        if not isinstance(s, ast.FunctionDef) or s.name not in ("check", "main", "_array", "_arrays", "value_and_grad"):
            kept.append(s)
    return ast.Module(kept, [])


def judged(module: ast.Module) -> list[Judged]:
    text = ast.unparse(ast.fix_missing_locations(module))
    return judged_backward(function_problem(text, "made.py", "forward"), read_module(text, "made.py"), "backward")


@pytest.mark.thinned(28)
@pytest.mark.parametrize("name", NAMES)
def test_a_generated_backward_is_right_line_by_line(name: str) -> None:
    found = judged(module_of(name))
    assert [str(j.verdict) for j in found if not j.verdict.ok] == []
    assert any(j.verdict.verdict == "correct" for j in found)


@pytest.mark.thinned(40)
@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_that_is_changed_is_found(name: str) -> None:
    module = module_of(name)
    backward = next(s for s in module.body if isinstance(s, ast.FunctionDef) and s.name == "backward")
    returned = backward.body[-1]
    assert isinstance(returned, ast.Return) and isinstance(returned.value, ast.Dict)
    for k, value in enumerate(returned.value.values):
        returned.value.values[k] = ast.BinOp(ast.Constant(-17), ast.Mult(), value)
        key = ast.unparse(returned.value.keys[k])  # type: ignore[arg-type]
        try:
            found = judged(module)
        except InputError as e:
            raise AssertionError(key) from e
        assert any(not j.verdict.ok for j in found) or ast.unparse(value) in zeros(module), key
        returned.value.values[k] = value


def zeros(module: ast.Module) -> set[str]:
    """Names of gradients that are zero everywhere, which stay what they are."""
    return {
        ast.unparse(s.targets[0])
        for s in ast.walk(module)
        if isinstance(s, ast.Assign) and "np.zeros" in ast.unparse(s)
    }
