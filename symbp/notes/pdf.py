"""LaTeX compiled to PDF with what is installed: latexmk, pdflatex or tectonic; what is wrong is the first error of the log."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from symbp.errors import InputError

_PROGRAMS = {
    "latexmk": ["-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"],
    "pdflatex": ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"],
    "tectonic": ["--untrusted", "page.tex"],
}
_PATIENCE = 120  # seconds


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
        try:
            done = subprocess.run(
                [program, *_PROGRAMS[program]], cwd=folder, capture_output=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise InputError(f"{program} took longer than {_PATIENCE} seconds", allowed="--format latex") from None
        result = Path(folder, "page.pdf")
        if done.returncode or not result.is_file():
            said = first_error("\n".join(x.decode(errors="replace") for x in (done.stdout, done.stderr)))
            raise InputError(f"{program} failed: {said}", allowed="--format latex")
        return result.read_bytes()


def first_error(log: str) -> str:
    """The first error of a log, with the line that TeX had read; what a later error says follows from it mostly."""
    found = re.search(r"^(?:! ?|error: )(?!.*(?:==>|halted on))(.+(?:\n(?!l\.\d|!|$).+)*)", log, re.M)
    if found is None:
        return "no message"
    words = " ".join(found[1].split())
    place = re.compile(r"^l\.(\d+) ?(.*)$", re.M).search(log, found.end())
    return words if place is None else f"{words} (line {place[1]}: {place[2].strip()})"
