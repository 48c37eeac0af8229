"""A derivation as a page: the blocks of a detail, printed for a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from symbp.drawing.escape import without_letter
from symbp.errors import unknown
from symbp.network.derivation import Derivation
from symbp.notation import DEFAULT
from symbp.notes.blocks import Block, Inline, Math, Page
from symbp.notes.elements import elements
from symbp.notes.figures.table import behind
from symbp.notes.fits import check_fits, fitting, summed
from symbp.notes.formats.beamer import beamer_page
from symbp.notes.formats.html import html_page
from symbp.notes.formats.latex import latex_page
from symbp.notes.formats.markdown import markdown_page
from symbp.notes.formats.notebook import notebook_page
from symbp.notes.formats.text import text_page
from symbp.notes.json_page import json_page
from symbp.notes.meanings import meanings
from symbp.notes.opening import named_in_title
from symbp.notes.sections import Detail, Further, blocks_of, nothing
from symbp.notes.steps import steps
from symbp.notes.summary import summary
from symbp.notes.writer import Writer


@dataclass(frozen=True)
class Format:
    """How a page is printed: as a whole, or where it is asked for as a fragment; the endings of files that ask for it; and the
    characters of a text that the format has no letters for."""

    printed: Callable[[Page, bool], str]
    endings: tuple[str, ...]
    what: str
    lacks: Callable[[str], str] = lambda text: ""


DETAILS: Mapping[str, Detail] = {
    "summary": summary,
    "steps": steps,
    "elements": elements,
}
"""What a page shows, by the name of the detail: its sections, each by its name."""

CARDS = frozenset({"summary"})
"""The details that are set small, to stand on one page where the network is small."""

FORMATS: Mapping[str, Format] = {
    "latex": Format(latex_page, (".tex",), "a LaTeX document", without_letter),
    "beamer": Format(beamer_page, (), "slides, as LaTeX: one step after the other", without_letter),
    "markdown": Format(markdown_page, (".md",), "Markdown with formulas for MathJax and KaTeX"),
    "html": Format(html_page, (".html", ".htm"), "one page for a browser, which needs no network"),
    "ipynb": Format(notebook_page, (".ipynb",), "a Jupyter notebook that runs, with the generated code beside the equations"),
    "text": Format(text_page, (".txt",), "plain text"),
}  # fmt: skip
"""How a page is printed, by the name of the format."""

JSON = "json"
"""What is no page, but the derivation as data."""

DRAWN = ("latex", "html", "beamer")
"""The formats whose documents have figures unless they are told otherwise; the others can only tell them in words."""


def render(
    derivation: Derivation,
    format: str = "latex",
    *,
    convention: str = DEFAULT,
    detail: str = "summary",
    fragment: bool = False,
    figures: bool | None = None,
) -> str:
    """A derivation as a page; :func:`symbp.lectures.page.printed` makes pages of more than the derivation.

    Parameters
    ----------
    format : a name of :data:`FORMATS`, or ``json``
    convention : the lecturer's notation: its name, or a TOML file (see :mod:`symbp.notation`)
    detail : ``summary``, ``steps``, or ``elements`` for small networks
    fragment : the body alone, for inclusion in a document of one's own
    figures : whether the page has figures; None is yes for documents that can show them, and no for a fragment, which then needs
        no further package

    Raises
    ------
    InputError : for a format, a convention or a detail that is not known, or ``elements`` of a network that is too large
    """
    if format == JSON:
        detail_named(detail)
        return json_page(writer_of(derivation, convention))
    further = behind(detail) if has_figures(format, fragment, figures) else nothing
    return format_named(format).printed(page_of(derivation, convention, detail, further), fragment)


def has_figures(format: str, fragment: bool, asked: bool | None) -> bool:
    """Whether a page is drawn on: where that is asked, and else in whole documents of the formats that can."""
    return (format in DRAWN and not fragment) if asked is None else asked


def page_of(
    derivation: Derivation, convention: str = DEFAULT, detail: str = "summary", further: Further = nothing
) -> Page:
    """The page before it is printed for a format; parameters and errors as in :func:`render`.

    `further` gives the blocks to put behind a section, by the section's name: figures, numbers, exercises.
    """
    writer = writer_of(derivation, convention)
    return page_with(writer, blocks_of(detail_named(detail)(writer, further)), compact=detail in CARDS)


def page_with(writer: Writer, blocks: list[Block], *, compact: bool = False) -> Page:
    """Blocks as a page: its title, its notation, and what its symbols stand for."""
    title = named_in_title(writer.derivation.map)
    letters: Inline = ("Notation: ", *_lettered(writer.notation.title), ".")
    if not writer.derivation.map.layers:
        letters = ("The letters are those of its author.",)
    return Page(
        ("Backpropagation" + (f" through {title}" if title else ""),),
        ("Derived from the forward map. ", *letters),
        tuple(blocks),
        meanings=meanings(writer),
        compact=compact,
    )


def writer_of(derivation: Derivation, convention: str) -> Writer:
    """The writer of a notation that has letters for all of the network; InputError where it has not."""
    notation = fitting(derivation, convention)
    writer = Writer(summed(derivation, notation), notation)
    check_fits(writer.symbols)
    return writer


def format_named(name: str) -> Format:
    """A format; InputError where there is none of this name."""
    if name not in FORMATS:
        raise unknown("format", name, [*FORMATS, JSON])
    return FORMATS[name]


def endings() -> dict[str, str]:
    """The endings of files with the formats that they stand for."""
    return {**{e: name for name, f in FORMATS.items() for e in f.endings}, ".json": JSON}


def detail_named(name: str) -> Detail:
    """What makes the sections of a detail; InputError where there is none of this name."""
    if name not in DETAILS:
        raise unknown("detail", name, DETAILS)
    return DETAILS[name]


def _lettered(title: str) -> Inline:
    """The title of a notation, what stands between dollar signs as formulas."""
    pieces = title.split("$")
    return tuple(Math(p, p.lstrip("\\")) if k % 2 else p for k, p in enumerate(pieces) if p)
