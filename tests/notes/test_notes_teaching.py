"""What the page of a student teaches beyond the equations, and in which order; each section against an oracle of its own."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy
from notes_cases import derivation_of

from symbp.calculus.functions import Apply, Z
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.passes import VALUE
from symbp.calculus.program import Program, Statement, Tensor
from symbp.catalogue import ACTIVATIONS, OPTIMIZERS
from symbp.network import Network, layer
from symbp.network.derivation import Derivation, derive
from symbp.notation import NOTATIONS, notation_named
from symbp.notes import render
from symbp.notes.algebra import lines
from symbp.notes.blocks import Beside, Block, Boxed, Display, Heading, Items, Paragraph, Reference, Table, flat
from symbp.notes.elements import elements
from symbp.notes.formats.text import text_page
from symbp.notes.general import general
from symbp.notes.numbering import numbers
from symbp.notes.page import page_of
from symbp.notes.sections import Section
from symbp.notes.steps import steps
from symbp.notes.summary import summary
from symbp.notes.writer import Writer

ARCHES = {
    "softmax": "3-2:sigmoid-4:sigmoid-3:softmax",
    "sse": "3-2:sigmoid-4:sigmoid",
    "binary": "2-1:sigmoid",
}
LOSS = {"softmax": "cross_entropy", "sse": "sse", "binary": "binary_cross_entropy"}


@cache
def derived(name: str) -> Derivation:
    return derive(Network.parse(ARCHES[name], loss=LOSS[name]))


@cache
def sections(name: str, convention: str = "iitm") -> dict[str, Section]:
    return {s.name: s for s in steps(Writer(derived(name), notation_named(convention)))}


def said(blocks: tuple[Block, ...]) -> str:
    """All that some blocks say, as plain text."""
    parts = [p for b in flat(blocks) for p in _inlines(b)]
    return " ".join(p if isinstance(p, str) else "#" if isinstance(p, Reference) else p.text for p in parts)


def _inlines(b: Block):  # type: ignore[no-untyped-def]
    match b:
        case Heading() | Paragraph():
            yield from b.parts
        case Items():
            yield from (p for item in b.items for p in item)
        case Table():
            yield from (p for row in (b.head, *b.rows) for cell in row for p in cell)
        case Display():
            for r in b.rows:
                yield from (p for p in (r.left, r.sign, r.right, *r.reason) if p is not None)
        case Boxed():
            yield from b.title


def rows(blocks: tuple[Block, ...]) -> list[tuple[str, str]]:
    return [
        (r.left.latex if r.left else "", r.right.latex) for b in flat(blocks) if isinstance(b, Display) for r in b.rows
    ]


def test_a_page_is_a_list_of_sections_in_the_order_of_a_lecture() -> None:
    names = [name for name, s in sections("softmax").items() if s.blocks]
    assert names == [
        "conventions", "asked", "network", "forward", "activations", "softmax", "last", "pairs", "back", "general", "levels",
        "layers", "updates", "algorithm", "memory", "batches", "cost", "vanishing", "box",
    ]  # fmt: skip
    for detail in (summary, elements):
        its = [s.name for s in detail(Writer(derived("sse"), notation_named("iitm")))]
        assert its[:1] == ["conventions"] and "network" in its and len(set(its)) == len(its)


def test_blocks_are_put_behind_a_section_by_its_name() -> None:
    d = derived("sse")
    asked: list[str] = []

    def further(writer: Writer, name: str) -> list[Block]:
        asked.append(name)
        return [Paragraph((f"figure of {writer.derivation.map.depth} layers",))] if name == "network" else []

    page = page_of(d, "iitm", "steps", further)
    texts = [b.parts for b in page.blocks if isinstance(b, (Paragraph, Heading))]
    at = texts.index(("figure of 2 layers",))
    assert texts[at + 1] == ("Forward pass",) and {"conventions", "network", "box"} <= set(asked)


@pytest.mark.parametrize("network", ["activation tanh", "loss huber", "penalties", "dropout", "user"])
def test_nobody_writes_kronecker_sums(network: str) -> None:
    for s in steps(Writer(derivation_of(network), notation_named("iitm"))):
        if s.name not in ("softmax", "pairs", "conventions"):
            assert "Kronecker" not in said(s.blocks) and "sum([" not in said(s.blocks), s.name


def test_every_path_and_the_reason_of_each_line() -> None:
    back = said(sections("sse")["back"].blocks)
    assert "a1[i]  reaches  J   through  every  z2[j] : the paths add" in back
    assert "since  d(z2[j])/d(a1[i]) = W2[j,i]" in back and "transposed, not inverted" in back
    last = said(sections("sse")["last"].blocks)
    assert "through  yhat[i]  alone" in last and "only one term of  J  has  yhat[i]" in last
    assert (r"\delta^{(2)}", r"\underbrace{g'(z^{(2)})}_{4 \times 1} \odot \underbrace{e^{(2)}}_{4 \times 1}") in rows(
        sections("sse")["last"].blocks
    )
    assert "(u * v)[i] = u[i]*v[i]" in last


def test_repeats_say_likewise() -> None:
    assert said(sections("softmax")["forward"].blocks).count("likewise: ") == 3
    assert said(sections("softmax")["back"].blocks).count("likewise") == 2


def test_activations_come_before_they_are_used() -> None:
    names = [*sections("sse")]
    assert names.index("activations") < names.index("last")
    shown = [right for _, right in rows(sections("sse")["activations"].blocks)]
    assert shown[-4:] == [
        r"\frac{e^{-z}}{(1 + e^{-z})^{2}}",
        r"\frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}}",
        r"\frac{1}{1 + e^{-z}} \cdot \left(1 - \frac{1}{1 + e^{-z}}\right)",
        "a (1 - a)",
    ]


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n not in ("identity", "linear", "step", "sign")])
def test_each_line_of_algebra_is_the_slope(name: str) -> None:
    g = derivation_of(f"activation {name}").program.function[name]
    found = lines(g)
    assert found
    for z in (-1.7, 0.37, 0.9):
        value, above, below = (_value(g.definition, x) for x in (z, z + 1e-5, z - 1e-5))
        for line in found:
            assert math.prod(_value(e, z, value) for e in line) == pytest.approx((above - below) / 2e-5, abs=1e-7), line


def _value(e: sympy.Expr, z: float, value: float = 0.0) -> float:
    """An expression in z and the value a, by the brute-force evaluator."""
    x, a = Tensor("x"), Tensor("v")
    s = Statement(Tensor("out"), (), e.xreplace({Z: x.symbol, VALUE: a.symbol}))
    return float(evaluate(Program((x, a), (s,)), {"x": z, "v": value})["out"])


def test_the_four_equations_are_numbered_named_and_explained() -> None:
    its = sections("sse")["general"].blocks
    keys = numbers(its)
    assert dict(keys) == {"last": 1, "back": 2, "weights": 3, "biases": 4}
    shown = dict(rows(its))
    assert shown[r"\frac{\partial J}{\partial b^{(k)}}"] == r"\delta^{(k)}"
    back = (
        r"\underbrace{W^{(k+1)\top}}_{n_{k} \times n_{k+1}} \underbrace{\delta^{(k+1)}}_{n_{k+1} \times 1} \odot"
        r" \underbrace{g'(z^{(k)})}_{n_{k} \times 1}"
    )
    assert shown[r"\delta^{(k)}"] == back
    text = said(its)
    for word in ("local error", "local input", "saturated", "input of 0", "hence parallel", "input 1"):
        assert word in text
    under = [right for _, right in rows(its) if r"\text{local error}" in right]
    assert under == [
        r"\underbrace{\delta^{(k)}_{i}}_{\text{local error}} \, \underbrace{a^{(k-1)}_{j}}_{\text{local input}}"
    ]
    assert any(r"\text{propagated}" in right for _, right in rows(sections("sse")["levels"].blocks))


def test_the_concrete_network_refers_to_the_general_layer() -> None:
    text = text_page(page_of(derived("softmax"), "iitm", "steps"), True)
    for line in (
        "delta1 = sigmoid'(z1) * e1    # by (2)",
        "dW1    = delta1 @ x.T         # by (3)",
        "5. Backward, from the last layer to the first: the error of each layer, by (2).",
    ):
        assert line in text
    assert "(1), the error of the last layer" in text


def test_the_general_layer_is_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another derivation of the deep network is another page."""
    from symbp.notes import general as module

    of = module.deep(module.kind_of(derived("sse")))
    s = of.program.definitions["dW2"]
    wrong = of.program.with_statements(
        *(type(s)(t.target, t.indices, -17 * t.body) if t is s else t for t in of.program)
    )
    changed = type(of)(of.map, type(of.backward)(**{**vars_of(of.backward), "program": wrong}), of.batch, of.printer)
    monkeypatch.setattr(module, "deep", lambda kind: changed)
    found = module.general(Writer(derived("sse"), notation_named("iitm")))
    assert found is not None and "17" in found.row(found.weights[0]).right.latex


