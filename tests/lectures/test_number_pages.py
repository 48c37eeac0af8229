"""Pages with numbers: the lectures' examples as their lecturers wrote them, and nothing in them that verify would judge."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import sympy

import symbp as sb
from symbp.catalogue import LOSSES
from symbp.commands.main import run
from symbp.documents.equations import equations
from symbp.documents.judged import judge_equations
from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of
from symbp.lectures.given import read_given
from symbp.lectures.numbers import with_numbers
from symbp.notation import NOTATIONS, notation_named
from symbp.notes.blocks import Display, Page, Row, flat
from symbp.notes.formats.latex import latex_page
from symbp.notes.formats.markdown import markdown_page
from symbp.notes.page import FORMATS, page_of, writer_of
from symbp.verification.judge import Judge

EXAMPLES = Path(__file__).parents[2] / "examples"
DETAILS = ("summary", "steps", "elements")


def pages(net: sb.Network, convention: str, detail: str, numbers: str = "random:4") -> tuple[Page, Page]:
    """The page of a network, and the same with numbers."""
    d = sb.derive(net)
    page = page_of(d, convention, detail)
    return page, with_numbers(page, d, writer_of(d, convention), read_given(numbers, d))


def derive(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["derive", *args, "--format", "text"]) == 0
    return re.sub(r" +", " ", capsys.readouterr().out)


LINES = {
    "the 1-2-1 network": (
        ("examples/one_two_one.toml", "--detail", "elements", "--numbers", "numbers/one_two_one.toml"),
        ["= 0.7*0.5 + 1 = 1.35", "= 0.9*0.5 + 0.8 = 1.25", "≈ sigmoid(1.35) ≈ 0.7941", "≈ sigmoid(1.25) ≈ 0.7773",
         "≈ 0.7*0.7941 + 0.9*0.7773 + 1 ≈ 2.255", "≈ sigmoid(2.255) ≈ 0.9051"],
    ),
    "one neuron": (
        ("5-1:sigmoid", "--loss", "sse", "--detail", "elements", "--numbers", "numbers/one_neuron.toml"),
        ["1*0.1 + 1*0.2 + 1*0.3 + 1*0.4 + 1*0.5 + 1 = 2.5", "≈ sigmoid(2.5) ≈ 0.9241"],
    ),
    "softmax beside the sigmoid": (
        ("3-3:softmax", "--no-bias", "--loss", "cross_entropy", "--numbers", "numbers/softmax.toml"),
        ["1 1 0.7311 0.1191", "2 3 0.9526 0.8801", "3 -4 0.0180 0.0008", "sum 1.7016 1.0000", "class output 1 output 2 output 3",
         "2 0 1 0"],
    ),
    "the loss of a share": (
        ("3-3:softmax", "--no-bias", "--loss", "cross_entropy", "--detail", "elements", "--numbers", "numbers/shares.toml"),
        ["≈ -log(0.2) ≈ 1.609", "≈ 0.3", "≈ 0.5"],
    ),
    "exclusive or by hand": (
        ("2-2:step-1:step", "--loss", "sse", "--detail", "elements", "--numbers", "numbers/xor_by_hand.toml"),
        ["x a1 y yhat J", "(1, 0) (0, 0) 1 1 0", "(0, 0) (1, 0) 0 0 0", "(0, 1) (0, 0) 1 1 0", "(1, 1) (0, 1) 0 0 0"],
    ),
}  # fmt: skip


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", LINES)
def test_an_example_comes_out_as_its_lecturer_wrote_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    args, wanted = LINES[name]
    text = derive(capsys, *(str(EXAMPLES.parent / a) if a.startswith("examples/") else str(EXAMPLES / a) if a.endswith(".toml") else a for a in args))  # fmt: skip
    assert [line for line in wanted if line not in text] == []


def test_which_inputs_have_to_shrink(capsys: pytest.CaptureFixture[str]) -> None:
    graph = ["graph", "v = x*y; u = w - v; f = u*z", "--at", "w=15,x=3,y=2,z=4"]
    assert run([*graph, "--toward", "33"]) == 0  # f = (15 - 6)*4 = 36
    text = capsys.readouterr().out
    assert "f is 36 and should be 33" in text
    for name, way in {"x": "grow", "y": "grow", "w": "shrink", "z": "shrink"}.items():
        assert f"  {name} has to {way}: " in text
    assert run([*graph, "--toward", "36"]) == 0 and "nothing has to change" in capsys.readouterr().out
    assert run([*graph, "--toward", "x"]) == 2 and "not a number" in capsys.readouterr().err
    assert run([*graph, "--toward", "3", "--format", "latex"]) == 2


NETWORKS = {
    "sigmoid": sb.Network.parse("3-2:sigmoid-4", loss="sse"),
    "softmax": sb.Network.parse("4-3:tanh-2:softmax", loss="cross_entropy"),
    "relu": sb.Network.parse("3-4:relu-2", loss="mse", optimizer="adam"),
    "probability": sb.Network.parse("3-2:tanh-1:sigmoid", loss="binary_cross_entropy", regularization={"l2": 0.5}),
}
OFTEN = {("iitm", "sigmoid", "elements"), ("credit", "relu", "steps"), ("esl", "sigmoid", "summary"), ("ng", "softmax", "steps")}  # fmt: skip


def links(text: str) -> list[str]:
    """The equations of a chain, which stands in one row or in several, as there is room."""
    try:
        chain = chain_of(text)
    except InputError:
        return [text]
    return [f"{text[: chain.left].strip()} = {text[start:end].strip()}" for start, end in chain.rights]


def cases():  # type: ignore[no-untyped-def]
    for convention in NOTATIONS:
        for network in NETWORKS:
            for detail in DETAILS:
                often = (convention, network, detail) in OFTEN
                yield pytest.param(convention, network, detail, marks=() if often else (pytest.mark.sweep,))


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("convention", "network", "detail"), [*cases()])
def test_numbers_are_not_judged_and_take_no_equation_away(convention: str, network: str, detail: str) -> None:
    net = NETWORKS[network]
    try:
        before, after = pages(net, convention, detail)
    except InputError:
        pytest.skip("the notation has no letters for this network")
    for printed, markdown in ((latex_page, False), (markdown_page, True)):
        if markdown and detail != "summary":
            continue
        own, shown = (equations(printed(page, False), markdown) for page in (before, after))
        texts = [text for e in own for text in links(e.text)]
        assert len(texts) > 10 and not Counter(texts) - Counter(text for e in shown for text in links(e.text))
        judge = Judge(net, notation_named(convention).layout, notation=notation_named(convention))
        added = [e for e in shown if not {*links(e.text)} <= {*texts}]
        said = [str(v) for v in judge_equations(judge, added) if v is not None]
        assert all(v.startswith("✓") and r"\leftarrow" in v for v in said), said  # the update of an entry is no number


def value_rows(page: Page) -> list[tuple[Row, Row]]:
    """Every row that states a value with the row below it."""
    displays = [b for b in flat(page.blocks) if isinstance(b, Display)]
    return [(a, b) for d in displays for a, b in zip(d.rows, d.rows[1:], strict=False) if a.of and not b.of]


@pytest.mark.parametrize("detail", DETAILS)
def test_every_tensor_has_its_value_once(detail: str) -> None:
    net = sb.Network.parse("2-3:sigmoid-2", loss="sse")
    _, page = pages(net, "iitm", detail)
    said = [
        (row.of, row.at) for row, _ in value_rows(page) if not row.ways
    ]  # another formula of what has a value already
    assert len(said) == len(set(said))
    of = {name for name, _ in said}
    assert {"z1", "a1", "z2", "J", "delta2", "delta1", "dW1", "db1", "dW2", "db2"} <= of


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_prints_numbers(format: str) -> None:
    _, page = pages(sb.Network.parse("2-1:tanh", loss="sse"), "iitm", "steps")
    text = FORMATS[format].printed(page, False)
    assert "One update" in text and "Checked by differences" in text


def test_a_deep_network_has_no_value_where_a_row_stands_for_several_layers() -> None:
    net = sb.Network.parse("2-" + "-".join(["3:tanh"] * 8) + "-2", loss="sse")
    _, page = pages(net, "iitm", "summary")
    names = {row.of for row, _ in value_rows(page)}
    assert "z1" in names and "z3" not in names


def test_large_matrices_are_elided() -> None:
    _, page = pages(sb.Network.parse("12-9:relu-3", loss="sse"), "iitm", "summary")
    text = latex_page(page, False)
    assert r"\ddots" in text and r"\vdots" in text and text.count("&") < 2000


AFTER = {
    "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax", "nll": "log_softmax", "kl_divergence": "softmax", "poisson": "exp",
}  # fmt: skip


@pytest.mark.thinned(3)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_has_its_numbers_put_in(loss: str) -> None:
    net = sb.Network.parse(f"2-3:{AFTER.get(loss, 'identity')}", loss=loss)
    _, page = pages(net, "iitm", "elements")
    row = next(below for row, below in value_rows(page) if row.of == "J")
    assert re.search(r"≈ -?[\d.]+(e-?\d+)?$", f"{row.sign.text} {row.right.text}") and "nan" not in row.right.text


@pytest.mark.parametrize(
    "given",
    [
        ("numbers", "random"),
        ("exercises", "2"),
        ("code",),
        ("title", "T"),
        ("only", "dW1"),
        ("label-prefix", "p"),
        ("figures",),
    ],
)
def test_json_has_the_derivation_alone(given: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    option, *value = given
    assert run(["derive", "2-1", "--loss", "sse", "--format", "json", f"--{option}", *value]) == 2
    assert f"json is the derivation alone, as data: {option} is for pages" in capsys.readouterr().err


def test_rows_of_a_matrix_stand_in_markdown() -> None:
    r"""Markdown reads two backslashes in running text as one; in a display they are left alone."""
    _, page = pages(sb.Network.parse("2-3:tanh", loss="sse"), "iitm", "summary")
    text = markdown_page(page, False)
    inline = [m for m in re.findall(r"\$[^$\n]+\$", text) if "pmatrix" in m]
    assert inline and all(r"\cr" in m and "\\\\" not in m for m in inline)
    display = next(m for m in re.findall(r"\$\$.*?\$\$", text, re.S) if "pmatrix" in m)
    assert re.search(r"pmatrix\} -?[\d.]+ \\\\ -?[\d.]+", display)


@pytest.mark.parametrize("arch", ["2-2:sigmoid-2:sigmoid", "3-2:tanh-1", "1-1:sigmoid-1:sigmoid-1:sigmoid"])
def test_one_weight_from_end_to_end_has_its_numbers(arch: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The products with numbers in them are what stands behind them, computed by hand from the text."""
    page = derive(capsys, arch, "--no-bias", "--detail", "elements", "--numbers", "random")
    section = page[page.index("One weight from end to end") : page.index("Updates")]
    (line,) = (x for x in section.splitlines() if x.strip().startswith("≈"))
    _, products, end = (part.strip() for part in line.split("≈"))
    assert re.fullmatch(r"[-+*().\de ]+", products)
    assert float(sympy.sympify(products)) == pytest.approx(float(end), rel=2e-3)
