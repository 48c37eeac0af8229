"""Where results go: a name that is empty, an ending that no format has, a reader that goes away, and what a terminal is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from symbp.commands.main import COMMANDS, PIPE_CLOSED, main, run

NEEDED = {
    "derive": ["2-2"], "generate": ["2-2"], "graph": ["f = x*y"], "verify": ["--arch", "2-2", "--claim", "delta1 = yhat - y"],
    "train": ["2-1:sigmoid", "--data", "xor", "--epochs", "1"], "demo": ["--epochs", "1"],
}  # fmt: skip
"""Arguments with which a command that writes a file does its work."""


def writing() -> list[str]:
    """The commands that have ``-o``."""
    found = []
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        found += [name] if any("-o" in p.opts for p in command.params) else []
    return found


@pytest.mark.parametrize("spelled", [["-o", ""], ["--output", ""], ["--output="]], ids=" ".join)
@pytest.mark.parametrize("command", writing())
def test_an_output_without_a_name_is_refused(command, spelled, tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert run([command, *NEEDED.get(command, ["x"]), *spelled]) == 2
    assert "is empty" in capsys.readouterr().err and [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("command", "endings"),
    [
        ("derive", [".tex", ".md", ".html", ".htm", ".ipynb", ".txt", ".json", ".pdf"]), ("generate", [".py"]), ("graph", [".txt", ".tex", ".py", ".svg", ".pdf", ".png"]),
        ("verify", [".html", ".htm", ".tex", ".json", ".txt"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["page.docx", "page.tex.bak", "page.rtf", "my.folder/page.x"])
def test_an_ending_that_no_format_has_is_refused(command, endings, name, tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert run([command, *NEEDED[command], "-o", name]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {name}: ") and ", ".join(endings) in said and [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("command", ["derive", "generate", "graph", "verify"])
def test_a_device_needs_no_ending(command, capsys) -> None:  # type: ignore[no-untyped-def]
    assert run([command, *NEEDED[command], "-o", os.devnull]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    "args", [["--help"], ["--version"], ["list"], *([c, *a] for c, a in NEEDED.items() if c not in ("train", "demo"))], ids=lambda a: a[0]
)  # fmt: skip
def test_a_reader_that_goes_away_ends_a_command_quietly(args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        code = "import sys; from symbp.commands.main import run; sys.exit(run())"
        done = subprocess.run([sys.executable, "-c", code, *args], stdout=writing, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said_once() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "symbp", "list"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (2, "error: output: No space left on device\n")


def test_what_is_said_on_both_streams_stands_once_where_they_are_one(tmp_path: Path) -> None:
    args = [sys.executable, "-m", "symbp", "verify", "--arch", "2-2", "--claim", "a1 = (("]
    with open(tmp_path / "both", "w") as both:
        assert subprocess.run(args, stdout=both, stderr=both).returncode == 2
    assert (tmp_path / "both").read_text().count("the line ends where it cannot") == 1
    apart = subprocess.run(args, capture_output=True, text=True)
    assert "the line ends" in apart.stdout and apart.stderr.startswith("error: ")


HOSTILE = "a\x1b[2J\x07\x9b31m\u202eb"
"""Clears the screen, rings, colours, and turns the text round."""


@pytest.mark.parametrize(
    "args",
    [
        [HOSTILE], ["derive", HOSTILE], ["derive", f"{HOSTILE}.toml"], ["derive", "2-2", "-o", f"{HOSTILE}/a.tex"], ["generate", "2-2", "--loss", HOSTILE],
        ["verify", HOSTILE], ["verify", "--arch", "2-2", "--claim", f"a1 = {HOSTILE}"], ["verify", "--arch", "2-2", "--claim", f"{HOSTILE} = x"],
        ["verify", "--arch", "2-2", "--claim", f'a1 = "{HOSTILE}"'], ["graph", f"f = {HOSTILE}"], ["graph", "f = x", "--at", f"{HOSTILE}=1"],
        ["train", "2-2", "--data", HOSTILE], ["list", HOSTILE], ["cost", HOSTILE], ["derive", "2-2", "--convention", HOSTILE], ["derive", "2-2", f"--{HOSTILE}"],
    ],
    ids=lambda a: f"{a[0]} {len(a)}".replace(HOSTILE, "hostile"),
)  # fmt: skip
def test_nothing_from_outside_acts_on_a_terminal(args, tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    run(args)
    out, err = capsys.readouterr()
    assert all(c.isprintable() or c == "\n" for c in out + err)


def test_lines_for_a_reader_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    from symbp.commands.options import say

    say(f"classes 0 {HOSTILE}\nsecond line")
    out = capsys.readouterr().out
    assert out.count("\n") == 2 and "\\x1b" in out and all(c.isprintable() or c == "\n" for c in out)


USAGE = [
    ["derive"], ["derive", "2-2", "--detail"], ["derive", "2-2", "more"], ["cost", "2-2", "--batch-size", "none"], ["train", "2-2"],
    ["cost", "2-2", "--seconds", "1e9"], ["generate", "2-2", "--dtype", "int8"], ["derive", "2-2", "--l2", "x"], ["nothing"], ["list", "a", "b"],
]  # fmt: skip


@pytest.mark.parametrize("args", USAGE, ids=" ".join)
def test_a_usage_error_is_one_sentence(args, capsys) -> None:  # type: ignore[no-untyped-def]
    assert run(args) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1
    assert ".;" not in said and "..\n" not in said and "None" not in said