def vars_of(backward) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {name: getattr(backward, name) for name in ("program", "forward", "loss", "sources", "adjoint")}


@pytest.mark.parametrize(
    ("net", "equations"),
    [
        (Network.parse("3-2:relu-3:softmax", loss="mse"), 4),
        (Network.parse("3-2:tanh-3", loss="sse", bias=False), 3),
        (Network.parse("3-2:relu-5:relu-4:relu-2", regularization={"l2": 0.1}), 4),
        (Network(3, [layer("dense", 2), "relu", layer("dropout", 0.2), layer("dense", 2), "softmax"]), 4),
        (Network.parse("3-2:sigmoid"), 0),
        (Network(3, [layer("dense", 2), layer("dropout"), "relu", layer("dense", 2)]), 0),
    ],
)
def test_networks_of_one_kind_have_general_equations(net: Network, equations: int) -> None:
    found = general(Writer(derive(net), notation_named("credit")))
    assert (len(found.keyed) if found else 0) == equations
    if found:
        error = found.row(found.back[0]).right.latex
        assert r"\delta^{(k+1)}" in error and r"\partial L}{\partial z" not in error
        assert (r"\lambda" in found.row(found.weights[0]).right.latex) == bool(net.regularization)
        assert ("r^{(k)}" in error) == any(x.kind == "dropout" for x in net.layers)


