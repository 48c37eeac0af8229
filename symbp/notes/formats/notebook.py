"""A page as a Jupyter notebook: Python code is cells that run, all else is Markdown between them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from symbp.notes.blocks import Beside, Block, Boxed, Code, Folded, Heading, Page, Paragraph
from symbp.notes.formats.markdown import markdown_page
from symbp.notes.numbering import numbered

_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_page(page: Page, fragment: bool) -> str:
    """The page as a notebook of format 4.5; a cell for each section and each piece of code, without the title in a fragment."""
    page = numbered(page)
    parts = [*_parts(_opened(page.blocks))]
    sources: list[tuple[str, str]] = [] if fragment else [("markdown", markdown_page(replace(page, blocks=()), False))]
    for part in parts:
        if isinstance(part, Code):
            sources.append(("code", part.text))
        else:
            sources.append(("markdown", markdown_page(replace(page, blocks=tuple(part)), True)))
    cells = [_cell(k, kind, text.strip("\n")) for k, (kind, text) in enumerate(sources) if text.strip()]
    made = {"cells": cells, "metadata": _KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    """A cell; its name follows from what it holds, so that the same page is the same file."""
    name = hashlib.sha256(f"{number} {text}".encode()).hexdigest()[:12]
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _opened(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks with those that hold Python code taken apart, so that the code is a cell."""
    for b in blocks:
        match b:
            case Beside(columns):
                for column in columns:
                    yield from _opened(column)
            case Boxed() | Folded() if any(isinstance(x, Code) for x in _opened(b.blocks)):
                yield Paragraph(b.title)
                yield from _opened(b.blocks)
            case _:
                yield b


def _parts(blocks: Iterator[Block]) -> Iterator[Code | list[Block]]:
    """The Python code, and what stands between it, a part from each heading to the next."""
    part: list[Block] = []
    for b in blocks:
        if isinstance(b, Heading) or (isinstance(b, Code) and b.language == "python"):
            if part and not all(isinstance(x, Heading) for x in part):
                yield part
                part = []
        if isinstance(b, Code) and b.language == "python":
            if part:
                yield part
                part = []
            yield b
        else:
            part.append(b)
    if part:
        yield part
