"""Recurrences: statements that read one another at steps before, ``h[n,t,j]`` and ``h[n,t-1,l]``.

There is no node for them. They are statements as all others, whose reads form a cycle; it has an order because every turn of it
goes to a step before. Which axis the steps are, in which direction they go and what comes first within one is found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed

from symbp.calculus.indices import Axis, Bound, Index
from symbp.calculus.places import Place, is_plain
from symbp.calculus.program import Statement, indices_of, name_of
from symbp.calculus.text import element_text, statement_text
from symbp.errors import InputError, shown


@dataclass(frozen=True)
class Recurrence:
    """Statements that are evaluated together, step by step, and in each step one after the other.

    Parameters
    ----------
    statements : in the order of a step
    axis : the axis of the steps
    direction : 1 where they go from the first to the last, -1 where they go from the last to the first
    slots : by the name of each statement, which of its indices is the step
    carried : by the name of what is read at steps before, how many steps before, the nearest first: ``{"h": (1,)}``
    """

    statements: tuple[Statement, ...]
    axis: Axis
    direction: int
    slots: Mapping[str, int]
    carried: Mapping[str, tuple[int, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """What the statements define."""
        return tuple(self.slots)

    def step(self, s: Statement) -> Index:
        """The letter that stands for the step in a statement."""
        return s.indices[self.slots[s.target.name]]

    def steps(self, length: int) -> range:
        """The numbers of the steps in their order."""
        return range(length) if self.direction > 0 else range(length - 1, -1, -1)


def scheduled(statements: Iterable[Statement]) -> tuple[Statement | Recurrence, ...]:
    """The statements in an order in which they can be evaluated; those of a recurrence as one.

    Raises
    ------
    InputError : statements that read one another, and no order of steps and in a step evaluates them
    """
    statements = tuple(statements)
    order = {s.target.name: k for k, s in enumerate(statements)}
    reads = {s.target.name: [r for r in s.reads if r in order] for s in statements}
    late = [n for n, its in reads.items() if any(order[r] >= order[n] for r in its)]  # every cycle has one
    if not late:
        return statements
    groups = _cycles(late, reads)
    done: set[str] = set()
    found: list[Statement | Recurrence] = []

    def put(name: str) -> None:
        if name in done:
            return
        mine = sorted(groups.get(name, {name}), key=order.__getitem__)
        done.update(mine)
        for r in (r for m in mine for r in reads[m]):
            put(r)
        members = [statements[order[m]] for m in mine]
        found.append(_recurrence(members) if name in groups else members[0])

    for s in statements:
        put(s.target.name)
    return tuple(found)


def recurrences(statements: Iterable[Statement]) -> tuple[Recurrence, ...]:
    """The recurrences among some statements; InputError as for :func:`scheduled`."""
    return tuple(one for one in scheduled(statements) if isinstance(one, Recurrence))


def check_order(statements: Iterable[Statement]) -> None:
    """Raise InputError where a statement reads what a later one defines, and the two are no recurrence."""
    done: set[str] = set()
    statements = tuple(statements)
    later = {s.target.name for s in statements}
    together = {name: r.names for r in recurrences(statements) for name in r.names}
    for s in statements:
        at_once = {name_of(e) for e in s.body.atoms(Indexed) if is_plain(e)}
        for name in sorted(later.intersection(s.reads) - done):
            if name in at_once or name not in together.get(s.target.name, ()):
                raise InputError(f"{s.target.name} reads {name}, which is defined behind it", allowed="that line first")
        done.add(s.target.name)


def _cycles(late: Iterable[str], reads: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """By each name on a cycle, all that are on one with it."""
    readers: dict[str, list[str]] = {n: [] for n in reads}
    for n, its in reads.items():
        for r in its:
            readers[r].append(n)
    groups: dict[str, set[str]] = {}
    for n in late:
        if n not in groups and n in (together := _reached(n, reads) & _reached(n, readers)):
            groups |= dict.fromkeys(together, together)
    return groups


def _reached(name: str, edges: Mapping[str, Sequence[str]]) -> set[str]:
    """All that is reached from a name; itself where it lies on a cycle."""
    found: set[str] = set()
    pending = [name]
    while pending:
        new = [n for n in edges[pending.pop()] if n not in found]
        found.update(new)
        pending += new
    return found


@dataclass(frozen=True)
class _Read:
    """A read within a cycle: of an element by a statement."""

    by: Statement
    element: Expr

    @property
    def name(self) -> str:
        """What is read."""
        return name_of(self.element)

    def __str__(self) -> str:
        bound = {i: Index(i.axis.name[:1], i.axis) for i in self.element.free_symbols if isinstance(i, Bound)}
        return f"{self.by.target.name} reads {element_text(self.element.xreplace(bound))}"


def _recurrence(members: Sequence[Statement]) -> Recurrence:
    """The statements of a cycle as a recurrence, or InputError where they have no order."""
    names = {s.target.name for s in members}
    reads = [_Read(s, e) for s in members for e in sorted(s.body.atoms(Indexed), key=str) if name_of(e) in names]
    first = members[0]
    refused: InputError | None = None
    for k in _likely(first, reads):
        try:
            slots = _slots(first, k, reads)
            return _ordered(members, slots, [(r, _shift(r, slots)) for r in reads])
        except InputError as e:
            refused = refused or e
    raise refused or _no_step(members, reads)


def _likely(first: Statement, reads: Iterable[_Read]) -> list[int]:
    """The slots of a statement that may be the step: those along whose axis something is read at a place, first."""
    moved = {p.axis for r in reads for p in indices_of(r.element) if isinstance(p, Place)}
    return [k for k, axis in enumerate(first.target.axes) if axis in moved]


def _slots(first: Statement, slot: int, reads: Sequence[_Read]) -> dict[str, int]:
    """Which index of each statement is the step, where it is that one of the first: a read has the reader's step in its own."""
    slots = {first.target.name: slot}
    while True:
        before = len(slots)
        for r in reads:
            if r.by.target.name in slots and r.name not in slots:
                step = r.by.indices[slots[r.by.target.name]]
                its = [k for k, p in enumerate(indices_of(r.element)) if _apart(p, step) is not None]
                if len(its) != 1:
                    raise _refused(r, step)
                slots[r.name] = its[0]
        if len(slots) == before:
            return slots


