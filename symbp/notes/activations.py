"""What the activations are, and what their derivatives are: from their definitions, by SymPy."""

from __future__ import annotations

from collections.abc import Collection

from sympy import Expr

from symbp.calculus import functions as f
from symbp.calculus.passes import derivative_of
from symbp.calculus.program import ScalarFunction
from symbp.catalogue import ACTIVATIONS
from symbp.notes.algebra import lines
from symbp.notes.algebra import textbook as explicit
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, chained, joined
from symbp.notes.brackets import wrapped
from symbp.notes.writer import VALUE, Writer


def activations(
    writer: Writer,
    *,
    worked: bool = False,
    title: str = "Activations and their derivatives",
    known: Collection[str] = (),
) -> list[Block]:
    """The definitions and derivatives of the scalar functions in use, and softmax in index form.

    `worked` shows the algebra from the derivative of the definition to its form in terms of the value, line by line; `known` are
    functions that every reader knows.
    """
    rows: list[Row] = []
    apart = ("log_softmax",) if worked else ("softmax", "log_softmax")  # a page that works things out has softmax alone
    coupled = [
        s for s in writer.derivation.forward if s.label in apart or (s.label == "softmax" and writer.notation.patterns)
    ]
    for name in dict.fromkeys(s.label for s in coupled):
        left, right = writer.statement(next(s for s in coupled if s.label == name))
        rows.append(Row(left, right, (name.replace("_", " "),)))
    applied = {a.name for s in writer.derivation.forward for a in s.body.atoms(f.Apply)}
    functions = [g for g in writer.derivation.forward.functions if g.name in applied - {"identity", *known}]
    for g in functions:
        rows += definition(writer, g, worked=worked)
    if not rows:
        return []
    where: list[Block] = []
    forms = [form for form in map(derivative_of, functions) if form is not None]
    if any(form.has(VALUE) for form in forms) and writer.names_value:
        where.append(Paragraph(_value(writer, functions)))
    kinks = _kinks(forms)
    where += [Paragraph(kinks)] if kinks else []
    said_first = Paragraph(("The derivatives are SymPy's, of the definitions that stand beside them:",))
    return [Heading(1, (title,)), said_first, Display(tuple(rows)), *where]


def _value(writer: Writer, functions: list[ScalarFunction]) -> Inline:
    a, z = writer.notation.letter("a"), writer.symbols.argument
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


def definition(writer: Writer, g: ScalarFunction, *, worked: bool = False) -> list[Row]:
    """The rows that say what a scalar function and its derivative are; `worked` as in :func:`activations`."""
    if g.definition is None:
        return []
    z, own = writer.symbols.argument, writer.symbols.own_name(g.name)
    names = letters_of(writer, g)
    left = [Math(f"{name}({z})", f"{g.name}({z})") for name in names]
    body, textbook = writer.scalar(g.definition), explicit(g.definition)
    forms = [Math(f"{own}({z})", f"{g.name}({z})"), body, *([writer.scalar(textbook)] if textbook is not None else [])]
    if textbook is not None and g.name in ACTIVATIONS:
        del forms[1]  # sigmoid is sigmoid, whose letter may be that of another layer's function here
    taken = {m.latex for m in left}
    kept = [m for k, m in enumerate(forms) if m.latex not in [*taken, *(n.latex for n in forms[:k])]] or forms[-1:]
    texts = [m.text for m in kept if m.text != left[0].text]
    said = [m for m in kept if m.latex not in taken]  # tanh(z) = tanh(z) says nothing
    right = Math(chained([*left[1:], *said]).latex, " = ".join(texts) or left[0].text)
    rows = [Row(left[0], right)] if said or left[1:] else []
    value = Math(names[0], g.name)
    if worked and len(algebra := lines(g)) > 2:
        shown = [_factors(writer, line, value) for line in algebra]
        return rows + [
            Row(_slope(writer, g) if k == 0 else None, m, why)
            for k, (m, why) in enumerate(_reasoned(writer, shown, value))
        ]
    folded = derivative_of(g)
    assert folded is not None
    first = (textbook if textbook is not None else g.definition).diff(f.Z)
    forms = [
        writer.scalar(e, value) for e in ([first, folded] if textbook is not None or folded.has(VALUE) else [folded])
    ]
    if forms[0] == forms[-1]:
        forms = forms[-1:]
    elif names[0] == own and not writer.names_value and folded.xreplace({VALUE: g.definition}) == first:
        forms = forms[:1]  # tanh^2(z) and tanh(z)^2 are the same
    return rows + [Row(_slope(writer, g) if k == 0 else None, form) for k, form in enumerate(forms)]


def _factors(writer: Writer, line: tuple[Expr, ...], value: Math) -> Math:
    """A line of algebra, its factors side by side."""
    shown = [writer.scalar(e, value) for e in line]
    if len(shown) == 1:
        return shown[0]
    latex = [wrapped(m.latex) if e.is_Add else m.latex for e, m in zip(line, shown, strict=True)]
    text = [f"({m.text})" if e.is_Add else m.text for e, m in zip(line, shown, strict=True)]
    return Math(r" \cdot ".join(latex), " * ".join(text))


def _reasoned(writer: Writer, shown: list[Math], value: Math) -> list[tuple[Math, Inline]]:
    """The lines of algebra with what was done in each."""
    z = writer.symbols.argument
    g = Math(f"{value.latex}({z})", f"{value.text}({z})")
    first: Inline = ("the derivative of the definition",)
    between: list[Inline] = [
        (
            "one factor is ",
            g,
            " itself",
        ),
        (
            "and the other one is made of ",
            g,
            " too",
        ),
    ]
    last: Inline = ("no exponential is computed again",)
    return [*zip(shown, [first, *between[: len(shown) - 2], last], strict=True)]


def letters_of(writer: Writer, g: ScalarFunction) -> list[str]:
    """The letters of a scalar function: of the layers whose activation it is, where they have their own."""
    own = [writer.symbols.of_layer(k) for k in writer.symbols.layers_of(g.name)]
    return [*dict.fromkeys(name for name in own if name)] or [writer.symbols.function(g.name)]


def _slope(writer: Writer, g: ScalarFunction) -> Math:
    """The derivative of a scalar function at its argument."""
    z = writer.symbols.argument
    return Math(f"{slope_letter(writer, g)}({z})", f"{g.name}'({z})")


def slope_letter(writer: Writer, g: ScalarFunction) -> str:
    """The letter of a scalar function's derivative: of the layer whose activation it is, where that has its own."""
    own = [writer.symbols.of_layer(k, 1) for k in writer.symbols.layers_of(g.name)]
    return next((x for x in own if x), "") or writer.symbols.function(g.name, 1)


def derivative_row(writer: Writer, g: ScalarFunction) -> Math:
    """``g'(z) = ...`` in one formula, in terms of a = g(z) where that is shorter."""
    form = derivative_of(g)
    assert form is not None
    left, right = _slope(writer, g), writer.scalar(form, Math(letters_of(writer, g)[0], g.name))
    return Math(f"{left.latex} = {right.latex}", f"{left.text} = {right.text}")
