"""LaTeX compiled to PDF with what is installed: latexmk, pdflatex or tectonic; what is wrong is the first error of the log."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from symbp.errors import InputError

_PROGRAMS = {
    "latexmk": ["-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"],
    "pdflatex": ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"],
    "tectonic": ["--untrusted", "page.tex"],
}
_PATIENCE = 120  # seconds
_DOTS = 200  # an inch, in a PNG


def compiled(latex: str) -> bytes:
    """The PDF of a LaTeX document.

    Raises
    ------
    InputError : where no LaTeX is installed, or it does not compile the document: the first error, and the line that it stands on
    """
    program = next((p for p in _PROGRAMS if shutil.which(p)), None)
    if program is None:
        raise InputError(
            "no LaTeX is installed, so there is no PDF", allowed=f"one of {', '.join(_PROGRAMS)}; or --format latex"
        )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.tex").write_text(latex, encoding="utf-8")
        done, log = _ran([program, *_PROGRAMS[program]], folder)
        result = Path(folder, "page.pdf")
        if not done or not result.is_file():
            raise InputError(f"{program} failed: {first_error(log)}", allowed="--format latex")
        return result.read_bytes()


def pictured(latex: str) -> bytes:
    """The first page of a LaTeX document as a PNG; errors as in :func:`compiled`, and where there is no pdftoppm."""
    program = "pdftoppm"
    if shutil.which(program) is None:
        raise InputError(f"{program} is not installed, so there is no PNG", allowed="an ending .pdf, .svg or .tex")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.pdf").write_bytes(compiled(latex))
        done, log = _ran([program, "-png", "-singlefile", "-r", str(_DOTS), "page.pdf", "page"], folder)
        result = Path(folder, "page.png")
        if not done or not result.is_file():
            raise InputError(f"{program} failed: {first_error(log)}", allowed="an ending .pdf, .svg or .tex")
        return result.read_bytes()


def _ran(command: Sequence[str], folder: str) -> tuple[bool, str]:
    """Whether a program did its work in a folder, and what it said. It ends with all that it has started: when time is up, and
    when we are interrupted.

    Raises
    ------
    InputError : where it takes too long
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            said, _ = process.communicate(timeout=_PATIENCE)
        except BaseException as e:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(e, subprocess.TimeoutExpired):
                took = f"{command[0]} took longer than {_PATIENCE} seconds"
                raise InputError(took, allowed="--format latex") from None
            raise
    return process.returncode == 0, said.decode(errors="replace")


def first_error(log: str) -> str:
    """The first error of a log, with the line that TeX had read; what a later error says follows from it mostly."""
    found = re.search(r"^(?:! ?|error: )(?!.*(?:==>|halted on))(.+(?:\n(?!l\.\d|!|$).+)*)", log, re.M)
    if found is None:
        return "no message"
    words = " ".join(found[1].split())
    place = re.compile(r"^l\.(\d+) ?(.*)$", re.M).search(log, found.end())
    return words if place is None else f"{words} (line {place[1]}: {place[2].strip()})"