def _apart(place: Expr, step: Index) -> int | None:
    """How far a place is from a step: 0 for ``t``, -1 for ``t - 1``; None where that is no number."""
    if place == step:
        return 0
    affine = place.affine if isinstance(place, Place) else None
    return affine.offset if affine is not None and affine.steps == ((step, 1),) else None


def _shift(r: _Read, slots: Mapping[str, int]) -> int:
    """How far from its reader's step something is read."""
    step = r.by.indices[slots[r.by.target.name]]
    apart = _apart(indices_of(r.element)[slots[r.name]], step)
    if apart is None:
        raise _refused(r, step)
    return apart


def _ordered(members: Sequence[Statement], slots: Mapping[str, int], reads: Sequence[tuple[_Read, int]]) -> Recurrence:
    """The recurrence, its statements in the order of a step."""
    ahead = next((r for r, by in reads if by > 0), None)
    behind = next((r for r, by in reads if by < 0), None)
    if ahead is not None and behind is not None:
        raise InputError(
            f"{behind} and {ahead}, so that each step waits for the other",
            allowed="reads at steps before, or at steps behind",
        )
    now = {s.target.name: {r.name for r, by in reads if by == 0 and r.by is s} for s in members}
    order, pending = list[Statement](), list(members)
    while pending:
        ready = next((s for s in pending if not now[s.target.name] - {o.target.name for o in order}), None)
        if ready is None:
            raise _no_step(pending, [r for r, by in reads if by == 0])
        pending.remove(ready)
        order.append(ready)
    carried = {name: tuple(sorted({abs(by) for r, by in reads if r.name == name and by})) for name in slots}
    axis = members[0].target.axes[slots[members[0].target.name]]
    return Recurrence(
        tuple(order),
        axis,
        -1 if ahead is not None else 1,
        {s.target.name: slots[s.target.name] for s in order},
        {name: by for name, by in carried.items() if by},
    )


def _refused(r: _Read, step: Index) -> InputError:
    """The error for a read at a place that is no number of steps away."""
    return InputError(
        f"{r}, and {r.name} is made of {r.by.target.name}: a recurrence reads at a whole number of steps before",
        allowed=f"{step.name}-1, or another whole number beside {step.name} (steps forward), or {step.name}+1 (backward)",
    )


def _no_step(members: Sequence[Statement], reads: Iterable[_Read]) -> InputError:
    """The error for statements that need one another at once."""
    circle = [*_circle(members[0].target.name, {s.target.name: s for s in members}, reads)]
    if len(circle) == 1:
        said = f"{circle[0]} is made of itself at the same step: {shown(statement_text(members[0]), 120)}"
    else:
        said = f"{', '.join(circle[:-1])} and {circle[-1]} are made of one another at the same step"
    return InputError(said, allowed="a read at a step before, such as h[n,t-1,j]")


def _circle(start: str, members: Mapping[str, Statement], reads: Iterable[_Read]) -> Iterator[str]:
    """The names on one turn of a cycle, in the order in which they are read."""
    after: dict[str, str] = {}
    for r in reads:
        if r.name in members:
            after.setdefault(r.by.target.name, r.name)
    seen: list[str] = []
    at = start
    while at not in seen:
        seen.append(at)
        at = after[at]
    return iter(seen[seen.index(at) :])
