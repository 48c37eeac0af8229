r"""Pieces of the LaTeX printer: names as letters, parentheses, what an update is of, and what LaTeX has no way to write."""

from __future__ import annotations

import re

from symbp.formula.syntax import Call, Gradient, Name, Node, Read, Transpose, nodes
from symbp.notation import Notation
from symbp.verification.meaning.setting import Setting

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega".split()
)
"""Names that are Greek letters."""
TALL = (r"\frac", r"\sum", r"\left")
"""What is higher than a line."""


def updated(left: Node) -> Node:
    """What a derivative is with respect to."""
    match left:
        case Gradient():
            return Name(left.name)
        case Read(of=Gradient()):
            return Read(Name(left.of.name), left.letters)
        case Transpose():
            return Transpose(updated(left.arg))
    return left


def spelled(name: str) -> str:
    r"""A name of the network's as LaTeX: ``gamma`` is \\gamma, ``x_1`` is x_{1}."""
    accent = re.fullmatch(r"(.+)(hat|bar|tilde)", name)
    if accent:
        return rf"\{accent[2]}{{{spelled(accent[1])}}}"
    if len(name) == 1:
        return name
    if name in GREEK or name == "ell":
        return "\\" + name
    if re.fullmatch(r"cal[A-Z]", name):
        return rf"\mathcal{{{name[3]}}}"
    length = re.fullmatch(r"([a-zA-Z])_?(\d+)", name)
    return f"{length[1]}_{{{length[2]}}}" if length else rf"\mathrm{{{name}}}"


def index_letter(letter: str) -> str:
    r"""An index as LaTeX: ``ell`` is \\ell."""
    plain = letter.rstrip("'")
    return "\\" + letter if plain in GREEK or plain == "ell" else letter


def wrapped(text: str) -> str:
    """A formula in parentheses, large ones around what is tall."""
    return rf"\left({text}\right)" if any(t in text for t in TALL) else f"({text})"


def writable(notation: Notation, setting: Setting, root: Node) -> bool:
    """Whether there is LaTeX for all of a formula: an axis by its number has none, nor have whole arrays of some notations."""
    for node in nodes(root):
        if isinstance(node, Call) and node.axis is not None and node.name != "sum":
            return False
        if isinstance(node, (Name, Gradient)) and notation.patterns:
            known = setting.resolve(node.name, isinstance(node, Gradient))
            if known is not None and known.tensor.axes:
                return False
    return True