def test_the_jacobian_of_softmax_and_the_pairs() -> None:
    shown = rows(sections("softmax")["softmax"].blocks)
    assert shown[1:] == [
        (r"\frac{\partial \hat{y}_{i}}{\partial z^{(3)}_{j}}", r"\hat{y}_{i} (\mathbf{1}[i = j] - \hat{y}_{j})"),
        (
            r"\frac{\partial \hat{y}}{\partial z^{(3)}}",
            r"\operatorname{diag}(\hat{y}) - \hat{y} \hat{y}^{\top}",
        ),
    ]
    z = np.array([1.0, 3.0, -4.0])
    p = np.exp(z) / np.exp(z).sum()
    step = 1e-6 * np.eye(3)
    numeric = [[(_softmax(z + h)[i] - _softmax(z - h)[i]) / 2e-6 for h in step] for i in range(3)]
    np.testing.assert_allclose(np.diag(p) - np.outer(p, p), numeric, atol=1e-8)
    tables = [b for b in sections("softmax")["pairs"].blocks if isinstance(b, Table)]
    pairs, one_hot = tables
    assert [row[0][0] for row in pairs.rows] == ["linear", "sigmoid", "softmax"]
    assert {row[-1][0].latex for row in pairs.rows} == {r"\hat{y} - y"}
    assert [[c[0] for c in row[1:]] for row in one_hot.rows] == [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]]
    assert (
        rows(sections("softmax")["pairs"].blocks)[-1][1] == r"-(1 - y_{1}) \ln(1 - \hat{y}_{1}) - y_{1} \ln \hat{y}_{1}"
    )
    assert not sections("sse")["pairs"].blocks and sections("binary")["pairs"].blocks
    assert not sections("sse")["softmax"].blocks


def _softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum()


