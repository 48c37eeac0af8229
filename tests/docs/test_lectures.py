"""Every row of docs/lectures.md: its command runs, and prints what the row says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from symbp.commands.main import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| (?P<shown>.+?) \| `symbp (?P<command>.+?)` \| `(?P<says>.+?)` \|$", re.M)


def commands() -> dict[str, list[str]]:
    """What the rows say of each command's output, by the command."""
    found: dict[str, list[str]] = {}
    for row in _ROW.finditer(PAGE):
        found.setdefault(row["command"], []).append(row["says"].replace(r"\|", "|"))
    return found


def plain(text: str) -> str:
    """A text without the marks at which formulas are aligned, and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"&+ ?", "", text))


@pytest.mark.thinned(6)
@pytest.mark.parametrize(("command", "said"), [*commands().items()], ids=[c[:60] for c in commands()])
def test_a_command_prints_what_the_page_says(
    command: str, said: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    run(shlex.split(command))
    printed = capsys.readouterr()
    assert printed.err == ""
    out = plain(printed.out)
    assert [phrase for phrase in said if plain(phrase) not in out] == []


def test_every_row_of_a_table_is_read() -> None:
    rows = [
        line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| the lecture"))
    ]
    assert [line for line in rows if not _ROW.fullmatch(line)] == []
