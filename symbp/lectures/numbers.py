"""A page with the numbers of one example carried through its lines, one update, and the gradients by differences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sympy import Expr, Indexed, Integer, Symbol, log

from symbp.calculus.functions import xlogy
from symbp.calculus.program import Statement, indices_of, name_of
from symbp.lectures.arithmetic import (
    APPROX,
    EQUALS,
    Arithmetic,
    array,
    digits,
    in_a_row,
    is_exact,
    is_plain,
    numbers_of,
    sign_of,
)
from symbp.lectures.given import Array, Given
from symbp.lectures.tables import examples_table, one_hot_table, softmax_tables
from symbp.lectures.worked import Worked
from symbp.network.derivation import Derivation
from symbp.notes.blocks import (
    Beside,
    Block,
    Boxed,
    Display,
    Folded,
    Heading,
    Inline,
    Math,
    Page,
    Paragraph,
    Row,
    Table,
    flat,
)
from symbp.notes.expand import expanded, placed
from symbp.notes.layout import width
from symbp.notes.one_weight import Way, along
from symbp.notes.updates import update_rows
from symbp.notes.writer import Writer

_LINE = 76.0  # letters in a line of the page
_MOST_IN_A_COLUMN = 3  # tensors: the table of more of them is printed in two


def with_numbers(page: Page, derivation: Derivation, writer: Writer, values: Given) -> Page:
    """The page with a value below every equation that says of what it is one, and sections of its own: the given numbers, and
    where it has derivatives one update and the check by differences.

    Raises
    ------
    InputError : where a value is not finite
    """
    worked = Worked(derivation, values)
    carried = _Carried(worked, writer, frozenset(_written_out(page.blocks)))
    blocks = [carried.block(b) for b in page.blocks]
    at = _first_section(page.blocks)
    after = [*softmax_tables(worked, writer), *examples_table(worked, writer)]
    if {s.target.name for s in derivation.backward.statements} & {*_said(page.blocks)}:
        after += [*_update(worked, writer), *_check(worked, writer)]
    return replace(page, blocks=(*blocks[:at], *_given(worked, writer), *blocks[at:], *after))


def _written_out(blocks: Iterable[Block]) -> Iterable[str]:
    """The tensors that a page has element by element, whose values stand there."""
    return (r.of for r in _valued(blocks) if r.at is not None)


def _said(blocks: Iterable[Block]) -> Iterable[str]:
    """The tensors of which a page has equations."""
    return (r.of for r in _valued(blocks))


def _valued(blocks: Iterable[Block]) -> Iterable[Row]:
    """The rows that say of what they are the value."""
    return (r for b in flat(blocks) if isinstance(b, Display) for r in b.rows if r.of)


def _first_section(blocks: Sequence[Block]) -> int:
    """Where the section begins that has the first value."""
    holds = (
        k for k, b in enumerate(blocks) if any(isinstance(x, Display) and any(r.of for r in x.rows) for x in flat([b]))
    )
    first = next(holds, len(blocks))
    heads = [k for k, b in enumerate(blocks[: first + 1]) if isinstance(b, Heading) and b.level == 1]
    return heads[-1] if heads else first


@dataclass(frozen=True)
class _Carried:
    """Puts values below equations, each tensor's and each element's once a page."""

    worked: Worked
    writer: Writer
    written_out: frozenset[str]
    said: set[tuple[str, tuple[int, ...] | None]] = field(default_factory=set)

    def block(self, b: Block) -> Block:
        match b:
            case Display():
                return Display(tuple(self._rows(b.rows)))
            case Boxed() | Folded():
                return replace(b, blocks=tuple(map(self.block, b.blocks)))
            case Beside():
                return Beside(tuple(tuple(map(self.block, c)) for c in b.columns))
        return b

    def _rows(self, rows: Sequence[Row]) -> Iterable[Row]:
        for (of, at), its in itertools.groupby(rows, key=lambda r: (r.of, r.at)):
            group = [*its]
            yield from group
            if group[-1].ways and of in self.worked.values and at is not None:
                yield self._along(of, at, group[-1].ways)
            known = of in self.worked.values and not (at is None and of in self.written_out)
            if known and (of, at) not in self.said:
                self.said.add((of, at))
                yield value_row(self.writer, of, self.worked.values[of]) if at is None else self._put_in(of, at)

    def _along(self, of: str, at: tuple[int, ...], ways: Sequence[Way]) -> Row:
        """Products along ways to the loss, with numbers in the places of their letters, and their sum."""
        formula = along(ways, Arithmetic.of(self.writer, self.worked.values).put, r" \cdot ")
        end = digits(float(self.worked.values[of][at]))
        return Row(
            None, Math(rf"{formula.latex} \approx {end.latex}", f"{formula.text} {APPROX.text} {end.text}"), sign=APPROX
        )

    def _put_in(self, of: str, at: tuple[int, ...]) -> Row:
        """An equation of one element with numbers in the places of its letters, and its value."""
        values = self.worked.values
        s, value = self.worked.derivation.program.definitions[of], float(values[of][at])
        sizes = self.worked.derivation.map.sizes
        body = placed(expanded(self.writer.put_in(s.body), sizes), s.indices, tuple(map(Integer, at)), sizes)
        formula, end = Arithmetic.of(self.writer, values).put(body), digits(value)
        exact = is_plain(formula.latex) and all(is_exact(v) for v in (value, *numbers_of(body, values)) if v != 0)
        sign = EQUALS if exact and value != 0 else APPROX
        forms = {m.latex: m for m in (formula, *self._without_targets(of, body), end)}
        latex, text = (f" {s} ".join(part) for s, part in zip(
            (sign.latex, sign.text), ([*forms], [m.text for m in forms.values()]), strict=True
        ))  # fmt: skip
        return Row(None, Math(latex, text), sign=sign)

    def _without_targets(self, of: str, body: Expr) -> list[Math]:
        """A logarithmic loss without the terms that a target of 0 leaves out: ``-ln 0.2``."""
        d = self.worked.derivation
        if of != d.backward.loss or not body.has(xlogy):
            return []
        values = self.worked.values
        y = {e: values["y"][tuple(map(int, indices_of(e)))] for e in body.atoms(Indexed) if name_of(e) == "y"}
        if not all(v in (0, 1) for v in y.values()):
            return []
        short = body.xreplace({e: Integer(int(v)) for e, v in y.items()})
        short = short.replace(xlogy, lambda a, b: Integer(0) if a == 0 else a * log(b))
        return [Arithmetic.of(self.writer, values).put(short)]


def value_row(writer: Writer, of: str, value: Array) -> Row:
    """The row that states the value of a tensor, below its equation; where a notation has elements alone, theirs."""
    sign, tensor = sign_of(*value.ravel().tolist()), writer.symbols.tensors[of]
    if not writer.notation.patterns or not value.ndim:
        return Row(None, shown(writer, of, value), sign=sign)
    letters = [Math(c, c) for c in map(writer.symbols.preferred.__getitem__, tensor.axes)]
    if value.ndim == 1:
        return Row(None, in_a_row(value), ("for ", letters[0], f" from 1 to {len(value)}"), sign=sign)
    return Row(None, shown(writer, of, value), (letters[0], " counts rows, ", letters[1], " columns"), sign=sign)


def shown(writer: Writer, name: str, value: Array) -> Math:
    """The value of a tensor as the page displays it."""
    tensor = writer.symbols.tensors[name]
    places = writer.symbols.orient(tensor) if 1 <= len(tensor.axes) <= 2 else (0, None)
    return array(value, places)


def _given(worked: Worked, writer: Writer) -> list[Block]:
    """The numbers that the example starts from."""
    many = worked.given.examples
    said = f"The numbers are {worked.given.said}"
    said += f"; the first of {len(many)} examples is worked out. " if many else ". "
    said += "Values are shown to four significant digits, and carried on with all of theirs."
    blocks: list[Block] = [Heading(1, ("The numbers of the example",)), Paragraph((said,))]
    return [*blocks, *given_table(worked, writer), *one_hot_table(worked, writer)]


def given_table(worked: Worked, writer: Writer) -> list[Block]:
    """The given numbers as a table."""
    arrays = worked.given.arrays
    return _columns([((writer.whole(n),), (shown(writer, n, a),)) for n, a in arrays.items()])


def _columns(cells: list[tuple[Inline, ...]]) -> list[Block]:
    """Tensors with their values, in two columns where there are many."""
    head: tuple[Inline, ...] = (("tensor",), ("value",))
    if len(cells) <= _MOST_IN_A_COLUMN:
        return [Table(head, tuple(cells))]
    half = (len(cells) + 1) // 2
    pairs = itertools.zip_longest(cells[:half], cells[half:], fillvalue=((), ()))
    table = Table((*head, *head), tuple((*one, *other) for one, other in pairs))
    return [table if _fits(table) else Table(head, tuple(cells))]


def _fits(table: Table) -> bool:
    """Whether the columns of a table have room beside one another."""
    rows = (table.head, *table.rows)
    wide = [max(_width(row[c]) for row in rows) for c in range(len(table.head))]
    return sum(wide) + 2 * len(wide) <= _LINE


def _width(cell: Inline) -> float:
    return sum(width(p.latex) if isinstance(p, Math) else len(str(p)) for p in cell)


def _update(worked: Worked, writer: Writer) -> list[Block]:
    """One update by the optimizer's rule: its arithmetic for one entry, every parameter before and after, and the loss."""
    d = worked.derivation
    if d.map.training is None or not d.map.parameters:
        return []
    kind = d.map.training.optimizer.kind
    first = d.map.parameters[0].tensor
    entry = writer.index(first[tuple(Integer(0) for _ in first.axes)])
    rows: list[Row] = []
    for row, s in zip(update_rows(writer, entry), d.updates, strict=True):
        rows += [row, _one_update(worked, writer, s)]
    cells: list[tuple[Inline, ...]] = []
    for p in d.map.parameters:
        name = p.tensor.name
        its = (worked.values[name], worked.values[d.backward.adjoint[name]], worked.updated[name])
        cells.append(((writer.whole(name),), *((shown(writer, name, a),) for a in its)))
    table = Table((("parameter",), ("before",), ("gradient",), ("after",)), tuple(cells))
    if not _fits(table):
        table = Table((("parameter",), ("after",)), tuple((row[0], row[-1]) for row in cells))
    loss = Math(writer.symbols.loss, writer.text_loss)
    was, now = digits(worked.loss), digits(worked.loss_after)
    change = "smaller" if worked.loss_after < worked.loss else "not smaller: the step is too long, or the slope is 0"
    return [
        Heading(1, (f"One update: {kind.words or kind.name}",)),
        Paragraph(("The rule with the numbers of the first entry, ", entry, ":")),
        Display(tuple(rows)),
        Paragraph(("So for every parameter:",)),
        table,
        Paragraph(("The loss ", loss, " of the example was ", was, " and is ", now, f": {change}.")),
    ]


