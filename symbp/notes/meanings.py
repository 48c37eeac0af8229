"""What the symbols of a page stand for, in words and with their shapes, and how they are recognised in a printed formula."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sympy import Symbol

from symbp.calculus.program import Tensor
from symbp.notes.arguments import told
from symbp.notes.blocks import Math, Meaning
from symbp.notes.layers import runs
from symbp.notes.writer import Writer

_ROLES = {
    "z": "the pre-activation of layer {}", "a": "the activation of layer {}", "W": "the weights of layer {}",
    "b": "the biases of layer {}",
}  # fmt: skip
_SINGLE = {"x": "the input", "y": "the target", "yhat": "the prediction"}
_OTHERS = {
    "parameter": "a parameter", "input": "an input", "target": "a target", "value": "an intermediate value",
    "constant": "a constant", "state": "a statistic", "noise": "drawn anew for every example",
}  # fmt: skip
_HOLE = "\N{ASTERISM}"
"""Stands for an index: no name of a page has it."""
_SCRIPT = r"(?:[^{}]|\{[^{}]*\})+?"


def meanings(writer: Writer) -> tuple[Meaning, ...]:
    """What every tensor of a derivation is; layers that stand for several are there with the letter of a layer too."""
    found: dict[str, Meaning] = {}
    for w in _writers(writer):
        for t in w.derivation.program.tensors.values():
            for m in _of(w, t):
                found.setdefault(m.symbol.latex, m)
    return tuple(sorted(found.values(), key=lambda m: -len(m.pattern)))


def _writers(writer: Writer) -> Iterator[Writer]:
    """The writer, and those of layers k, k-1 and k+1."""
    yield writer
    if writer.derivation.map.depth and not writer.notation.patterns:
        alike = runs(writer.derivation, writer.symbols)
        number = alike[0].shown if alike else min(2, writer.derivation.map.depth)
        yield replace(writer, generic={number - 1: "k-1", number: "k", number + 1: "k+1"})


def _of(writer: Writer, t: Tensor) -> Iterator[Meaning]:
    """A tensor as a whole, and one element of it: both have one meaning, under the whole's letter."""
    if not writer.symbols.lettered(t.name):
        return
    number = writer.symbols.number(t.of or t.name)[1]
    if writer.generic and number not in writer.generic:
        return
    whole = writer.whole(t.name)
    element = writer.symbols.element(t.name, [Symbol(_HOLE)] * len(t.axes))
    printed = [p for p in dict.fromkeys((element, whole.latex)) if len(p) > 1 or p.isalpha()]
    known = t.axes and writer.generic.get(number or 0, "k") == "k"
    if printed:
        pattern = "|".join(map(_pattern, printed))
        yield Meaning(whole, pattern, _words(writer, t), writer.dimensions(t) if known else None)


def _pattern(printed: str) -> str:
    """A regular expression of a printed symbol: any indices where it has some, a sign of transposition beside its layer."""
    parts = re.split(rf"({_HOLE}(?:(?:, )?{_HOLE})*)", printed)
    text = "".join(_SCRIPT if k % 2 else re.escape(p) for k, p in enumerate(parts))
    text = re.sub(r"(\\\^\\\{(?:(?!\\\}).)*)\\\}", r"\1(?:\\\\top|T)?\\}", text)
    before = r"(?<![A-Za-z\\])" if printed[0].isalpha() else ""
    return rf"{before}{text}(?![A-Za-z_])"


def _words(writer: Writer, t: Tensor) -> str:
    """What a tensor is, in words."""
    if not writer.derivation.map.layers:
        return "".join(p.text if isinstance(p, Math) else str(p) for p in told(writer, t))
    if t.of:
        of = writer.derivation.program.tensors[t.of]
        name = "the error" if of.role == "value" else "the gradient"
        return f"{name}: the derivative of the loss with respect to {_words(writer, of)}"
    if t.name == writer.derivation.backward.loss:
        return "the loss"
    if t.name in writer.symbols.losses:
        return f"the loss of {writer.symbols.losses[t.name]}"
    base, number = writer.symbols.number(t.name)
    if t.name in _SINGLE:
        return _SINGLE[t.name]
    layer = "" if number is None else writer.symbols.layer(number)
    if base in _ROLES and layer:
        return _ROLES[base].format(layer)
    kind = next((s.label for s in writer.derivation.forward if s.target.name == t.name), "")
    what = f"the output of {kind.replace('_', ' ')}" if kind else _OTHERS.get(t.role, "a quantity")
    return what + (f" of layer {layer}" if layer else "")


def marked(latex: str, meanings: tuple[Meaning, ...], mark: str) -> str:
    """A formula with its symbols put into `mark`, a format with places for the number of the meaning and for the symbol."""
    if not meanings:
        return latex
    found = re.compile("|".join(f"(?P<m{k}>{m.pattern})" for k, m in enumerate(meanings)))

    def put(m: re.Match[str]) -> str:
        return mark.format((m.lastgroup or "m0")[1:], m[0])

    return found.sub(put, latex)
