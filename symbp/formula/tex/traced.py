"""Text that knows where each of its characters stands in the file that it was read from."""

from __future__ import annotations

import re
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

    def without(self, pattern: re.Pattern[str], instead: str = "") -> Traced:
        """The text with every match of a pattern replaced; what stands instead has the place where the match begins."""
        texts, places, last = [], list[int](), 0
        for m in pattern.finditer(self.text):
            texts += [self.text[last : m.start()], instead]
            places += [*self.at[last : m.start()], *[self.at[m.start()]] * len(instead)]
            last = m.end()
        if not texts:
            return self
        return Traced("".join([*texts, self.text[last:]]), (*places, *self.at[last:]))


def joined(parts: Iterable[Traced], between: str = " ") -> Traced:
    """The parts with spaces, or nothing, between them."""
    pieces = [*parts]
    places: list[int] = []
    for k, piece in enumerate(pieces):
        places += [ADDED] * len(between) if k else ()
        places += piece.at
    return Traced(between.join(p.text for p in pieces), tuple(places))
