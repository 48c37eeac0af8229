"""What docs/functions.md and the README show of functions is what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from symbp.commands.main import run

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<shown>.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    page = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
    readme = (
        (ROOT / "README.md")
        .read_text(encoding="utf-8")
        .partition("## Your own NumPy function")[2]
        .partition("\n## ")[0]
    )
    return [(m["command"], m["shown"]) for m in BLOCK.finditer(page + readme)]


@pytest.mark.parametrize(("command", "shown"), blocks(), ids=[c for c, _ in blocks()])
def test_what_is_shown_is_printed(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    run(shlex.split(command)[1:])
    printed = capsys.readouterr().out
    at = 0
    for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE):
        found = printed.find(part.rstrip("\n"), at)
        assert found >= 0, part
        at = found + len(part.rstrip("\n"))


def test_the_page_has_blocks() -> None:
    assert len(blocks()) > 4
