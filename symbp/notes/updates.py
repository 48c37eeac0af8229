"""The updates of the parameters: the optimizer's rule, its states, settings and schedule, printed from its program."""

from __future__ import annotations

from sympy import Expr, Symbol

from symbp.calculus.program import Program, name_of
from symbp.calculus.text import expression_text
from symbp.network.derivation import schedule_program
from symbp.network.layers import Optimizer, Training
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, joined
from symbp.notes.iterations import as_next, named_in_update
from symbp.notes.latex import index_latex
from symbp.notes.lettering import letter, literal
from symbp.notes.writer import Writer

_LETTERS = {
    "beta1": r"\beta_{1}", "beta2": r"\beta_{2}", "eps": r"\varepsilon", "momentum": r"\mu", "alpha": r"\alpha",
    "weight_decay": r"\lambda", "lr_decay": r"\kappa", "gamma": r"\gamma", "step_size": "s", "t_max": "T",
    "eta_min": r"\eta_{\min}", "theta": r"\theta", "g": "g", "m": "m", "v": "v", "s": "s", "t": "t",
}  # fmt: skip
_ARROW = Math(r"\leftarrow", "<-")
_MOST_LISTED = 8


def updates(writer: Writer, most: int = _MOST_LISTED) -> list[Block]:
    """How the parameters change after a backward pass; more than so many are not listed one by one."""
    d = writer.derivation
    program, training = d.updates, d.map.training
    parameters = [p.tensor for p in d.map.parameters]
    if training is None or not parameters:
        return []
    states = [t.name for t in program.declared if t.role == "state"]
    kind = training.optimizer.kind
    blocks: list[Block] = [Heading(1, (f"Updates: {kind.words or kind.name}",))]
    if not states and len(parameters) <= most:
        rows = []
        for t in parameters:
            rows += as_next(_rows(writer, program, named_in_update(writer, t.name)), writer, t.name)
        blocks += [Paragraph(("After every backward pass, one step against the gradient:",)), Display(tuple(rows))]
    else:
        g = Math(f"g = {writer.symbols.partial(chr(92) + 'theta')}", f"g = d{writer.text_loss}/dtheta")
        every = (
            joined([(writer.whole(t.name),) for t in parameters])
            if len(parameters) <= _MOST_LISTED
            else ("all parameters",)
        )
        blocks.append(
            Paragraph(("For every entry ", Math(r"\theta", "theta"), " of ", *every, ", with its gradient ", g, ":"))
        )
        blocks.append(Display(tuple(_rows(writer, program, {}))))
        if states:
            counted = any(name_of(symbol) == "t" for s in program for symbol in s.body.atoms(Symbol))
            count: Inline = ("; ", Math("t", "t"), " counts the updates from 1") if counted else ()
            its = joined([(_symbol(writer, s),) for s in states])
            blocks.append(Paragraph(("Every entry has its own ", *its, ", 0 at the start", *count, ".")))
    return [*blocks, *_settings(writer, training.optimizer), *_factor(writer, training)]


def _factor(writer: Writer, training: Training) -> list[Block]:
    """The remark that a whole number in front of every gradient may go into the learning rate."""
    d = writer.derivation
    read = {name for s in d.backward.statements for name in s.reads}
    errors = [s for s in d.backward.statements if s.target.name in read and s.target.name not in writer.trivial]
    if not errors or training.objective.regularization or training.optimizer.kind.name != "sgd":
        return []
    factor = writer.put_in(errors[0].body).as_coeff_Mul()[0]
    if not factor.is_Integer or factor < 2:
        return []
    rate, error = Math(writer.rate, "lr"), writer.whole(errors[0].target.name)
    two = Math(str(factor), str(factor))
    return [Paragraph(("The ", two, " in ", error, " stands in front of every gradient and may go into ", rate, "."))]


def update_rows(writer: Writer, entry: Math | None = None) -> list[Row]:
    """The optimizer's rule for one `entry` of a parameter: for theta with the gradient g where there is none, or where the rule
    keeps states and so is long."""
    program = writer.derivation.updates
    if entry is None or any(t.role == "state" for t in program.declared):
        return _rows(writer, program, {})
    slope = Math(writer.symbols.partial(entry.latex), f"d{writer.text_loss}/d{entry.text}")
    return _rows(writer, program, {"theta": entry, "g": slope})


def _rows(writer: Writer, program: Program, named: dict[str, Math]) -> list[Row]:
    return [Row(_printed(writer, s.left, named), _printed(writer, s.body, named), sign=_ARROW) for s in program]


def _symbol(writer: Writer, name: str, named: dict[str, Math] | None = None) -> Math:
    base = name.removesuffix("_next")
    if named and base in named:
        return named[base]
    if base in ("lr", "lr_t"):
        return Math(writer.rate + ("_{t}" if base == "lr_t" else ""), base)
    return Math(_LETTERS.get(base) or letter(base), base)


def _printed(writer: Writer, expr: Expr, named: dict[str, Math]) -> Math:
    """An expression of the update rule; what is computed is written like the state that it replaces."""
    symbols = {s: _symbol(writer, name_of(s), named) for s in expr.atoms(Symbol)}
    latex = expr.xreplace({s: literal(m.latex) for s, m in symbols.items()})
    text = expr.xreplace({s: Symbol(m.text, real=True) for s, m in symbols.items()})
    return Math(index_latex(latex, writer.symbols), expression_text(text))


def _settings(writer: Writer, optimizer: Optimizer) -> list[Block]:
    values = {**optimizer.settings, **optimizer.schedule_settings}
    parts: list[Inline] = []
    for name, value in values.items():
        symbol = _symbol(writer, name)
        parts.append((Math(rf"{symbol.latex} = {_decimal(value)}", f"{symbol.text} = {value}"),))
    blocks: list[Block] = [Paragraph(("Settings: ", *joined(parts, last=", "), "."))] if parts else []
    if optimizer.schedule.name != "constant":
        schedule = schedule_program(optimizer)
        rows = tuple(Row(_printed(writer, s.left, {}), _printed(writer, s.body, {})) for s in schedule)
        name = optimizer.schedule.name
        blocks += [
            Paragraph(("The learning rate of epoch ", Math("t", "t"), f" = 0, 1, ... ({name} schedule):")),
            Display(rows),
        ]
    return blocks


def _decimal(value: object) -> str:
    text = str(value)
    if "e" in text:
        front, _, power = text.partition("e")
        return (rf"{front} \cdot " if front != "1" else "") + f"10^{{{int(power)}}}"
    return text
