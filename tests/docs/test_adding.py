"""Every recipe of docs/adding.md, followed to the letter in a copy of the checkout; and the reader of the recipes itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from recipes import ROOT, Edit, Run, apply, copied, edited, recipes, run

PAGE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
RECIPES = recipes(PAGE)
EVERY_RUN = ("A command",)
"""The others start as many processes and are followed in the sweep."""


@pytest.mark.parametrize(
    "title", [title if title in EVERY_RUN else pytest.param(title, marks=pytest.mark.sweep) for title in RECIPES]
)
def test_a_recipe_works(title: str, tmp_path: Path) -> None:
    checkout = copied(tmp_path)
    for step in RECIPES[title]:
        if isinstance(step, Edit):
            apply(step, checkout)
        else:
            printed = run(step, checkout)
            assert not step.command.startswith("pytest") or " passed" in printed, printed


def test_every_recipe_changes_something_and_tries_it() -> None:
    for title, steps in RECIPES.items():
        assert any(isinstance(s, Edit) for s in steps), title
        assert isinstance(steps[-1], Run), title


TABLE = 'A = (\n    f(\n        "a",\n    ),\n    f("b"),\n)\nB = 1\n'


@pytest.mark.parametrize(
    ("where", "anchor", "wanted"),
    [
        ("at the end of", "A = (", TABLE.replace(")\nB", "    new\n)\nB")),
        ("above", 'f("b")', TABLE.replace('    f("b")', '    new\n    f("b")')),
        ("below", 'f("b")', TABLE.replace('f("b"),\n', 'f("b"),\n    new\n')),
        ("instead of", 'f("b")', TABLE.replace('    f("b"),', "    new")),
    ],
)
def test_a_block_goes_to_its_place(where: str, anchor: str, wanted: str) -> None:
    assert edited(TABLE, Edit("t.py", where, anchor, "    new\n")) == wanted


@pytest.mark.parametrize(("where", "anchor"), [("above", "f("), ("above", "nowhere"), ("at the end of", "B = 1")])
def test_a_place_that_is_none_is_refused(where: str, anchor: str) -> None:
    with pytest.raises(AssertionError):
        edited(TABLE, Edit("t.py", where, anchor, "new\n"))


def test_a_block_without_a_place_is_refused() -> None:
    with pytest.raises(AssertionError, match="where this block goes"):
        recipes("## A thing\n\nSomewhere:\n\n```python\nx = 1\n```\n")
