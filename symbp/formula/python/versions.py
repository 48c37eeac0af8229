"""The versions of a function's names while its statements are read: every assignment is a new one, whose memory others may share.

What an array shares its memory with is kept, since ``h = x; h += b`` changes both.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from symbp.errors import InputError, shown
from symbp.formula.python.asserts import called
from symbp.formula.python.expressions import READERS
from symbp.formula.python.memory import is_mask, shares
from symbp.formula.python.module import Constant, Module, described
from symbp.formula.python.scope import Scope
from symbp.formula.python.signature import Argument, plain_name
from symbp.formula.python.values import (
    Assigned,
    Frame,
    Group,
    Value,
    is_length,
    is_number,
    is_whole_numbers,
    parts_of,
    put_in,
)
from symbp.formula.syntax import Call, Name, Node, Number, Span, nodes

OPERATORS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}


class Versions:
    """The names of the calls that are being read, the assignments so far, and what is known of the memory behind each version."""

    def __init__(self, module: Module, constants: Mapping[str, Constant], name: str) -> None:
        self.module, self.name = module, name
        self.body: list[Assigned] = []
        self.facts: list[str] = []
        self.arguments: set[str] = set()
        self.taken: set[str] = set()
        self.calls: list[str] = []
        self.called = 0
        self.memory: dict[str, int] = {}
        self.copies: dict[str, str] = {}
        self.replaced: set[str] = set()
        self.numbers: set[str] = set()
        self.masks: set[str] = set()
        self.integers: set[str] = set()
        self.spare: set[str] = set()  # results of a call that gives several, of which one may be wanted alone
        self.frames = [Frame(constants={**constants})]
        self.statement: ast.AST = module.function(name)

    @property
    def frame(self) -> Frame:
        """The names of the call that is being read."""
        return self.frames[-1]

    @property
    def scope(self) -> Scope:
        """What names mean now."""
        return Scope(
            self.module, self.frame.names, self.frame.constants, self.masks, self._value_of_call, self._part, READERS,
            self.integers,
        )  # fmt: skip

    def declare(self, a: Argument) -> None:
        """A tensor that comes from outside."""
        if a.name in self.taken:
            raise InputError(f"two arguments are called {shown(a.name)}", place=self.module.place(a.span.start))
        self.taken.add(a.name)
        self.arguments.add(a.name)
        if a.axes == "":
            self.numbers.add(a.name)
        if a.integer:
            self.integers.add(a.name)
        if a.mask:
            self.masks.add(a.name)
        self.bind_argument(a.written, Name(a.name, span=a.span))

    def is_put_in(self, node: Node) -> bool:
        """Whether a formula is put in where its name is used: lengths, and whole numbers that say places."""
        return is_length(node) or is_whole_numbers(node, self.integers)

    def original(self, name: str) -> str:
        """The version that a name is a copy of, itself where it is none."""
        while name in self.copies:
            name = self.copies[name]
        return name

    def bind_argument(self, written: str, value: Value) -> None:
        """What an argument stands for."""
        self._bind(written, value)

    def _copied(self, made: Name, value: ast.expr) -> Name:
        """``x.copy()``: a version with the same values in its own memory; ``np.asarray(x)`` is the array itself."""
        root = shares(value, self.scope)
        if root == made.name and isinstance(value, ast.Call) and called(value.func) == "asarray" and not value.keywords:
            return made
        name = self._fresh(made.name)
        self.copies[name] = made.name
        self.memory[name] = self._block_of(Name(root))
        for kept in (self.numbers, self.masks):
            if made.name in kept:
                kept.add(name)
        return replace(made, name=name)

    def _not_replaced(self, made: Value, at: ast.AST) -> None:
        """What has been read holds no array that was changed in place meanwhile, by a call in the same expression."""
        parts = made.parts.values() if isinstance(made, Group) else ()
        for part in parts:
            self._not_replaced(part, at)
        for n in nodes(made) if not isinstance(made, Group) and self.replaced else ():
            if isinstance(n, Name) and n.name in self.replaced:
                message = f"{described(at)} uses an array that a call in it changes in place"
                raise self.scope.error(at, message, "one assignment for each")

    def _held(self, value: ast.expr, made: Value) -> Value:
        """What a tuple, a dictionary or a result holds: where it is a view of an array, or a mask, it gets a version of its own,
        so that it is known what it is when it is used."""
        if isinstance(made, Group):
            written = value.values if isinstance(value, ast.Dict) else getattr(value, "elts", None)
            if isinstance(value, ast.Call):
                written = [k.value for k in value.keywords]
            if written is not None and len(written) == len(made.parts):
                for (key, part), one in zip([*made.parts.items()], written, strict=True):
                    made.parts[key] = self._held(one, part)
            return made
        if isinstance(made, (Name, Number)) or self.is_put_in(made):
            return made
        root = shares(value, self.scope)
        if not root and not is_mask(self.scope, value, made):
            return made
        return self._assigned(
            root or "mask", made, value, block=self._shared(value, made), mask=is_mask(self.scope, value, made)
        )

    def _shared(self, value: ast.expr, made: Value) -> int | None:
        """The memory that a formula may be in, where it is that of an array which has a version."""
        if isinstance(made, (Group, Name)):
            return None
        name = shares(value, self.scope)
        return self._block_of(Name(name)) if name else None

    def _block_of(self, node: Name) -> int:
        """The memory of a version, by a number; new where nothing is known of it."""
        return self.memory.setdefault(node.name or f" {len(self.memory)}", len(self.memory))

    def _define(self, name: str, value: Value, target: ast.AST, block: int | None = None, mask: bool = False) -> None:
        """Give an author's name a new version."""
        if isinstance(value, Group) and value.open and name in value.parts:
            value = value.parts[name]  # x = cache, where the cache is that one array
        if not isinstance(value, (Name, Group)) and not self.is_put_in(value):
            value = self._assigned(name, value, target, block=block, mask=mask)
        elif isinstance(value, Name) and not self.calls:
            said = self._said(target)
            self.body.append(Assigned(value.name, name, value, self._where_it_stands(target), again=True, target=said))
        self._bind(name, value)

    def _assigned(
        self,
        written: str,
        node: Node,
        target: ast.AST,
        changed: str = "",
        block: int | None = None,
        mask: bool = False,
        within: ast.AST | None = None,
    ) -> Name:
        name = self._fresh(plain_name(written))
        span = self.scope.span(within) if within is not None else self._where_it_stands(target)
        sign = OPERATORS[type(target.op)] if isinstance(target, ast.AugAssign) else ""
        made = Assigned(name, written, node, span, changed, len(self.calls), target=self._said(target), operator=sign)
        self.body.append(made)
        if block is not None:
            self.memory[name] = block
        if mask:
            self.masks.add(name)
        if is_number(node, self.numbers):
            self.numbers.add(name)
        return Name(name, span=span)

    def _said(self, target: ast.AST) -> str:
        """What stands in front of the sign; of ``a[a < 0] = 0`` the array, which is changed."""
        at = target.target if isinstance(target, ast.AugAssign) else target
        if isinstance(at, ast.Subscript) and isinstance(at.value, ast.Name) and at.value.id in self.frame.names:
            at = at.value
        span = self.scope.span(at)
        return self.module.text[span.start : span.end]

    def _where_it_stands(self, target: ast.AST) -> Span:
        """From what is assigned to the end of its statement."""
        return Span(self.scope.span(target).start, self.scope.span(self.statement).end)

    def _fresh(self, name: str) -> str:
        """A name that nothing has yet: the author's, or its next version."""
        made, k = name, 1
        while made in self.taken:
            k += 1
            made = f"{name}_{k}"
        self.taken.add(made)
        return made

    def _bind(self, written: str, value: Value) -> None:
        self.frame.forget(written)
        if isinstance(value, Group):
            self.frame.groups[written] = value
            return
        self.frame.names[written] = value

    def _change(self, written: str, old: Name, new: Node, s: ast.AST, chosen: Node | None, put: Node) -> None:
        """What is changed in place is a new version, under every name of the array; where another name is a view of it, that
        cannot be said, and is refused."""
        block = self._block_of(old)
        for name, node in self._everything():
            if isinstance(node, Name) and node.name != old.name and self.memory.get(node.name) == block:
                message = f"{written} shares its memory with {name}, which would change with it"
                raise self.scope.error(s, message, f"{written} = ..., a new array")
        if chosen is not None:
            new = Call("where", (chosen, new, old), style="np", span=self.scope.span(s))
        alike = sum(isinstance(node, Name) and node.name == old.name for _, node in self._everything())
        made = self._assigned(written, new, s, old.name, block, old.name in self.masks)
        self.body[-1] = replace(self.body[-1], alike=alike, chosen=chosen, put=put if chosen is not None else None)
        self.replaced.add(old.name)
        for frame in self.frames:
            for name, node in frame.names.items():
                if isinstance(node, Name) and node.name == old.name:
                    frame.names[name] = made
            for group in frame.groups.values():
                put_in(group, old.name, made)

    def _everything(self) -> Iterator[tuple[str, Node]]:
        """Every name of every call that is being read, and every part of a group, with its formula."""
        for frame in self.frames:
            yield from frame.names.items()
            for name, group in frame.groups.items():
                if not group.open:
                    yield from ((f"{name}[{key}]", node) for key, node in parts_of(group))

    def _value_of_call(self, node: ast.Call, function: ast.FunctionDef) -> Node:
        """What a call of another function of the file gives; who reads statements knows."""
        raise NotImplementedError

    def _part(self, name: str, key: str, at: ast.AST) -> Value:
        """What stands under a key of a tuple or a dictionary; who reads statements knows."""
        raise NotImplementedError
