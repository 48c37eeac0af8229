"""Notebooks: valid for nbformat, run by nbclient from the first cell to the last, with the generated code beside the equations."""

from __future__ import annotations

import ast
import json

import nbformat
import pytest
from nbclient import NotebookClient

import symbp as sb
from symbp.catalogue import ACTIVATIONS, LOSSES
from symbp.notes.blocks import Beside, Boxed, Code, Heading, Page, Paragraph
from symbp.notes.formats.notebook import notebook_page

FITTING = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "nll": "log_softmax",
    "kl_divergence": "softmax",
    "poisson": "exp",
}


def notebook(network: str, **options: object) -> nbformat.NotebookNode:
    """A notebook that is valid."""
    made = nbformat.reads(sb.derive(sb.Network.parse(network, **options)).notebook(), as_version=4)  # type: ignore[arg-type]
    nbformat.validate(made)
    return made


def code(made: nbformat.NotebookNode) -> list[str]:
    return [c.source for c in made.cells if c.cell_type == "code"]


@pytest.mark.filterwarnings("ignore")  # of the kernel's own libraries
def test_a_notebook_runs() -> None:
    made = notebook("3-4:tanh-2:softmax", loss="cross_entropy")
    NotebookClient(made, timeout=120, kernel_name="python3").execute()
    (output,) = made.cells[-1].outputs
    errors = ast.literal_eval(output["data"]["text/plain"])
    assert {*errors} == {"W1", "b1", "W2", "b2", "x"} and max(errors.values()) < 1e-6


@pytest.mark.parametrize(
    ("network", "loss"),
    [
        ("3-4:relu-2", "huber"),
        *(pytest.param(f"3-4:{a}-2", "sse", marks=pytest.mark.sweep) for a in (*ACTIVATIONS, "softmax", "log_softmax")),
        *(pytest.param(f"3-2:{FITTING.get(name, 'tanh')}", name, marks=pytest.mark.sweep) for name in LOSSES),
    ],
)
def test_the_cells_need_nothing_but_one_another(network: str, loss: str) -> None:
    names: dict[str, object] = {}
    *cells, last = code(notebook(network, loss=loss))
    for cell in cells:
        exec(compile(cell, "cell", "exec"), names)
    exec(compile(last, "cell", "exec"), names)
    errors = names["check"]()  # type: ignore[operator]
    assert max(errors.values()) < 1e-5


def test_code_follows_the_equations_that_it_implements() -> None:
    made = notebook("3-4:tanh-2:softmax", loss="cross_entropy")
    kinds = [(c.cell_type, c.source) for c in made.cells]
    for name, equation in (
        ("forward", r"z^{(1)} &= W^{(1)} x"),
        ("loss", "J &="),
        ("backward", r"\delta^{(2)} &= \hat{y} - y"),
    ):
        at = next(k for k, (kind, text) in enumerate(kinds) if kind == "code" and text.startswith(f"def {name}("))
        assert kinds[at - 1][0] == "markdown" and equation in kinds[at - 1][1]
    assert kinds[0][1].startswith("# Backpropagation\n")


def test_the_same_page_is_the_same_file_and_a_cell_for_each_section() -> None:
    blocks = (
        Heading(1, ("A",)), Heading(2, ("B",)), Paragraph(("one",)), Heading(2, ("C",)), Paragraph(("two",)),
        Boxed(("Kept",), (Paragraph(("three",)), Code("x = 1"))), Beside(((Paragraph(("four",)),), (Code("x"),))), Code("ls", "console"),
    )  # fmt: skip
    page = Page(("T",), (), blocks)
    made = json.loads(notebook_page(page, False))
    assert notebook_page(page, False) == notebook_page(page, False)
    texts = [("".join(c["source"]), c["cell_type"]) for c in made["cells"]]
    assert [kind for _, kind in texts] == ["markdown", "markdown", "markdown", "code", "markdown", "code", "markdown"]
    assert texts[1][0].startswith("## A") and "### B" in texts[1][0] and "one" in texts[1][0]
    assert texts[3][0] == "x = 1" and texts[5][0] == "x" and "```console" in texts[6][0]
    assert len({c["id"] for c in made["cells"]}) == len(made["cells"])
    assert len(json.loads(notebook_page(page, True))["cells"]) == len(texts) - 1
