"""What stands beside an equation, in every format."""

from __future__ import annotations

from symbp.notes.blocks import Inline, Row


def note(r: Row) -> Inline:
    """What is said beside an equation: the reason, and the shapes of the factors."""
    shape: Inline = (r.shape,) if r.shape else ()
    return (*r.reason, "; ", *shape) if r.reason and shape else (*r.reason, *shape)


def brief(r: Row) -> Inline:
    """What is said beside an equation whose braces are seen: the shapes stand under them already."""
    return r.reason if r"\underbrace" in r.right.latex else note(r)
