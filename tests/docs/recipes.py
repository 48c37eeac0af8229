"""The recipes of docs/adding.md: read as blocks with their places, and followed in a copy of the checkout."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("symbp", "templates", "tests", "examples", "generated", "pyproject.toml", "README.md", "docs")
"""What a recipe may touch or need."""

_SECTION = re.compile(r"^## (.+)$", re.M)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_EDIT = re.compile(
    r"In `(?P<file>[^`]+)`,\s+(?P<where>at\s+the\s+end\s+of|above|below|instead\s+of) `(?P<anchor>[^`]+)`:\Z"
)
_FILE = re.compile(r"In a new file `(?P<file>[^`]+)`:\Z")
_PROGRAMS = {
    "symbp": [sys.executable, "-m", "symbp"],
    "pytest": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
    "python": [sys.executable],
}


@dataclass(frozen=True)
class Edit:
    """A block and the place where it goes; without an anchor, it is a new file."""

    file: str
    where: str
    anchor: str
    text: str


@dataclass(frozen=True)
class Run:
    """A command, and what it is said to print, ``...`` for lines left out."""

    command: str
    prints: str


Step = Edit | Run


def recipes(page: str) -> dict[str, tuple[Step, ...]]:
    """The recipes of a page by their headings."""
    _, *parts = _SECTION.split(page)
    return {title: tuple(_steps(title, body)) for title, body in zip(parts[::2], parts[1::2], strict=True)}


def _steps(title: str, body: str) -> Iterator[Step]:
    start = 0
    for block in _BLOCK.finditer(body):
        before, text = body[start : block.start()].rstrip(), block[2]
        start = block.end()
        if block[1] == "console":
            for command, prints in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", text, re.M):
                yield Run(command, prints)
        elif edit := _EDIT.search(before):
            yield Edit(edit["file"], " ".join(edit["where"].split()), edit["anchor"], text)
        elif new := _FILE.search(before):
            yield Edit(new["file"], "", "", text)
        else:
            raise AssertionError(f"{title}: nothing says where this block goes:\n{text}")


def copied(folder: Path) -> Path:
    """A copy of the checkout, as far as recipes need it."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("*.pdf", ".hypothesis"))
        else:
            shutil.copy2(source, folder / name)
    return folder


def edited(text: str, edit: Edit) -> str:
    """The text of a file after an edit; AssertionError where its anchor does not name one line."""
    lines = text.splitlines(keepends=True)
    at = [k for k, line in enumerate(lines) if edit.anchor in line]
    assert len(at) == 1, f"{edit.file}: {len(at)} lines contain {edit.anchor!r}"
    (k,) = at
    match edit.where:
        case "above":
            lines.insert(k, edit.text)
        case "below":
            lines.insert(k + 1, edit.text)
        case "instead of":
            lines[k] = edit.text
        case "at the end of":
            indent = re.match(r"\s*", lines[k])[0]  # type: ignore[index]
            ends = [e for e in range(k + 1, len(lines)) if re.match(rf"{indent}[)\]}}]", lines[e])]
            assert ends, f"{edit.file}: {edit.anchor!r} opens no bracket that a line closes"
            lines.insert(ends[0], edit.text)
    return "".join(lines)


def apply(edit: Edit, checkout: Path) -> None:
    """Make an edit in a copy of the checkout."""
    path = checkout / edit.file
    assert path.resolve().is_relative_to(checkout.resolve())
    if not edit.anchor:
        assert not path.exists(), f"{edit.file} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edit.text, encoding="utf-8")
        return
    path.write_text(edited(path.read_text(encoding="utf-8"), edit), encoding="utf-8")


def run(step: Run, checkout: Path) -> str:
    """Run a command of a recipe in a copy and hold what it prints against the page; what it printed."""
    program, *words = shlex.split(step.command)
    done = subprocess.run(
        [*_PROGRAMS[program], *words],
        cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, f"$ {step.command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    rest = "\n" + done.stdout
    for part in re.split(r"^\.\.\.$", step.prints, flags=re.M):
        shown = part.strip("\n")
        assert shown in rest, f"$ {step.command}\n{shown}\nis not in what it prints from there on:\n{rest[-3000:]}"
        rest = rest[rest.index(shown) + len(shown) :]
    return done.stdout
