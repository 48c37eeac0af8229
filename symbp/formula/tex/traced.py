"""Text that knows where each of its characters stands in the file that it was read from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ADDED = -1
"""The place of a character that does not stand in the file."""


@dataclass(frozen=True)
class Traced:
    """A text, and for each character its offset in the file (or :data:`ADDED`)."""

    text: str
    at: tuple[int, ...]

    @classmethod
    def standing(cls, text: str, start: int) -> Traced:
        """A text that stands in the file as it is, from the offset `start` on."""
        return cls(text, tuple(range(start, start + len(text))))

    @classmethod
    def added(cls, text: str) -> Traced:
        """A text that is not the file's."""
        return cls(text, (ADDED,) * len(text))

    def __getitem__(self, part: slice) -> Traced:
        return Traced(self.text[part], self.at[part])

    def __add__(self, other: Traced) -> Traced:
        return Traced(self.text + other.text, self.at + other.at)

    def stripped(self) -> Traced:
        """The text without white space at its ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : len(self.text.rstrip())]

    def single_spaced(self) -> Traced:
        """The text with one space, in the place of the first, for all that stand together, and none at its ends."""
        kept = [k for k, c in enumerate(self.text) if not (c.isspace() and self.text[k - 1 : k].isspace())]
        text = "".join(" " if self.text[k].isspace() else self.text[k] for k in kept)
        return Traced(text, tuple(self.at[k] for k in kept)).stripped()


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with blanks for some parts of it, their ends of lines kept."""
    parts, at = list[str](), 0
    for start, end in spans:
        parts += [text[at:start], "".join(c if c == "\n" else " " for c in text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def joined(parts: Iterable[Traced], between: str = " ") -> Traced:
    """The parts with spaces, or nothing, between them."""
    pieces = [*parts]
    places: list[int] = []
    for k, piece in enumerate(pieces):
        places += [ADDED] * len(between) if k else ()
        places += piece.at
    return Traced(between.join(p.text for p in pieces), tuple(places))
