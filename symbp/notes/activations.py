"""What the activations are, and what their derivatives are: from their definitions, by SymPy."""

from __future__ import annotations

from sympy import Expr, Symbol

from symbp.calculus import functions as f
from symbp.calculus.passes import derivative_of
from symbp.calculus.primitives import BY_HEAD
from symbp.calculus.program import ScalarFunction
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, chained, joined
from symbp.notes.writer import Writer

VALUE = Symbol("a", real=True)
"""What :func:`derivative_of` calls the value g(z)."""


def explicit(definition: Expr) -> Expr | None:
    """The textbook form of a function that has a name of its own in the calculus."""
    row = BY_HEAD.get(type(definition))
    return None if row is None or row.textbook is None else row.textbook(*definition.args)


def activations(writer: Writer) -> list[Block]:
    """The definitions and derivatives of the scalar functions in use, and softmax in index form."""
    rows: list[Row] = []
    coupled = [s for s in writer.derivation.forward if s.label in ("softmax", "log_softmax")]
    for name in dict.fromkeys(s.label for s in coupled):
        left, right = writer.statement(next(s for s in coupled if s.label == name))
        rows.append(Row(left, right, (name.replace("_", " "),)))
    functions = [g for g in writer.derivation.forward.functions if g.name != "identity"]
    for g in functions:
        rows += definition(writer, g)
    if not rows:
        return []
    where: list[Block] = []
    forms = [form for form in map(derivative_of, functions) if form is not None]
    if any(form.has(VALUE) for form in forms):
        where.append(Paragraph(_value(writer, functions)))
    kinks = _kinks(forms)
    where += [Paragraph(kinks)] if kinks else []
    said_first = Paragraph(("The derivatives are SymPy's, of the definitions that stand beside them:",))
    return [Heading(1, ("Activations and their derivatives",)), said_first, Display(tuple(rows)), *where]


def _value(writer: Writer, functions: list[ScalarFunction]) -> Inline:
    a, z = (writer.convention.symbols.get(n, n) for n in "az")
    if len(functions) > 1:
        said: Inline = (Math(a, a), " is the activation's value at ", Math(z, z), ", which")
    else:
        name = functions[0].name
        said = (Math(f"{a} = {writer.symbols.function(name)}({z})", f"{a} = {name}({z})"), " is the value that")
    return ("Here ", *said, " the forward pass has computed already.")


def _kinks(forms: list[Expr]) -> Inline:
    """What the derivatives are where a function has a kink; nothing where none has."""
    step, sign = (any(form.has(kind) for form in forms) for kind in (f.step, f.sgn))
    set_: list[Inline] = [(Math(r"\mathbf{1}[0 > 0] = 0", "step(0) = 0"),)] if step else []
    set_ += [(Math(r"\mathrm{sign}(0) = 0", "sign(0) = 0"),)] if sign else []
    if not set_:
        return ()
    return ("Where a function has a kink, its derivative there is set by convention: ", *joined(set_), ".")


def definition(writer: Writer, g: ScalarFunction) -> list[Row]:
    """The rows that say what a scalar function and its derivative are."""
    if g.definition is None:
        return []
    z = writer.convention.symbols.get("z", "z")
    short, own = writer.symbols.function(g.name), writer.symbols.own_name(g.name)
    left = Math(f"{short}({z})", f"{g.name}({z})")
    body, textbook = writer.scalar(g.definition), explicit(g.definition)
    forms = [Math(f"{own}({z})", f"{g.name}({z})"), body, *([writer.scalar(textbook)] if textbook is not None else [])]
    kept = [m for k, m in enumerate(forms) if m.latex not in [left.latex, *(n.latex for n in forms[:k])]] or forms[-1:]
    texts = [m.text for m in kept if m.text != left.text]
    said = [m for m in kept if m.latex != left.latex]  # tanh(z) = tanh(z) says nothing
    rows = [Row(left, Math(chained(said).latex, " = ".join(texts) or left.text))] if said else []
    prime = Math(f"{short}'({z})", f"{g.name}'({z})")
    folded = derivative_of(g)
    assert folded is not None
    first = (textbook if textbook is not None else g.definition).diff(f.Z)
    forms = [writer.scalar(e) for e in ([first, folded] if textbook is not None or folded.has(VALUE) else [folded])]
    if forms[0] == forms[-1]:
        forms = forms[-1:]
    rows += [Row(prime if k == 0 else None, form) for k, form in enumerate(forms)]
    return rows


def derivative_row(writer: Writer, g: ScalarFunction) -> Math:
    """``g'(z) = ...`` in one formula, in terms of a = g(z) where that is shorter."""
    z = writer.convention.symbols.get("z", "z")
    form = derivative_of(g)
    assert form is not None
    right = writer.scalar(form)
    return Math(f"{writer.symbols.function(g.name)}'({z}) = {right.latex}", f"{g.name}'({z}) = {right.text}")
