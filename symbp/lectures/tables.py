"""Tables of a worked example: classes as one-hot targets, softmax beside the sigmoid, and several examples with their losses."""

from __future__ import annotations

import numpy as np

from symbp.lectures.arithmetic import array, digits, in_a_row
from symbp.lectures.worked import Worked
from symbp.notes.blocks import Block, Heading, Inline, Math, Paragraph, Table
from symbp.notes.writer import Writer

_MOST_CLASSES, _MOST_HIDDEN = 10, 4
_DECIMALS = 4


def one_hot_table(worked: Worked, writer: Writer) -> list[Block]:
    """Which target stands for which class, where classes are targets and the given one is one of them."""
    training = worked.derivation.map.training
    y = worked.given.arrays.get("y")
    if training is None or not training.objective.loss.labels or y is None or sorted(y.ravel())[-1] != 1:
        return []
    count = y.size
    if count > _MOST_CLASSES or np.count_nonzero(y) != 1:
        return []
    head: tuple[Inline, ...] = (("class",), *((f"output {k + 1}",) for k in range(count)))
    rows: list[tuple[Inline, ...]] = []
    for k in range(count):
        rows.append(((f"{k + 1}",), *((digits(float(j == k)),) for j in range(count))))
    mine = int(np.argmax(y)) + 1
    said: Inline = ("A class is a one-hot target; the example is of class ", f"{mine}:")
    return [Paragraph(said), Table(head, tuple(rows))]


def softmax_tables(worked: Worked, writer: Writer) -> list[Block]:
    """Softmax beside the sigmoid of the same pre-activations, with sums: one sums to 1, the other does not."""
    blocks: list[Block] = []
    for s in worked.derivation.forward:
        if s.label != "softmax" or len(s.target.axes) != 1:
            continue
        z_name = next(n for n in s.reads if worked.values[n].shape == worked.values[s.target.name].shape)
        z, p = worked.values[z_name], worked.values[s.target.name]
        if len(z) > _MOST_CLASSES:
            continue
        g = 1 / (1 + np.exp(-z))
        letter = writer.whole(z_name)
        head: tuple[Inline, ...] = (
            ("output",), (letter,), (Math(rf"\sigma({letter.latex})", f"sigmoid({letter.text})"),),
            (Math(rf"\mathrm{{softmax}}({letter.latex})", f"softmax({letter.text})"),),
        )  # fmt: skip
        rows: list[tuple[Inline, ...]] = [
            ((f"{k + 1}",), (digits(float(a)),), (_decimals(b),), (_decimals(c),))
            for k, (a, b, c) in enumerate(zip(z, g, p, strict=True))
        ]
        rows.append((("sum",), (), (_decimals(g.sum()),), (_decimals(p.sum()),)))
        said = "Softmax makes shares of the pre-activations, which sum to 1; sigmoids of the same numbers do not:"
        blocks += [Heading(1, ("Softmax beside the sigmoid",)), Paragraph((said,)), Table(head, tuple(rows))]
    return blocks


def _decimals(value: float) -> Math:
    """A share to four decimals, as a table has it."""
    text = f"{value:.{_DECIMALS}f}"
    return Math(text, text)


def examples_table(worked: Worked, writer: Writer) -> list[Block]:
    """Every example that was given: input, target, prediction and loss, and the mean of the losses."""
    if not worked.examples:
        return []
    hidden = [n for n in worked.derivation.map.activations.values() if n != "yhat" and n in worked.values]
    narrow = [n for n in hidden if worked.values[n].ndim == 1 and worked.values[n].size <= _MOST_HIDDEN]
    names = ("x", *(narrow if len(narrow) == len(hidden) == 1 else ()), "y", "yhat")
    loss = worked.derivation.backward.loss
    head: tuple[Inline, ...] = (*((writer.whole(n),) for n in names), (Math(writer.symbols.loss, writer.text_loss),))
    rows: list[tuple[Inline, ...]] = []
    for values in worked.examples:
        rows.append((*((_row(values[n]),) for n in names), (digits(float(values[loss])),)))
    mean = float(np.mean([v[loss] for v in worked.examples]))
    rows.append((("mean",), *((),) * (len(names) - 1), (digits(mean),)))
    return [
        Heading(1, ("Every example",)),
        Paragraph(("The forward pass of each of the given examples:",)),
        Table(head, tuple(rows)),
    ]


def _row(value: np.ndarray) -> Math:
    """A vector on one line."""
    if value.size == 1:
        return digits(float(value.flat[0]))
    if value.ndim > 1 or value.size > _MOST_CLASSES:
        return array(value, (None, 0))
    shown = in_a_row(value)
    return Math(f"({shown.latex})", f"({shown.text})")
