"""A figure as a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symbp.drawing.svg import svg
from symbp.drawing.tikz import document, tikz
from symbp.notes.blocks import Figure, Inline, Math
from symbp.notes.pdf import compiled, pictured


def printed(figure: Figure, form: str, *, fragment: bool = False) -> str | bytes:
    """A figure in a format: ``svg``, ``latex`` (with `fragment` the picture alone), ``pdf``, ``png``, or ``text``, its
    alternative.

    Raises
    ------
    InputError : for pdf and png, where what makes them is not installed
    """
    return tikz(figure.drawing) if fragment else _FORMS[form](figure)


def _text(parts: Inline) -> str:
    return "".join(p.text if isinstance(p, Math) else str(p) for p in parts)


def _svg(figure: Figure) -> str:
    return svg(figure.drawing, _text(figure.caption), figure.alternative, "figure", sheet=True)


_FORMS: Mapping[str, Callable[[Figure], str | bytes]] = {
    "svg": _svg,
    "latex": lambda f: document(f.drawing),
    "pdf": lambda f: compiled(document(f.drawing)),
    "png": lambda f: pictured(document(f.drawing)),
    "text": lambda f: f"{_text(f.caption)}\n\n{f.alternative}\n",
}
