"""Outputs that are coupled: softmax alone with its Jacobian; and the pairs of output and loss that have the same delta."""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Expr

from symbp.calculus.contract import contract
from symbp.calculus.indices import Axis, Index
from symbp.calculus.matrix.read import read_matrix
from symbp.calculus.passes import VALUE, derivative_of
from symbp.calculus.program import Partial, Statement, Tensor
from symbp.calculus.recognise_named import Names
from symbp.calculus.reductions import rewrite
from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, Table
from symbp.notes.expand import expanded
from symbp.notes.reading import readable
from symbp.notes.writer import Writer

PAIRS = (("linear", "sse"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy"))
"""Output layers with the losses that belong to them: least squares, and the log-likelihoods of two and of many classes."""


def jacobian(writer: Writer) -> list[Block]:
    """Softmax alone: every output depends on every pre-activation, and how."""
    d = writer.derivation
    found = [s for s in d.forward if s.label == "softmax" and len(s.target.axes) == 1]
    if not found or writer.notation.patterns:
        return []
    s = found[-1]
    axis, below = s.target.axes[0], d.forward.tensors[s.reads[0]]
    i, j = _two(writer, axis)
    slope = _slope(s, below, i, j)
    left = writer.index(Partial(s.target[(i,)], below[(j,)]), (i, j))
    rows = [Row(left, writer.index(slope, (i, j)), ("the quotient rule",))]
    split = Statement(Tensor("jacobian", (axis, axis)), (i, j), sympy.expand(slope))
    m = read_matrix(split, writer.symbols.orient, "columns", d.program)
    if m is not None and readable(m):
        name, of = writer.whole(s.target.name), writer.whole(below.name)
        whole = Math(rf"\frac{{\partial {name.latex}}}{{\partial {of.latex}}}", f"d{name.text}/d{of.text}")
        rows.append(Row(whole, writer.matrix(m), ("the Jacobian, as a matrix",)))
    own, other = (writer.index(e, (i, j)) for e in (_chosen(slope, 1).xreplace({j: i}), _chosen(slope, 0)))
    g = writer.notation.activation
    slope_of_one = Math(f"{g}'", "g'") if g else "slope"
    p, z = (writer.index(t[(i,)], (i, j)) for t in (s.target, below))
    left_i, right_i = writer.statement(s)
    return [
        Heading(1, ("Softmax alone",)),
        Paragraph((
            "Softmax divides by a sum over all units, so every ", p, " depends on every entry of ", writer.whole(below.name),
            ", and not on ", z, " alone. There is no ", slope_of_one, " for one unit; there is a matrix of derivatives:",
        )),
        Display((Row(left_i, right_i, ("the outputs are positive and sum to one",)), *rows)),
        Paragraph((
            "On the diagonal stands ", own, ", and ", other, " everywhere else: what one output gains the others lose. "
            "The matrix "
            "is symmetric, and its columns sum to zero.",
        )),
    ]  # fmt: skip


def _two(writer: Writer, axis: Axis) -> tuple[Index, Index]:
    """Two units of a layer under letters of their own, also where a notation has one letter for that layer."""
    i, j = (writer.symbols.free(Index(letter, axis)) for letter in "ij")
    return i, j if j != i else Index(next(c for c in writer.symbols.alphabet if c != i.name), axis)


def _slope(s: Statement, below: Tensor, i: Index, j: Index) -> Expr:
    """The derivative of one output of a layer by one of its inputs, in terms of the outputs."""
    names = Names([s])
    return names.fold(contract(names.fold(s.at((i,)).diff(below[(j,)]))))


def _chosen(expr: Expr, value: int) -> Expr:
    """The expression with its Kronecker deltas 1, or 0."""
    return rewrite(expr, lambda e: sympy.Integer(value) if isinstance(e, sympy.KroneckerDelta) else e)


def is_pair(writer: Writer) -> bool:
    """Whether the last layer and the loss of a network are one of the pairs, in a notation that has letters for each."""
    d = writer.derivation
    mine, goal = d.forward.definitions.get("yhat"), d.map.training
    if mine is None or goal is None or writer.notation.patterns or writer.notation.layers or not d.map.depth or d.batch:
        return False
    return (mine.label.replace("identity", "linear"), goal.objective.loss.name) in PAIRS


def pairs(writer: Writer) -> list[Block]:
    """The three pairs of output and loss whose delta is the same, where the network has one of them."""
    if not is_pair(writer):
        return []
    rows = [_pair(writer, output, loss) for output, loss in PAIRS]
    head: tuple[Inline, ...] = (("output",), ("loss of one example",), ("by the output",), ("slope",), ("delta",))
    return [
        Heading(1, ("Three pairs, one delta",)),
        Paragraph((
            "The last layer and the loss of this network are one of three pairs in which the derivative of the loss and "
            "the slope of "
            "the output cancel to the same error, the output minus the target:",
        )),
        Table(head, tuple(rows)),
        Paragraph((
            "So the same rule, error times input, trains linear regression, the binary classifier and the multinomial "
            "one. Targets "
            "of classes are one-hot: 1 for the class that it is and 0 for all others, so that they sum to one:",
        )),
        _one_hot(writer),
        *_two_classes(writer),
    ]  # fmt: skip


def _pair(writer: Writer, output: str, loss: str) -> tuple[Inline, ...]:
    of = small(f"2-3:{output}", loss)
    w = _as_last(writer, of)
    backward = of.backward
    trace = backward.traces[backward.adjoint["yhat"]]
    error = Statement(trace.target, trace.indices, trace.body)
    delta = backward.of("z1")
    s = of.forward.definitions["yhat"]
    matrix = w.reading(delta)
    assert matrix is not None
    loss_body = w.statement(of.forward.definitions["J"])[1]
    slope = _output_slope(w, s)
    return ((output,), (loss_body,), (w.statement(error)[1],), (slope,), (w.matrix(matrix),))


@lru_cache(maxsize=8)
def small(arch: str, loss: str) -> Derivation:
    """The derivation of one of the small networks that stand for all of their kind."""
    return derive(Network.parse(arch, loss=loss))


def _as_last(writer: Writer, of: Derivation) -> Writer:
    """The writer of a network with one layer, which has the number of the page's last one where its letters show it."""
    shown = writer.symbols.layer(writer.derivation.map.depth)
    return Writer(of, writer.notation, {} if writer.symbols.as_layer("yhat") == "yhat" else {1: shown})


def _output_slope(w: Writer, s: Statement) -> Math:
    """The derivative of the output by the pre-activation, in terms of the output."""
    program = w.derivation.forward
    function = program.function.get(s.label)
    axis, below = s.target.axes[0], program.tensors[s.reads[0]]
    i, j = _two(w, axis)
    if function is None:
        return w.index(_slope(s, below, i, j), (i, j))
    form = derivative_of(function)
    assert form is not None
    return w.index(form.xreplace({VALUE: s.target[(i,)]}), (i,))


def _one_hot(writer: Writer) -> Table:
    """The targets of three classes."""
    y = writer.notation.letter("y")
    head: tuple[Inline, ...] = (("class",), *((Math(f"{y}_{{{k}}}", f"y[{k}]"),) for k in (1, 2, 3)))
    rows = tuple(((f"{k}",), *((("1" if k == c else "0"),) for c in (1, 2, 3))) for k in (1, 2, 3))
    return Table(head, rows)


def _two_classes(writer: Writer) -> list[Block]:
    """For two classes the categorical cross-entropy is the binary one: derived, by the targets and the outputs summing to one."""
    many, two = small("2-2:softmax", "cross_entropy"), small("2-1:sigmoid", "binary_cross_entropy")
    w = _as_last(writer, many)
    s = many.forward.definitions["J"]
    written = expanded(s.body, many.map.sizes)
    y, yhat = (many.forward.tensors[n] for n in ("y", "yhat"))
    first, second = sympy.Integer(0), sympy.Integer(1)
    one = written.xreplace({t[(second,)]: 1 - t[(first,)] for t in (y, yhat)})
    binary = expanded(two.forward.definitions["J"].body, two.map.sizes)
    there = {two.forward.tensors[n][(first,)]: t[(first,)] for n, t in (("y", y), ("yhat", yhat))}
    if one != binary.xreplace(there):
        return []
    start = w.statement(s, limits=not w.generic)[1]
    rows = (
        Row(start, w.index(written), ("written out",)),
        Row(None, w.index(one), ("the targets sum to one, and the outputs",)),
    )
    return [
        Paragraph(("For two classes the categorical cross-entropy is the binary one, of the first class:",)),
        Display(rows),
    ]
