"""Equations of a recurrence as its loop wants them: an array of gates made of its parts, and what a step before the first is.

``dz[n,t,a] = p[n,t,a]*.. + q[n,t,a-5]*..`` is made of parts that lie side by side, each an equation over its own letter; where
every read ``h[n,t-1,l]`` has ``(t == 0)*h0[n,l]`` beside it, ``h0`` is the value that h has before the first step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul

from symbp.calculus.contract import vanishes
from symbp.calculus.indices import Index
from symbp.calculus.places import Place, Within
from symbp.calculus.program import Statement, Tensor, elements, free_indices, indices_of, name_of
from symbp.calculus.program import element as named
from symbp.calculus.recurrences import Recurrence
from symbp.calculus.reductions import Reduction, rewrite


def with_parts(r: Recurrence, free: Callable[[str], str]) -> tuple[Recurrence, list[Statement]]:
    """The recurrence with the parts of arrays as statements, and these statements; `free` makes a name that nothing has."""
    made: list[Statement] = []
    order: list[Statement] = []
    slots = dict(r.slots)
    for s in r.statements:
        parts, whole = _parts(s, r.step(s), free)
        slots |= {p.target.name: r.slots[s.target.name] for p in parts}
        made += parts
        order += [*parts, whole]
    slots = {s.target.name: slots[s.target.name] for s in order}
    return (replace(r, statements=tuple(order), slots=slots), made) if made else (r, [])


def _parts(s: Statement, step: Index, free: Callable[[str], str]) -> tuple[list[Statement], Statement]:
    """The parts of the array that a statement defines, and it in terms of them; no parts where it has none."""
    for letter in s.indices:
        if letter == step or not isinstance(s.body, Add):
            continue
        found = [_shifted(t, letter) for t in s.body.args]
        places = [p for p in found if p is not None]
        if len(places) < len(found):
            continue
        parts, reads = list[Statement](), list[Expr]()
        for term, place in sorted(zip(s.body.args, places, strict=True), key=lambda part: -_offset(part[1])):
            own = Index(_letter(s, place), place.axis)
            body = term.xreplace({place: own})
            if not vanishes(body, own):
                return [], s
            indices = tuple(own if i == letter else i for i in s.indices)
            target = Tensor(free(f"{s.target.name}_part"), tuple(i.axis for i in indices), s.target.role)
            parts.append(Statement(target, indices, body, s.label))
            reads.append(target[tuple(place if i == letter else i for i in s.indices)])
        return parts, replace(s, body=Add(*reads))
    return [], s


def _shifted(term: Expr, letter: Index) -> Place | None:
    """The one place, ``a - 5``, at which a term has a letter; None where that is none."""
    places = {i for e in elements(term) for i in indices_of(e) if isinstance(i, Place) and i.has(letter)}
    if len(places) != 1:
        return None
    (place,) = places
    affine = place.affine
    if affine is None or affine.steps != ((letter, 1),) or term.xreplace({place: place.axis.size}).has(letter):
        return None
    return place


def _offset(place: Place) -> int:
    return place.affine.offset if place.affine is not None else 0


def _letter(s: Statement, place: Place) -> str:
    taken = {i.name for i in s.indices if not place.has(i)} | {i.name for i in free_indices(s.body)}
    found: str = next(c for c in (place.axis.name[:1], *"jiklmpqrsuvw") if c.isalpha() and c not in taken)
    return found


Start = tuple[tuple[Index, ...], Expr]
"""The letters of all slots but that of the steps, and in terms of them what a tensor is before the first step."""


def with_starts(r: Recurrence) -> tuple[Recurrence, Mapping[str, Start]]:
    """The recurrence without the values that tensors have before the first step, and these values by name."""
    found: dict[str, Start] = {}
    for name, distances in r.carried.items():
        if distances == (1,) and (started := _started(r, name)) is not None:
            r, found[name] = started
    return r, found


def _started(r: Recurrence, name: str) -> tuple[Recurrence, Start] | None:
    """The recurrence without the start of one tensor, where all its reads have the same."""
    slot, mark = r.slots[name], f"{name} marked"
    starts: set[Start] = set()
    bodies = []
    for s in r.statements:

        def marked(e: Expr) -> Expr:
            """An addition without the start, and with a mark in the place of the element."""
            if not isinstance(e, Add):
                return e
            for element in e.args:
                for other in e.args:
                    start = _start(element, other, name, slot)
                    if start is not None:
                        starts.add(start)
                        return Add(*(t for t in e.args if t not in (element, other)), named(mark, element.indices))
            return e

        body = rewrite(s.body, marked)
        if any(name_of(e) == name and isinstance(indices_of(e)[slot], Place) for e in elements(body)):
            return None  # an element that has no start beside it
        back = {e: named(name, e.indices) for e in elements(body) if name_of(e) == mark}
        bodies.append(replace(s, body=body.xreplace(back)))
    if len(starts) != 1:
        return None
    return replace(r, statements=tuple(bodies)), starts.pop()


def _start(element: Expr, other: Expr, name: str, slot: int) -> Start | None:
    """What a tensor is before the first step, where an element and what is added to it say so."""
    if not isinstance(element, Indexed) or name_of(element) != name or not isinstance(element.indices[slot], Place):
        return None
    place = element.indices[slot]
    letters = tuple(i for k, i in enumerate(element.indices) if k != slot)
    if len({*letters}) < len(letters) or not all(isinstance(i, Index) for i in letters):
        return None
    factors = Mul.make_args(other)
    first = [f for f in factors if f in (_before(place), _behind(place))]
    rest = Mul(*(f for f in factors if f not in first))
    if len(first) != 1 or not free_indices(rest) <= {*letters} or rest.has(Reduction):
        return None
    own = tuple(Index(f"{i.axis.name[:1]}{k}", i.axis) for k, i in enumerate(letters))
    return own, rest.xreplace(dict(zip(letters, own, strict=True)))


def _before(place: Place) -> Expr:
    """1 where the step before lies before the first one."""
    return KroneckerDelta(place.where + 1, 0)


def _behind(place: Place) -> Expr:
    """1 where the step behind lies behind the last one."""
    return Within(place.where - place.axis.size)
