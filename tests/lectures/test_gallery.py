"""The gallery: what stands there is what its command makes; networks of one page say their conventions once; formulas judged."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from symbp.errors import InputError
from symbp.graph.model import read_graph
from symbp.graph.values import read_values, work_out
from symbp.lectures.gallery import Lecture, Shown, Slide, Slip, lecture_page, read_lecture
from symbp.lectures.judged import alike, proved, refuted
from symbp.lectures.node_level import node_level
from symbp.lectures.page import PageOptions, composed
from symbp.network import Network
from symbp.network.derivation import derive
from symbp.notes.blocks import Block, Display, Figure, Folded, Heading, Items, Math, Page, Paragraph, Table, flat
from symbp.notes.formats.html import html_page
from symbp.notes.formats.latex import latex_page
from symbp.notes.placing import all_meanings, told_once
from symbp.verification.judge import Judge

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "docs" / "gallery"
LECTURES = sorted((GALLERY / "lectures").glob("*.toml"))
CHEAPEST = "n_nielsen"
_LARGEST = 300_000


def words(blocks: tuple[Block, ...] | list[Block]) -> str:
    """The running text of some blocks."""
    found = []
    for b in flat(blocks):
        parts = b.parts if isinstance(b, Heading | Paragraph) else b.title if isinstance(b, Folded) else ()
        parts = (*parts, *(p for i in b.items for p in i)) if isinstance(b, Items) else parts
        found.append("".join(p.text if isinstance(p, Math) else str(p) for p in parts))
    return "\n".join(found)


def headings(page: Page) -> list[str]:
    return [words([b]) for b in page.blocks if isinstance(b, Heading)]


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=p.stem, marks=[] if p.stem == CHEAPEST else pytest.mark.sweep) for p in LECTURES]
)
def test_the_page_is_what_its_command_makes(path: Path) -> None:
    lecture = read_lecture(path)
    made = html_page(lecture_page(lecture, ROOT / "examples" / "numbers"), False)
    stands = (GALLERY / f"{path.stem}.html").read_text(encoding="utf-8")
    if any(its.data for its in lecture.page):  # the last digits of a trained network are the machine's
        made, stands = (re.sub(r"<figure>.*?</figure>", "", text, flags=re.S) for text in (made, stands))
    assert made == stands, f"python docs/gallery/build.py {path.stem}"


@pytest.mark.parametrize("path", LECTURES, ids=lambda p: p.stem)
def test_the_other_files_of_a_lecture_are_there(path: Path) -> None:
    pdf, png = ((GALLERY / f"{path.stem}.{ending}").read_bytes() for ending in ("pdf", "png"))
    assert pdf.startswith(b"%PDF-") and b"%%EOF" in pdf[-64:]
    assert png.startswith(b"\x89PNG") and len(png) < _LARGEST
    index = (GALLERY / "README.md").read_text(encoding="utf-8")
    assert f"({path.stem}.pdf)" in index and f"({path.stem}.html)" in index


@pytest.mark.parametrize("path", LECTURES, ids=lambda p: p.stem)
def test_a_file_names_what_there_is(path: Path) -> None:
    lecture = read_lecture(path)
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert lecture.lecture == table["lecture"] and lecture.slide
    assert len({slide.topic for slide in lecture.slide}) == len(lecture.slide)
    said = [alike(s.formula) for slide in lecture.slide for s in slide.slip]
    assert len({*said}) == len(said)
    for its in lecture.page:
        assert its.heading and sum(map(bool, (its.arch, its.graph))) == 1
        assert not its.numbers.endswith(".toml") or (ROOT / "examples" / "numbers" / its.numbers).is_file()


def test_a_key_that_there_is_none_of_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('lecture = "X"\nconvention = "iitm"\n[[slide]]\ntopic = "t"\nwrnog = []\n', encoding="utf-8")
    with pytest.raises(InputError, match="wrnog") as e:
        read_lecture(path)
    assert e.value.place is not None and e.value.place.line == 5


def test_a_lecture_has_its_networks_then_its_slips_then_its_formulas() -> None:
    right, wrong = r"e^{(1)} = W^{(2)T} \delta^{(2)}", r"e^{(1)} = W^{(2)} \delta^{(2)}"
    slip = Slip(wrong, "A slide on errors", "transpose")
    shown = Shown("A network", arch="3-4:tanh-2", detail="summary", says="In a word.")
    figure = Shown("Its weight", arch="3-4:tanh-2", detail="", figures=["weight W1[2,1]", "weight W1[1,3]"])
    slide = Slide("errors", [right], [slip], [(wrong.replace("(2)", "(1)", 1), "")], arch="3-4:tanh-2", loss="sse")
    page = lecture_page(Lecture("X. A lecture (somewhere, 1)", "iitm", page=[shown, figure], slide=[slide]), ROOT)
    heads = headings(page)
    order = [
        "A network",
        "Notation",
        "Its weight",
        "What the slides have wrong",
        "What the slides write, proved",
        "Errors",
    ]
    assert [h for h in heads if h in order] == order
    text = words(page.blocks)
    assert (
        "In a word." in text
        and "A slide on errors:" in text
        and "One formula of the slides is not right as it stands" in text
    )
    assert "Proved exactly:" in text and "Often written in their place, and wrong" in text
    assert page.subtitle == ("Somewhere, 1. Notation: iitm.",) and page.meanings
    assert sum(isinstance(b, Figure) for b in flat(page.blocks)) == 2


def test_what_one_network_says_the_next_does_not_say_again() -> None:
    archs = ("3-4:tanh-2", "5-3:tanh-4:tanh-2", "5-3:tanh-4:tanh-2")
    pages = [composed(derive(Network.parse(a)), PageOptions(detail="steps", label_prefix="p-")) for a in archs]
    first, second, third = told_once(pages)
    assert first == pages[0]
    tables = [next(b for b in p.blocks if isinstance(b, Table)) for p in (first, second)]
    assert not {*tables[0].rows} & {*tables[1].rows} and tables[1].rows
    assert "What is new here" in words(second.blocks) and "What is new here" not in words(first.blocks)
    assert "Batch, mini-batch, stochastic" in headings(first) and "Batch, mini-batch, stochastic" not in headings(
        second
    )
    assert "Forward pass" in headings(second)
    assert not [b for b in third.blocks if isinstance(b, Heading)], "the same network again has nothing new"
    merged = {m.pattern: m for m in all_meanings(pages)}
    assert {m.pattern for p in pages for m in p.meanings} == {*merged}
    weights = next(m for m in merged.values() if m.what == "the weights of layer 1")
    assert weights.shape is not None and weights.shape.text == "4 x 3 or 3 x 5"


def test_formulas_are_judged_below_one_another() -> None:
    judge = Judge(Network.parse("3-4:sigmoid-2:sigmoid", loss="sse"))
    blocks = proved([judge.judge(r"e = \hat y - y"), judge.judge(r"w \leftarrow"), judge.judge("z1 = W1 @ x + b1")])
    assert words(blocks) == "Proved exactly:\n\nz1 = W1 @ x + b1"
    (display,) = (b for b in blocks if isinstance(b, Display))
    assert [(r.left.latex, r.sign.latex, r.right.latex) for r in display.rows if r.left] == [("e", "=", r"\hat y - y")]
    blocks = refuted(judge.judge(r"e^{(1)} = W^{(2)} \delta^{(2)}"))
    (display,) = (b for b in blocks if isinstance(b, Display))
    assert [r.reason for r in display.rows] == [("wrong: transpose",), ("right",)]
    assert display.rows[1].right.latex == r"W^{(2)\top} \delta^{(2)}" and "should be transposed" in words(blocks)
    blocks = refuted(judge.judge(r"g'(0) = \frac12"), "g'(0) = 0.25")
    assert "0.25" in str(blocks[0]) and "claimed to be 0.5 and is 0.25" in words(blocks)


def test_hostile_formulas_stay_text() -> None:
    judge = Judge(Network.parse("3-2", loss="sse"))
    for claim in (
        r"z = \input{/etc/passwd}",
        r"J = $x$ % \write18{x}",
        "J = <script>alert(1)</script>",
        "J = {{ 7*7 }}",
    ):
        page = Page(("x",), ("y",), tuple(refuted(judge.judge(claim))))
        tex, html = latex_page(page, True), html_page(page, True)
        assert r"\input{/etc" not in tex and r"\write18{" not in tex and "<script>alert" not in html


def test_node_level_of_the_lectures_example() -> None:
    graph = read_graph("v = x*y; u = w + v; f = u*z")
    numbers = work_out(graph, read_values("w=5,x=3,y=2,z=4", graph))
    blocks = node_level(graph, numbers, Fraction(33))
    nodes, steps = (b for b in blocks if isinstance(b, Table))
    cells = {str(r[0][0].text): [c[0].text for c in r[2:4]] for r in nodes.rows}  # type: ignore[union-attr]
    assert cells == {
        "x": ["3", "8"], "y": ["2", "12"], "w": ["5", "4"], "z": ["4", "11"], "v": ["6", "4"], "u": ["11", "4"], "f": ["44", "1"],
    }  # fmt: skip
    assert ["44.004" in str(r) for r in steps.rows] == [False, False, True, False]
    text = words(blocks)
    assert text.count("has to shrink") == 4 and "f is 44 and should be 33" in text
    rows = next(b for b in blocks if isinstance(b, Display)).rows
    assert rows[-1].right.text == "df/df*u = 1*11 = 11"
    at_goal = words(node_level(graph, numbers, Fraction(44)))
    assert "Nothing has to change." in at_goal
    alone = node_level(graph)
    assert "A small step" not in words(alone) and not any(r.right.text.count("=") for r in rows[:1])


def test_two_paths_add_in_a_graph() -> None:
    graph = read_graph("p = x*y; m = max(p, z); f = m + x")
    blocks = node_level(graph, work_out(graph, read_values("x=3,y=2,z=4", graph)), Fraction(10))
    row = next(r for b in blocks if isinstance(b, Display) for r in b.rows if r.left and r.left.text == "df/dx")
    assert row.reason == ("2 paths add",) and row.right.text.endswith("1*2 + 1*1 = 3")
    assert "z makes no difference" in words(blocks) and "x has to grow" in words(blocks)
