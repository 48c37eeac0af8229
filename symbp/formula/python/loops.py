"""Loops of a function: over numbers that are known, written out; over the steps of an axis, as a recurrence.

A turn over the steps of an axis is read once, with the number of the step as a length that is not known. What a turn has of the
one before it, what it puts into an array at its step, and what it adds to a sum stand beside it as assignments of their own
kinds, from which the lines of all steps are made.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from symbp.formula.python.effects import is_append
from symbp.formula.python.expressions import subscript_of
from symbp.formula.python.memory import is_mask
from symbp.formula.python.module import described
from symbp.formula.python.values import Assigned, Group, Loop, Value, is_length, is_number
from symbp.formula.python.versions import Versions
from symbp.formula.syntax import (
    CARRIED,
    LAST,
    LISTED,
    STACKED,
    SUMMED,
    Binary,
    Call,
    Length,
    Name,
    Negate,
    Node,
    Number,
    nodes,
)

_MOST_TURNS = 64
_ALLOWED = "for t in range(x.shape[1]), for t in reversed(range(T)), for i in range(3)"


@dataclass
class _Turn:
    """The turn of a loop that is being read: the number of its step as a formula, what it has of the turn before by the author's
    names, with what that was in front of the loop, and what it puts into arrays at its step."""

    loop: Loop
    written: str
    step: Node
    before: dict[str, tuple[str, Node]] = field(default_factory=dict)
    stacks: dict[str, tuple[Name, Name, str]] = field(default_factory=dict)
    lists: dict[str, Name] = field(default_factory=dict)


class Loops(Versions):
    """Reads the loops of a function."""

    turn: _Turn | None = None

    def _block(self, statements: Sequence[ast.stmt]) -> object:
        raise NotImplementedError

    def _repeated(self, s: ast.For) -> None:
        """A loop, over numbers that are known or over the steps of an axis."""
        if s.orelse or any(isinstance(n, (ast.Break, ast.Continue, ast.Return)) for b in s.body for n in ast.walk(b)):
            raise self.scope.error(s, "a loop that may end early is not read", _ALLOWED)
        call, back = s.iter, False
        if _calls(call, "reversed") and isinstance(call, ast.Call) and len(call.args) == 1:
            call, back = call.args[0], True
        if not _calls(call, "range") or not isinstance(call, ast.Call) or call.keywords:
            raise self.scope.error(s, "a loop over this is not read", _ALLOWED)
        if not isinstance(s.target, ast.Name):
            raise self.scope.error(s, "a loop over this is not read", _ALLOWED)
        bounds = [self.scope.whole(a) for a in call.args]
        if not 1 <= len(bounds) <= 3 or any(not isinstance(b, int) for b in bounds) or bounds[2:] == [0]:
            count, direction = self._steps(call)
            self._stepped(s, s.target.id, count, -direction if back else direction)
            return
        numbers = range(*(b for b in bounds if isinstance(b, int)))
        if len(numbers) > _MOST_TURNS:
            raise self.scope.error(call, f"a loop of {len(numbers)} turns", f"at most {_MOST_TURNS}")
        for number in reversed(numbers) if back else numbers:
            self.frame.forget(s.target.id)
            made = Number(str(abs(number)), span=self.scope.span(s.target))
            self.frame.names[s.target.id] = Negate(made) if number < 0 else made
            self._block(s.body)

    # Over the steps of an axis

    def _steps(self, call: ast.Call) -> tuple[Node, int]:
        """How many steps ``range(T)`` or ``range(T - 1, -1, -1)`` has, and in which direction they go."""
        first, direction = call.args[0] if call.args else None, 1
        if len(call.args) == 3 and self.scope.whole(call.args[1]) == self.scope.whole(call.args[2]) == -1:
            whole = first
            first = (
                whole.left
                if isinstance(whole, ast.BinOp) and isinstance(whole.op, ast.Sub) and self.scope.whole(whole.right) == 1
                else None
            )
            direction = -1
        elif len(call.args) != 1:
            first = None
        count = self.scope.formula(first) if first is not None else None
        if not isinstance(count, Length) or count.axis is None:
            raise self.scope.error(call, "how often this loop runs does not stand here", _ALLOWED)
        return count, direction

    def _stepped(self, s: ast.For, written: str, count: Node, direction: int) -> None:
        """A loop over the steps of an axis: a turn of it, and what all turns make."""
        if self.turn is not None:
            raise self.scope.error(s, "a loop over steps within another is not read", "operations on whole arrays")
        if self.calls:
            raise self.scope.error(s, "a loop over steps in a function that is called is not read", "the loop itself")
        step = self._fresh(f"step_{written}")
        loop = Loop(step, count, direction, self.scope.span(s))
        turn = _Turn(loop, written, Length(Name(step), 0, span=self.scope.span(s.target)))
        self._check_turn(s, turn)
        begin = len(self.body)
        for name in _assigned(s.body, written):
            self._carry(name, turn, s)
        self.frame.forget(written)
        self.frame.names[written] = turn.step
        held = dict(self.frame.names)
        self.turn = turn
        try:
            self._block(s.body)
        finally:
            self.turn = None
        for name, node in held.items():
            if self.frame.names.get(name) != node and name not in turn.before and name not in turn.stacks:
                raise self.scope.error(
                    s, f"this loop changes {name} in a way that is not read", f"{name} = ..., {name} += ..."
                )
        self._ended(s, turn, begin)
        self.body[begin:] = [replace(a, loop=loop) for a in self.body[begin:]]

    def _check_turn(self, s: ast.For, turn: _Turn) -> None:
        """InputError where what a turn changes is not what the turns one by one would make of it."""
        stacks = {n.id for n, part in _subscripts(s.body) if turn.written in _names(part)}
        stacks |= {n.func.value.id for b in s.body for n in ast.walk(b) if is_append(n)}  # type: ignore[attr-defined]
        stored = {id(n) for n, _ in _subscripts(s.body)}
        stored |= {id(n.func.value) for b in s.body for n in ast.walk(b) if is_append(n)}  # type: ignore[attr-defined]
        changed = {n.id for n, _ in _subscripts(s.body)} | {
            n.target.id for b in s.body for n in ast.walk(b) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)
        }  # fmt: skip
        plain = {t for b in s.body for t in _plainly(b)}
        for b in s.body:
            for n in ast.walk(b):
                if isinstance(n, ast.Name) and n.id in stacks and id(n) not in stored:
                    message = (
                        f"{n.id} is written at the step {turn.written} and used in the same loop, which is not read"
                    )
                    raise self.scope.error(n, message, f"a name that goes from turn to turn, {n.id}[:, t] = h")
                if isinstance(n, (ast.If, ast.IfExp, ast.While)) and turn.written in _names(n.test):
                    message = f"an if on the step {turn.written} is not read"
                    raise self.scope.error(n.test, message, "a start in front of the loop, h = h0")
                handed = n.value if isinstance(n, ast.Assign) else n.args[0] if is_append(n) else None  # type: ignore[attr-defined]
                if isinstance(handed, ast.Name) and handed.id in changed - stacks:
                    message = f"{handed.id} is changed in place in a loop, and {described(n)} gives it another name"
                    raise self.scope.error(n, message, f"{handed.id} = {handed.id} + ...")
        for name in sorted((changed - stacks) & plain & {*self.frame.names}):
            message = f"{name} is changed in place and given another value in the same loop"
            raise self.scope.error(s, message, f"{name} = {name} + ...")

    def _carry(self, name: str, turn: _Turn, s: ast.For) -> None:
        """Give a name the value that the turn before left it, where it had one in front of the loop."""
        if name in self.frame.groups or (name in self.frame.constants and name not in self.frame.names):
            message = f"{name} is no array in front of the loop, and a turn of it changes that"
            raise self.scope.error(s, message, f"{name} = np.zeros((N, T, H)) and {name}[:, t] = ...")
        start = self.frame.names.get(name)
        if start is None or is_length(start):
            return
        before = self._fresh(f"{name}_before")
        span = self.scope.span(s.target)
        self.body.append(Assigned(before, f"{name}_before", start, span, depth=1))
        turn.before[name] = before, start
        if isinstance(start, Name):
            self.memory[before] = self._block_of(start)
            for kept in (self.numbers, self.masks):
                if start.name in kept:
                    kept.add(before)
        elif is_number(start, self.numbers):
            self.numbers.add(before)
        self._bind(name, Name(before, span=span))

    def _is_stacked(self, part: ast.expr) -> bool:
        """Whether a subscript says the step of the loop that is being read."""
        return self.turn is not None and self.turn.written in _names(part)

    def _stack(self, name: str, part: ast.expr, made: Value, value: ast.expr, at: ast.AST) -> None:
        """``hs[:, t] = h``: what a turn puts into an array at its step."""
        assert self.turn is not None
        old, (text, given) = self.frame.names.get(name), subscript_of(self.scope, at, part)
        if not isinstance(old, Name) or isinstance(made, Group) or is_length(made):
            raise self.scope.error(at, f"{described(at)} is not read in a loop", f"{name} = np.zeros((N, T, H))")
        if given != (self.turn.step,) or {*text.split(",")} - {":", "#"}:
            message = f"{described(at)} writes at another place than the step {self.turn.written}"
            raise self.scope.error(at, message, f"{name}[{self.turn.written}], {name}[:, {self.turn.written}]")
        if name in self.turn.stacks:
            raise self.scope.error(at, f"{name} is written twice in a turn", "one assignment")
        self._not_replaced(made, value)
        if not isinstance(made, Name):
            made = self._assigned(f"{name}_{self.turn.written}", made, at, mask=is_mask(self.scope, value, made))
        self.turn.stacks[name] = old, made, text

    def _value(self, value: ast.expr) -> Value:
        raise NotImplementedError

    def _append(self, name: str, value: ast.expr, at: ast.AST) -> None:
        """``hs.append(h)``: what a turn puts at the end of a list."""
        group = self.frame.groups.get(name)
        if self.turn is None or group is None or group.parts or group.open or name in self.turn.lists:
            message = f"{described(at)} is read once in a turn of a loop over steps, of a list that is empty before"
            raise self.scope.error(at, message, f"{name} = [] in front of the loop, [a, b]")
        made = self._value(value)
        if isinstance(made, Group) or is_length(made):
            raise self.scope.error(value, f"{described(value)} is no array", f"{name}.append(h)")
        if not isinstance(made, Name):
            made = self._assigned(f"{name}_{self.turn.written}", made, at, mask=is_mask(self.scope, value, made))
        self.turn.lists[name] = made

    def _ended(self, s: ast.For, turn: _Turn, begin: int) -> None:
        """Give every name what the last turn leaves it, and every array and sum what all turns make of it."""
        made = {a.name for a in self.body[begin:]}
        span = self.scope.span(s.target)
        for name, (before, start) in turn.before.items():
            last = self.frame.names.get(name)
            if not isinstance(last, Name) or last.name not in made:
                raise self.scope.error(s, f"what {name} is after a turn cannot be told", f"{name} = ..., an array")
            k = next(k for k, a in enumerate(self.body) if a.name == before)
            parts = self._added(before, last.name, begin)
            if parts:
                self._sum(name, start, before, parts, begin)
            else:
                self.body[k] = replace(self.body[k], node=Call(CARRIED, (start, last), style="np", span=span))
        for name, node in [*self.frame.names.items()]:
            if isinstance(node, Name) and node.name in {a.name for a in self.body[begin:]} and name not in turn.stacks:
                if not any(a.name == node.name and _is_end(a.node) for a in self.body[begin:]):
                    self._end(name, name, Call(LAST, (node,), style="np", span=span))
            elif any(isinstance(n, Name) and n.name == turn.loop.step for n in nodes(node)):
                self.frame.forget(name)
        for name, (old, value, text) in turn.stacks.items():
            self.spare.add(old.name)
            self.replaced.add(old.name)
            self._end(name, name, Call(STACKED, (old, value), text=text, style="np", span=span))

        for name, value in turn.lists.items():
            self.frame.forget(name)
            self._end(name, name, Call(STACKED, (value,), text="#", style="np", span=span))
            along: Node = self.frame.names[name]
            if turn.loop.direction < 0:
                along = Call("flip", (along,), axis=0, style="np", span=span)
            self.frame.names[name] = Call(LISTED, (along,), style="np", span=span)

    def _end(self, name: str, written: str, node: Call) -> None:
        made = self._assigned(written, node, self.statement, within=self.statement)
        self.spare.add(made.name)
        self._bind(name, made)

    def _added(self, before: str, last: str, begin: int) -> list[tuple[Assigned, Node]]:
        """What a turn adds to a value of which it does nothing else: ``dW += ...``; empty where it does something else."""
        chain, at = list[tuple[Assigned, Node]](), last
        own = {a.name: a for a in self.body[begin:] if not a.again}
        while at != before:
            a = own.get(at)
            if (
                a is None
                or not isinstance(a.node, Binary)
                or a.node.op not in "+-"
                or not isinstance(a.node.left, Name)
            ):
                return []
            chain.append((a, a.node.right if a.node.op == "+" else Negate(a.node.right, span=a.node.right.span)))
            at = a.node.left.name
        inner = {before, *(a.name for a, _ in chain)}
        read = [n for a in own.values() for n in nodes(a.node) if isinstance(n, Name) and n.name in inner]
        return chain if len(read) == len(chain) else []

    def _sum(self, name: str, start: Node, before: str, parts: list[tuple[Assigned, Node]], begin: int) -> None:
        """What all turns add to a value, in the place of what one turn adds."""
        gone = {before, *(a.name for a, _ in parts)}
        kept, terms = list[Assigned](), list[Node]()
        for a in self.body[begin:]:
            mine = next((node for one, node in parts if one is a), None)
            if mine is not None:
                term = self._fresh(f"{name}_part")
                terms.append(Name(term, span=a.span))
                kept.append(replace(a, name=term, written=f"{name}_part", node=mine, changed="", depth=1, operator=""))
            elif a.name not in gone:
                kept.append(a)
        self.body[begin:] = kept
        if isinstance(start, Name):
            self.spare.add(start.name)
        self._end(name, name, Call(SUMMED, (start, *terms), style="np", span=parts[0][0].span))


def _is_end(node: Node) -> bool:
    return isinstance(node, Call) and node.name in (LAST, STACKED, SUMMED)


def _calls(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _subscripts(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The arrays of which a part is written, and the part."""
    for b in body:
        for n in ast.walk(b):
            if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name):
                yield n.value, n.slice


def _plainly(s: ast.stmt) -> Iterator[str]:
    """The names that a statement gives another value."""
    for n in ast.walk(s):
        for target in n.targets if isinstance(n, ast.Assign) else ():
            yield from (m.id for m in ast.walk(target) if isinstance(m, ast.Name) and isinstance(m.ctx, ast.Store))


def _assigned(body: Sequence[ast.stmt], step: str) -> list[str]:
    """The names that a turn gives a value, or changes in place, in order; those of arrays that it writes at its step not."""
    found = dict[str, None]()
    for b in body:
        for n in ast.walk(b):
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store):
                found[n.id] = None
    found |= {n.id: None for n, part in _subscripts(body) if step not in _names(part)}
    return [*found]
