"""What a page is asked to be, and the page that follows: the derivation, then each further part that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from symbp.errors import InputError, shown
from symbp.lectures.given import read_given
from symbp.lectures.numbers import with_numbers
from symbp.network.derivation import Derivation
from symbp.notation import DEFAULT
from symbp.notes.blocks import Block, Page
from symbp.notes.figures.table import behind
from symbp.notes.json_page import json_page
from symbp.notes.only import only
from symbp.notes.page import CARDS, FORMATS, JSON, detail_named, format_named, has_figures, page_with, writer_of
from symbp.notes.placing import deeper, prefixed
from symbp.notes.sections import blocks_of, nothing
from symbp.notes.writer import Writer

_DEEPEST = 4
_LONGEST = 300  # characters of a title: more are no title
_OF_JSON = frozenset({"convention", "detail", "seed"})
"""What json takes of what a page is asked to be."""
RUNNING = frozenset({"ipynb"})
"""The formats whose code runs: they have it without being asked."""


@dataclass(frozen=True)
class PageOptions:
    """What a page is asked to be.

    Parameters
    ----------
    convention : the lecturer's notation: its name, or a TOML file
    detail : ``summary``, ``steps``, or ``elements`` for small networks
    only : the names of the equations to print with what they rest on (``delta1``, ``dW2``, ``dJ/dW2``); empty: all
    fragment : the body alone, for inclusion in a document of one's own
    title, author : as plain text, in place of the page's own title and under it
    section_level : the level of the page's sections: 0 a chapter, 1 a section, 2 a subsection, ...
    label_prefix : what the labels of numbered equations begin with, so that several pages stand in one document
    code : the generated code beside the equations
    figures : whether the network, its paths and its activations are drawn; None: in documents of the formats that can
    numbers : ``random``, ``random:SEED``, or a .toml or .npz file whose numbers are carried through every line
    exercises, seed : how many exercises, and which
    runs : with what the code needs to run by itself, and a run of its check
    """

    convention: str = DEFAULT
    detail: str = "summary"
    only: tuple[str, ...] = ()
    fragment: bool = False
    title: str = ""
    author: str = ""
    section_level: int = 1
    label_prefix: str = ""
    code: bool = False
    runs: bool = False
    figures: bool | None = None
    numbers: str | None = None
    exercises: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Part:
    """A further part of a page: whether it is asked for, and its blocks."""

    wanted: Callable[[PageOptions], bool]
    blocks: Callable[[Writer, PageOptions], Sequence[Block]]


def _code(writer: Writer, options: PageOptions) -> Sequence[Block]:
    from symbp.lectures.code import code  # a page without code does not wait for the generator

    return code(writer, options.runs, options.code)


def _exercises(writer: Writer, options: PageOptions) -> Sequence[Block]:
    from symbp.lectures.exercises.sheet import exercises  # nor one without exercises for the verifier

    return exercises(writer.derivation, writer, options.exercises, options.seed)


PARTS: tuple[Part, ...] = (
    Part(lambda options: options.code or options.runs, _code),
    Part(lambda options: options.exercises > 0, _exercises),
)
"""What may follow the derivation, in the order of the page."""
OF_NETWORKS: Mapping[str, Callable[[PageOptions], bool]] = {
    "numbers": lambda options: options.numbers is not None,
    "exercises": lambda options: options.exercises > 0,
}
"""What a page may have of a network alone, by the name of the option, and whether it is asked for."""


def printed(derivation: Derivation, format: str = "latex", options: PageOptions = PageOptions()) -> str:
    """A page in a format: a name of :data:`symbp.notes.page.FORMATS`, or ``json``, the derivation as data.

    Raises
    ------
    InputError : for a name of a format, convention, detail or equation that is not known, or where a network has no such page
    """
    if format == JSON:
        if others := [
            f.name for f in fields(options) if f.name not in _OF_JSON and getattr(options, f.name) != f.default
        ]:
            names = ", ".join(name.replace("_", "-") for name in others)
            raise InputError(f"json is the derivation alone, as data: {names} is for pages", allowed=", ".join(FORMATS))
        detail_named(options.detail)
        return json_page(writer_of(derivation, options.convention))
    made, drawn = format_named(format), has_figures(format, options.fragment, options.figures)
    title, author = (_said(w, what, made.lacks) for w, what in ((options.title, "title"), (options.author, "author")))
    runs = options.runs or format in RUNNING
    asked = replace(options, runs=runs, figures=drawn, title=title, author=author)
    return made.printed(composed(derivation, asked), options.fragment)


def _said(text: str, what: str, lacks: Callable[[str], str]) -> str:
    """A title or an author as it can be printed, on one line.

    Raises
    ------
    InputError : for a text that is too long for a title, and for what is no character or one that the format has no letter for
    """
    words = " ".join(text.split())
    if len(words) > _LONGEST:
        raise InputError(f"the {what} has {len(words)} characters", allowed=f"at most {_LONGEST}")
    if any("\ud800" <= c <= "\udfff" for c in words):
        raise InputError(f"the {what} {shown(words)} is not text in UTF-8", allowed="text")
    if missing := lacks(words):
        raise InputError(
            f"LaTeX has no letters for {shown(missing)} in the {what}",
            allowed="Latin and Greek letters; or --format html",
        )
    return words


def composed(derivation: Derivation, options: PageOptions = PageOptions()) -> Page:
    """The page before it is printed for a format; errors as in :func:`printed`."""
    for name, asked in OF_NETWORKS.items():
        if asked(options) and not derivation.map.layers:
            raise InputError(
                f"a page of {derivation.map.source.described} has no {name}: that is for networks",
                allowed=f"the page without {name}",
            )
    if not 0 <= options.section_level <= _DEEPEST:
        raise InputError(f"there are no sections of level {options.section_level}", allowed=f"0 to {_DEEPEST}")
    writer, detail = writer_of(derivation, options.convention), detail_named(options.detail)
    blocks = (
        only(writer, options.only, options.detail)
        if options.only
        else blocks_of(detail(writer, behind(options.detail) if options.figures else nothing))
    )
    card = options.detail in CARDS and not (options.only or options.numbers or any(p.wanted(options) for p in PARTS))
    page = page_with(writer, blocks, compact=card)
    if options.numbers is not None:
        page = with_numbers(page, writer.derivation, writer, read_given(options.numbers, writer.derivation))
    further = [b for part in PARTS if part.wanted(options) for b in part.blocks(writer, options)]
    page = replace(
        page,
        title=(options.title,) if options.title else page.title,
        author=(options.author,) * bool(options.author),
        blocks=(*page.blocks, *further),
    )
    return prefixed(deeper(page, options.section_level - 1), options.label_prefix)