@pytest.mark.parametrize("convention", sorted(NOTATIONS))
def test_a_coupled_output_has_another_letter_than_what_it_is_derived_by(convention: str) -> None:
    page = text_page(page_of(derive(Network.parse("3-4:relu-2:softmax")), convention, "steps"), True)
    found = re.findall(r"d\((\w+)\[(\w)\]\)/d\((\w+)\[(\w)\]\) = (.*)", page)
    coupled = [(i, j, right) for y, i, _, j, right in found if right.startswith(f"{y}[")]
    assert coupled and all(i != j and (f"[{i} = {j}]" in right or f"[{j} = {i}]" in right) for i, j, right in coupled)


def test_the_algorithm_is_a_numbered_list_with_both_passes_side_by_side() -> None:
    its = sections("softmax")["algorithm"].blocks
    items, update = [b for b in its if isinstance(b, Items)]
    assert items.ordered and len(items.items) == 8
    assert update.ordered and len(update.items) == 8
    (columns,) = [b for b in its if isinstance(b, Beside)]
    forth, back = (rows(c) for c in columns.columns)
    assert forth[0][0] == "z^{(1)}" and back[0][0] == "e^{(3)}" and back[-1][0] == r"\delta^{(1)}"
    (five,) = [b for b in sections("binary")["algorithm"].blocks if isinstance(b, Items)]
    assert [str(i[0]).split(":")[0].split(",")[0] for i in five.items] == [
        "Data", "Initialise", "Forward", "Descend", "Go on with the next examples",
    ]  # fmt: skip


def test_what_is_kept_and_what_it_costs() -> None:
    assert "reads  x ,  a1  and  yhat  again: 9 numbers" in said(sections("sse")["memory"].blocks)
    text = said(sections("sse")["cost"].blocks)
    weights = 2 * 3 + 2 + 4 * 2 + 4
    assert f"N_w + 1 , that is {weights + 1} forward" in text
    text = said(sections("sse")["batches"].blocks)
    assert "N/B" in text and "an epoch" in text


def test_what_vanishes() -> None:
    its = sections("sse")["vanishing"].blocks
    (table,) = [b for b in its if isinstance(b, Table)]
    for n, bound in ((int(row[0][0]), float(row[1][0].text)) for row in table.rows):
        assert bound == pytest.approx(0.25**n, rel=5e-3)
    assert "norms of the weights too" in said(its) and "saturated" in said(its)
    tanh = {s.name: s for s in steps(Writer(derivation_of("activation tanh"), notation_named("iitm")))}
    assert not [b for b in tanh["vanishing"].blocks if isinstance(b, Table)]


def test_the_box_closes_the_page() -> None:
    (box,) = [b for b in sections("sse")["box"].blocks if isinstance(b, Boxed)]
    shown = rows(box.blocks)
    assert len(shown) == 4 and not any("underbrace" in right for _, right in shown)


def test_one_hot_is_the_reason_on_the_page_of_elements() -> None:
    text = render(derive(Network.parse("2-2:tanh-3:softmax")), "text", detail="elements")
    assert "= yhat[1] - y[1]   # since the targets of an example sum to one" in text


def test_a_chain_of_single_units_has_no_indices() -> None:
    page = render(derive(Network.parse("1-1:sigmoid-1:sigmoid-1:sigmoid")), detail="elements", fragment=True)
    assert "_{11}" not in page and "_{1}" not in page
    for formula in (
        r"z^{(2)} &= w^{(2)} a^{(1)} + b^{(2)}",
        r"= w^{(2)} \delta^{(2)}",
        r"\frac{\partial z^{(2)}}{\partial w^{(2)}} = \delta^{(2)} a^{(1)}",
    ):
        assert formula in page


def test_the_identity_has_no_slope_to_write() -> None:
    for detail in ("steps", "elements"):
        assert "mathrm{id}" not in render(derivation_of("activation tanh"), detail=detail)


