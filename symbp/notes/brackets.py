"""Brackets that fit, and numbers, as LaTeX."""

from __future__ import annotations

import sympy
from sympy import Expr, Rational

TALL = ("\\frac", "\\sum", "\\prod", "\\left", "\\begin", "\\max_")
"""What makes a formula higher than a line."""

_ZEROS = 6  # at the end of a whole number: more of them nobody counts


def wrapped(text: str) -> str:
    """`text` in parentheses that fit."""
    return rf"\left({text}\right)" if any(t in text for t in TALL) else f"({text})"


def number_latex(value: Expr) -> str:
    """A number: decimals where they are short, powers of ten as those, else as SymPy writes it; long decimals are cut and say
    so."""
    if value.is_Integer and (zeros := len(str(value)) - len(str(value).rstrip("0"))) >= _ZEROS:
        front = str(value)[:-zeros]
        return {"1": "", "-1": "-"}.get(front, rf"{front} \cdot ") + f"10^{{{zeros}}}"
    if is_decimal(value):
        shown = f"{float(value):g}"
        if "e" in shown:
            front, _, power = shown.partition("e")
            return (rf"{front} \cdot " if front != "1" else "") + f"10^{{{int(power)}}}"
        return shown if Rational(shown) == value else f"{float(value):.5f}\\ldots"
    return str(sympy.latex(value))


def is_decimal(value: Expr) -> bool:
    """Whether a number is better written with a point than as a fraction."""
    return isinstance(value, Rational) and value.q > 9 and set(sympy.factorint(value.q)) <= {2, 5}
