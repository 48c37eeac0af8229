"""What a lecturer may type and what somebody hostile may: titles, functions without a value, numbers, interruptions; one message each."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import started

import symbp as sb
from symbp.commands.main import run
from symbp.drawing.escape import latex_code, latex_text, without_letter
from symbp.lectures.page import PageOptions, printed
from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.network.spec import arguments, decode
from symbp.notes.formats.beside import coded

LETTERS = (
    "".join(chr(c) for c in range(0x20, 0x180) if chr(c).isprintable()) + "ȘșȚțẞ–—‘’‚“”„†‡•‰‹›€№™ αβΩ Nguyễn Văn Ấ ặ"
)


@pytest.fixture(scope="module")
def small() -> Derivation:
    return derive(Network.parse("2-2"))


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("王 and 🎓", "LaTeX has no letters for '王🎓' in the title; allowed: Latin and Greek letters; or --format html"),
        ("ħ", "LaTeX has no letters for 'ħ' in the title"), ("a\u202eb", "LaTeX has no letters for '\\u202e'"),
        ("x" * 301, "the title has 301 characters; allowed: at most 300"), ("a\udcff", "the title 'a\\udcff' is not text in UTF-8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("format", ["latex", "beamer"])
def test_a_title_that_latex_has_no_letters_for_is_refused(
    small: Derivation, title: str, says: str, format: str
) -> None:
    with pytest.raises(sb.InputError) as e:
        printed(small, format, PageOptions(title=title))
    assert says in str(e.value) and str(e.value).isprintable()


@pytest.mark.parametrize("format", ["html", "markdown", "ipynb", "text"])
def test_other_formats_have_all_letters(small: Derivation, format: str) -> None:
    assert "王 and 🎓" in printed(small, format, PageOptions(title="王 and\n🎓"))
    with pytest.raises(sb.InputError, match="not text in UTF-8"):
        printed(small, format, PageOptions(author="a\udcff"))


@pytest.mark.parametrize("format", ["latex", "html"])
def test_a_title_of_spaces_is_none(small: Derivation, format: str) -> None:
    assert printed(small, format, PageOptions(title=" ", author="\n\t")) == printed(small, format)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_every_letter_that_is_not_refused_compiles(tmp_path: Path) -> None:
    text = "".join(c for c in LETTERS if not without_letter(c))
    assert set(LETTERS) - set(text) == set("ĦħĸŉĿŀŦŧſ")
    pieces = [text[k : k + 40] for k in range(0, len(text), 40)]
    lines = "\n\n".join(f"{latex_text(p)} \\textsf{{{latex_text(p)}}}" for p in pieces)
    lines += f"\n\n\\texttt{{{latex_code(''.join(map(chr, range(0x20, 0x7F))))}}}"
    (tmp_path / "page.tex").write_text(
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage[utf8]{inputenc}\\usepackage{lmodern}"
        f"\\begin{{document}}\\sloppy {lines}\\end{{document}}", encoding="utf-8",
    )  # fmt: skip
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0 and b"Missing character" not in (tmp_path / "page.log").read_bytes()


def own(function: str) -> Derivation:
    text = (
        f'input = 2\nlayers = [{{dense = 2}}, "f", {{dense = 1}}, "f"]\nloss = "sse"\n[functions]\nf = "{function}"\n'
    )
    return derive(Network(**arguments(decode(text))))


@pytest.mark.parametrize(
    "function",
    ["1/z", *(pytest.param(f, marks=pytest.mark.sweep) for f in ("log(z)", "acos(z)", "sqrt(-1 - z**2)", "z**z"))],
)
def test_a_function_without_a_value_somewhere_has_its_page(function: str) -> None:
    text = printed(own(function), "html", PageOptions(detail="steps"))
    assert "has no bound" in text and ">nan<" not in text.lower() and "at 0, nan" not in text


def test_no_slope_is_drawn_where_the_function_has_no_value() -> None:
    from symbp.drawing.marks import Line
    from symbp.notes.figures.table import Asked, drawn

    drawing = drawn(own("log(z)"), "activations", Asked(), "iitm").drawing
    lines = [m for m in drawing.marks if isinstance(m, Line) and m.style in ("curve1", "curve2") and len(m.points) > 2]
    assert lines and all(x > 5.4 / 2 for m in lines for x, _ in m.points)  # the right half of the frame


def test_code_is_broken_where_a_line_is_too_narrow() -> None:
    lines = coded("    def f(alpha: float, beta: float) -> float:\n        return alpha", 30)
    assert (
        all(len(line) <= 30 for line in lines)
        and "".join("".join(lines).split()) == "deff(alpha:float,beta:float)->float:returnalpha"
    )
    assert coded("x" * 70, 30)[0] == "x" * 30 and "".join(part.strip() for part in coded("x" * 70, 30)) == "x" * 70


def test_code_stands_beside_equations_only_where_it_has_room() -> None:
    page = printed(derive(Network.parse("2-2-2-2-2-2:softmax")), "latex", PageOptions(code=True))
    code = [line for line in page.splitlines() if line.startswith("\\mbox{}")]
    assert len(code) > 60 and any(line.endswith("~rng:\\par") for line in code)
    before = page[: page.index("\\mbox{}def")]
    assert before.count("\\begin{minipage}") == before.count("\\end{minipage}")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--exercises", "2.5"], "'2.5' cannot be used; allowed: a whole number from 0 to 50"),
        (["--exercises", "1000000000"], "allowed: a whole number from 0 to 50"),
        (["--exercises", "1", "--seed", "-1"], "'-1' cannot be used; allowed: a whole number from 0, of at most 18 digits"),
        (["--section-level", "x"], "allowed: a whole number from 0"), (["--format", "PDF"], "did you mean 'pdf'?"),
        (["--format", "docx"], "latex, beamer, markdown, html, ipynb, text, json, pdf"),
        (["--batch", "--numbers", "random"], "allowed: one example: a derivation without batch"),
        (["-o", "missing/page.pdf"], "missing/page.pdf: the output's directory does not exist"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_one_message(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["derive", "2-2", *words]) == 2
    out, err = capsys.readouterr()
    assert not out and says in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = " + "[" * 5000 + "]" * 5000, "nested too deeply"), ("x = " + "9" * 5000, "not valid TOML: Exceeds the limit"),
        ("x = [[1, 2], [3, 4]]\ny = [1, 0]\nW1 = [[1, 2], [3, 4]]\nb1 = [0, 0]", "y has one number for each example; allowed: (2)"),
    ],
)  # fmt: skip
def test_hostile_numbers_are_one_message(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "n.toml"
    file.write_text(text)
    assert run(["derive", "2-2", "--numbers", str(file)]) == 2
    err = capsys.readouterr().err
    assert says in err and "sys." not in err and err.count("\n") == 1


def test_a_network_too_large_for_numbers_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["derive", "5000-5000", "--numbers", "random"]) == 2
    assert "25,015,000 numbers, too many to carry through a page; allowed: at most 2,000,000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.sweep)]
)
def test_what_makes_a_pdf_ends_with_us(sent: signal.Signals, status: int, tmp_path: Path) -> None:
    """Also what latexmk has started; the page that was there stays."""
    (tmp_path / "latexmk").write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/child\nwait\n")
    (tmp_path / "latexmk").chmod(0o755)
    page = tmp_path / "page.pdf"
    page.write_text("old")
    environment = {**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = [sys.executable, "-m", "symbp", "derive", "1-1", "-o", str(page)]
    child = tmp_path / "child"
    with started(command, env=environment, start_new_session=True) as process:
        while not (child.exists() and child.read_text().strip()):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(sent)
        _, said = process.communicate(timeout=30)
    assert process.returncode == status and "Traceback" not in said and page.read_text() == "old"
    deadline = time.monotonic() + 10
    while _runs(int(child.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(int(child.read_text())) and sorted(p.name for p in tmp_path.iterdir()) == [
        "child",
        "latexmk",
        "page.pdf",
    ]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["network", "2-2:tanh-1", "--data", "xor"], "the figure network trains no network, so --data says nothing"),
        (["boundary", "2-2:tanh-1", "--of", "W1[1,1]"], "the figure boundary has no elements to choose, so --of says nothing"),
        (["weight", "2-2:tanh-1", "--of", "w1[1,1]"], "there is no weight matrix w1; allowed: W1, W2; did you mean 'W1'?"),
        (["paths", "2-2:tanh-1", "--of", "A1[1]"], "there are no units A1; allowed: x, a1, yhat; did you mean 'a1'?"),
        (["network", "2-2", "--seed", "1" * 40], "allowed: a whole number from 0, of at most 18 digits"),
        (["network", "2-2", "-o", "missing/x.png"], "the output's directory does not exist"),
    ],
)  # fmt: skip
def test_a_wrong_option_of_a_figure_is_one_message(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["figure", *words]) == 2
    out, err = capsys.readouterr()
    assert not out and says in err and err.count("\n") == 1
