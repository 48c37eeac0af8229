"""What names stand for while a function is read: formulas, and groups of them, the tuples and dictionaries that are handed on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symbp.formula.python.module import Constant
from symbp.formula.syntax import (
    PART,
    Binary,
    Call,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Span,
    Transpose,
    children,
    nodes,
    with_children,
)


@dataclass
class Group:
    """A tuple, a list or a dictionary of formulas, or of groups: ``cache = (x, w, b)``, ``grads = {"W1": dW1}``.

    `open` says that it comes from outside and what it holds is not known: its parts are known by their names.
    """

    parts: dict[str, Value] = field(default_factory=dict)
    open: bool = False


Value = Node | Group


@dataclass(frozen=True)
class Loop:
    """A loop over the steps of an axis: how its number is called in formulas (the length of `step`, which is no tensor), how many
    turns it has, whether it goes from the first to the last (1) or back (-1), and where it stands."""

    step: str
    count: Node
    direction: int
    span: Span


@dataclass(frozen=True)
class Assigned:
    """An assignment: the name that is new, the author's name for it, the formula, where the statement stands.

    `changed` is the version that was changed in place, whose shape it keeps, under `alike` names; `chosen` the comparison that
    says which of its elements, and `put` the number that they were given; `depth` how many calls it is inside of, and `again`
    says that it only gives another name to what has one. `target` is what stands in front of the sign, and `operator` the one of
    ``+=``, where all of a value is changed; `loop` the loop over steps in which it stands, or which it ends.
    """

    name: str
    written: str
    node: Node
    span: Span
    changed: str = ""
    depth: int = 0
    again: bool = False
    alike: int = 1
    chosen: Node | None = None
    put: Node | None = None
    target: str = ""
    operator: str = ""
    loop: Loop | None = None


@dataclass(frozen=True)
class Returned:
    """One result: its name where it has one, its formula, and its key in a dictionary."""

    name: str
    node: Node
    span: Span
    key: str = ""


def leaves(order: Sequence[Value], results: Sequence[Returned], span: Span) -> Iterator[Returned]:
    """All that is returned, one by one: what tuples and dictionaries hold under its key; None, where a place is left out, has the
    key ``None``."""
    plain = iter([r for r in results if not r.key])
    for value in order:
        if isinstance(value, Group):
            yield from _of_group(value, span)
        else:
            made = next((r for r in plain if r.node == value), None)
            yield made or Returned(value.name if isinstance(value, Name) else "", value, span)


def _of_group(group: Group, span: Span, key: str = "None") -> Iterator[Returned]:
    if not group.parts:
        yield Returned("", Number("0"), span, key)
    for name, value in group.parts.items():
        own = "" if name.isdigit() else name
        if isinstance(value, Group):
            yield from _of_group(value, span, own or "None")
        else:
            yield Returned(value.name if isinstance(value, Name) else "", value, span, own)


@dataclass
class Frame:
    """The names of one call: formulas, groups and constants."""

    names: dict[str, Node] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        """A name is about to be assigned again."""
        for kept in (self.names, self.groups, self.constants):
            kept.pop(name, None)


def is_length(node: Node) -> bool:
    """Whether a formula is made of lengths and numbers alone; it is put in where it is used."""
    return any(isinstance(n, Length) for n in nodes(node)) and all(_plain(node))


def _plain(node: Node) -> Iterator[bool]:
    if isinstance(node, (Number, Length)):
        yield True
    elif isinstance(node, Binary) and node.op in "+-*/":
        yield from _plain(node.left)
        yield from _plain(node.right)
    elif isinstance(node, Negate):
        yield from _plain(node.arg)
    else:
        yield False


def is_whole_numbers(node: Node, integers: Collection[str]) -> bool:
    """Whether a formula is an array of whole numbers that may say places, where some names are; it is put in where it is used."""
    if isinstance(node, Name):
        return node.name in integers
    if isinstance(node, Call):
        moved = node.name in (PART, "expand_dims", "squeeze", "reshape", "swapaxes", "moveaxis", "transpose", "flip")
        return node.name == "arange" or (moved and is_whole_numbers(node.args[0], integers))
    if isinstance(node, (Negate, Transpose)):
        return is_whole_numbers(node.arg, integers)
    if isinstance(node, Binary) and node.op in ("+", "-", "*"):
        sides = [s for s in (node.left, node.right) if not is_length(s) and not _is_whole_number(s)]
        return bool(sides) and all(is_whole_numbers(s, integers) for s in sides)
    return False


def _is_whole_number(node: Node) -> bool:
    return isinstance(node, Number) and node.text.isdigit()


def is_number(node: Node, numbers: Collection[str]) -> bool:
    """Whether a formula is certainly one number, where some names are: such a value cannot change in place."""
    if isinstance(node, Name):
        return node.name in numbers
    if isinstance(node, Call) and node.name in ("sum", "mean", "max", "min", "norm", "prod"):
        return node.axis is None and not node.keepdims
    if isinstance(node, (Number, Length)):
        return True
    if isinstance(node, Call) and node.text:
        return False
    return bool(children(node)) and all(is_number(c, numbers) for c in children(node))


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """A formula under other names."""
    if isinstance(node, Name):
        return replace(node, name=names.get(node.name, node.name))
    return with_children(node, tuple(renamed(c, names) for c in children(node)))


def renamed_group(group: Group, names: Mapping[str, str]) -> Group:
    """A group under other names."""
    return Group({k: renamed_group(v, names) if isinstance(v, Group) else renamed(v, names) for k, v in group.parts.items()},
                 group.open)  # fmt: skip


def parts_of(group: Group) -> Iterator[tuple[str, Node]]:
    """Every formula that a group holds, and those that it holds hold, with its key."""
    for key, part in group.parts.items():
        if isinstance(part, Group):
            yield from parts_of(part)
        else:
            yield key, part


def put_in(group: Group, old: str, made: Name) -> None:
    """The new version in the place of the old one, wherever a group holds it."""
    for key, part in group.parts.items():
        if isinstance(part, Group):
            put_in(part, old, made)
        elif isinstance(part, Name) and part.name == old:
            group.parts[key] = made
