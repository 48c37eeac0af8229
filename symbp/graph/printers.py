"""Printers of scalar expressions, and the names of nodes: as text, in a picture's Unicode, and in LaTeX."""

from __future__ import annotations

import re

from sympy import Expr
from sympy.printing.conventions import split_super_sub
from sympy.printing.latex import LatexPrinter, translate
from sympy.printing.str import StrPrinter

from symbp.calculus.primitives import NAMES

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_GREEK = dict(zip(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega".split(),
    "αβγδεζηθικλμνξρστφχψω", strict=True,
))  # fmt: skip


class TextPrinter(StrPrinter):
    """Expressions as they are written in the index language and in Python."""

    def _print_Function(self, expr: Expr) -> str:
        return f"{NAMES.get(type(expr), type(expr).__name__)}({self.stringify(expr.args, ', ')})"

    def _print_Exp1(self, expr: Expr) -> str:
        return "exp(1)"


class PicturePrinter(TextPrinter):
    """Expressions in Unicode."""

    def _print_Symbol(self, expr: Expr) -> str:
        return picture_name(expr.name)

    def doprint(self, expr: Expr) -> str:
        """Unicode for what StrPrinter writes in ASCII."""
        text = re.sub(r"\*\*([0-9]+)", lambda m: m[1].translate(SUPERSCRIPTS), super().doprint(expr))
        return re.sub(r"\bpi\b", "π", text.replace("**", "^").replace("*", "·").replace("-", "−"))


class NodeLatexPrinter(LatexPrinter):
    """Expressions in LaTeX, with the nodes' names."""

    def _print_Symbol(self, expr: Expr, style: str = "plain") -> str:
        return latex_name(expr.name)

    def _hprint_Function(self, func: str) -> str:
        return function_name({"sgn": "sign"}.get(func, func))


def function_name(name: str) -> str:
    """A function's name in LaTeX."""
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}"


def picture_name(name: str) -> str:
    """A node's name in Unicode: ``x1`` with a subscript, ``theta`` as a letter, ``yhat`` with a hat."""
    if re.fullmatch(r"[A-Za-z]hat", name):
        return f"{name[0]}\u0302"
    found = re.fullmatch(r"([A-Za-z]+)_?([0-9]*)", name)
    return _GREEK.get(found[1], found[1]) + found[2].translate(_SUBSCRIPTS) if found else name


def latex_name(name: str) -> str:
    """A node's name in LaTeX."""
    base, _, below = split_super_sub(name)
    letter = translate(base)
    letter = rf"\mathit{{{letter}}}" if letter.isalnum() and len(letter) > 1 else letter
    return f"{letter}_{{{' '.join(translate(s) for s in below)}}}" if below else letter
