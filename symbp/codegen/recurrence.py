"""A recurrence as a loop over its steps: in front of it, once for all steps, what reads nothing of it; in it what a step is.

A step is written in tensors without the axis of the steps, so that what lowers statements lowers those of a step too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import sympy
from sympy import Add, Expr, Indexed, Mul

from symbp.calculus.indices import Axis, Bound, Index
from symbp.calculus.places import Place
from symbp.calculus.program import Statement, Tensor, elements, free_indices, indices_of, name_of
from symbp.calculus.recurrences import Recurrence, scheduled
from symbp.calculus.reductions import Only, Reduction
from symbp.codegen.gates import with_parts, with_starts
from symbp.errors import InputError


@dataclass(frozen=True)
class Cut:
    """One step of a tensor: which of its slots the step is, and how many steps before it lies."""

    name: str
    slot: int
    before: int = 0


@dataclass(frozen=True)
class Loop:
    """The steps of a recurrence.

    Parameters
    ----------
    step : the letter of the step
    direction : 1 where the steps go from the first to the last, -1 where they go from the last to the first
    statements : those of a step, in order; each target is a step of a tensor
    cuts : by name, what tensors of a step are a step of
    stored : the tensors that are kept for all steps, as something outside of the loop reads them
    started : what is carried into the first step and is not 0 there, by its name in a step: it is computed in front of the loop
    """

    step: Index
    direction: int
    statements: tuple[Statement, ...]
    cuts: Mapping[str, Cut]
    stored: tuple[str, ...]
    started: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors that it computes."""
        return tuple(self.cuts[s.target.name].name for s in self.statements)

    @property
    def here(self) -> Mapping[str, str]:
        """By the name of each tensor that it computes, that of its step."""
        return {self.cuts[s.target.name].name: s.target.name for s in self.statements}

    @property
    def carried(self) -> Mapping[str, Cut]:
        """What is read of steps before, by name, the nearest last: so each may take over what the one behind it was."""
        found = [(name, cut) for name, cut in self.cuts.items() if cut.before]
        return dict(sorted(found, key=lambda one: -one[1].before))

    def nearer(self, cut: Cut) -> str:
        """What in the next step is what is carried: the value of this step, or what was carried one step less."""
        if cut.before == 1:
            return self.here[cut.name]
        return next(n for n, c in self.cuts.items() if c == replace(cut, before=cut.before - 1))

    @property
    def slices(self) -> Mapping[str, Cut]:
        """What is read of tensors outside, by name."""
        return {n: c for n, c in self.cuts.items() if not c.before and c.name not in self.names}

    @property
    def axis(self) -> Axis:
        """The axis of the steps."""
        axis: Axis = self.step.axis
        return axis

    def head(self, step: str, length: str) -> str:
        """The line that goes through the steps, in a variable."""
        steps = f"range({length})"
        return f"for {step} in {steps if self.direction > 0 else f'reversed({steps})'}:"


def in_loops(
    statements: tuple[Statement, ...], kept: Iterable[str], tensors: Mapping[str, Tensor]
) -> tuple[tuple[Statement | Loop, ...], tuple[Statement, ...]]:
    """Statements in order, recurrences as loops.

    Parameters
    ----------
    kept : the tensors that are read outside of these statements
    tensors : all that there are, by name

    Returns
    -------
    What is to be computed; and the statements of it that are new, with those that say what tensors of a step are.

    Raises
    ------
    InputError : where a step needs its number in a way that no array in front of the loop can give
    """
    order = scheduled(statements)
    if not any(isinstance(one, Recurrence) for one in order):
        return statements, ()
    free = _Names({*tensors})
    made: list[Statement | Loop] = []
    new: list[Statement] = []
    for one in order:
        if isinstance(one, Statement):
            made.append(one)
            continue
        stored = _read_outside(one, order, kept)
        parted, parts = with_parts(one, free.free)
        ahead, loop = _loop(parted, {**tensors, **{s.target.name: s.target for s in parts}}, stored, free)
        known = {**tensors, **{s.target.name: s.target for s in (*ahead, *parts)}}
        made += [*ahead, loop]
        new += [*ahead, *parts, *loop.statements, *_meanings(loop, known)]
    return tuple(made), tuple(new)


def steps_of(order: Iterable[Statement | Loop]) -> dict[str, int]:
    """By the name of each tensor that loops keep, which of its axes the steps are: in memory they come first."""
    loops = [one for one in order if isinstance(one, Loop)]
    return {n: loop.cuts[loop.here[n]].slot for loop in loops for n in loop.names if n in loop.here}