def _one_update(worked: Worked, writer: Writer, s: Statement) -> Row:
    """A line of the optimizer's rule with numbers."""
    values = worked.first_update
    settings = {x: Symbol(f"A_{name_of(x)}", real=True) for x in s.body.atoms(Symbol) if name_of(x) in worked.settings}
    named = {**values, **{name_of(x): values[n] for n, x in ((name_of(k), v) for k, v in settings.items())}}
    formula = Arithmetic.of(writer, named).put(s.body.xreplace(settings))  # settings stand in front, as in the rule
    end = digits(values[s.target.name])
    if formula.latex == end.latex:
        return Row(None, end, sign=APPROX)
    return Row(None, Math(rf"{formula.latex} \approx {end.latex}", f"{formula.text} ≈ {end.text}"), sign=APPROX)


def _check(worked: Worked, writer: Writer) -> list[Block]:
    """Gradients beside difference quotients, which know nothing of the derivation."""
    found = worked.differences
    if not found:
        return []
    loss = Math(writer.symbols.loss, writer.text_loss)
    quotient = Math(
        rf"\frac{{{loss.latex}(w + h) - {loss.latex}(w - h)}}{{2h}}", f"({loss.text}(w + h) - {loss.text}(w - h))/(2h)"
    )
    cells: list[tuple[Inline, ...]] = []
    for x in found:
        tensor = writer.symbols.tensors[x.name]
        name = writer.index(tensor[tuple(map(Integer, x.at))])
        cells.append(((name,), (digits(x.derived),), (digits(x.quotient),)))
    count = f"{len(found)} of the {worked.weights} parameters" if len(found) < worked.weights else "every parameter"
    said: Inline = (
        f"For {count} ", Math("w", "w"), ", the derivative that was derived and the central difference ", quotient,
        " with a small ", Math("h", "h"), ", which needs two forward passes each and no derivation:",
    )  # fmt: skip
    return [
        Heading(1, ("Checked by differences",)),
        Paragraph(said),
        Table((("parameter",), ("gradient",), ("difference quotient",)), tuple(cells)),
        Paragraph(_agreement([x.derived for x in found], [x.quotient for x in found])),
    ]


def _agreement(derived: Sequence[float], quotients: Sequence[float]) -> Inline:
    """How far gradients and quotients are apart, in words."""
    far = float(np.max(np.abs(np.array(derived) - np.array(quotients))))
    if far == 0:
        return ("They agree in every digit of a float.",)
    power = math.ceil(math.log10(far))
    return ("No two of them differ by more than ", Math(f"10^{{{power}}}", f"1e{power}"), ".")
