"""A loop over the steps of an axis as statements: those of one turn, with the step as an index more.

A turn is lowered as any lines are, with the number of its step as a length that nobody knows. Then every array that depends on
it gets the axis of the steps, and what a turn has of the one before it is read there, ``h[n,t-1,j]``, or is the start.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import sympy
from sympy import Expr, Indexed, Integer

from symbp.calculus.indices import Axis, Index
from symbp.calculus.places import Place, never_outside
from symbp.calculus.program import Program, Statement, Tensor, elements, indices_of, name_of
from symbp.calculus.reductions import Sum
from symbp.calculus.written_places import equal_places
from symbp.errors import InputError
from symbp.formula.python.values import Assigned, Loop
from symbp.formula.syntax import CARRIED, LAST, STACKED, SUMMED, Binary, Call, Name, Node, Number
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.parts import number_of
from symbp.verification.meaning.setting import Known, Setting

Named = Callable[[Program, Mapping[str, Known]], Setting]
WithLine = Callable[[Program, Mapping[str, Known], Assigned], tuple[Program, dict[str, Known]]]
_ENDS = (LAST, STACKED, SUMMED)


def with_steps(
    named: Named, line: WithLine, program: Program, known: dict[str, Known], loop: Loop, group: Sequence[Assigned]
) -> tuple[Program, dict[str, Known]]:
    """A program with a loop more.

    Parameters
    ----------
    named, line : what names mean in a program, and a program with an assignment more
    program, known : what stands in front of the loop
    group : the assignments of one turn, and behind them those that say what all turns make

    Raises
    ------
    InputError : where the steps are no axis, a turn reads beyond an array, or an array has another shape after a turn
    """
    over = _axis(named(program, known), loop)
    turn = {loop.step: Known(Tensor(loop.step, (Axis(loop.step),), "input"), (Axis(loop.step),), (0,))}
    carried: dict[str, _Carried] = {}
    inner, inside = replace(program, declared=(*program.declared, turn[loop.step].tensor)), {**known, **turn}
    for a in group:
        node = a.node
        if isinstance(node, Call) and node.name == CARRIED:
            inner, inside = line(inner, inside, replace(a, name=f"{a.name}_start", node=node.args[0], changed=""))
            start = inside.pop(f"{a.name}_start")
            made = inner.definitions[start.tensor.name]
            inner = inner.with_statements(*(s for s in inner if s is not made))
            tensor = Tensor(a.name, start.tensor.axes, "input")
            inner = replace(inner, declared=(*inner.declared, tensor))
            inside[a.name] = replace(start, tensor=tensor)
            assert isinstance(node.args[1], Name)
            carried[a.name] = _Carried(_behind(made, inner), node.args[1].name)
        elif isinstance(node, Call) and node.name == SUMMED:
            for part in node.args[1:]:
                inner, inside = _as_wide(line, inner, inside, a, node.args[0], part)
        elif not (isinstance(node, Call) and node.name in _ENDS):
            inner, inside = line(inner, inside, a)
    for name, c in carried.items():
        before, after = (inside[n].shape for n in (name, c.last))
        if before != after:
            words = named(inner, inside).words
            message = (
                f"{name.removesuffix('_before')} is {words(before)} in front of a turn and {words(after)} behind it"
            )
            raise InputError(message, allowed="np.zeros((N, H)) in front of the loop")
        if over in inside[name].tensor.axes:
            message = f"{name.removesuffix('_before')} goes from turn to turn and has the axis of the steps besides"
            raise InputError(message, allowed="axes with names of their own")
    made_here = inner.statements[len(program.statements) :]
    own = _Steps(over, loop, carried, inner.tensors)
    lifted, done = own.lifted(made_here), dict(known)
    tensors = {s.target.name: s for s in lifted}
    for a in group:
        node, new = a.node, list[Statement]()
        if not (isinstance(node, Call) and node.name in _ENDS):
            if a.name in carried:
                continue
            k = inside[a.name]
            done[a.name] = (
                _wider(k, tensors[k.tensor.name].target, own.slot(k.tensor.axes)) if own.depends(k.tensor.name) else k
            )
            continue
        if node.name == LAST:
            of = inside[node.args[0].name]  # type: ignore[union-attr]
            new = [own.last(a.name, tensors[of.tensor.name])]
            done[a.name] = replace(of, tensor=new[0].target)
        elif node.name == STACKED:
            *old, value = (inside[n.name] for n in node.args)  # type: ignore[union-attr]
            statement, k = own.stacked(a.name, tensors, value, node.text)
            if old and old[0].shape != k.shape:
                words = named(inner, inside).words
                raise InputError(
                    f"{a.written} is {words(old[0].shape)}, and a turn for each step makes it {words(k.shape)}"
                )
            new, done[a.name] = [statement], k
        else:
            statement, k = own.summed(a.name, tensors, inner, inside, node)
            new, done[a.name] = [statement], k
            for part in node.args[1:]:
                assert isinstance(part, Name)
                done.pop(part.name, None)
        lifted += new
    sums = [a.node for a in group if isinstance(a.node, Call) and a.node.name == SUMMED]
    gone = {part.name for node in sums for part in node.args[1:] if isinstance(part, Name)}
    gone |= {inside[name].tensor.name for name in gone}
    gone -= {r for s in lifted if s.target.name not in gone for r in s.reads}
    lifted = [s for s in lifted if s.target.name not in gone]
    result = program.extended(*lifted)
    functions = {f.name: f for f in (*program.functions, *inner.functions)}
    return replace(result, functions=tuple(functions.values())), done


def _as_wide(
    line: WithLine, program: Program, known: Mapping[str, Known], a: Assigned, start: Node, part: Node
) -> tuple[Program, dict[str, Known]]:
    """What a turn adds with the shape of what it is added to, as NumPy has it."""
    assert isinstance(part, Name)
    if not isinstance(start, Name) or known[start.name].shape == known[part.name].shape:
        return program, {**known}
    wide = Binary("*", part, Call("ones_like", (start,), style="np"), span=a.span)
    program, made = line(program, known, replace(a, name=f"{part.name}_wide", node=wide, changed=""))
    return program, {**made, part.name: made[f"{part.name}_wide"]}


@dataclass(frozen=True)
class _Carried:
    """What a turn has of the one before it: the start, and the name of what a turn makes of it."""

    start: Statement
    last: str


def _axis(setting: Setting, loop: Loop) -> Axis:
    """The axis of the steps."""
    length = number_of(Lowering(setting, prefix="steps"), loop.count)
    if not isinstance(length, sympy.Symbol):
        raise InputError("how often this loop runs is not the length of an axis", allowed="for t in range(x.shape[1])")
    axis = Axis(length.name.removeprefix("N_"))
    if axis not in {a for t in setting.program.tensors.values() for a in t.axes}:
        raise InputError("how often this loop runs is not the length of an axis", allowed="for t in range(x.shape[1])")
    return axis


def _behind(start: Statement, program: Program) -> Statement:
    """A start that is 0 as that, whatever it is called."""
    body = start.body
    if (
        isinstance(body, Indexed)
        and name_of(body) in program.definitions
        and program.definitions[name_of(body)].body == 0
    ):
        return replace(start, body=sympy.S.Zero)
    return start


def without_zeros(
    program: Program, known: dict[str, Known], results: Collection[str]
) -> tuple[Program, dict[str, Known]]:
    """The program without arrays of zeros that nothing reads: what was put into them, or added to them, stands in their place."""
    read = {r for s in program for r in s.reads} | {*results}
    gone = {s.target.name for s in program if s.body == 0 and s.target.name not in read}
    kept = [s for s in program if s.target.name not in gone]
    return program.with_statements(*kept), {n: k for n, k in known.items() if k.tensor.name not in gone}


class _Steps:
    """The statements of one turn with the axis of the steps."""

    def __init__(self, axis: Axis, loop: Loop, carried: Mapping[str, _Carried], tensors: Mapping[str, Tensor]) -> None:
        self.axis, self.loop, self.carried, self.tensors = axis, loop, carried, tensors
        self.symbol = Axis(loop.step).size
        self.moving: set[str] = {*carried}
        self.usual = 0
        taken = {*tensors}
        letters = (axis.name[:1].lower(), *(f"{axis.name[:1].lower()}{k}" for k in range(1, 9)))
        self.step = Index(next(c for c in letters if c not in taken), axis)

    def depends(self, name: str) -> bool:
        """Whether a tensor of the turn depends on the step."""
        return name in self.moving

    def slot(self, axes: Sequence[Axis]) -> int:
        """Where the axis of the steps stands in a tensor with these axes besides."""
        return min(self.usual, len(axes))

    def lifted(self, statements: Sequence[Statement]) -> list[Statement]:
        """The statements, those that depend on the step with its axis."""
        for s in statements:
            letters = [*s.indices, *(i for i in sympy.preorder_traversal(s.body) if isinstance(i, Index))]
            if any(self.loop.step in i.axis.name for i in letters):
                raise InputError("a part of an array that is as long as the steps so far", allowed="x[:, t]")
            if self.moving.intersection(s.reads) or s.body.has(self.symbol):
                self.moving.add(s.target.name)
        lasts = [c.last for c in self.carried.values()]
        self.moving.update(lasts)
        self.usual = next(
            (k for s in statements for e in sorted(elements(s.body), key=str) for k, p in enumerate(indices_of(e))
             if isinstance(p, Place) and p.has(self.symbol)), 0
        )  # fmt: skip
        return [self._lifted(s) for s in statements]

    def _lifted(self, s: Statement) -> Statement:
        at = self.slot(s.target.axes)
        indices = self._apart(s.indices)
        body = s.body.xreplace(dict(zip(s.indices, indices, strict=True)))
        if s.target.name not in self.moving:
            return replace(s, indices=indices, body=body)
        tensor = replace(s.target, axes=_put(s.target.axes, at, self.axis))
        return replace(s, target=tensor, indices=_put(indices, at, self.step), body=self.body(body))

    def _apart(self, indices: Sequence[Index]) -> tuple[Index, ...]:
        """Letters that are not the step's."""
        free = (c for k in count() for c in (f"{'uvwpqrs'[k % 7]}{k // 7 or ''}",) if c not in self.tensors)
        used = {i.name for i in indices} | {self.step.name}
        fresh = (c for c in free if c not in used)
        return tuple(Index(next(fresh), i.axis) if i.name == self.step.name else i for i in indices)

    def body(self, body: Expr) -> Expr:
        """A body at the step."""
        body = body.xreplace({self.symbol: self.step})
        found = {}
        for e in elements(body):
            name, indices = name_of(e), indices_of(e)
            for p in indices:
                if isinstance(p, Place) and p.has(self.step) and not never_outside(p):
                    message = f"{name} is read at a place that is beyond it for some step"
                    raise InputError(message, allowed=f"x[:, {self.loop.step.removeprefix('step_')}]")
            if name in self.carried:
                found[e] = self._before(self.carried[name], indices)
            elif name in self.moving:
                found[e] = self._at(name, indices, self.step)
        if self.step in body.xreplace({e: Integer(1) for e in elements(body)}).free_symbols:
            message = "the number of the step stands outside of subscripts, which is not read"
            raise InputError(message, allowed="x[:, t]")
        return body.xreplace(found)

    def _at(self, name: str, indices: Sequence[Expr], step: Expr) -> Expr:
        """An element of a tensor of the turn at a step."""
        axes = self.tensors[name].axes
        at = self.slot(axes)
        return Tensor(name, _put(axes, at, self.axis))[_put(tuple(indices), at, step)]

    def _before(self, c: _Carried, indices: Sequence[Expr]) -> Expr:
        """An element that a turn has of the one before it."""
        first = sympy.S.Zero if self.loop.direction > 0 else self.axis.size - 1
        start = c.start.at(tuple(indices))
        held = self._at(c.last, indices, Place(self.step - self.loop.direction, self.axis))
        return held + equal_places(self.step, first) * start if start != 0 else held

    def last(self, name: str, of: Statement) -> Statement:
        """What the last turn leaves."""
        at = next(k for k, i in enumerate(of.indices) if i == self.step)
        place = Place(self.axis.size - 1, self.axis) if self.loop.direction > 0 else sympy.S.Zero
        indices = tuple(i for k, i in enumerate(of.indices) if k != at)
        axes = tuple(i.axis for i in indices)
        body = of.target[tuple(place if k == at else i for k, i in enumerate(of.indices))]
        return Statement(Tensor(name, axes), indices, body)

    def stacked(self, name: str, tensors: Mapping[str, Statement], value: Known, text: str) -> tuple[Statement, Known]:
        """An array with each turn's value in its place."""
        at = text.split(",").index("#")
        shape = (*value.shape[:at], self.axis, *value.shape[at:])
        order = [value.order.index(p) if p in value.order else None for p in range(len(value.shape))]
        own = value.tensor
        indices = (
            tensors[own.name].indices if own.name in tensors else self._apart([Index(a.name[:1], a) for a in own.axes])
        )
        plain = tuple(i for i in indices if i != self.step) if self.depends(own.name) else tuple(indices)
        element = self._at(own.name, plain, self.step) if self.depends(own.name) else own[plain]
        placed: list[Index] = [plain[k] for k in order if k is not None]
        here = at - sum(k is None for k in order[:at])
        left = _put(tuple(placed), here, self.step)
        tensor = Tensor(name, tuple(i.axis for i in left))
        return Statement(tensor, left, element), Known(
            tensor, shape, tuple(k for k, a in enumerate(shape) if a is not None)
        )

    def summed(
        self, name: str, tensors: Mapping[str, Statement], inner: Program, inside: Mapping[str, Known], node: Call
    ) -> tuple[Statement, Known]:
        """A start and the sum of each turn's values."""
        parts = [inside[n.name] for n in node.args[1:] if isinstance(n, Name)]
        first = parts[0]
        start = node.args[0]
        if any(p.shape != first.shape for p in parts) or (
            isinstance(start, Name) and inside[start.name].shape != first.shape
        ):
            raise InputError(
                f"what the turns add to {name} has another shape", allowed="arrays of the shape that it has"
            )
        whole = tensors[first.tensor.name]
        indices = tuple(i for i in whole.indices if i != self.step)
        if isinstance(start, Name):
            own = inside[start.name].tensor
            begun = inner.definitions[own.name] if own.name in inner.definitions else None
            body: Expr = sympy.S.Zero if begun is not None and begun.body == 0 else own[indices]
        elif isinstance(start, Number):
            body = sympy.Rational(start.text)
        else:
            raise InputError(f"what {name} is in front of the loop is not read", allowed=f"{name} = 0")
        for p in parts:
            s = tensors[p.tensor.name]
            mine = tuple(i for i in s.indices if i != self.step)
            each = s.body.xreplace(dict(zip(mine, indices, strict=True)))
            if self.step not in s.indices:
                each = each * self.axis.size
            else:
                each = Sum.over(each, self.step)
            body += each
        tensor = Tensor(name, tuple(i.axis for i in indices))
        return Statement(tensor, indices, body), Known(tensor, first.shape, first.order)


def _wider(k: Known, tensor: Tensor, slot: int) -> Known:
    """A tensor of the turn as an array, with the axis of the steps."""
    at = k.order[slot] if slot < len(k.order) else len(k.shape)
    shape = (*k.shape[:at], tensor.axes[slot], *k.shape[at:])
    order = [p + (p >= at) for p in k.order]
    return Known(tensor, shape, (*order[:slot], at, *order[slot:]))


def _put(items: Sequence, at: int, one: object) -> tuple:  # type: ignore[type-arg]
    return (*items[:at], one, *items[at:])