def from_steps_first(slot: int, rest: int) -> tuple[int, ...]:
    """The order of axes that puts the steps, which lie first in memory, where a tensor has them."""
    order = [k + 1 for k in range(rest)]
    order.insert(slot, 0)
    return tuple(order)


class _Names:
    """Names that nothing has."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken

    def free(self, wanted: str) -> str:
        """A name like the one wanted."""
        name, count = wanted, 2
        while name in self.taken:
            name, count = f"{wanted}{count}", count + 1
        self.taken.add(name)
        return name


def _read_outside(r: Recurrence, order: Iterable[Statement | Recurrence], kept: Iterable[str]) -> tuple[str, ...]:
    others = [s for one in order if one is not r for s in (one.statements if isinstance(one, Recurrence) else (one,))]
    read = {name for s in others for name in s.reads} | {*kept}
    return tuple(n for n in r.names if n in read)


def _loop(
    r: Recurrence, tensors: Mapping[str, Tensor], stored: tuple[str, ...], free: _Names
) -> tuple[list[Statement], Loop]:
    """What is computed in front of a loop, and the loop."""
    r, starts = with_starts(r)
    step = r.step(r.statements[0])
    group = frozenset(r.names)
    ahead = _Ahead(step, group, free)
    lifted = []
    for s in r.statements:
        own = r.step(s)
        body = s.body.xreplace({own: step, step: own}) if own != step else s.body
        indices = tuple(step if i == own else own if i == step else i for i in s.indices)
        lifted.append((s, indices, ahead.without(body, s.target.name, indices)))
    known = {**tensors, **{s.target.name: s.target for s in ahead.made}}
    cuts: dict[str, Cut] = {}
    names: dict[Cut, str] = {}

    def tensor(cut: Cut) -> Tensor:
        """The tensor of a step."""
        if cut not in names:
            word = "before" if r.direction > 0 else "after"
            number = f"{cut.before}" if cut.before > 1 else ""
            names[cut] = free.free(f"{cut.name}_{word}{number}" if cut.before else f"{cut.name}_{step.name}")
            cuts[names[cut]] = cut
        whole = known[cut.name]
        axes = tuple(a for k, a in enumerate(whole.axes) if k != cut.slot)
        return replace(whole, name=names[cut], axes=axes, of=None)

    def at_step(e: Expr) -> Expr:
        """An element as one of a step."""
        name, indices = name_of(e), indices_of(e)
        slot = r.slots[name] if name in group else next((k for k, i in enumerate(indices) if i == step), None)
        if slot is None:
            return e
        place = indices[slot]
        offset = place.affine.offset if isinstance(place, Place) and place.affine is not None else 0
        return tensor(Cut(name, slot, abs(offset)))[(*indices[:slot], *indices[slot + 1 :])]

    statements = []
    for s, indices, body in lifted:
        slot = r.slots[s.target.name]
        new = body.xreplace({e: at_step(e) for e in sorted(elements(body), key=str)})
        if step in new.free_symbols:
            raise InputError(
                f"the equation of {s.target.name} needs the number of a step, so no code can be made for it"
            )
        target = tensor(Cut(s.target.name, slot))
        statements.append(Statement(target, (*indices[:slot], *indices[slot + 1 :]), new, s.label))
    for name, distances in r.carried.items():  # what is carried over several steps is handed on from one to the next
        for k in range(1, max(distances)):
            tensor(Cut(name, r.slots[name], k))
    first = []
    for name, (letters, value) in starts.items():
        first.append(Statement(tensor(Cut(name, r.slots[name], 1)), letters, value))
    loop = Loop(step, r.direction, tuple(statements), cuts, stored, frozenset(s.target.name for s in first))
    return [*ahead.made, *first], loop


def _meanings(loop: Loop, known: Mapping[str, Tensor]) -> list[Statement]:
    """What the tensors of a step are, as far as no statement of the step says it."""
    made = []
    for name, cut in loop.cuts.items():
        if name not in loop.here.values() and name not in loop.started:
            whole = known[cut.name]
            indices = tuple(Index(f"{a.name}_{k}", a) for k, a in enumerate(whole.axes))
            place: Expr = indices[cut.slot]
            if cut.before:
                place = Place(place - loop.direction * cut.before, place.axis)
            rest = (*indices[: cut.slot], *indices[cut.slot + 1 :])
            element = whole[(*indices[: cut.slot], place, *indices[cut.slot + 1 :])]
            made.append(Statement(replace(whole, name=name, axes=tuple(i.axis for i in rest)), rest, element))
    return made


class _Ahead:
    """Takes out of the equations of a step what reads nothing of the recurrence; that is computed for all steps at once."""

    def __init__(self, step: Index, group: frozenset[str], free: _Names) -> None:
        self.step, self.group, self.free = step, group, free
        self.made: list[Statement] = []
        self._known: dict[Expr, Expr] = {}

    def without(self, e: Expr, name: str, indices: tuple[Index, ...]) -> Expr:
        """An expression of the equation of a tensor in which only reads, and what reads the recurrence, are left."""

        def lift(e: Expr) -> Expr:
            if not self._reads(e):
                return named(e) if self._worth(e) else e
            if isinstance(e, Reduction):
                index, body = e.opened()
                return type(e).over(lift(body), index)
            if isinstance(e, Add):
                apart = [a for a in e.args if not self._reads(a) and free_indices(a)]
                if any(map(self._worth, apart)):  # a bias is added to one step sooner than to all in another array
                    apart = [a for a in apart if self._worth(a) or self.step in free_indices(a)]
                rest = [lift(a) for a in e.args if a not in apart]
                several = len(apart) > 1 or any(map(self._worth, apart))
                return Add(*rest, named(Add(*apart)) if several else Add(*apart))
            if isinstance(e, Mul):
                return self._product(e, lift, named)
            if isinstance(e, (Indexed, Only)) or not e.args:
                return e
            return e.func(*map(lift, e.args))

        def named(e: Expr) -> Expr:
            return self._named(e, name, indices)

        return lift(e)

    def _product(self, e: Mul, lift: Callable[[Expr], Expr], named: Callable[[Expr], Expr]) -> Expr:
        """A product with the factors that do not read the recurrence as few arrays, each over the letters of one of them."""
        coefficient, _ = e.as_coeff_Mul()
        factors = [f for f in e.args if f is not coefficient and f != coefficient]
        rest = [lift(f) for f in factors if self._reads(f) or not free_indices(f)]
        apart = sorted(
            (f for f in factors if not self._reads(f) and free_indices(f)), key=lambda f: -len(free_indices(f))
        )
        groups: list[list[Expr]] = []
        for f in apart:
            mine = next((g for g in groups if free_indices(f) <= free_indices(g[0])), None)
            if mine is None:
                groups.append([f])
            else:
                mine.append(f)
        made = []
        for g in groups:
            whole = Mul(*g)
            if len(g) > 1 or self._worth(whole):
                whole, coefficient = named(coefficient * whole), sympy.S.One
            made.append(whole)
        return Mul(coefficient, *rest, *made)

    def _reads(self, e: Expr) -> bool:
        """Whether an expression reads the recurrence."""
        return any(name_of(x) in self.group for x in elements(e))

    def _worth(self, e: Expr) -> bool:
        """Whether it is work to compute what does not read the recurrence, or no tensor's step is it."""
        if not free_indices(e):
            return False
        coefficient, rest = e.as_coeff_Mul()
        if coefficient != 1:
            return self._worth(rest)
        if isinstance(e, Indexed):
            plain = sum(i == self.step for i in e.indices)
            return plain > 1 or any(i != self.step and i.has(self.step) for i in e.indices)
        return True

    def _named(self, e: Expr, name: str, indices: tuple[Index, ...]) -> Expr:
        """An array in the place of an expression, the axis of the steps its first."""
        free = free_indices(e)
        order = [i for i in dict.fromkeys((self.step, *indices)) if i in free]
        order += sorted((i for i in free if i not in order), key=lambda i: i.name)
        letters = dict(zip(order, _lettered(order), strict=True))
        key = e.xreplace(letters)
        if key not in self._known:
            target = Tensor(self.free.free(f"{name}_ahead"), tuple(i.axis for i in order))
            self.made.append(Statement(target, tuple(letters.values()), key))
            self._known[key] = target.symbol if not order else target[tuple(letters.values())]
        back = {new: old for old, new in letters.items()}
        return self._known[key].xreplace(back)


def _lettered(indices: list[Index]) -> list[Index]:
    """The indices, those that have no letter with one."""
    taken = {i.name for i in indices}
    found = []
    for i in indices:
        letter = i.name
        if letter.startswith("_") or isinstance(i, Bound):
            letter = next(c for c in (*i.axis.name[:1], *"ijklmpqrstuvw") if c not in taken and c.isalpha())
            taken.add(letter)
        found.append(Index(letter, i.axis))
    return found
