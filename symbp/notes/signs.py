"""The signs that a page explains because they stand on it: products and quotients by element, indicators, ones, lengths."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from symbp.notes.blocks import Block, Inline, Math, formulas


def explained(
    page: Sequence[Block],
    layer: str = "k",
    arrays: bool = True,
    hadamard: str = r"\odot",
    width: str = "n",
    z: str = "z",
    axes: Container[str] = (),
) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
    """What is said of the signs on a page: for every format, and for plain text alone; `layer` is the letter of a layer,
    `arrays` says whether there are formulas of whole arrays, `hadamard` is the sign of the product of elements, `width` the
    letter of the number of units, `z` that of a function's argument, and `axes` the axes whose
    lengths are named by them."""
    shown = [*formulas(page)]
    latex, text = "\n".join(m.latex for m in shown), "\n".join(m.text for m in shown)
    items: list[Inline] = []
    plain: list[Inline] = []
    products: Inline = (Math(hadamard, "*"), " is the elementwise (Hadamard) product")
    if r"\oslash" in latex:
        products = (*products, ", ", Math(r"\oslash", "/"), " the elementwise quotient")
    if arrays:
        items.append((*products, "."))
    if r"\mathrm{id}" in latex:
        slope = Math(rf"\mathrm{{id}}'({z}) = 1", "identity'(z) = 1")
        items.append((Math(rf"\mathrm{{id}}({z}) = {z}", "identity(z) = z"), " is the identity, so ", slope, "."))
    deltas = re.search(r"\\mathbf\{1\}\[[a-z]\w* = [a-z]\w*\]", latex) is not None
    steps = re.search(r"\bstep\(", text) is not None
    positive = Math(f"{z} > 0", "z > 0")
    if steps and not deltas:
        items.append(
            (Math(rf"\mathbf{{1}}[{positive.latex}]", "step(z)"), " is 1 where ", positive, " and 0 elsewhere.")
        )
    elif r"\mathbf{1}[" in latex:
        delta: Inline = (", so ", Math(r"\mathbf{1}[i = k]", "[i = k]"), " is the Kronecker delta") if deltas else ()
        condition = Math(r"\mathbf{1}[\,\cdot\,]", "[...]")
        items.append((condition, " is 1 where the condition holds and 0 elsewhere", *delta, "."))
        plain += [("step(z) is 1 where z > 0 and 0 elsewhere.",)] if steps else []
    if re.search(r"\w\[[^\]\[=<]*[+*-]", text):
        items.append(("Indices count from 0, and what is read outside of an array is 0; a maximum leaves it out.",))
    if re.search(r"\\mathbf\{1\}(?!\[)", latex):
        items.append((Math(r"\mathbf{1}", "ones(n)"), " is, among vectors, the vector of ones."))
    if re.search(r"\bn\d+\b", text):
        length = Math(f"{width}_{{{layer}}}", f"n<{layer}>")
        plain.append((length, f" is the number of units of layer {layer} (n0 that of the input)."))
    plain += [
        (f"N_{axis} is the length of the axis {axis}.",)
        for axis in dict.fromkeys(re.findall(r"\bN_(\w+)\b", text))
        if axis in axes
    ]
    return tuple(items), tuple(plain)
