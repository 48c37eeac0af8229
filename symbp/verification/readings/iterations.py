r"""Updates that count: ``\beta^{(r+1)} = \beta^{(r)} - \gamma_r ...`` is ``\beta \leftarrow \beta - \gamma_r ...``."""

from __future__ import annotations

import re

from symbp.formula.tex.traced import Traced
from symbp.notation import Notation


def without_iterations(notation: Notation, text: Traced) -> Traced:
    """The equation without the numbers of iterations where its left side is the next one's; else as it is."""
    if not notation.iteration:
        return text
    which = re.escape(notation.iteration)
    left, sign, _ = text.text.partition("=")
    if not sign or not re.search(rf"\^\s*\{{\s*\(\s*{which}\s*\+\s*1\s*\)\s*\}}", left):
        return text
    result, last = Traced.added(""), 0
    for m in re.finditer(rf"\^\s*\{{\s*\(\s*{which}\s*(?:\+\s*1\s*)?\)\s*\}}|=", text.text):
        result += text[last : m.start()]
        if m[0] == "=" and m.start() == len(left):
            result += Traced.added(r"\leftarrow ")
        elif m[0] == "=":
            result += text[m.start() : m.end()]
        last = m.end()
    return result + text[last:]
