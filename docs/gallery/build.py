"""The gallery: a page for each lecture of ``lectures/``, as HTML and as PDF, and the picture of one page of it.

``python docs/gallery/build.py [NAME ...]`` writes all of them, or those that are named (``a_heat_transfer``), beside this file.
PDFs need a LaTeX, pictures ``pdftoppm``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from symbp.lectures.gallery import lecture_page, read_lecture
from symbp.notes.formats.html import html_page
from symbp.notes.formats.latex import latex_page
from symbp.notes.pdf import compiled

HERE = Path(__file__).parent
NUMBERS = HERE.parents[1] / "examples" / "numbers"
PICTURE = 72  # dots an inch


def build(path: Path) -> None:
    """Write the page of one lecture."""
    lecture = read_lecture(path)
    page = lecture_page(lecture, NUMBERS)
    out = HERE / path.stem
    out.with_suffix(".html").write_text(html_page(page, False), encoding="utf-8")
    out.with_suffix(".pdf").write_bytes(compiled(latex_page(page, False)))
    command = [
        "pdftoppm",
        "-png",
        "-singlefile",
        "-f",
        str(lecture.picture),
        "-r",
        str(PICTURE),
        out.with_suffix(".pdf"),
        out,
    ]
    subprocess.run(command, check=True)


def main() -> int:
    """Write the pages that are asked for."""
    lectures = {p.stem: p for p in sorted((HERE / "lectures").glob("*.toml"))}
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *lectures])
    os.environ |= {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}  # the same bytes on every day
    for name in parser.parse_args().names or lectures:
        build(lectures[name])
        print(f"{name}: .html, .pdf, .png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
