"""What stands beside an equation, in every format: its reason, its shapes, the code that implements it."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.notes.blocks import Inline, Row


def note(r: Row) -> Inline:
    """What is said beside an equation: the reason, and the shapes of the factors."""
    shape: Inline = (r.shape,) if r.shape else ()
    return (*r.reason, "; ", *shape) if r.reason and shape else (*r.reason, *shape)


def brief(r: Row) -> Inline:
    """What is said beside an equation whose braces are seen: the shapes stand under them already."""
    return r.reason if r"\underbrace" in r.right.latex else note(r)


def coded(text: str, letters: int) -> list[str]:
    """The lines of a piece of code, none longer than `letters`; what goes on on a further line is set in."""
    return [part for line in text.rstrip("\n").splitlines() for part in _folded(line, letters)]


def _folded(line: str, letters: int) -> Iterator[str]:
    within = " " * (len(line) - len(line.lstrip()) + 8)
    while len(line) > letters:
        cut = line.rfind(" ", len(within) + 1, letters)
        cut = cut if cut > 0 else letters
        yield line[:cut]
        line = within + line[cut:].lstrip()
    yield line
