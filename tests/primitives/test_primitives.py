"""Each scalar function goes through every job, and a row that lacks a part is reported by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy
from primitive_jobs import derives, draws, failing, generates, has_values, is_written_truly, prints_pages, trains
from seldom import each

import symbp as sb
from symbp.calculus.primitives import BY_HEAD, BY_KEY, PRIMITIVES
from symbp.calculus.program import ScalarFunction
from symbp.codegen.forms import FORMS
from symbp.commands.main import run
from symbp.notation import NOTATIONS

ROWS = {row.name: row for row in PRIMITIVES}
NETWORK = """input = 3
layers = [{ dense = 4 }, "g", { dense = 2 }]
loss = "sse"
[functions]
g = "asinh(z)"
"""


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", each(ROWS))
def test_every_primitive_goes_through_every_job(name):
    assert failing(ROWS[name]) == []


@pytest.mark.sweep
@pytest.mark.parametrize("name", ROWS)
def test_every_primitive_is_printed_in_every_notation(name):
    prints_pages(ROWS[name], NOTATIONS)


def test_names_are_told_apart():
    names = [name for row in PRIMITIVES for name in (row.name, *row.aliases)]
    assert len(set(names)) == len(names)
    assert len({row.latex for row in PRIMITIVES if row.latex}) == len([row for row in PRIMITIVES if row.latex])


def broken(monkeypatch, name, **parts):
    """A row of the table without some parts, in the place of the whole one."""
    row = replace(ROWS[name], **parts)
    monkeypatch.setitem(BY_KEY, row.key, row)
    monkeypatch.setitem(BY_HEAD, row.head, row)
    return row


@pytest.mark.parametrize(
    "name, part, jobs",
    [
        ("asinh", {"written": lambda x: x}, (is_written_truly, derives)),
        ("asinh", {"written": None}, (is_written_truly, derives)),
        ("atan", {"written": lambda x: 2 * x}, (is_written_truly,)),
        ("acosh", {"written": lambda x: (x - (x * x - 1).sqrt()).log()}, (is_written_truly,)),
        ("erf", {"latex": ""}, (prints_pages,)),
        ("acosh", {"domain": ROWS["exp"].domain}, (has_values,)),
        ("softplus", {"value": lambda m, x: x}, (has_values,)),
    ],
)
def test_a_row_that_lacks_a_part_is_reported_by_name(name, part, jobs, monkeypatch):
    found = failing(broken(monkeypatch, name, **part), jobs)
    assert [text.split(": ")[:2] for text in found] == [[name, job.__name__] for job in jobs]


def test_a_primitive_without_a_form_in_numpy_is_reported_by_name(monkeypatch):
    monkeypatch.delitem(FORMS, sympy.asinh)
    found = failing(ROWS["asinh"], (generates, trains))
    assert [text.split(": ")[:2] for text in found] == [["asinh", "generates"], ["asinh", "trains"]]
    assert all("the function asinh has no form in NumPy" in text for text in found)


def test_a_primitive_without_plain_python_is_reported_by_name(monkeypatch):
    monkeypatch.delitem(__import__("symbp.graph.python", fromlist=["_HELPERS"])._HELPERS, "softplus")
    assert [text.split(": ")[:2] for text in failing(ROWS["softplus"], (draws,))] == [["softplus", "draws"]]


@pytest.mark.parametrize("command", [["generate"], ["train", "--data", "digits"]])
def test_a_command_says_in_one_line_that_a_target_lacks_a_form(command, monkeypatch, tmp_path, capsys):
    file = tmp_path / "net.toml"
    file.write_text(
        NETWORK.replace("input = 3", "input = 64").replace("{ dense = 2 }", "{ dense = 10 }"), encoding="utf-8"
    )
    monkeypatch.delitem(FORMS, sympy.asinh)
    assert run([command[0], str(file), *command[1:]]) == 2
    out = capsys.readouterr()
    assert out.out == "" and out.err == (
        "error: the function asinh has no form in NumPy, so no code can be made for it\n"
    )


def test_a_function_without_a_definition_cannot_be_generated():
    net = sb.Network(3, [sb.Layer("dense", {"": 4}), "g"], loss="sse", functions={"g": ScalarFunction("g")})
    assert sb.derive(net).page("text")
    with pytest.raises(sb.InputError, match="the function g has no definition, so no code can be made for it"):
        sb.generate(net)


@pytest.mark.parametrize(
    "statements, at, said",
    [
        ("y = acosh(x)", "x=0.5", "there is no value at this point: y has no value: acosh(0.5) has no real value"),
        ("y = log1p(x)", "x=-1", "there is no value at this point: y has no value: log1p(-1.0) has no real value"),
        ("y = arcsinhh(x)", "x=1", "did you mean 'arcsinh'?"),
        ("y = erf(x, x)", "x=1", "erf takes 1 argument, got 2"),
    ],
)
def test_a_value_or_a_function_that_is_not_there_takes_one_line(statements, at, said, capsys):
    assert run(["graph", statements, "--at", at]) == 2
    out = capsys.readouterr()
    assert out.out == "" and said in out.err and out.err.count("\n") == 1
