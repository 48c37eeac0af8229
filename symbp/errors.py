"""What symbp says when an input is unusable: where, what was read, what is allowed, the nearest right thing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Place:
    """Where in the input: a file (or ``None`` for the command line), a line and a column, both counted from 1; or a row of a
    DataFrame, by its label."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    row: str | None = None

    def __str__(self) -> str:
        if self.row is not None:
            return f"row {self.row}"
        numbers = [str(n) for n in (self.line, self.column) if n is not None]
        if self.file:
            return ":".join([self.file, *numbers])
        words = [f"line {self.line}"] * (self.line is not None) + [f"column {self.column}"] * (self.column is not None)
        return ", ".join(words)


class InputError(ValueError):
    """An input that symbp cannot use; the command line prints it without a traceback and exits with status 2.

    Parameters
    ----------
    message : what is wrong, in one sentence, naming what was read
    place : where it was read
    allowed : what may stand there instead
    nearest : the known name that is closest to what was read
    key : in a file of keys and tables, the tables and the key that it is about
    """

    def __init__(
        self,
        message: str,
        *,
        place: Place | None = None,
        allowed: str = "",
        nearest: str = "",
        key: tuple[str, ...] = (),
    ) -> None:
        self.message = message
        self.place = place or Place()
        self.allowed = allowed
        self.nearest = nearest
        self.key = key
        super().__init__(message)

    def at(self, place: Place) -> InputError:
        """The same error with the parts of the place that it did not know yet filled in."""
        mine = self.place
        full = replace(
            mine, file=mine.file or place.file, line=mine.line or place.line, column=mine.column or place.column
        )
        return type(self)(self.message, place=full, allowed=self.allowed, nearest=self.nearest, key=self.key)

    def about(self, part: str, key: tuple[str, ...] = ()) -> InputError:
        """The same error as one of a larger input: which part of it, and the column in that part where it is known."""
        column = f", column {self.place.column}" if self.place.column is not None else ""
        return InputError(f"{part}{column}: {self.message}", allowed=self.allowed, nearest=self.nearest, key=key)

    def __str__(self) -> str:
        where = f"{self.place}: " if str(self.place) else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        nearest = f"; did you mean '{self.nearest}'?" if self.nearest else ""
        return printable(f"{where}{self.message}{allowed}{nearest}")


def printable(text: str) -> str:
    """The text on one line, with what a terminal would act on written as an escape."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def shown(text: str, limit: int = 60) -> str:
    """Text from outside as it may stand in a message: quoted, control characters escaped, long text cut."""
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"'{text}'" if text.isprintable() and "'" not in text else repr(text)


def counted(count: int, what: str, more: str = "s") -> str:
    """A number of things, ``1 example`` or ``5 examples``."""
    return f"{count} {what}{more if count != 1 else ''}"


def nearest(name: str, known: Iterable[str], likeness: float = 0.5) -> str:
    """The known name that is closest to `name`, in small letters or large ones, or the empty string where none is as like it as
    `likeness` (0 to 1)."""
    names = {other.lower(): other for other in reversed([*known])}
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=likeness)
    return names[found[0]] if found else ""


def unknown(what: str, name: str, known: Iterable[str], place: Place | None = None) -> InputError:
    """The error for a name that is not in a list of known names: says the nearest one and lists them all."""
    names = [*known]
    return InputError(
        f"unknown {what} {shown(name)}", place=place, allowed=", ".join(names), nearest=nearest(name, names)
    )
