"""Where the templates are, and the one way in which they are read."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@lru_cache(maxsize=8)
def environment(kind: str) -> Environment:
    """The Jinja environment of a kind of output (``numpy``, ``latex``, ``html``): its folder of templates.

    In an installed package the templates lie inside it, in a checkout beside it. In HTML what a template is given is
    escaped unless it is markup; elsewhere it has been printed for its target already.
    """
    inside = Path(str(files("symbp"))) / "templates" / kind
    folder = inside if inside.is_dir() else Path(__file__).parents[2] / "templates" / kind
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=kind == "html",
    )
    made.filters["zipped"] = zip
    return made
