"""The files that the documents name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
_PATH = re.compile(r"`((?:symbp|templates|tests|docs|examples|benchmarks)/[\w./-]*)`")
_NEW = re.compile(r"In a new file `([^`]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    new = set(_NEW.findall(text))
    assert [name for name in _PATH.findall(text) if name not in new and not (ROOT / name).exists()] == []
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [name for name in links if not (page.parent / name).exists()] == []
