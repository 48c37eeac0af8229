"""Long formulas break without losing a sign; names and text from outside cannot harm a page; bad requests say what is wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from notes_cases import derivation_of, unbalanced

from symbp.commands.derive import command
from symbp.drawing.escape import latex_text
from symbp.errors import InputError
from symbp.network import Network, layer
from symbp.network.derivation import derive
from symbp.notes import render
from symbp.notes.blocks import Page, Paragraph
from symbp.notes.formats.latex import latex_page
from symbp.notes.formats.markdown import markdown_page, markdown_text
from symbp.notes.layout import broken, width
from symbp.notes.lettering import letter
from symbp.notes.page import page_of

LONG = r"\frac{a}{b} + \sum_{j} w_{ij} x_{j} - \left(c + \frac{d + e}{f} - g\right) h \odot \mathbf{1}[z > 0] = k + l"
HOSTILE = r"a_b%c$d#e&f{g}h^i~j\k<l>m|n\input{/etc/passwd}--x" + '"é\u2028中'


@pytest.mark.parametrize("limit", [4, 6, 9, 14, 22, 60])
def test_breaking_loses_nothing(limit: float) -> None:
    lines = broken(LONG, limit)
    plain = re.sub(r"\s+", "", LONG).replace(r"\left(", "(").replace(r"\right)", ")")
    assert re.sub(r"\s+|\\Bigl|\\Bigr", "", "".join(lines)).replace(r"\left(", "(").replace(r"\right)", ")") == plain
    assert not any(unbalanced(line) for line in lines)
    assert len(lines) == 1 or all(re.match(r"[-+=]|\\odot|\\frac|k", line) for line in lines)
    if limit >= 14:
        assert all(width(line) <= limit for line in lines)


def test_widths() -> None:
    assert width("abc") == 3
    assert width(r"\frac{abc}{d}") == width(r"\frac{d}{abc}") < 4
    assert width(r"w^{(1)}_{ij}") < width(r"w^{(1)} x_{ij}")
    assert width(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}") < width(
        r"\begin{pmatrix} a & b & c & d \end{pmatrix}"
    )


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("gamma", r"\gamma"), ("x", "x"), ("xhat", r"\hat{x}"), ("mu_bar", r"\bar{\mu}"), ("h1", "h_{1}"), ("beta_x", r"\beta_{x}"),
        ("speed", r"\mathrm{speed}"), ("a_long_name", r"a_{\mathrm{long\_name}}"), ("Sigma", r"\Sigma"),
    ],
)  # fmt: skip
def test_letters(name: str, latex: str) -> None:
    assert letter(name) == latex


def test_text_from_outside_is_text() -> None:
    page = Page((HOSTILE,), (HOSTILE,), (Paragraph((HOSTILE,)),))
    latex = latex_page(page, True)
    body = latex.split("\n", 2)[2]
    assert r"\input" not in latex and "中" not in latex and not unbalanced(body)
    assert not re.search(r"(?<!\\)[%$#&_]", body)
    assert "--" not in body
    markdown = markdown_page(page, False)
    assert not re.search(r"(?<!\\)[$<>|`*]", markdown.replace("\u2028", ""))
    assert latex_text("a_b") == r"a\_b" and markdown_text("a_b") == r"a\_b"


def test_hostile_names_are_refused_or_print(tmp_path: Path) -> None:
    path = tmp_path / "we$ird%_na^me{}.toml"
    path.write_text('input = 2\nlayers = [{dense = 2, name = "a_b"}, "tanh"]\n', encoding="utf-8")
    page = render(derive(Network.load(path)))
    assert r"we\$ird\%\_na\textasciicircum{}me\{\}.toml" in page and str(tmp_path) not in page
    with pytest.raises(InputError):
        derive(Network(2, [layer("dense", 2, name=r"\input{x}"), "tanh"]))


def test_unknown_requests() -> None:
    derivation = derive(Network.parse("2-1"))
    for given, message in (
        ({"format": "latx"}, "did you mean 'latex'"), ({"format": "beamr"}, "did you mean 'beamer'"), ({"format": "htm"}, "did you mean 'html'"),
        ({"convention": "itm"}, "did you mean 'iitm'"), ({"detail": "element"}, "did you mean 'elements'"),
        ({"detail": "step", "format": "json"}, "did you mean 'steps'"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            render(derivation, **given)
    with pytest.raises(InputError, match=r"42 weights.*at most 40"):
        render(derive(Network.parse("7-6:tanh", bias=False)), detail="elements")
    with pytest.raises(InputError, match="41 units"):
        render(derive(Network(41, ["tanh"])), detail="elements")
    with pytest.raises(InputError, match="a batch is not written out"):
        render(derive(Network.parse("2-1"), batch=True), detail="elements")


def test_command(tmp_path: Path) -> None:
    run = CliRunner().invoke
    done = run(command, ["2-2:sigmoid-2:sigmoid", "--fragment"])
    assert done.exit_code == 0 and r"\delta^{(1)} &= g'(z^{(1)}) \odot e^{(1)}" in done.stdout
    target = tmp_path / "page.json"
    done = run(command, ["3-2:tanh-1", "--format", "json", "--convention", "credit", "-o", str(target), "--l2", "0.1"])
    assert done.exit_code == 0 and done.stdout == ""
    assert json.loads(target.read_text())["convention"] == "credit"
    for words, message in (
        (["2-1", "--format", "latex", "-o", str(tmp_path / "x.pdf")], "ends in .pdf is pdf, not latex"),
        (["2-1", "--format", "pdf"], "needs a file"), (["2-1", "--format", "latex", "-o", str(tmp_path / "x.html")], "ends in .html is html, not latex"),
        (["90-90", "--detail", "elements", "-o", str(tmp_path / "no.tex")], "too many"),
    ):  # fmt: skip
        done = run(command, words)
        assert isinstance(done.exception, InputError) and message in str(done.exception)
    assert not (tmp_path / "no.tex").exists()


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("p.tex", r"\documentclass"),
        ("p.MD", "# Back"),
        ("p.txt", "Back"),
        ("p.json", "{"),
        ("p.html", "<!DOCTYPE html>"),
        ("p.ipynb", "{"),
        ("p", r"\doc"),
    ],
)
def test_the_ending_decides_the_format(tmp_path: Path, name: str, begins: str) -> None:
    done = CliRunner().invoke(command, ["2-1", "-o", str(tmp_path / name)])
    assert done.exit_code == 0 and (tmp_path / name).read_text().startswith(begins)


def test_no_latex_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    done = CliRunner().invoke(command, ["2-1", "--format", "pdf", "-o", str(tmp_path / "p.pdf")])
    assert "no LaTeX is installed" in str(done.exception) and not [*tmp_path.iterdir()]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize(
    ("network", "convention", "detail"),
    [
        ("user", "iitm", "steps"),
        ("loss huber", "credit", "steps"),
        ("activation selu", "iitm", "elements"),
        ("deep", "iitm", "summary"),
    ],
)
def test_pages_compile_and_fit(tmp_path: Path, network: str, convention: str, detail: str) -> None:
    derivation = derivation_of(network)
    (tmp_path / "p.tex").write_text(latex_page(page_of(derivation, convention, detail), False), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "p.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
    )
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-1500:]
    assert "Overfull" not in said


@pytest.mark.skipif(not shutil.which("latexmk"), reason="latexmk is not installed")
def test_pdf(tmp_path: Path) -> None:
    target = tmp_path / "page.pdf"
    done = CliRunner().invoke(command, ["2-2:sigmoid-2:sigmoid", "-o", str(target)])
    assert done.exit_code == 0, done.exception
    assert target.read_bytes().startswith(b"%PDF")


def test_a_sum_of_cases_is_broken_between_them() -> None:
    cases = r"\begin{cases} a - b & \text{if } c \\ d - e & \text{otherwise} \end{cases}"
    assert broken(f"{cases} + {cases}", 20) == [cases, f"+ {cases}"]


def test_a_product_without_a_sign_is_broken_before_an_indicator_or_a_fraction() -> None:
    one, two, last = (
        r"\mathbf{1}[l = \arg\max_{s} a_{i, 2r + s}]",
        r"\mathbf{1}[j = 2r + l]",
        r"\frac{\partial J}{\partial a_{i}}",
    )
    product = rf"\sum_{{l=0}}^{{1}}\sum_{{r=0}}^{{3}} {one} {two} {last}"
    assert broken(product, 100) == [product]
    assert broken(product, 24) == [rf"\sum_{{l=0}}^{{1}}\sum_{{r=0}}^{{3}} {one}", rf"\cdot {two} {last}"]
    assert broken(product, 12)[1:] == [rf"\cdot {two}", rf"\cdot {last}"]
    assert broken("a b c d e f", 3) == ["a b c d e f"]
