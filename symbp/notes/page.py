"""A derivation as a page: the blocks of a detail, printed for a format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from symbp.errors import InputError, unknown
from symbp.network.derivation import Derivation
from symbp.notation import DEFAULT, notation_named
from symbp.notes.blocks import Block, Inline, Math, Page
from symbp.notes.elements import elements
from symbp.notes.figures.table import with_figures
from symbp.notes.fits import check_fits
from symbp.notes.formats.latex import latex_page
from symbp.notes.formats.markdown import markdown_page
from symbp.notes.formats.text import text_page
from symbp.notes.json_page import json_page
from symbp.notes.opening import titled
from symbp.notes.steps import steps
from symbp.notes.summary import summary
from symbp.notes.writer import Writer

DETAILS: Mapping[str, Callable[[Writer], list[Block]]] = {"summary": summary, "steps": steps, "elements": elements}
"""What a page shows, by the name of the detail."""

FORMATS: Mapping[str, Callable[[Page, bool], str]] = {"latex": latex_page, "markdown": markdown_page, "text": text_page}
"""How a page is printed, by the name of the format."""

NOT_YET = ("beamer", "html")

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
    """A derivation as a page.

    Parameters
    ----------
    format : ``latex``, ``markdown``, ``text`` or ``json``
    convention : the lecturer's notation: its name, or a TOML file (see :mod:`symbp.notation`)
    detail : ``summary``, ``steps``, or ``elements`` for small networks
    fragment : the body alone, for inclusion in a document of one's own
    figures : whether the page has figures; None is yes for documents that can show them, and no for a fragment, which then needs
        no further package

    Raises
    ------
    InputError : for a format, a convention or a detail that is not known, or ``elements`` of a network that is too large
    """
    if format in NOT_YET:
        raise InputError(f"the format {format} is not there yet", allowed=", ".join([*FORMATS, "json"]))
    if format != "json" and format not in FORMATS:
        raise unknown("format", format, [*FORMATS, "json"])
    if format == "json":
        _known(detail)
        return json_page(_writer(derivation, convention))
    drawn = figures if figures is not None else format in DRAWN and not fragment
    return FORMATS[format](page_of(derivation, convention, detail, figures=drawn), fragment)


def page_of(
    derivation: Derivation, convention: str = DEFAULT, detail: str = "summary", *, figures: bool = False
) -> Page:
    """The page before it is printed for a format; parameters and errors as in :func:`render`."""
    writer = _writer(derivation, convention)
    title = titled(derivation.map)
    blocks = _known(detail)(writer)
    return Page(
        ("Backpropagation" + (f" through {title}" if title else ""),),
        ("Derived from the forward map. Notation: ", *_lettered(writer.notation.title), "."),
        tuple(with_figures(writer, detail, blocks) if figures else blocks),
    )


def _writer(derivation: Derivation, convention: str) -> Writer:
    """The writer of a notation that has letters for all of the network; InputError where it has not."""
    writer = Writer(derivation, notation_named(convention))
    check_fits(writer.symbols)
    return writer


def _lettered(title: str) -> Inline:
    """The title of a notation with its letters as formulas."""
    pieces = re.split(r"\b([aijz])\b", title)
    return tuple(Math(p, p) if k % 2 else p for k, p in enumerate(pieces) if p)


def _known(detail: str) -> Callable[[Writer], list[Block]]:
    if detail not in DETAILS:
        raise unknown("detail", detail, DETAILS)
    return DETAILS[detail]
