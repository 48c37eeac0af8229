"""Slides: headings are kept, one step comes after the other, no slide holds more than it has room for."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from notes_cases import NETWORKS, derivation_of

from symbp.errors import InputError
from symbp.network import Network
from symbp.network.derivation import derive
from symbp.notation import NOTATIONS
from symbp.notes import render
from symbp.notes.blocks import (
    Beside,
    Code,
    Display,
    Heading,
    Items,
    Math,
    Page,
    Paragraph,
    Reference,
    Row,
    Table,
    flat,
)
from symbp.notes.formats.beamer import beamer_page
from symbp.notes.page import page_of

HOSTILE = r"a_b%c$d#e&f{g}h^i~j\k<l>m|n \input{/etc/passwd} </script> {{ 7*7 }}"
DETAILS = ("summary", "steps", "elements")


def frames(latex: str) -> list[str]:
    return re.findall(r"\\begin\{frame\}\[t\]\n(.*?)\\end\{frame\}", latex, re.S)


def test_every_heading_titles_a_frame_and_sections_are_those_of_the_page() -> None:
    page = page_of(derive(Network.parse("2-2:tanh-1")), "iitm", "steps")
    latex = beamer_page(page, False)
    sections = re.findall(r"\\section\{(.*?)\}\n", latex)
    assert sections == [
        "".join(map(str, b.parts)) for b in flat(page.blocks) if isinstance(b, Heading) and b.level == 1
    ]
    assert len(re.findall(r"\\framesubtitle", latex)) >= sum(
        isinstance(b, Heading) and b.level == 2 for b in page.blocks
    )
    assert latex.startswith(r"\documentclass") and not beamer_page(page, True).count(r"\documentclass")


def test_each_row_of_a_display_comes_on_a_slide_of_its_own_with_its_reason() -> None:
    m = Math("x", "x")
    rows = tuple(Row(m if k == 0 else None, Math(f"y_{{{k}}}", f"y{k}"), (f"reason {k}",)) for k in range(4))
    (frame,) = frames(beamer_page(Page(("T",), (), (Heading(1, ("H",)), Display(rows))), False))
    for k in range(4):
        assert rf"\uncover<{k + 1}->{{= y_{{{k}}}}}" in frame
        assert re.search(rf"\\uncover<{k + 1}->\{{\\parbox.*reason {k}", frame)


def test_what_is_too_high_goes_on_and_begins_with_its_left_side() -> None:
    rows = tuple(Row(Math("x", "x") if k == 0 else None, Math(rf"\frac{{a}}{{{k}}}", f"a/{k}")) for k in range(30))
    blocks = (Heading(1, ("H",)), Paragraph(("Now:",)), Display(rows), Items((("an item",),) * 40, ordered=True))
    found = frames(beamer_page(Page(("T",), (), blocks), False))
    displayed = [f for f in found if "align*" in f]
    assert len(displayed) > 3 and all(re.search(r"\\uncover<\d->\{x\}", f) for f in displayed)
    assert sum(f.count(r"\frac") for f in found) == 30 and sum(f.count(r"\item ") for f in found) == 40
    assert [int(n) for f in found for n in re.findall(r"\{enumi\}\{(\d+)\}", f)] == sorted(
        {int(n) for f in found for n in re.findall(r"\{enumi\}\{(\d+)\}", f)}
    )
    assert all(f"({k}/{len(found)})" in f for k, f in enumerate(found, 1))


def test_numbers_come_with_their_equations_and_words_stand_side_by_side() -> None:
    m = Math("x", "x")
    display = Display((Row(m, m, key="a"), Row(m, m, key="b")))
    beside = Beside(
        ((Heading(2, ("Forward",)), Items((("one",),), ordered=True)), (Paragraph(("By ", Reference("b"))),))
    )
    latex = beamer_page(Page(("T",), (), (Heading(1, ("H",)), display, beside)), False)
    (frame,) = frames(latex)
    assert r"\tag*{\uncover<1->{(1)}}" in frame and r"\tag*{\uncover<2->{(2)}}" in frame and "By (2)" in frame
    assert frame.count(r"\begin{column}{0.47\linewidth}") == 2 and r"\eqref" not in latex
    long = beamer_page(Page(("T",), (), (Beside(((display,), (Code("x = 1"),))),)), False)
    assert "column" not in long and "x~=~1" in long


def compiled(latex: str, folder: Path) -> str:
    """The log of a compilation, which succeeds."""
    (folder / "p.tex").write_text(latex, encoding="utf-8")
    command = ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "p.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-1500:]
    return log


def too_much(log: str) -> list[str]:
    """The boxes that are over by more than 5 points."""
    return [m[0] for m in re.finditer(r"Overfull \\[hv]box \(([\d.]+)pt[^\n]*", log) if float(m[1]) > 5]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_text_from_outside_is_text_on_slides(tmp_path: Path) -> None:
    own = (HOSTILE,)
    blocks = (
        Heading(1, own), Paragraph(own), Items((own,)), Table((own,), ((own,),)), Code(HOSTILE + "\n" + "x" * 200),
        Heading(2, own), Display((Row(Math("x", "x"), Math("y", "y"), own),)),
    )  # fmt: skip
    latex = beamer_page(Page(own, own, blocks, own), False)
    assert r"\input{" not in latex
    assert too_much(compiled(latex, tmp_path)) == []


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize(
    ("network", "convention", "detail"),
    [
        ("loss sse", "iitm", "steps"),
        *(
            pytest.param(n, c, d, marks=pytest.mark.sweep)
            for k, n in enumerate(NETWORKS)
            for i, c in enumerate(NOTATIONS)
            for j, d in enumerate(DETAILS)
            if (k + i + j) % 6 == 0
        ),
    ],
)
def test_no_slide_is_overfull(tmp_path: Path, network: str, convention: str, detail: str) -> None:
    try:
        latex = render(derivation_of(network), "beamer", convention=convention, detail=detail)
    except InputError:
        return  # a notation that has no letters for this network, or a network that is not written out
    assert too_much(compiled(latex, tmp_path)) == []
