"""The runs that the README shows, one after the other in one folder; digits behind a point depend on the processor."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from symbp.commands.main import run

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"^    \$ symbp ((?:train|predict|evaluate) .*)\n((?:(?:    (?!\$).*)?\n)*)", re.M)


def masked(text: str) -> str:
    text = re.sub(r"\d+\.\d+(e[+-]\d+)?", "#", text.strip())
    text = re.sub(r"(?<=[ ,])\d{1,2}(?=\s|$)", "#", text)  # counts of a class
    return re.sub(r" +", " ", text)


def test_the_runs_of_the_readme(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "symbp" / "codegen" / "training" / "data" / "iris.csv", tmp_path)
    shown = COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) == 6
    for command, output in shown:
        assert run(shlex.split(command)) == 0
        printed = masked(capsys.readouterr().out)
        expected = masked(re.sub(r"^    ", "", output.split("\n\n(")[0], flags=re.M))
        for part in re.split(r"^\.\.\.$", expected, flags=re.M):
            assert part.strip() in printed, command
