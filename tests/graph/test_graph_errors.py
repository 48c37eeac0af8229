"""Unusable input: one message that names what was read, exit status 2, nothing on stdout, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbp.commands.main import run
from symbp.errors import InputError
from symbp.graph.model import read_graph

LECTURE = "v = x*y; u = w + v; f = u*z"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([""], "nothing to draw"),
        ([" ; \n # all comment"], "nothing to draw"),
        (["f = x[i]"], "graph takes scalars"),
        (["s[i] = x"], "graph takes scalars"),
        (["f = sum(x, i)"], "graph takes scalars"),
        (["v = x; v = y"], "v is assigned twice"),
        (["u = v + 1; v = x"], "v is read before it is assigned"),
        (["f = 2*3"], "read no input"),
        (["f = __import__('os').system('touch owned')"], "no meaning here"),
        (["__class__ = x"], "no meaning here"),
        (["x__class__ = y"], "not usable"),
        (["lambda = x"], "not usable"),
        (["f = exec(x)"], "unknown function 'exec'"),
        (["f = sigmod(x)"], "did you mean 'sigmoid'"),
        (["f = max(x)"], "max takes 2 arguments"),
        (["exp = x"], "already"),
        (["f = g'(x)"], "g"),
        (["f = x/0"], "division by zero"),
        (["f = x +"], "column 8"),
        (["v = x;; f = v**"], "column 16"),
        (["f = " + "+".join(["x"] * 900)], "at most 100"),
        (["f = " + "(" * 300 + "x" + ")" * 300], "nested too deeply"),
        (["f = x", "--format", "pgn"], "unknown format 'pgn'"),
        (["f = x", "--format", "svg", "--fragment"], "--fragment with --format latex"),
        ([LECTURE, "--at", "w=5,x=3,y=2"], "no value for z"),
        ([LECTURE, "--at", ""], "no value for x, y, w, z"),
        ([LECTURE, "--at", "w=5,x=3,y=2,zz=4"], "did you mean 'z'"),
        ([LECTURE, "--at", "v=5"], "v is computed"),
        ([LECTURE, "--at", "w=nan"], "not a number"),
        ([LECTURE, "--at", "w=inf"], "not a number"),
        ([LECTURE, "--at", "w=__import__('os')"], "not a number"),
        ([LECTURE, "--at", "w=٣"], "not a number"),
        ([LECTURE, "--at", "w=1/0"], "divides by zero"),
        ([LECTURE, "--at", "w=1e999"], "out of range"),
        ([LECTURE, "--at", "w"], "gives no value"),
        ([LECTURE, "--at", "w=1,w=1"], "given twice"),
        (["f = log(x)", "--at", "x=-1"], "no value at this point"),
        (["f = 1/x", "--at", "x=0"], "no value at this point"),
        (["f = sqrt(x)", "--at", "x=0"], "the gradient of x"),
        (["f = exp(exp(x))", "--at", "x=10"], "too large"),
        (["a = x**400; b = a**400; f = b**400", "--at", "x=2"], "too large"),
    ],
)
def test_message_and_status(
    args: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["graph", *args]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err and "Traceback" not in err
    assert len(err.splitlines()) == 1
    assert not [*tmp_path.iterdir()]


def test_place_is_counted_in_the_whole_text() -> None:
    with pytest.raises(InputError) as caught:
        read_graph("v = x*y\nu = w + v; u = 3")
    assert (caught.value.place.line, caught.value.place.column) == (2, 12)


def test_exact_numbers_do_not_run_away(capsys: pytest.CaptureFixture[str]) -> None:
    squares = "; ".join(f"a{k + 1} = a{k}*a{k}" for k in range(60))
    assert run(["graph", squares, "--at", "a0=1.0000001"]) in (0, 2)
    assert capsys.readouterr()


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", "<svg"), ("tex", r"\documentclass"), ("py", "# f and"), ("txt", "f as")]
)
def test_file_ending_chooses_the_format(
    ending: str, start: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"graph.{ending}"
    assert run(["graph", LECTURE, "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith(start)
    assert capsys.readouterr().out == ""