def test_rows_say_what_they_are_the_value_of() -> None:
    d = derived("sse")
    for detail in (steps, elements, summary):
        of = {r.of for s in detail(Writer(d, notation_named("iitm"))) for b in flat(s.blocks)
              if isinstance(b, Display) for r in b.rows}  # fmt: skip
        assert {"z1", "a1", "z2", "yhat", "J", "delta2", "e1", "delta1", "dW1", "db2"} <= of, detail
    element = {(r.of, r.at) for s in elements(Writer(d, notation_named("iitm"))) for b in s.blocks
               if isinstance(b, Display) for r in b.rows}  # fmt: skip
    assert {("dW2", (3, 1)), ("z1", (1,)), ("e1", (0,))} <= element


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_the_card_of_a_small_network_is_one_page(tmp_path: Path) -> None:
    (tmp_path / "p.tex").write_text(render(derived("sse")), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "p.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
    )
    text = done.stdout.decode(errors="replace")
    assert "Output written on p.pdf (1 page" in text and "Overfull" not in text


def test_no_name_of_an_update_rule_is_a_subscript_and_its_rest() -> None:
    for name in OPTIMIZERS:
        net = Network.parse("3-2:tanh-2", optimizer=name)
        latex = render(derive(net), "latex")
        assert not re.search(r"[A-Za-z]_[A-Za-z][A-Za-z]", latex), name


def test_uninterpreted_functions_have_no_algebra() -> None:
    d = derive(Network.parse("2-1:sigmoid"))
    assert lines(type(d.program.functions[0])("g")) == []
    assert not [a for a in d["delta1"].statement.body.atoms(Apply) if a.name == "g"]


def test_a_notation_with_letters_per_layer_has_the_equations_of_its_own_layers() -> None:
    """ESL (11.14) and (11.15): both gradients, and the errors of both layers; numbered, with the rule for more layers."""
    d = derive(Network.parse("3-2:sigmoid-4:sigmoid", loss="squared_error"))
    its = {s.name: s.blocks for s in steps(Writer(d, notation_named("esl")))}
    assert dict(numbers(its["general"])) == {"last": 1, "back": 2, "weights": 3, "biases": 4}
    shown = dict(rows(its["general"]))
    assert shown["s_{mi}"] == r"\sigma'(\alpha_{0m} + \alpha_m^T x_i) \sum_{k} \beta_{km} \delta_{ki}"
    assert shown[r"\delta_{ki}"] == r"g'_{k}(T_{k}) \frac{\partial R_i}{\partial f_{k}(x_i)}"
    assert shown[r"\frac{\partial R_i}{\partial \alpha_{ml}}"] == "s_{mi} x_{il}"
    assert "more hidden layers" in said(its["general"]) and "transposed" not in said(its["general"])
    boxed = [b for b in its["box"] if isinstance(b, Boxed)]
    assert boxed and len(rows(boxed[0].blocks)) == 6
    assert [r for r in said(its["algorithm"]).split() if r == "by"]


def test_letters_of_single_layers_give_way_in_the_general_layer() -> None:
    its = {s.name: s.blocks for s in steps(Writer(derived("sse"), notation_named("cs231n").fitted(2)))}
    assert "h_{l}" in [left for left, _ in rows(its["general"])]
    assert "scores" not in "".join(right for _, right in rows(its["general"]))


def test_nobody_sums_over_one_unit() -> None:
    chain = derive(Network.parse("1-1:sigmoid-1:sigmoid", loss="huber"))
    for detail in (steps, elements):
        its = {s.name: s.blocks for s in detail(Writer(chain, notation_named("iitm")))}
        found = [r for s in its for r in rows(its[s]) if s not in ("general", "levels")]
        assert found and not [r for r in found if r"\sum" in "".join(r)]
        assert ("z^{(1)}", "w^{(1)} x + b^{(1)}") in found
        assert "Huber's loss" in "".join(said(b) for b in its.values()) and "huber" not in said(its["forward"])
    one = derive(Network.parse("3-2:sigmoid-1", loss="squared_error"))
    its = {s.name: s.blocks for s in steps(Writer(one, notation_named("iitm")))}
    assert ("J", r"(\hat{y}_{1} - y_{1})^{2}") in rows(its["forward"])
    assert r"w^{(2)}_{1i} \delta^{(2)}_{1}" in [right for _, right in rows(its["back"])]
    assert "through every z" not in said(its["back"])
