"""Chosen equations, with what they rest on: every equation on the way from what is given to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from symbp.calculus.program import Statement
from symbp.errors import InputError, nearest, shown
from symbp.network.derivation import Derivation
from symbp.notes.blocks import Block, Display, Heading, Inline, Paragraph, Row, joined
from symbp.notes.chain import derived
from symbp.notes.elements import checked, of_elements
from symbp.notes.equations import rows
from symbp.notes.expand import expanded
from symbp.notes.sections import conventions
from symbp.notes.writer import Writer


def only(writer: Writer, names: Sequence[str], detail: str) -> list[Block]:
    """The blocks of some equations at a detail, after the equations that they rest on.

    Raises
    ------
    InputError : for names of no equation, all of them in one message
    """
    d = writer.derivation
    chosen = dict.fromkeys(d.names[n] for n in known(d, names))
    definitions = d.program.definitions
    needed = rests_on(d, chosen)
    given = dict.fromkeys(n for x in (*needed, *chosen) for n in definitions[x].reads if n not in definitions)
    below = [r for n in needed for r in rows(writer, definitions[n])]
    show = OF_ONE.get(detail, OF_ONE["summary"])
    page: list[Block] = []
    if below:
        page += [Heading(1, ("What this rests on",)), *_given(writer, [*given]), Display(tuple(below))]
    for name in chosen:
        page += [Heading(1, _heading(writer, name)), *show(writer, definitions[name])]
    return [*conventions(writer, page), *page]


def known(derivation: Derivation, names: Sequence[str]) -> list[str]:
    """The names, which all are names of equations.

    Raises
    ------
    InputError : for those that are none, with the nearest name of each
    """
    wrong = [n for n in names if n not in derivation.names]
    if wrong:
        every = [n for n in derivation.names if derivation.names[n] in derivation.program.definitions]
        near = [f"{shown(n)} (did you mean {nearest(n, every)!r}?)" if nearest(n, every) else shown(n) for n in wrong]
        what = "unknown equation" if len(wrong) == 1 else "unknown equations"
        raise InputError(f"{what} {', '.join(near)}", allowed=", ".join(derivation.program.definitions))
    return [*names]


def rests_on(derivation: Derivation, chosen: Mapping[str, object]) -> list[str]:
    """What some equations read, directly or through others, in order of evaluation; the chosen are not among it."""
    definitions = derivation.program.definitions
    found: set[str] = set()
    ahead = [*chosen]
    while ahead:
        for n in definitions[ahead.pop()].reads:
            if n in definitions and n not in found:
                found.add(n)
                ahead.append(n)
    return [n for n in definitions if n in found and n not in chosen]


def _given(writer: Writer, names: list[str]) -> list[Block]:
    """What no equation says: inputs, targets, parameters."""
    parts: list[Inline] = [(writer.whole(n),) for n in names if n in writer.symbols.tensors]
    return [Paragraph(("Given are ", *joined(parts), ":"))] if parts else []


def _heading(writer: Writer, name: str) -> Inline:
    tensor = writer.symbols.tensors[name]
    if not tensor.of:
        return ("Value of ", writer.whole(name))
    kind = "Error" if writer.symbols.tensors[tensor.of].role == "value" else "Gradient"
    return (f"{kind} of ", writer.whole(tensor.of))


def _summary(writer: Writer, s: Statement) -> list[Block]:
    return [Display(tuple(rows(writer, s)))]


def _steps(writer: Writer, s: Statement) -> list[Block]:
    if not s.target.of:
        left, right = writer.statement(s, limits=True)
        return [Display((Row(left, right), *rows(writer, s)))] if s.target.axes else _summary(writer, s)
    return [Display(tuple(derived(writer, s)))]


def _elements(writer: Writer, s: Statement) -> list[Block]:
    checked(writer)
    sizes = writer.derivation.map.sizes
    definitions = {f.target.name: replace(f, body=expanded(f.body, sizes)) for f in writer.derivation.forward}
    return of_elements(writer, s, definitions)


OF_ONE: Mapping[str, Callable[[Writer, Statement], list[Block]]] = {
    "summary": _summary, "steps": _steps, "elements": _elements,
}  # fmt: skip
"""How one equation is shown, by the name of the detail."""
