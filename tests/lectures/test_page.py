"""What a page may be asked to be: chosen equations, its place in a document, the code; by the command and in Python."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

import symbp as sb
from symbp.commands.derive import command
from symbp.commands.list import command as listing
from symbp.errors import InputError
from symbp.lectures.page import PageOptions, composed, printed
from symbp.network.derivation import derive
from symbp.notes.blocks import Boxed, Display, Heading, Math, Page, Reference, Row, flat
from symbp.notes.formats.latex import latex_page
from symbp.notes.only import rests_on
from symbp.notes.page import FORMATS, endings
from symbp.notes.placing import deeper, prefixed

NETWORK = "3-4:tanh-2:softmax"
HOSTILE = "</script><img src=x onerror=alert(1)> $qq$ \\input{y} {{ 7*7 }} `a` *b* [c](javascript:d)"


@pytest.fixture(scope="module")
def derivation() -> sb.Derivation:
    return sb.derive(NETWORK)


def shown(page: Page) -> set[str]:
    return {r.left.text for b in flat(page.blocks) if isinstance(b, Display) for r in b.rows if r.left}


@pytest.mark.parametrize("detail", ["summary", "steps", "elements"])
def test_only_has_what_is_chosen_and_what_it_rests_on(derivation: sb.Derivation, detail: str) -> None:
    page = composed(derivation, PageOptions(detail=detail, only=("delta1",)))
    heads = ["".join(getattr(p, "text", p) for p in b.parts) for b in page.blocks if isinstance(b, Heading)]
    assert heads == ["Notation", "What this rests on", "Error of z1"]
    assert {"z1", "a1", "z2", "yhat", "delta2", "e1"} <= shown(page) and "dW1" not in shown(page)
    short = composed(derivation, PageOptions(only=("z1",)))
    assert shown(short) == {"z1"} and "What this rests on" not in str(short.blocks)


def test_what_rests_on_what_is_closed(derivation: sb.Derivation) -> None:
    definitions = derivation.program.definitions
    for name in definitions:
        needed = rests_on(derivation, {name: None})
        known = {*needed, name, *(t.name for t in derivation.program.declared)}
        assert all({*definitions[n].reads} <= known for n in (*needed, name)) and name not in needed


def test_the_same_equation_by_any_of_its_names(derivation: sb.Derivation) -> None:
    pages = {printed(derivation, "text", PageOptions(only=(n,))) for n in ("dW2", "dJ/dW2")}
    assert len(pages) == 1
    both = printed(derivation, "text", PageOptions(only=("dW2", "dJ/dW2", "delta1")))
    assert both.count("Gradient of W2\n") == 1


def test_unknown_equations_are_one_message_with_the_nearest_of_each(derivation: sb.Derivation) -> None:
    with pytest.raises(InputError) as e:
        printed(derivation, "text", PageOptions(only=("delta1", "delt2", "dW9", "zzzzzz")))
    said = str(e.value)
    assert "unknown equations 'delt2' (did you mean 'delta2'?), 'dW9' (did you mean 'dW" in said and "'zzzzzz'" in said
    assert "'delta1'" not in said and "allowed: z1, a1" in said


def test_a_page_takes_its_place_in_a_document() -> None:
    m = Math("x", "x")
    inner = (Heading(2, ("In",)), Display((Row(m, m, ("by ", Reference("a")), key="b"),)))
    page = Page(("T",), (), (Heading(1, ("Top",)), Display((Row(m, m, key="a"),)), Boxed(("B", Reference("b")), inner)))
    moved = prefixed(deeper(page, 1), "net-1:")
    assert [b.level for b in flat(moved.blocks) if isinstance(b, Heading)] == [2, 3]
    keys = [r.key for b in flat(moved.blocks) if isinstance(b, Display) for r in b.rows]
    assert keys == ["net-1:a", "net-1:b"] and r"\eqref{eq:net-1:a}" in latex_page(moved, True)
    assert r"\eqref{eq:net-1:b}" in latex_page(moved, True)
    for prefix in ("a}b", "a b", "ü", "a_b", "\\x"):
        with pytest.raises(InputError, match="cannot begin with"):
            prefixed(page, prefix)


@pytest.mark.parametrize(
    ("level", "begins"), [(0, r"\chapter*{"), (1, r"\section*{"), (2, r"\subsection*{"), (4, r"\paragraph*{")]
)
def test_levels_of_sections(derivation: sb.Derivation, level: int, begins: str) -> None:
    text = derivation.latex(fragment=True, detail="steps", section_level=level)
    assert re.findall(r"\\[a-z]+\*\{", text)[0] == begins and "subsubsub" not in text
    assert ("###" in derivation.markdown(fragment=True, section_level=2)) and "#######" not in derivation.markdown(
        section_level=4, detail="steps"
    )


def test_levels_that_there_are_not(derivation: sb.Derivation) -> None:
    for level in (-1, 5):
        with pytest.raises(InputError, match="0 to 4"):
            derivation.latex(section_level=level)


ACTS = {
    "latex": r"(?<!\\)[$]qq|\\input", "beamer": r"(?<!\\)[$]qq|\\input", "html": r"<img|<script>(?!\"use strict)",
    "markdown": r"(?<!\\)(?:[$]qq|<img|`a|\*b)|\]\(javascript", "ipynb": r"(?<!\\)(?:[$]qq|<img|`a|\*b)|\]\(javascript", "text": r"49",
}  # fmt: skip
"""What text from outside would be if it were more than text."""


@pytest.mark.parametrize("format", [*FORMATS])
def test_title_and_author_print_as_text(derivation: sb.Derivation, format: str) -> None:
    text = derivation.page(format, title="My " + HOSTILE, author="N. N. " + HOSTILE)
    if format == "ipynb":
        text = "".join(json.loads(text)["cells"][0]["source"])
    assert "N. N." in text and "My" in text and "7" in text
    assert not re.search(ACTS[format], text)


def test_the_faces_print_what_the_page_is(derivation: sb.Derivation) -> None:
    for name, format in (
        ("latex", "latex"),
        ("beamer", "beamer"),
        ("html", "html"),
        ("markdown", "markdown"),
        ("notebook", "ipynb"),
    ):
        assert getattr(derivation, name)(convention="credit") == printed(
            derivation, format, PageOptions(convention="credit")
        )
    with pytest.raises(TypeError, match="wide"):
        derivation.latex(wide=True)


def test_the_command_has_an_option_for_all_that_a_page_may_be(tmp_path: Path) -> None:
    options = {p.name for p in command.params}
    assert {f.name for f in fields(PageOptions)} - {"runs"} <= options
    done = CliRunner().invoke(
        command, [NETWORK, "--only", "delta1, dW2", "--batch", "--format", "text", "--title", "Mine", "--author", "Me"]
    )
    assert (
        done.exit_code == 0
        and done.stdout.startswith("Mine\n====\n")
        and "Me" in done.stdout
        and "a batch of" in done.stdout
    )
    for words, message in (
        (["--only", ","], "names no equation"), (["--only", "dW7"], "did you mean 'dW"), (["--section-level", "9"], "0 to 4"),
        (["--label-prefix", "{"], "cannot begin with"), (["--format", "html", "-o", str(tmp_path / "x.pdf")], "html, not"),
        (["--format", "text", "-o", str(tmp_path / "x.ipynb")], "ends in .ipynb is ipynb, not text"),
    ):  # fmt: skip
        error = CliRunner().invoke(command, [NETWORK, *words]).exception
        assert isinstance(error, InputError) and (message in str(error) or "is pdf, not html" in str(error)), words
    assert not [*tmp_path.iterdir()]


def test_formats_are_one_table() -> None:
    said = CliRunner().invoke(listing, ["formats"]).stdout
    assert all(f"{name} " in said for name in (*FORMATS, "json", "pdf"))
    assert len({e for f in FORMATS.values() for e in f.endings}) == len(endings()) - 1
    helped = next(p.help for p in command.params if p.name == "format_")
    assert all(name in helped for name in FORMATS)


def test_the_code_stands_beside_the_equations_it_implements() -> None:
    d = derive(sb.Network.parse(NETWORK))
    page = printed(d, "markdown", PageOptions(code=True))
    section = page[page.index("## The code") :]
    places = [
        section.index(x)
        for x in ("z^{(1)} &= W", "def forward(", "J &= ", "def loss(", r"\delta^{(2)} &= ", "def backward(")
    ]
    assert places == sorted(places) and "def check(" not in page and "# dW2[i,j] = sum(" in section
    untrained = printed(derive(_untrained()), "ipynb")
    assert "def forward(" in untrained and "def loss(" not in untrained


def _untrained() -> object:
    """A map of which nothing is trained."""
    from dataclasses import dataclass, replace

    from symbp.network.forward import ForwardMap

    @dataclass(frozen=True)
    class Given:
        forward_map: ForwardMap

    return Given(replace(sb.Network.parse("2-1").forward_map, training=None))


def test_a_page_does_not_wait_for_what_it_has_not() -> None:
    """Neither the generator nor the verifier is loaded where no code and no exercises are asked for: that is half of the start."""
    loaded = "import symbp.lectures.page, sys; print(*(n for n in sys.modules if n.startswith('symbp.')))"
    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "symbp.lectures.page" in said and not re.search(r"symbp\.(?:codegen|verification)", said)
