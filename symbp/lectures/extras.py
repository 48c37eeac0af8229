"""A derivation's page with worked numbers and exercises, printed for a format."""

from __future__ import annotations

from dataclasses import replace

from symbp.errors import InputError
from symbp.lectures.exercises.sheet import exercises
from symbp.lectures.given import read_given
from symbp.lectures.numbers import with_numbers
from symbp.network.derivation import Derivation
from symbp.notation import notation_named
from symbp.notes.page import FORMATS, page_of
from symbp.notes.writer import Writer


def with_extras(
    derivation: Derivation,
    format: str,
    *,
    convention: str,
    detail: str,
    fragment: bool,
    numbers: str | None = None,
    count: int = 0,
    seed: int = 0,
) -> str:
    """The page with the numbers that `numbers` asks for and `count` exercises, none where it is 0.

    Raises
    ------
    InputError : as :func:`.read_given`, :func:`.exercises` and :func:`symbp.notes.render`; for a format that has no page
    """
    if format not in FORMATS:
        raise InputError(f"{format} has the derivation alone, no numbers and no exercises", allowed=", ".join(FORMATS))
    given = None if numbers is None else read_given(numbers, derivation)
    page = page_of(derivation, convention, detail)
    writer = Writer(derivation, notation_named(convention))
    if given is not None:
        page = with_numbers(page, derivation, writer, given)
    if count:
        page = replace(page, blocks=(*page.blocks, *exercises(derivation, writer, count, seed)))
    return FORMATS[format](page, fragment)
