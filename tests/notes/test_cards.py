"""The reference card of a small network stands on one page, in every notation: typeset, and its pages counted."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import symbp as sb
from symbp.notation import NOTATIONS
from symbp.notes import render
from symbp.notes.blocks import Beside, Paragraph, Table
from symbp.notes.formats import card

SMALL = {
    "3-4:relu-2:softmax": "cross_entropy",
    "3-2:sigmoid-4": "sse",
    "2-2:sigmoid-2:sigmoid": "sse",
    "4-5:relu-4:tanh-3:softmax": "cross_entropy",
    "3-4:tanh-1": "squared_error",
    "1-1:sigmoid-1:sigmoid-1:sigmoid": "sse",
    "784-256:relu-10:softmax": "cross_entropy",
}
_ONE_HIDDEN = ("esl",)  # letters for networks with one hidden layer
CARDS = [(a, c) for a, c in itertools.product(SMALL, NOTATIONS) if a.count("-") == 2 or c not in _ONE_HIDDEN]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.thinned(19)
@pytest.mark.parametrize(("arch", "convention"), CARDS)
def test_a_card_is_one_page(arch: str, convention: str, tmp_path: Path) -> None:
    d = sb.derive(sb.Network.parse(arch, loss=SMALL[arch]))
    (tmp_path / "p.tex").write_text(render(d, convention=convention, detail="summary"), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "p.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60)
    text = done.stdout.decode(errors="replace")
    assert "Output written on p.pdf (1 page" in text, text[-2000:]
    assert all(float(x) <= 5 for x in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", text))


def test_a_fragment_of_a_card_needs_no_package_of_its_own() -> None:
    text = render(sb.derive(sb.Network.parse("3-4:relu-2:softmax", loss="cross_entropy")), fragment=True)
    assert "multicols" not in text and "tabularx" not in text


def test_only_long_tables_are_halved() -> None:
    row = (("x",), ("input",), ("2",))
    long, short = (Table((("a",), ("b",), ("c",)), (row,) * n) for n in (9, 5))
    halved = card.halves(long)
    assert (
        isinstance(halved, Beside) and sum(len(b.rows) for c in halved.columns for b in c if isinstance(b, Table)) == 9
    )
    assert card.halves(short) is short


def test_no_block_of_a_card_is_lost() -> None:
    blocks = (Paragraph(("a",)), Beside(((Paragraph(("b",)),), (Paragraph(("c",)),))), Table((("d",),), ()))
    found = [b for _, group in card.sections(blocks) for b in group]
    assert [b.parts for b in found if isinstance(b, Paragraph)] == [("a",), ("b",), ("c",)]
    assert isinstance(found[-1], Table)
