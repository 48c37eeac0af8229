"""Problems of the user's own in TOML: ``[tensors]``, ``[functions]``, and ``[problem]`` with forward, loss and claims."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from symbp.errors import InputError, Place
from symbp.files import locate, structure, text_of
from symbp.verification.problems.problem import Problem


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    forward: list[str]
    loss: str
    claims: list[str] = []
    layout: str = "rows"
    given: list[str] = []
    transposes: str = "written"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    tensors: dict[str, str]
    problem: _Body
    functions: dict[str, str] = {}
    lengths: dict[str, str | int] = {}


@dataclass(frozen=True)
class ProblemFile:
    """A problem from a file, its claims with the lines that they stand on (None where that is not known), and the file's text."""

    path: str
    problem: Problem
    claims: tuple[tuple[int | None, str], ...]
    text: str = ""


def load(path: str | Path) -> ProblemFile:
    """Read a .toml file with a problem.

    Raises
    ------
    InputError : with the file, and the line where it is known
    """
    text, name = text_of(Path(path)), str(path)
    if Path(path).suffix.lower() != ".toml" or not _has_tables(text):
        message = "this is no problem: it has neither [tensors] nor [problem]"
        raise InputError(message, place=Place(name), allowed="a .toml problem; the file of a network goes to --arch")
    lines: list[tuple[int, int] | None] = []
    try:
        spec = structure(text, _File)
        lines = _places(text, [*spec.problem.forward, *spec.problem.claims])
        body = spec.problem
        problem = Problem(
            spec.tensors,
            body.forward,
            body.loss,
            spec.functions,
            body.claims,
            body.layout,  # type: ignore[arg-type]
            body.given,
            body.transposes,  # type: ignore[arg-type]
            lengths={name: str(rule) for name, rule in spec.lengths.items()},
        )
    except InputError as e:
        raise _placed(e, text, name, lines) from None
    own = lines[len(spec.problem.forward) :]
    claims = tuple((at and at[0], c) for at, c in zip(own, problem.claims, strict=True))
    return ProblemFile(name, problem, claims, text)


def is_problem(path: str | Path) -> bool:
    """Whether a file is a problem rather than a network: it has the table ``[problem]`` or ``[tensors]``."""
    return Path(path).suffix.lower() == ".toml" and _has_tables(text_of(Path(path)))


def _has_tables(text: str) -> bool:
    """Whether a file has the tables of a problem, or lines that look like them where it is not valid TOML."""
    try:
        return bool({"problem", "tensors"} & tomllib.loads(text).keys())
    except (tomllib.TOMLDecodeError, RecursionError):
        return re.search(r"^\s*\[+\s*['\"]?(?:problem|tensors)\b", text, re.MULTILINE) is not None


def _places(text: str, strings: list[str]) -> list[tuple[int, int] | None]:
    """The line and the column in front of each string of the file, in the order in which they stand there."""
    found: list[tuple[int, int] | None] = []
    numbered = [*enumerate(text.splitlines(), 1)]
    for wanted in strings:
        spelled = (wanted, json.dumps(wanted, ensure_ascii=False)[1:-1])
        used = {at for at in found if at}
        places = (
            (number, column)
            for number, line in numbered
            for w in spelled
            for quote in "\"'"
            if (column := line.find(quote + w + quote) + 1) > 0 and (number, column) not in used
        )
        found.append(next(places, None))
    return found


def _placed(error: InputError, text: str, path: str, lines: list[tuple[int, int] | None]) -> InputError:
    """The error at its place in the file; a line of the forward map is one of the file's."""
    number, column = error.place.line, error.place.column
    if number is None or not lines:
        return error.at(locate(text, error, path))
    at = lines[number - 1]
    place = Place(path, at[0], at[1] + (column or 1)) if at else Place(path)
    return InputError(error.message, place=place, allowed=error.allowed, nearest=error.nearest)
